"""An authenticator in Python: makes passkeys and answers challenges as a device does, or wrongly on demand."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fido2.cose import EdDSA
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tipportal.usecases.passkeys import Assertion, Attestation

Flag = AuthenticatorData.FLAG
PRESENT_AND_VERIFIED = Flag.UP | Flag.UV


@dataclass
class Authenticator:
    """One passkey on one device. ``counter`` goes up with each answer, or stays at 0 unless it ``counts``."""

    origin: str
    rp_id: str
    counts: bool = True
    flags: Flag = PRESENT_AND_VERIFIED
    counter: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def make(self, challenge: bytes) -> Attestation:
        """A new passkey."""
        public = EdDSA({1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()})
        made = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        data = AuthenticatorData.create(self._rp_hash(), self.flags | Flag.AT, self.counter, made)
        return Attestation(
            self._client(CollectedClientData.TYPE.CREATE, challenge), AttestationObject.create("none", data, {})
        )

    def answer(self, challenge: bytes) -> Assertion:
        """An answer to a challenge."""
        self.counter += self.counts
        data = AuthenticatorData.create(self._rp_hash(), self.flags, self.counter)
        client = self._client(CollectedClientData.TYPE.GET, challenge)
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest())
        return Assertion(self.credential_id, client, bytes(data), signature)

    def but(self, **changes: object) -> Authenticator:
        """The same passkey, with something about it changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # a test names fields of its own

    def _rp_hash(self) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest()

    def _client(self, kind: CollectedClientData.TYPE, challenge: bytes) -> bytes:
        return bytes(CollectedClientData.create(kind, challenge, self.origin))
