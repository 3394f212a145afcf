"""Acts by two: what proposer and approver both sign; `docs/protocol.md`, section 5.

The signatures are kept with the act, so that a change in a database approves nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tipportal.envelope.canonical import Json, Members, canonical, digest, instant_text
from tipportal.envelope.genesis import Member
from tipportal.envelope.keys import SigningKey, VerificationKey
from tipportal.envelope.payloads import WORD_PATTERN, ActKind, Payload, kind_of
from tipportal.envelope.records import REFERENCE_PATTERN
from tipportal.envelope.refusals import ActError, Refusal, ShapeError

NONCE_SIZE: Final = 16
_CONTEXT: Final = b"tipportal/act/v1\0"
_MAX_COUNT: Final = 2**31 - 1
_NONCE_PATTERN: Final = re.compile(r"[0-9a-f]{32}")
_NAMES: Final = frozenset({"case", "genesis", "epoch", "kind", "payload", "policy", "directory", "expires", "nonce"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is proposed and signed. `genesis` and `payload` are hex digests, `expires` is in UTC and whole seconds."""

    case: str
    genesis: str
    epoch: int
    kind: ActKind
    payload: str
    policy: int
    directory: int
    expires: datetime
    nonce: bytes

    def to_json(self) -> dict[str, Json]:
        """Give the act as it travels.

        :raises ShapeError: for an expiry without time zone or a nonce of other than 16 bytes.
        """
        if len(self.nonce) != NONCE_SIZE:
            raise ShapeError(Refusal.VALUE)
        return {
            "case": self.case,
            "genesis": self.genesis,
            "epoch": self.epoch,
            "kind": self.kind.value,
            "payload": self.payload,
            "policy": self.policy,
            "directory": self.directory,
            "expires": instant_text(self.expires),
            "nonce": self.nonce.hex(),
        }


@dataclass(frozen=True, slots=True)
class Consent:
    """One member's signature (64 bytes) under an act."""

    member: Member
    signature: bytes


def act_bytes(act: Act) -> bytes:
    """Give the bytes that proposer and approver sign."""
    return act_message(canonical(act.to_json()))


def act_message(canonical_act: bytes) -> bytes:
    """Give the bytes that are signed from the act's canonical JSON, as it is kept."""
    return _CONTEXT + canonical_act


def sign_act(act: Act, key: SigningKey) -> bytes:
    """Give a 64-byte signature under the act."""
    return key.sign(act_bytes(act))


def verify_act(act: Act, signature: bytes, key: VerificationKey) -> None:
    """Return if the signature is this key's under the act; raises `SignatureError` otherwise."""
    key.verify(signature, act_bytes(act))


def verify_by_two(act: Act, proposer: Consent, approver: Consent, *, at: datetime) -> None:
    """Return if two different members have signed the act and it has not expired at `at` (with time zone).

    Whether both were on the panel then is for the caller, who knows the epoch.

    :raises ActError: reason ``same_person`` or ``expired``.
    :raises SignatureError: if either signature does not hold.
    """
    # By key too: two pseudonyms with one key are one person.
    keys = {proposer.member.verification_key, approver.member.verification_key}
    if proposer.member.id == approver.member.id or len(keys) < len((proposer, approver)):
        raise ActError(Refusal.SAME_PERSON)
    if at >= act.expires:
        raise ActError(Refusal.EXPIRED)
    for consent in (proposer, approver):
        verify_act(act, consent.signature, consent.member.verification_key)


def payload_digest(payload: Payload) -> str:
    """Give the hex digest by which an act carries its payload."""
    return digest(payload.encode())


def parse_act(value: Json) -> Act:
    """Read an act; raises `ShapeError`."""
    members = Members(value, _NAMES)
    try:
        kind = ActKind(members.text("kind", WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    return Act(
        case=members.text("case", REFERENCE_PATTERN),
        genesis=members.digest("genesis"),
        epoch=members.integer("epoch", most=_MAX_COUNT),
        kind=kind,
        payload=members.digest("payload"),
        policy=members.integer("policy", most=_MAX_COUNT),
        directory=members.integer("directory", most=_MAX_COUNT),
        expires=members.instant("expires"),
        nonce=bytes.fromhex(members.text("nonce", _NONCE_PATTERN)),
    )


def check_payload(act: Act, payload: Payload) -> None:
    """Return if this is the payload that was signed; raises `ActError` (reason ``payload``) otherwise."""
    if kind_of(payload) is not act.kind or payload_digest(payload) != act.payload:
        raise ActError(Refusal.PAYLOAD)
