"""Key derivation with a bound: one at a time per core and a short queue, so that nobody can burn the server with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from typing import TypeVar

from tipportal.domain.errors import Busy
from tipportal.domain.texts import N_

T = TypeVar("T")
PATIENCE_SECONDS = 20.0


class KdfPool:
    """Runs slow key derivations. PBKDF2 and argon2 release the interpreter's lock, so threads use the cores."""

    def __init__(self, workers: int, places: int) -> None:
        """Run ``workers`` at a time and let others wait, ``places`` in all: fewer than the process has threads.

        Otherwise derivations alone could hold every thread, and whoever wants only to read a page would wait for them.
        """
        # Threads start at the first derivation, which is after gunicorn has forked its workers.
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="kdf")
        self._places = places
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """Derivations that run or wait."""
        return self._taken

    def run(self, work: Callable[[], T]) -> T:
        """Give what ``work`` gives, or raise what it raises. Raises Busy when the queue is full."""
        self._take()
        # The place is given back by the work itself, before its result is seen: whoever has an answer holds no place.
        future = self._pool.submit(self._finishing, work)
        try:
            return future.result(PATIENCE_SECONDS)
        except TooLong:
            if future.cancel():
                self._give_back()
            raise _busy() from None

    def _finishing(self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            self._give_back()

    def _take(self) -> None:
        with self._lock:
            if self._taken >= self._places:
                raise _busy()
            self._taken += 1

    def _give_back(self) -> None:
        with self._lock:
            self._taken -= 1


def _busy() -> Busy:
    return Busy(
        N_("Just nu är det många som använder tjänsten. Inget har gått förlorat: vänta en stund och försök igen.")
    )
