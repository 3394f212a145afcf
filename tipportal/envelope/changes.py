"""Changes by two administrators: what both of them sign; `docs/protocol.md`, section 5a.

An act of a case (`tipportal.envelope.acts`) has its own heading and members, so neither can pass for the other. What a
kind's payload must hold is for the room that it changes; here it is canonical JSON, whose digest the act carries.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tipportal.envelope.canonical import Json, Members, canonical, digest, instant_text
from tipportal.envelope.keys import SigningKey, VerificationKey
from tipportal.envelope.refusals import ActError, Refusal, ShapeError

NONCE_SIZE: Final = 16
CONTEXT: Final = b"tipportal/change/v1\0"
_MAX_COUNT: Final = 2**31 - 1
_WORD_PATTERN: Final = re.compile(r"[a-z_]{1,32}")
_HEX_16_PATTERN: Final = re.compile(r"[0-9a-f]{32}")
_NAMES: Final = frozenset({"installation", "kind", "payload", "base", "expires", "nonce"})


class ChangeKind(StrEnum):
    """What takes two administrators, and a kind of its own payload each."""

    REGISTER = "register"
    POLICY = "policy"
    CHANNEL = "channel"
    DECISION = "decision"
    INVITE = "invite"
    KEYS = "keys"
    ACCOUNT = "account"
    TRUSTEES = "trustees"
    CEREMONY = "ceremony"
    DIRECTORY = "directory"
    CLOCK = "clock"
    RECOVER_CASE = "recover_case"
    RESTORE = "restore"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAct:
    """What is proposed and signed.

    :ivar installation: the installation's id, 32 hex digits: a signature counts at one installation only
    :ivar payload: hex digest of the canonical payload
    :ivar base: the version of what the change builds on, as it stood when it was proposed; stale ones are refused
    :ivar expires: in whole seconds
    :ivar nonce: 16 bytes, never used twice
    """

    installation: str
    kind: ChangeKind
    payload: str
    base: int
    expires: datetime
    nonce: bytes

    def to_json(self) -> dict[str, Json]:
        """Give the act as it travels.

        :raises ShapeError: for an expiry without time zone or a nonce of other than 16 bytes.
        """
        if len(self.nonce) != NONCE_SIZE:
            raise ShapeError(Refusal.VALUE)
        return {
            "installation": self.installation,
            "kind": self.kind.value,
            "payload": self.payload,
            "base": self.base,
            "expires": instant_text(self.expires),
            "nonce": self.nonce.hex(),
        }


@dataclass(frozen=True, slots=True)
class Assent:
    """One administrator's signature (64 bytes) under a change; `account` is the account's id."""

    account: str
    key: VerificationKey
    signature: bytes


def change_bytes(act: ChangeAct) -> bytes:
    """Give the bytes that proposer and approver sign."""
    return change_message(canonical(act.to_json()))


def change_message(canonical_act: bytes) -> bytes:
    """Give the bytes that are signed from the act's canonical JSON, as it is kept."""
    return CONTEXT + canonical_act


def change_payload_digest(payload: Json) -> str:
    """Give the hex digest by which an act carries its payload; raises `ShapeError` for what JSON here cannot hold."""
    return digest(canonical(payload))


def check_change_payload(act: ChangeAct, payload: Json) -> None:
    """Return if this is the payload that was signed; raises `ActError` (reason ``payload``) otherwise."""
    if change_payload_digest(payload) != act.payload:
        raise ActError(Refusal.PAYLOAD)


def sign_change(act: ChangeAct, key: SigningKey) -> bytes:
    """Give a 64-byte signature under the change."""
    return key.sign(change_bytes(act))


def verify_change(act: ChangeAct, signature: bytes, key: VerificationKey) -> None:
    """Return if the signature is this key's under the change; raises `SignatureError` otherwise."""
    key.verify(signature, change_bytes(act))


def verify_change_by_two(act: ChangeAct, proposer: Assent, approver: Assent, *, at: datetime | None = None) -> None:
    """Return if two different administrators have signed the change.

    Whether both were entitled then is for the caller, who knows the accounts.

    :param at: when it took effect, with time zone: it must not have expired then. None where that is judged elsewhere.
    :raises ActError: reason ``same_person`` or ``expired``.
    :raises SignatureError: if either signature does not hold.
    """
    # By key too: two accounts with one key are one person.
    if proposer.account == approver.account or proposer.key == approver.key:
        raise ActError(Refusal.SAME_PERSON)
    if at is not None and at >= act.expires:
        raise ActError(Refusal.EXPIRED)
    for assent in (proposer, approver):
        verify_change(act, assent.signature, assent.key)


def parse_change(value: Json) -> ChangeAct:
    """Read a change as it travels; raises `ShapeError`."""
    members = Members(value, _NAMES)
    try:
        kind = ChangeKind(members.text("kind", _WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    return ChangeAct(
        installation=members.text("installation", _HEX_16_PATTERN),
        kind=kind,
        payload=members.digest("payload"),
        base=members.integer("base", most=_MAX_COUNT),
        expires=members.instant("expires"),
        nonce=bytes.fromhex(members.text("nonce", _HEX_16_PATTERN)),
    )
