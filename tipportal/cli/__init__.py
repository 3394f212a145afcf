"""The ``tipportal`` command. Exit status: 0 done, 1 found something wrong, 2 wrong use."""

from .entry import main

__all__ = ["main"]
