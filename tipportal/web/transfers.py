"""How many file bodies move at a time: whoever only wants to read a page never waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tipportal.domain.errors import Busy
from tipportal.domain.texts import N_


class Transfers:
    """Places for requests that take or give a file, whose other end decides how long that takes."""

    def __init__(self, places: int) -> None:
        """Let ``places`` move at a time, at least one: at most half of the process's threads."""
        self._free = threading.BoundedSemaphore(max(1, places))

    def take(self) -> None:
        """Take a place, to be given back by ``give_back``. Raises Busy when there is none; nobody waits for one."""
        if not self._free.acquire(blocking=False):
            raise Busy(N_("Just nu skickas många filer på en gång. Inget har gått förlorat: vänta en stund."))

    def give_back(self) -> None:
        """Give a place back."""
        self._free.release()

    @contextmanager
    def moving(self) -> Iterator[None]:
        """A place for the duration of a block. Raises Busy."""
        self.take()
        try:
            yield
        finally:
            self.give_back()
