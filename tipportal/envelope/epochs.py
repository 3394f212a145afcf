"""Epoch records: how the readers of a case change; `docs/protocol.md`, section 4.

Two who stay may change the members. Without two signatures the circle can only shrink, or take in a standby that the
source's own genesis named, and it never falls below two people from two units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tipportal.envelope.canonical import Json, Members, canonical, encode_b64
from tipportal.envelope.genesis import MAX_MEMBERS, Genesis, Member, Role, VerifiedGenesis, parse_members
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import SIGNATURE_SIZE, SigningKey, VerificationKey, recipient_hash
from tipportal.envelope.records import PSEUDONYM_PATTERN
from tipportal.envelope.refusals import EpochError, Refusal, ShapeError, SignatureError

LEAST_SIGNATURES: Final = 2
_EPOCH_VERSION: Final = 1
_MAX_EPOCH: Final = 2**31 - 1
_CONTEXT: Final = b"tipportal/epoch/v1\0"
_NAMES: Final = frozenset({"v", "epoch", "previous", "work", "dialogue", "members", "signatures"})
_SIGNATURE_NAMES: Final = frozenset({"member", "signature"})


@dataclass(frozen=True, slots=True)
class EpochRecipients:
    """The raw recipients of an epoch as the server keeps them; the chain of records says whether they are right."""

    epoch: int
    work: HybridRecipient
    dialogue: HybridRecipient

    @property
    def link(self) -> str:
        """What the next epoch record calls this epoch by: SHA-256 of work ‖ dialogue, in hex."""
        return recipient_hash(self.work, self.dialogue)


@dataclass(frozen=True, slots=True)
class EpochState:
    """An epoch that is known to hold.

    :ivar recipients: its number and recipients
    :ivar members: who may read in it
    :ivar pseudonyms: the verification key of everybody who has been a member so far
    """

    recipients: EpochRecipients
    members: tuple[Member, ...]
    pseudonyms: Mapping[str, VerificationKey]

    @property
    def number(self) -> int:
        """The epoch's number, from 0."""
        return self.recipients.epoch

    def member(self, pseudonym: str) -> Member | None:
        """Give the member of this pseudonym, or None."""
        return next((member for member in self.members if member.id == pseudonym), None)


@dataclass(frozen=True, slots=True)
class MemberSignature:
    """A member's consent to the next epoch."""

    member: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The body of an epoch record. `previous`, `work` and `dialogue` are hex digests of recipients."""

    number: int
    previous: str
    work: str
    dialogue: str
    members: tuple[Member, ...]
    signatures: tuple[MemberSignature, ...] = ()

    def encode(self) -> bytes:
        """Give the canonical bytes of the body."""
        return canonical(
            {
                "v": _EPOCH_VERSION,
                "epoch": self.number,
                "previous": self.previous,
                "work": self.work,
                "dialogue": self.dialogue,
                "members": [member.to_json() for member in self.members],
                "signatures": [
                    {"member": given.member, "signature": encode_b64(given.signature)} for given in self.signatures
                ],
            }
        )

    def signed_bytes(self, *, case: str, gen: str) -> bytes:
        """Give what members sign: everything but the signatures, bound to the case by reference and genesis digest."""
        return _CONTEXT + canonical(
            {
                "case": case,
                "gen": gen,
                "epoch": self.number,
                "previous": self.previous,
                "work": self.work,
                "dialogue": self.dialogue,
                "members": [member.to_json() for member in self.members],
            }
        )

    def signed_by(self, pseudonym: str, key: SigningKey, *, case: str, gen: str) -> "Epoch":
        """Give the epoch with one more member's signature."""
        given = MemberSignature(pseudonym, key.sign(self.signed_bytes(case=case, gen=gen)))
        return replace(self, signatures=(*self.signatures, given))


def build_epoch(previous: EpochState, recipients: EpochRecipients, members: Sequence[Member]) -> Epoch:
    """Give the unsigned body of the epoch after `previous`; `verify_epoch` says whether it would be accepted."""
    return Epoch(
        number=recipients.epoch,
        previous=previous.recipients.link,
        work=recipient_hash(recipients.work),
        dialogue=recipient_hash(recipients.dialogue),
        members=tuple(members),
    )


def parse_epoch(body: Json) -> Epoch:
    """Read the body of an epoch record; raises `ShapeError`."""
    members = Members(body, _NAMES)
    if members.integer("v") != _EPOCH_VERSION:
        raise ShapeError(Refusal.VALUE)
    signatures = tuple(_parse_signature(item) for item in members.items("signatures", most=MAX_MEMBERS))
    if len({given.member for given in signatures}) < len(signatures):
        raise ShapeError(Refusal.VALUE)
    return Epoch(
        number=members.integer("epoch", most=_MAX_EPOCH),
        previous=members.digest("previous"),
        work=members.digest("work"),
        dialogue=members.digest("dialogue"),
        members=parse_members(members.items("members", most=MAX_MEMBERS)),
        signatures=signatures,
    )


def first_epoch(genesis: Genesis, recipients: EpochRecipients) -> EpochState:
    """Give epoch 0, whose members and recipients genesis names; raises `EpochError` if these are others."""
    if recipients.epoch != 0:
        raise EpochError(Refusal.EPOCH)
    _check_recipients(recipients, work=genesis.work, dialogue=genesis.dialogue)
    return EpochState(recipients, genesis.members, _keys(genesis.members))


def verify_epoch(
    previous: EpochState, epoch: Epoch, recipients: EpochRecipients, genesis: VerifiedGenesis
) -> EpochState:
    """Give the state after an epoch record, if it follows from the state before it.

    The record's own signature and place are checked by whoever reads the stream.

    :raises EpochError: reason ``epoch``, ``previous`` or ``recipient`` if it is not the next link; reason
        ``epoch_panel`` if a pseudonym passes to another key; reason ``too_few_signatures`` if the members change in a
        way that takes two who stay.
    """
    if epoch.number != previous.number + 1 or recipients.epoch != epoch.number:
        raise EpochError(Refusal.EPOCH)
    if epoch.previous != previous.recipients.link:
        raise EpochError(Refusal.PREVIOUS)
    _check_recipients(recipients, work=epoch.work, dialogue=epoch.dialogue)
    # An epoch on the old keys would leave whoever was removed able to read.
    if recipients.work == previous.recipients.work or recipients.dialogue == previous.recipients.dialogue:
        raise EpochError(Refusal.RECIPIENT)
    _check_pseudonyms(previous, epoch)
    if len(_consenting(previous, epoch, genesis)) < LEAST_SIGNATURES:
        _check_without_consent(previous, epoch, genesis.genesis)
    return EpochState(recipients, epoch.members, {**previous.pseudonyms, **_keys(epoch.members)})


def _check_recipients(recipients: EpochRecipients, *, work: str, dialogue: str) -> None:
    if recipient_hash(recipients.work) != work or recipient_hash(recipients.dialogue) != dialogue:
        raise EpochError(Refusal.RECIPIENT)


def _keys(members: Sequence[Member]) -> dict[str, VerificationKey]:
    return {member.id: member.verification_key for member in members}


def _check_pseudonyms(previous: EpochState, epoch: Epoch) -> None:
    # Otherwise what one person signed could later be laid at another's door.
    known = previous.pseudonyms
    if any(known.get(member.id, member.verification_key) != member.verification_key for member in epoch.members):
        raise EpochError(Refusal.EPOCH_PANEL)


def _consenting(previous: EpochState, epoch: Epoch, genesis: VerifiedGenesis) -> set[VerificationKey]:
    message = epoch.signed_bytes(case=genesis.genesis.case, gen=genesis.gen)
    staying = {member.id for member in epoch.members}
    keys: set[VerificationKey] = set()
    for given in epoch.signatures:
        member = previous.member(given.member)
        if member is None or member.id not in staying:
            continue
        try:
            member.verification_key.verify(given.signature, message)
        except SignatureError:
            continue
        keys.add(member.verification_key)
    return keys


def _check_without_consent(previous: EpochState, epoch: Epoch, genesis: Genesis) -> None:
    first_standbys = {member.id for member in genesis.members if member.role is Role.STANDBY}
    for member in epoch.members:
        before = previous.member(member.id)
        promoted = (
            before is not None
            and before.role is Role.STANDBY
            and before.id in first_standbys
            and member == replace(before, role=Role.PANEL)
        )
        if member != before and not promoted:
            raise EpochError(Refusal.TOO_FEW_SIGNATURES)


def _parse_signature(value: Json) -> MemberSignature:
    members = Members(value, _SIGNATURE_NAMES)
    return MemberSignature(members.text("member", PSEUDONYM_PATTERN), members.octets("signature", SIGNATURE_SIZE))
