"""How many file bodies move at a time: whoever only wants to read a page never waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tipportal.domain.errors import Busy
from tipportal.domain.texts import N_


class Transfers:
    """Places for requests that take or give a file, whose other end decides how long that takes."""

    def __init__(self, places: int) -> None:
        """Let ``places`` move at a time, at least one: at most half of the process's threads."""
        self._free = threading.BoundedSemaphore(max(1, places))

    def take(self) -> Callable[[], None]:
        """Take a place and give what gives it back, once however often it is called. Raises Busy; nobody waits."""
        if not self._free.acquire(blocking=False):
            raise Busy(N_("Just nu skickas många filer på en gång. Inget har gått förlorat: vänta en stund."))
        held = [self._free.release]

        def give_back() -> None:
            # Popping is atomic: two threads that call at the same time release once.
            with suppress(IndexError):
                held.pop()()

        return give_back

    @contextmanager
    def moving(self) -> Iterator[None]:
        """A place for the duration of a block. Raises Busy."""
        give_back = self.take()
        try:
            yield
        finally:
            give_back()
