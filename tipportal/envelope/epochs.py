"""Epoch records: how the readers of a case change; `docs/protocol.md`, section 4.

Two who stay, or as many trustees as it takes, may change the members. Without their signatures the circle can only
shrink, or take in a standby that the source's own genesis named, and it never falls below two people from two units.
The source alone may name other keys of its own: when it takes a code that nobody else has seen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tipportal.envelope.canonical import Json, Members, canonical, encode_b64
from tipportal.envelope.genesis import (
    MAX_MEMBERS,
    Genesis,
    Member,
    Role,
    VerifiedGenesis,
    check_trustees,
    parse_members,
)
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import (
    SIGNATURE_SIZE,
    VERIFICATION_KEY_SIZE,
    SigningKey,
    VerificationKey,
    recipient_hash,
)
from tipportal.envelope.records import PSEUDONYM_PATTERN, TRUSTEE_PATTERN
from tipportal.envelope.refusals import EpochError, Refusal, ShapeError, SignatureError
from tipportal.envelope.trustees import MAX_TRUSTEES, Trustee, parse_trustees

LEAST_SIGNATURES: Final = 2
_EPOCH_VERSION: Final = 1
_MAX_EPOCH: Final = 2**31 - 1
_MAX_SIGNATURES: Final = MAX_MEMBERS + MAX_TRUSTEES
_CONTEXT: Final = b"tipportal/epoch/v1\0"
_SIGNER_PATTERN: Final = re.compile(rf"{PSEUDONYM_PATTERN.pattern}|{TRUSTEE_PATTERN.pattern}")
_NAMES: Final = frozenset(
    {"v", "epoch", "previous", "work", "dialogue", "members", "trustees", "threshold", "signatures"}
)
_SIGNATURE_NAMES: Final = frozenset({"member", "signature"})
_SOURCE: Final = "source"
_SOURCE_CONTEXT: Final = b"tipportal/source/v1\0"
_SOURCE_NAMES: Final = frozenset({"recipient", "verification_key", "proof"})


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
class TrusteeSet:
    """Some trustees, and how many of them act for all: of an epoch, or of a directory that has been verified."""

    trustees: tuple[Trustee, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class SourceNames:
    """The source's public keys: its recipient's hash, and what its signatures are verified with."""

    recipient: str
    verification_key: VerificationKey

    def to_json(self) -> dict[str, Json]:
        """Give the keys as genesis and epochs name them."""
        return {"recipient": self.recipient, "verification_key": encode_b64(self.verification_key.raw)}


@dataclass(frozen=True, slots=True)
class SourceChange:
    """Other keys of the source from this epoch on; `proof` is signed with the new key (`Epoch.proof_bytes`)."""

    names: SourceNames
    proof: bytes


@dataclass(frozen=True, slots=True)
class EpochState:
    """An epoch that is known to hold.

    :ivar recipients: its number and recipients
    :ivar members: who may read in it
    :ivar pseudonyms: the verification key of everybody who has been a member or trustee so far
    :ivar source: the source's keys in it: those of genesis, until the source has named others
    :ivar trustees: who holds a share of its work seed
    :ivar threshold: how many of them open it together; 0 where there are none
    """

    recipients: EpochRecipients
    members: tuple[Member, ...]
    pseudonyms: Mapping[str, VerificationKey]
    source: SourceNames
    trustees: tuple[Trustee, ...] = ()
    threshold: int = 0

    @property
    def trusted(self) -> TrusteeSet:
        """The epoch's trustees, with how many it takes."""
        return TrusteeSet(self.trustees, self.threshold)

    @property
    def number(self) -> int:
        """The epoch's number, from 0."""
        return self.recipients.epoch

    def member(self, pseudonym: str) -> Member | None:
        """Give the member of this pseudonym, or None."""
        return next((member for member in self.members if member.id == pseudonym), None)


@dataclass(frozen=True, slots=True)
class MemberSignature:
    """The consent of a member, or of a trustee, to the next epoch."""

    member: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The body of an epoch record. `previous`, `work` and `dialogue` are hex digests of recipients.

    :ivar source: other keys of the source from now on, which only the source itself may name
    """

    number: int
    previous: str
    work: str
    dialogue: str
    members: tuple[Member, ...]
    trustees: tuple[Trustee, ...] = ()
    threshold: int = 0
    signatures: tuple[MemberSignature, ...] = ()
    source: SourceChange | None = None

    def encode(self) -> bytes:
        """Give the canonical bytes of the body."""
        change = self.source
        source = {} if change is None else {"source": {**change.names.to_json(), "proof": encode_b64(change.proof)}}
        return canonical(
            {
                "v": _EPOCH_VERSION,
                **self._agreed(),
                **source,
                "signatures": [
                    {"member": given.member, "signature": encode_b64(given.signature)} for given in self.signatures
                ],
            }
        )

    def signed_bytes(self, *, case: str, gen: str) -> bytes:
        """Give what members sign: everything but the signatures, bound to the case by reference and genesis digest."""
        return _CONTEXT + canonical({"case": case, "gen": gen, **self._agreed()})

    def signed_by(self, pseudonym: str, key: SigningKey, *, case: str, gen: str) -> "Epoch":
        """Give the epoch with one more signature, of a member or a trustee."""
        given = MemberSignature(pseudonym, key.sign(self.signed_bytes(case=case, gen=gen)))
        return replace(self, signatures=(*self.signatures, given))

    def proof_bytes(self, names: SourceNames, *, case: str, gen: str) -> bytes:
        """Give what the source's new key signs: the keys, and all that members would sign, so the case as well."""
        return _SOURCE_CONTEXT + canonical({"case": case, "gen": gen, **self._agreed(), "source": names.to_json()})

    def with_source(self, names: SourceNames, key: SigningKey, *, case: str, gen: str) -> "Epoch":
        """Give the epoch with other keys of the source, proved by the new one (`key`)."""
        return replace(self, source=SourceChange(names, key.sign(self.proof_bytes(names, case=case, gen=gen))))

    def _agreed(self) -> dict[str, Json]:
        return {
            "epoch": self.number,
            "previous": self.previous,
            "work": self.work,
            "dialogue": self.dialogue,
            "members": [member.to_json() for member in self.members],
            "trustees": [trustee.to_json() for trustee in self.trustees],
            "threshold": self.threshold,
        }


def build_epoch(
    previous: EpochState,
    recipients: EpochRecipients,
    members: Sequence[Member],
    trusted: TrusteeSet | None = None,
) -> Epoch:
    """Give the unsigned body of the epoch after `previous`; `verify_epoch` says whether it would be accepted.

    :param trusted: the trustees from now on; those of the epoch before if None.
    """
    given = trusted or previous.trusted
    return Epoch(
        trustees=given.trustees,
        threshold=given.threshold,
        number=recipients.epoch,
        previous=previous.recipients.link,
        work=recipient_hash(recipients.work),
        dialogue=recipient_hash(recipients.dialogue),
        members=tuple(members),
    )


def parse_epoch(body: Json) -> Epoch:
    """Read the body of an epoch record; raises `ShapeError`."""
    changes = isinstance(body, dict) and _SOURCE in body
    members = Members(body, _NAMES | {_SOURCE} if changes else _NAMES)
    if members.integer("v") != _EPOCH_VERSION:
        raise ShapeError(Refusal.VALUE)
    signatures = tuple(_parse_signature(item) for item in members.items("signatures", most=_MAX_SIGNATURES))
    if len({given.member for given in signatures}) < len(signatures):
        raise ShapeError(Refusal.VALUE)
    panel = parse_members(members.items("members", most=MAX_MEMBERS))
    trustees, threshold = parse_trustees(members)
    check_trustees(trustees, threshold, panel)
    return Epoch(
        number=members.integer("epoch", most=_MAX_EPOCH),
        previous=members.digest("previous"),
        work=members.digest("work"),
        dialogue=members.digest("dialogue"),
        members=panel,
        trustees=trustees,
        threshold=threshold,
        signatures=signatures,
        source=_parse_source(members.value(_SOURCE)) if changes else None,
    )


def first_epoch(genesis: Genesis, recipients: EpochRecipients) -> EpochState:
    """Give epoch 0, whose members and recipients genesis names; raises `EpochError` if these are others."""
    if recipients.epoch != 0:
        raise EpochError(Refusal.EPOCH)
    _check_recipients(recipients, work=genesis.work, dialogue=genesis.dialogue)
    known = {**_keys(genesis.members), **_keys(genesis.trustees)}
    source = SourceNames(genesis.source, genesis.source_key)
    return EpochState(recipients, genesis.members, known, source, genesis.trustees, genesis.threshold)


def verify_epoch(
    previous: EpochState,
    epoch: Epoch,
    recipients: EpochRecipients,
    genesis: VerifiedGenesis,
    trusted: TrusteeSet | None = None,
) -> EpochState:
    """Give the state after an epoch record, if it follows from the state before it.

    The record's own signature and place are checked by whoever reads the stream, and that only the source's own record
    names other keys of the source.

    :param trusted: further trustees whose signatures count, by their own threshold: those of a directory that the
        reader has verified.

    :raises EpochError: reason ``epoch``, ``previous`` or ``recipient`` if it is not the next link; reason
        ``epoch_panel`` if a pseudonym passes to another key; reason ``too_few_signatures`` if the members change in a
        way that takes two who stay; reason ``signature`` if other keys of the source are not proved, or not new.
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
    by_members = len(_consenting(previous, epoch, genesis)) >= LEAST_SIGNATURES
    if not by_members and not any(
        trustees_consent(among, epoch, case=genesis.genesis.case, gen=genesis.gen)
        for among in (previous.trusted, trusted)
        if among is not None
    ):
        _check_without_consent(previous, epoch, genesis.genesis)
    known = {**previous.pseudonyms, **_keys(epoch.members), **_keys(epoch.trustees)}
    source = _source_after(previous, epoch, genesis)
    return EpochState(recipients, epoch.members, known, source, epoch.trustees, epoch.threshold)


def _source_after(previous: EpochState, epoch: Epoch, genesis: VerifiedGenesis) -> SourceNames:
    if epoch.source is None:
        return previous.source
    names = epoch.source.names
    # Whoever handles the case, or its old code, must not become its source.
    begun = genesis.genesis
    others: list[SourceNames | Member | Trustee] = [
        previous.source,
        SourceNames(begun.source, begun.source_key),
        *(*begun.members, *previous.members, *epoch.members),
        *(*begun.trustees, *previous.trustees, *epoch.trustees),
    ]
    if any(names.verification_key == each.verification_key or names.recipient == each.recipient for each in others):
        raise EpochError(Refusal.SOURCE)
    message = epoch.proof_bytes(names, case=begun.case, gen=genesis.gen)
    if not _verifies(names.verification_key, epoch.source.proof, message):
        raise EpochError(Refusal.SOURCE)
    return names


def _check_recipients(recipients: EpochRecipients, *, work: str, dialogue: str) -> None:
    if recipient_hash(recipients.work) != work or recipient_hash(recipients.dialogue) != dialogue:
        raise EpochError(Refusal.RECIPIENT)


def _keys(members: Sequence[Member] | Sequence[Trustee]) -> dict[str, VerificationKey]:
    return {member.id: member.verification_key for member in members}


def _check_pseudonyms(previous: EpochState, epoch: Epoch) -> None:
    # Otherwise what one person signed could later be laid at another's door.
    known = previous.pseudonyms
    named = {**_keys(epoch.members), **_keys(epoch.trustees)}
    if any(known.get(pseudonym, key) != key for pseudonym, key in named.items()):
        raise EpochError(Refusal.EPOCH_PANEL)


def trustees_consent(among: TrusteeSet, epoch: Epoch, *, case: str, gen: str) -> bool:
    """Whether as many of these trustees as it takes, and never fewer than two, have signed the epoch.

    Held by key alone: a set from a directory has no per-case pseudonyms.
    """
    message = epoch.signed_bytes(case=case, gen=gen)
    keys = [trustee.verification_key for trustee in among.trustees]
    signed = {key for given in epoch.signatures for key in keys if _verifies(key, given.signature, message)}
    return len(signed) >= max(among.threshold, LEAST_SIGNATURES)


def _consenting(previous: EpochState, epoch: Epoch, genesis: VerifiedGenesis) -> set[VerificationKey]:
    message = epoch.signed_bytes(case=genesis.genesis.case, gen=genesis.gen)
    staying = {member.id for member in epoch.members}
    keys: set[VerificationKey] = set()
    for given in epoch.signatures:
        member = previous.member(given.member)
        if member is None or member.id not in staying:
            continue
        if _verifies(member.verification_key, given.signature, message):
            keys.add(member.verification_key)
    return keys


def _verifies(key: VerificationKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except SignatureError:
        return False
    return True


def _check_without_consent(previous: EpochState, epoch: Epoch, genesis: Genesis) -> None:
    if (epoch.trustees, epoch.threshold) != (previous.trustees, previous.threshold):
        raise EpochError(Refusal.TOO_FEW_SIGNATURES)
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
    return MemberSignature(members.text("member", _SIGNER_PATTERN), members.octets("signature", SIGNATURE_SIZE))


def _parse_source(value: Json) -> SourceChange:
    members = Members(value, _SOURCE_NAMES)
    names = SourceNames(
        members.digest("recipient"), VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE))
    )
    return SourceChange(names, members.octets("proof", SIGNATURE_SIZE))
