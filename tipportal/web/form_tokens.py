"""Form tokens: what protects the forms of people without a session, in place of a cookie.

A token is signed, names the purpose of its form and a random nonce, and expires. It is not stored anywhere. Sending it
twice is harmless, because every act behind it is idempotent; sending it elsewhere is useless, because the purpose and
the face's key are part of what is signed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from itsdangerous import BadSignature, Signer

from tipportal.domain.errors import Refusal
from tipportal.domain.ports import Clock, RandomBytes
from tipportal.domain.texts import N_

TOKEN_SECONDS = 12 * 3600
MAX_TOKEN = 256
"""Longer than any token of ours: what exceeds it is refused before anything is computed."""
_SEPARATOR = "~"
_PARTS = 3


class TokenInvalid(Refusal):
    """The form's token is missing, malformed, forged, or for another purpose."""

    code = "token_invalid"
    status = 403


@dataclass(frozen=True, slots=True)
class FormToken:
    """A genuine token: its purpose, its nonce (32 hex digits) and when it was issued (UTC seconds, whole minutes)."""

    purpose: str
    nonce: str = field(repr=False)
    issued_at: int

    def expired(self, now: int) -> bool:
        """Whether the form has been open for too long at ``now`` (UTC seconds)."""
        return now >= self.issued_at + TOKEN_SECONDS


class FormTokens:
    """Issues and verifies one face's form tokens."""

    def __init__(self, key: bytes, clock: Clock, random: RandomBytes) -> None:
        self._signer = Signer(key, salt=b"form-token", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock
        self._random = random

    def issue(self, purpose: str, nonce: str | None = None) -> str:
        """A token for a purpose (lower-case ASCII), as ASCII text.

        Each response carries a new one, so a page that is compressed holds no secret that stays the same for an
        attacker to guess at. With ``nonce`` the form of an earlier token goes on: what is derived from the nonce stays.
        """
        # Whole minutes: the page that a source keeps open tells no more of when it was fetched than it must.
        minute = self._clock() // 60 * 60
        return self._signer.sign(f"{purpose}{_SEPARATOR}{nonce or self._random(16).hex()}{_SEPARATOR}{minute}").decode()

    def verify(self, text: str, purposes: tuple[str, ...]) -> FormToken:
        """Read a genuine token, expired or not. Raises TokenInvalid for anything else."""
        refused = TokenInvalid(N_("Formuläret kunde inte kännas igen. Gå tillbaka till sidan och försök igen."))
        # Text that is not ASCII has no bytes to verify; it is refused here rather than failing to encode below.
        if not text.isascii() or len(text) > MAX_TOKEN:
            raise refused
        try:
            parts = self._signer.unsign(text).decode().split(_SEPARATOR)
        except BadSignature:
            raise refused from None
        if len(parts) != _PARTS or parts[0] not in purposes:
            raise refused
        return FormToken(parts[0], parts[1], int(parts[2]))
