"""The Python interpreter in a process that does nothing but answer."""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.001
"""How long a thread may compute while others want to. Python's own is 5 ms, longer than answering takes."""


def tune() -> None:
    """Call once in each server process, when the application has been made."""
    # Whoever has the database's only turn to write gives the interpreter away at each statement. Until it comes back,
    # everybody else who writes waits too.
    sys.setswitchinterval(SWITCH_SECONDS)
    # What is loaded by now stays: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
