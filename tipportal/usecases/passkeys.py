"""Passkeys (WebAuthn, level 3): challenges of ours, and judging what an authenticator answers to them.

A challenge is not kept before it is answered: it carries its own expiry and a tag that binds it to what it is for and
to the session, form or link that it was given to. Once answered rightly it is spent, in the transaction of what it
allows.
What an authenticator derives with its PRF never comes here: only the fields that are judged are sent.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import logging
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from tipportal.domain.ways import CHALLENGE_SECONDS

from .context import Context

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256 (COSE): what authenticators have; in the order of preference."""
MAX_CREDENTIAL_ID = 1023
_NONCE = 16
_EXPIRY = 8
_TAG = 32
_SIZE = _NONCE + _EXPIRY + _TAG
# What fido2 raises on bytes that are no answer of an authenticator: it reads them with plain indexing.
_MALFORMED = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, NotImplementedError),
    *(RecursionError, OverflowError, struct.error, UnsupportedAlgorithm),
)
# It would write the ids of people's credentials to the program's own log.
logging.getLogger("fido2").setLevel(logging.WARNING)


class Purpose(enum.StrEnum):
    """What a challenge is for: an answer to one is worth nothing to another."""

    ENROL = "enrol"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The handler face as an authenticator knows it: ``origin`` is its address, without a slash at the end."""

    origin: str

    @property
    def id(self) -> str:
        """The host: passkeys of one installation mean nothing to another."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A new passkey as the browser gives it: the two byte strings of the answer, nothing else."""

    client_data: bytes = field(repr=False)
    attestation_object: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A passkey's answer to a challenge, as the browser gives it."""

    credential_id: bytes = field(repr=False)
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A right answer. ``digest`` and ``expires_at`` (UTC seconds) of its challenge are for ``uow.ways.spend``."""

    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    expires_at: int


def new_challenge(ctx: Context, purpose: Purpose, binding: bytes) -> bytes:
    """A challenge for one purpose, bound to who asks (a session's, form's or link's digest): 56 bytes."""
    head = ctx.random(_NONCE) + (ctx.clock() + CHALLENGE_SECONDS).to_bytes(_EXPIRY, "big")
    return head + _tag(ctx, purpose, binding, head)


def salt_for(ctx: Context, challenge: bytes) -> bytes:
    """What the PRF of a passkey made on this challenge is asked with (32 bytes): another for each."""
    return ctx.keyed("passkey/salt", challenge)


def user_handle(ctx: Context, account_id: str) -> bytes:
    """What an authenticator calls a person (32 bytes): no address and no id of ours."""
    return ctx.keyed("passkey/user", account_id.encode())


def registered(
    ctx: Context, party: RelyingParty, purpose: Purpose, binding: bytes, given: Attestation
) -> Answered | None:
    """Judge a new passkey; None when it is not a right answer to a challenge of ours that still holds.

    Who made the authenticator is not asked: attestation would tell devices apart and is worth nothing here.
    """
    try:
        challenge = CollectedClientData(given.client_data).challenge
        attested = AttestationObject(given.attestation_object).auth_data.credential_data
        if attested is None:
            return None
        response = RegistrationResponse(
            raw_id=attested.credential_id,
            response=AuthenticatorAttestationResponse(
                client_data=CollectedClientData(given.client_data),
                attestation_object=AttestationObject(given.attestation_object),
            ),
        )
        data = _server(party).register_complete(_state(challenge), response)
        made = data.credential_data
        if made is None or made.public_key.get(3) not in ALGORITHMS or not made.credential_id:
            return None
        public_key = cbor.encode(dict(made.public_key))
    except _MALFORMED:
        return None
    expires_at = _expiry(ctx, purpose, binding, challenge)
    if expires_at is None or len(made.credential_id) > MAX_CREDENTIAL_ID:
        return None
    return _answered(ctx, made.credential_id, public_key, data.counter, challenge, expires_at)


def asserted(
    ctx: Context, party: RelyingParty, purpose: Purpose, binding: bytes, given: Assertion, public_key: bytes
) -> Answered | None:
    """Judge a passkey's answer under a known public key (COSE); None as for ``registered``."""
    try:
        challenge = CollectedClientData(given.client_data).challenge
        key = CoseKey.parse(_map(cbor.decode(public_key)))
        data = AuthenticatorData(given.authenticator_data)
        response = AuthenticationResponse(
            raw_id=given.credential_id,
            response=AuthenticatorAssertionResponse(
                client_data=CollectedClientData(given.client_data),
                authenticator_data=data,
                signature=given.signature,
            ),
        )
        known = AttestedCredentialData.create(Aaguid.NONE, given.credential_id, key)
        _server(party).authenticate_complete(_state(challenge), [known], response)
    except _MALFORMED:
        return None
    expires_at = _expiry(ctx, purpose, binding, challenge)
    if expires_at is None:
        return None
    return _answered(ctx, given.credential_id, public_key, data.counter, challenge, expires_at)


def _answered(
    ctx: Context, credential_id: bytes, public_key: bytes, sign_count: int, challenge: bytes, expires_at: int
) -> Answered:
    return Answered(
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        salt=salt_for(ctx, challenge),
        digest=hashlib.sha256(challenge).digest(),
        expires_at=expires_at,
    )


def _expiry(ctx: Context, purpose: Purpose, binding: bytes, challenge: bytes) -> int | None:
    """When a challenge of ours expires; None for one that is not, or no longer is."""
    head, tag = challenge[: _NONCE + _EXPIRY], challenge[_NONCE + _EXPIRY :]
    if len(challenge) != _SIZE or not hmac.compare_digest(tag, _tag(ctx, purpose, binding, head)):
        return None
    expires_at = int.from_bytes(head[_NONCE:], "big")
    return expires_at if expires_at > ctx.clock() else None


def _tag(ctx: Context, purpose: Purpose, binding: bytes, head: bytes) -> bytes:
    return ctx.keyed("passkey/challenge", purpose.encode(), binding, head)


def _state(challenge: bytes) -> dict[str, Any]:
    # The challenge is judged by its tag; the library compares it with itself.
    return {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.REQUIRED}


def _server(party: RelyingParty) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=party.id, name=party.id)
    return Fido2Server(entity, verify_origin=lambda origin: origin == party.origin)


def _map(value: object) -> dict[int, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value
