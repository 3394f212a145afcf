"""The genesis record: who may read a case, fixed before anything is sent; `docs/protocol.md`, section 4.

Signed with the key from the source's code. Everything later is held against it, so a server cannot slip a reader in.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tipportal.envelope.age import RandomBytes, seal
from tipportal.envelope.canonical import Json, Members, canonical, encode_b64, parse_canonical
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import VERIFICATION_KEY_SIZE, VerificationKey, recipient_hash
from tipportal.envelope.records import (
    NO_DIGEST,
    PSEUDONYM_PATTERN,
    REFERENCE_PATTERN,
    SOURCE,
    Kind,
    Place,
    Record,
    SealedBy,
    Stream,
    Writer,
    read_record,
    write_record,
)
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError
from tipportal.envelope.trustees import OfferedTrustee, Trustee, parse_trustees, trustees_hold

LEAST_PANEL: Final = 2
LEAST_UNITS: Final = 2
MAX_MEMBERS: Final = 100
_GENESIS_VERSION: Final = 1
_MAX_VERSION: Final = 2**31 - 1
_SLUG_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_WORD_PATTERN: Final = re.compile(r"[a-z]{1,16}")
_INSTALLATION_PATTERN: Final = re.compile(r"[0-9a-f]{32}")
_MEMBER_NAMES: Final = frozenset({"id", "role", "function", "unit", "recipient", "verification_key"})
_SOURCE_NAMES: Final = frozenset({"recipient", "verification_key"})
_NAMES: Final = frozenset(
    {
        "v",
        "installation",
        "organisation",
        "authority",
        "channel",
        "case",
        "source",
        "work",
        "dialogue",
        "members",
        "trustees",
        "threshold",
        "vault",
        "policy_version",
        "directory_version",
    }
)


class Role(StrEnum):
    """What a member is in a case: reads it, or stands by with a grant that is withheld."""

    PANEL = "panel"
    STANDBY = "standby"


class Channel(StrEnum):
    """Under which regime a case is received: a public tip, or a report under lag (2021:890)."""

    TIP = "tip"
    REPORT = "report"


class OfferFault(StrEnum):
    """Why nothing may be sealed to an offered panel."""

    PANEL_TOO_SMALL = "panel_too_small"
    PANEL_ONE_UNIT = "panel_one_unit"
    MEMBERS_REPEAT = "members_repeat"
    KEYS_REPEAT = "keys_repeat"
    CONCERNED = "concerned"
    TRUSTEES = "trustees"


class OfferRefusedError(EnvelopeError):
    """The panel does not hold what is promised to a source, so nothing is sealed and nothing sent."""

    def __init__(self, faults: Sequence[OfferFault]) -> None:
        """Keep every fault that was found."""
        super().__init__(Refusal.OFFER)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with a grant, as records name one: a per-case pseudonym, and keys (`recipient` is a hex digest)."""

    id: str
    role: Role
    function: str
    unit: str
    recipient: str
    verification_key: VerificationKey

    def to_json(self) -> dict[str, Json]:
        """Give the member as it stands in genesis and epoch records."""
        return {
            "id": self.id,
            "role": self.role.value,
            "function": self.function,
            "unit": self.unit,
            "recipient": self.recipient,
            "verification_key": encode_b64(self.verification_key.raw),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMember:
    """A member as the server offers one: with the whole recipient, to be sealed to."""

    id: str
    role: Role
    function: str
    unit: str
    recipient: HybridRecipient
    verification_key: VerificationKey

    def named(self) -> Member:
        """Give the member as records name one."""
        return Member(
            id=self.id,
            role=self.role,
            function=self.function,
            unit=self.unit,
            recipient=recipient_hash(self.recipient),
            verification_key=self.verification_key,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """The body of a genesis record. `installation` is 32 hex digits; `source`, `work`, `dialogue` recipient hashes.

    :ivar threshold: how many of the trustees can open the case together; 0 where there are none
    :ivar vault: the recipient hash of the vault with the source's name, if one was given
    """

    installation: str
    organisation: str
    authority: str
    channel: Channel
    case: str
    source: str
    source_key: VerificationKey
    work: str
    dialogue: str
    members: tuple[Member, ...]
    policy_version: int
    directory_version: int
    trustees: tuple[Trustee, ...] = ()
    threshold: int = 0
    vault: str | None = None

    def encode(self) -> bytes:
        """Give the canonical bytes of the body."""
        return canonical(
            {
                "v": _GENESIS_VERSION,
                "installation": self.installation,
                "organisation": self.organisation,
                "authority": self.authority,
                "channel": self.channel.value,
                "case": self.case,
                "source": {"recipient": self.source, "verification_key": encode_b64(self.source_key.raw)},
                "work": self.work,
                "dialogue": self.dialogue,
                "members": [member.to_json() for member in self.members],
                "trustees": [trustee.to_json() for trustee in self.trustees],
                "threshold": self.threshold,
                "vault": self.vault,
                "policy_version": self.policy_version,
                "directory_version": self.directory_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedGenesis:
    """What a reader of a case knows beforehand.

    :ivar source: the source's recipient, in full
    :ivar work: the work recipient of epoch 0, in full
    :ivar source_key: the source's own verification key if the source is the one who reads. Anybody can seal a
        consistent beginning to the source; only the code signs it. A handler has it from genesis, and leaves None.
    """

    case: str
    installation: str
    source: HybridRecipient
    work: HybridRecipient
    source_key: VerificationKey | None


@dataclass(frozen=True, slots=True)
class SealedGenesis:
    """The age file of a genesis record, and the hex digest that every other record of the case calls it by."""

    file: bytes = field(repr=False)
    gen: str


@dataclass(frozen=True, slots=True)
class VerifiedGenesis:
    """A genesis that holds, and the hex digest that every other record of the case calls it by."""

    genesis: Genesis
    gen: str
    sealed_by: SealedBy


def members_faults(members: Sequence[Member]) -> tuple[OfferFault, ...]:
    """Give what is wrong with any set of members: fewer than two on the panel or from two units, one person twice."""
    panel = [member for member in members if member.role is Role.PANEL]
    keys = {member.verification_key for member in members}
    recipients = {member.recipient for member in members}
    found = {
        OfferFault.PANEL_TOO_SMALL: len(panel) < LEAST_PANEL,
        OfferFault.PANEL_ONE_UNIT: len({member.unit for member in panel}) < LEAST_UNITS,
        OfferFault.MEMBERS_REPEAT: len({member.id for member in members}) < len(members),
        # One key under two names would make one person count as two.
        OfferFault.KEYS_REPEAT: min(len(keys), len(recipients)) < len(members),
    }
    return tuple(fault for fault, holds in found.items() if holds)


def check_trustees(trustees: Sequence[Trustee], threshold: int, members: Sequence[Member]) -> None:
    """Return if these can be the trustees of a case with these members; raises `ShapeError` (``offer``) otherwise.

    None at all, with threshold 0, is a case from before there were trustees.
    """
    if (trustees or threshold) and not _trustees_hold(trustees, threshold, members):
        raise ShapeError(Refusal.OFFER)


def check_offer(
    members: Sequence[OfferedMember],
    concerns: Collection[str],
    trustees: Sequence[OfferedTrustee] = (),
    threshold: int = 0,
) -> tuple[OfferFault, ...]:
    """Give everything that is wrong with an offered panel, nothing if it may be sealed to.

    :param concerns: the units and functions that the report is about, as routing facts name them (``unit:<id>``,
        ``function:<id>``); a bare id counts as well. Standbys are held against them too, as they may be let in later.
    """
    named = [member.named() for member in members]
    concerned = frozenset(concerns)
    faults = list(members_faults(named))
    if any(not concerned.isdisjoint(_names_of(member)) for member in members):
        faults.append(OfferFault.CONCERNED)
    if (trustees or threshold) and not _trustees_hold([trustee.named() for trustee in trustees], threshold, named):
        faults.append(OfferFault.TRUSTEES)
    return tuple(faults)


def parse_members(value: Sequence[Json]) -> tuple[Member, ...]:
    """Read a list of members; raises `ShapeError`, also (reason ``offer``) if it could not be a panel."""
    members = tuple(parse_member(item) for item in value)
    if members_faults(members):
        raise ShapeError(Refusal.OFFER)
    return members


def parse_genesis(body: Json) -> Genesis:
    """Read the body of a genesis record; raises `ShapeError` for other members or values, or an impossible panel."""
    members = Members(body, _NAMES)
    source = Members(members.value("source"), _SOURCE_NAMES)
    if members.integer("v") != _GENESIS_VERSION:
        raise ShapeError(Refusal.VALUE)
    panel = parse_members(members.items("members", most=MAX_MEMBERS))
    trustees, threshold = parse_trustees(members)
    check_trustees(trustees, threshold, panel)
    return Genesis(
        installation=members.text("installation", _INSTALLATION_PATTERN),
        organisation=members.text("organisation", _SLUG_PATTERN),
        authority=members.text("authority", _SLUG_PATTERN),
        channel=_parse_channel(members),
        case=members.text("case", REFERENCE_PATTERN),
        source=source.digest("recipient"),
        source_key=_parse_key(source),
        work=members.digest("work"),
        dialogue=members.digest("dialogue"),
        members=panel,
        trustees=trustees,
        threshold=threshold,
        vault=None if members.value("vault") is None else members.digest("vault"),
        policy_version=members.integer("policy_version", most=_MAX_VERSION),
        directory_version=members.integer("directory_version", most=_MAX_VERSION),
    )


def seal_genesis(
    genesis: Genesis,
    writer: Writer,
    source: HybridRecipient,
    work: HybridRecipient,
    *,
    random: RandomBytes,
) -> SealedGenesis:
    """Seal a genesis record to source and work, signed by the source (`writer`).

    :raises ShapeError: for a genesis that no reader would take.
    :raises RecordError: if it names other recipients than these.
    :raises EnvelopeError: as `tipportal.envelope.seal`.
    """
    body = genesis.encode()
    parse_genesis(parse_canonical(body))
    if (genesis.source, genesis.work) != (recipient_hash(source), recipient_hash(work)):
        raise RecordError(Refusal.RECIPIENT)
    header = _place(genesis.case, source, work).header(Kind.GENESIS, writer, len(body))
    plaintext = write_record(header, body, writer.key)
    return SealedGenesis(seal(plaintext, (source, work), random=random), read_record(plaintext).digest)


def verify_genesis(plaintext: bytes, expected: ExpectedGenesis) -> VerifiedGenesis:
    """Give the genesis inside an opened file if it is the beginning of the expected case.

    :raises SignatureError: unless it is signed with the key that it names.
    :raises RecordError: for another case, installation, place, source or recipient.
    :raises EnvelopeError: for anything malformed.
    """
    record = read_record(plaintext)
    genesis = parse_genesis(record.parsed_body())
    _place(expected.case, expected.source, expected.work).check(record.header)
    record.verify(genesis.source_key)
    _check_against(genesis, record, expected)
    return VerifiedGenesis(genesis, record.digest, record.header.sealed_by)


def _place(case: str, source: HybridRecipient, work: HybridRecipient) -> Place:
    return Place(
        case=case,
        gen=NO_DIGEST,
        stream=Stream.GENESIS,
        epoch=0,
        seq=0,
        prev=NO_DIGEST,
        recipient=recipient_hash(source, work),
    )


def _check_against(genesis: Genesis, record: Record, expected: ExpectedGenesis) -> None:
    for holds, refusal in (
        (record.header.author == SOURCE, Refusal.AUTHOR),
        (genesis.case == expected.case, Refusal.CASE),
        (genesis.installation == expected.installation, Refusal.INSTALLATION),
        (genesis.source == recipient_hash(expected.source), Refusal.RECIPIENT),
        (genesis.work == recipient_hash(expected.work), Refusal.RECIPIENT),
        (expected.source_key is None or genesis.source_key == expected.source_key, Refusal.KEY),
    ):
        if not holds:
            raise RecordError(refusal)


def _trustees_hold(trustees: Sequence[Trustee], threshold: int, members: Sequence[Member]) -> bool:
    return trustees_hold(
        trustees,
        threshold,
        members_recipients=[member.recipient for member in members],
        members_keys=[member.verification_key for member in members],
    )


def _names_of(member: OfferedMember) -> tuple[str, ...]:
    return member.unit, f"unit:{member.unit}", member.function, f"function:{member.function}"


def parse_member(value: Json) -> Member:
    """Read one member; raises `ShapeError`."""
    members = Members(value, _MEMBER_NAMES)
    try:
        role = Role(members.text("role", _WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    return Member(
        id=members.text("id", PSEUDONYM_PATTERN),
        role=role,
        function=members.text("function", REFERENCE_PATTERN),
        unit=members.text("unit", REFERENCE_PATTERN),
        recipient=members.digest("recipient"),
        verification_key=_parse_key(members),
    )


def _parse_channel(members: Members) -> Channel:
    try:
        return Channel(members.text("channel", _WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None


def _parse_key(members: Members) -> VerificationKey:
    return VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE))
