"""What every use case is handed: storage, clock, randomness and the face's secret. Nothing is reached for globally."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.files import FileLimits
from tipportal.domain.ports import Clock, RandomBytes, Storage

from .boards import Boards

_DEFAULT_LIMITS = FileLimits()


@dataclass(frozen=True, slots=True)
class Context:
    """The outside world of one face. ``face_secret`` is 32 bytes that the other face does not have."""

    storage: Storage
    clock: Clock
    random: RandomBytes
    face_secret: bytes = field(repr=False)
    files: FileLimits = _DEFAULT_LIMITS
    boards: Boards = field(default_factory=Boards, repr=False, compare=False)

    def today(self) -> date:
        """The Stockholm date of now: all that is ever kept of a source's act."""
        return stockholm_date(self.clock())

    def keyed(self, label: str, *parts: bytes) -> bytes:
        """A 32-byte pseudo-random value bound to the face's secret, a label and length-prefixed parts."""
        message = b"".join(len(part).to_bytes(4, "big") + part for part in (label.encode(), *parts))
        return hmac.digest(self.face_secret, message, "sha256")

    def new_id(self) -> str:
        """A random identifier: 128 bits, no time, no sequence."""
        return self.random(16).hex()
