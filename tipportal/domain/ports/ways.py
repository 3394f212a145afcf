"""What keeps the ways to a person's keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tipportal.domain.ways import KeyWay


class Ways(Protocol):
    """Passphrases and passkeys: each a sealed copy of a person's identity."""

    def add(self, way: KeyWay) -> None:
        """Raises Conflict when the passkey is somebody's already."""

    def of(self, account_id: str) -> Sequence[KeyWay]:
        """A person's ways, oldest first."""

    def by_credential(self, credential_id: bytes) -> KeyWay | None: ...
    def remove(self, account_id: str, way_id: str) -> bool:
        """Remove one of a person's ways; False when they have none with this id."""

    def remove_all(self, account_id: str) -> None: ...
    def count_use(self, way_id: str, sign_count: int) -> bool:
        """Keep a passkey's new counter; False when it does not follow on the last one (one conditional UPDATE).

        An authenticator that does not count shows 0 for ever (WebAuthn, section 6.1.1).
        """

    def spend(self, challenge_digest: bytes, expires_at: int) -> bool:
        """Use a challenge up, which nobody takes after ``expires_at`` (UTC seconds); False when it was used before."""

    def forget_challenges(self, now: int) -> int:
        """Forget the used challenges that have expired at ``now`` (UTC seconds); how many."""
