"""Seal for a source: the files of a new case, and of a source's message; `docs/protocol.md`, sections 3, 4 and 6.

For sources without JavaScript, whose text the server seals in memory; what comes out is what a browser makes. Nothing
here opens anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tipportal.envelope.age import RandomBytes
from tipportal.envelope.bodies import FactsBody, ReportBody, TextBody, parse_body
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.epochs import parse_epoch
from tipportal.envelope.genesis import (
    Channel,
    Genesis,
    OfferedMember,
    OfferRefusedError,
    check_offer,
    seal_genesis,
)
from tipportal.envelope.grants import GrantKind, seal_grant
from tipportal.envelope.hybrid import SEED_SIZE, HybridIdentity, HybridRecipient
from tipportal.envelope.keys import VerificationKey, dialogue_seed, recipient_hash
from tipportal.envelope.records import (
    NO_DIGEST,
    SOURCE,
    Attachment,
    Chain,
    Kind,
    SealedBy,
    Stream,
    Writer,
    seal_record,
)
from tipportal.envelope.trustees import OfferedTrustee, seal_shares
from tipportal.envelope.vault import SealedVault, VaultBody, seal_vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the server answers when a panel is fetched: whose case it will be, and who may read it.

    :ivar installation: 32 hex digits
    :ivar at: the Stockholm date
    """

    reference: str
    installation: str
    at: date
    organisation: str
    authority: str
    channel: Channel
    policy_version: int
    directory_version: int
    members: tuple[OfferedMember, ...]
    trustees: tuple[OfferedTrustee, ...] = ()
    threshold: int = 0


@dataclass(frozen=True, slots=True)
class Next:
    """Where a stream goes on: its chain so far, the epoch, and the recipient that the epoch names for the stream."""

    chain: Chain
    epoch: int
    recipient: HybridRecipient


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """One age file and where it stands; `prev` is a hex digest."""

    stream: Stream
    kind: Kind
    epoch: int
    seq: int
    prev: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """One age file with a seed, or a trustee's share of one, for one holder: a pseudonym, or ``source``."""

    holder: str
    kind: GrantKind
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """All that a server takes in for a new case: sealed, or public by nature.

    :ivar gen: what every record of the case calls genesis by, in hex
    :ivar records: genesis, report, facts, in this order
    :ivar grants: one for each member, then each trustee in the order of the offer, then the source's
    :ivar vault: the name or contact that the source gave, sealed apart
    """

    gen: str
    source: HybridRecipient
    verification_key: VerificationKey
    lookup_digest: str
    work: HybridRecipient
    dialogue: HybridRecipient
    records: tuple[SealedRecord, ...]
    grants: tuple[SealedGrant, ...]
    vault: SealedVault | None = None


def build_submission(
    *,
    keys: SourceKeys,
    offer: Offer,
    facts: FactsBody,
    answers: Mapping[str, str | tuple[str, ...]],
    sealed_by: SealedBy,
    random: RandomBytes,
    language: str = "sv",
    attachments: tuple[Attachment, ...] = (),
    identity: VaultBody | None = None,
) -> Submission:
    """Seal a new case to the offered panel.

    :param answers: by field name, as in `docs/contract.md`; unanswered fields are left out.
    :param language: of the form, as its ISO 639 code.
    :param attachments: the files that the report names, sealed beforehand (`tipportal.envelope.files`).
    :param identity: the name or contact that the source gave: to a vault that takes two to open.
    :raises OfferRefusedError: if the panel is not what a source is promised; nothing is sealed then.
    :raises EnvelopeError: for values that no reader would take.
    """
    faults = check_offer(offer.members, facts.concerns, offer.trustees, offer.threshold)
    if faults:
        raise OfferRefusedError(faults)
    work_seed = random(SEED_SIZE)
    source = keys.identity.recipient
    work = HybridIdentity(work_seed).recipient
    dialogue = HybridIdentity(dialogue_seed(work_seed)).recipient
    writer = Writer(SOURCE, keys.signing_key, sealed_by, offer.at)
    vault = None if identity is None else HybridIdentity(random(SEED_SIZE))
    begun = _genesis(keys, offer, work=work, dialogue=dialogue, vault=vault)
    genesis = seal_genesis(begun, writer, source, work, random=random)
    report = ReportBody(answers, offer.channel, language)
    in_dialogue, in_work = (
        Chain.start(case=offer.reference, gen=genesis.gen, stream=stream, genesis_file=genesis.file)
        for stream in (Stream.DIALOGUE, Stream.WORK)
    )
    return Submission(
        gen=genesis.gen,
        source=source,
        verification_key=keys.signing_key.verification_key,
        lookup_digest=keys.lookup_digest,
        work=work,
        dialogue=dialogue,
        records=(
            SealedRecord(Stream.GENESIS, Kind.GENESIS, 0, 0, NO_DIGEST, genesis.file),
            seal_next(
                Next(in_dialogue, 0, dialogue),
                Kind.REPORT,
                report.encode(),
                writer,
                random=random,
                attachments=attachments,
            ),
            seal_next(Next(in_work, 0, work), Kind.FACTS, facts.encode(), writer, random=random),
        ),
        grants=build_grants(
            work_seed, offer.members, source, trustees=offer.trustees, threshold=offer.threshold, random=random
        ),
        vault=None
        if vault is None or identity is None
        else seal_vault(
            vault,
            identity,
            case=offer.reference,
            gen=genesis.gen,
            genesis_file=genesis.file,
            writer=writer,
            holders=[
                *((member.id, member.recipient) for member in offer.members),
                *((trustee.id, trustee.recipient) for trustee in offer.trustees),
            ],
            random=random,
        ),
    )


def build_dialogue_record(
    *,
    at: Next,
    writer: Writer,
    text: str,
    random: RandomBytes,
    kind: Kind = Kind.MESSAGE,
    attachments: tuple[Attachment, ...] = (),
) -> SealedRecord:
    """Seal a message for the dialogue, naming the files that were sealed for it beforehand.

    :raises EnvelopeError: for a stream, kind or text that no reader would take.
    """
    return seal_next(at, kind, TextBody(text).encode(), writer, random=random, attachments=attachments)


def seal_next(
    at: Next,
    kind: Kind,
    body: bytes,
    writer: Writer,
    *,
    random: RandomBytes,
    attachments: tuple[Attachment, ...] = (),
) -> SealedRecord:
    """Seal a body as the next record of a stream; an epoch's goes into both.

    :raises EnvelopeError: for a body, kind, place or file that no reader would take.
    """
    # Refused here, while somebody still has the text, and not at the reader.
    content = parse_canonical(body)
    if kind is Kind.EPOCH:
        parse_epoch(content)
    else:
        parse_body(kind, content)
    place = at.chain.place(epoch=at.epoch, recipient=at.recipient)
    header = place.header(kind, writer, len(body), attachments=attachments)
    file = seal_record(header, body, writer.key, (at.recipient,), random=random)
    return SealedRecord(place.stream, kind, place.epoch, place.seq, place.prev, file)


def build_grants(
    work_seed: bytes,
    members: Sequence[OfferedMember],
    source: HybridRecipient,
    *,
    random: RandomBytes,
    trustees: Sequence[OfferedTrustee] = (),
    threshold: int = 0,
) -> tuple[SealedGrant, ...]:
    """Seal an epoch's seeds: the work seed to each member, a share to each trustee, then the source's seed.

    :raises ShareError: unless 2 ≤ threshold ≤ trustees, or there are none and the threshold is 0.
    """
    granted = [
        SealedGrant(member.id, GrantKind(member.role.value), seal_grant(work_seed, member.recipient, random=random))
        for member in members
    ]
    shared = [
        SealedGrant(holder, GrantKind.TRUSTEE_SHARE, file)
        for holder, file in seal_shares(work_seed, trustees, threshold, random=random)
    ]
    seed = dialogue_seed(work_seed)
    return (*granted, *shared, SealedGrant(SOURCE, GrantKind.SOURCE, seal_grant(seed, source, random=random)))


def _genesis(
    keys: SourceKeys,
    offer: Offer,
    *,
    work: HybridRecipient,
    dialogue: HybridRecipient,
    vault: HybridIdentity | None,
) -> Genesis:
    return Genesis(
        installation=offer.installation,
        organisation=offer.organisation,
        authority=offer.authority,
        channel=offer.channel,
        case=offer.reference,
        source=recipient_hash(keys.identity.recipient),
        source_key=keys.signing_key.verification_key,
        work=recipient_hash(work),
        dialogue=recipient_hash(dialogue),
        members=tuple(member.named() for member in offer.members),
        policy_version=offer.policy_version,
        directory_version=offer.directory_version,
        trustees=tuple(trustee.named() for trustee in offer.trustees),
        threshold=offer.threshold,
        vault=None if vault is None else recipient_hash(vault.recipient),
    )
