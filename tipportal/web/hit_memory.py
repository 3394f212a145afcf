"""Where limits are counted within one process: the times of hits in a moving window.

The library's own memory starts a thread after each hit that walks all keys there are. With a key for each form token
that is more work than answering the request. Here each hit is noted once and forgotten once, by whoever comes next.
Times are those of a clock that nobody sets: when this machine's is put back, nobody waits longer.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

from limits.storage import MovingWindowSupport, Storage


class HitMemory(Storage, MovingWindowSupport):
    """A store for the library's moving windows. Safe to share between threads; empty again in each new process."""

    STORAGE_SCHEME = ["process"]  # noqa: RUF012 - the library's
    ADDRESS = "process://"
    """What the library knows it by."""

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        # A list, since nearly all keys have few hits: an empty deque alone takes half a kilobyte.
        self._hits: dict[str, list[float]] = {}
        # For each length of window, in seconds, what was hit in it, oldest first: so nothing is looked for.
        self._in_order: defaultdict[int, deque[tuple[float, str]]] = defaultdict(deque)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library may wrap: nothing here can fail in such a way."""
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Note ``amount`` hits of a key unless that makes more than ``limit`` in the last ``expiry`` seconds."""
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            hits = self._hits.get(key, ())
            if len(hits) + amount > limit:
                return False
            self._hits.setdefault(key, []).extend([now] * amount)
            self._in_order[expiry].extend([(now, key)] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The time of a key's oldest hit in the last ``expiry`` seconds (now when there is none), and how many."""
        del limit, expiry
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            hits = self._hits.get(key)
            return (time.time() - (now - hits[0]), len(hits)) if hits else (time.time(), 0)

    def get(self, key: str) -> int:
        """How many hits of a key are remembered."""
        return len(self._hits.get(key, ()))

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            if self._hits.pop(key, None):
                for expiry, hits in self._in_order.items():
                    self._in_order[expiry] = deque(hit for hit in hits if hit[1] != key)

    def reset(self) -> int:
        """Forget everything; how many keys."""
        with self._lock:
            known = len(self._hits)
            self._hits.clear()
            self._in_order.clear()
            return known

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Windows that do not move are not counted here."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Windows that do not move are not counted here."""
        raise NotImplementedError

    def _forget(self, now: float) -> None:
        for expiry, in_order in self._in_order.items():
            while in_order and in_order[0][0] < now - expiry:
                _, key = in_order.popleft()
                hits = self._hits[key]
                del hits[0]
                if not hits:
                    del self._hits[key]
