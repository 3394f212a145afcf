"""Both sides of a case played through the real use cases: done in a browser's place, what browsers do."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tipportal.domain.approvals import VALID_DAYS, Proposal
from tipportal.domain.cases import STREAM_OF, Case, RecordKind, SealedBy, Stream
from tipportal.domain.files import PART_SIZE, Upload, safe_name
from tipportal.domain.organisations import Channel
from tipportal.envelope import HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.acts import Act, parse_act, payload_digest, sign_act
from tipportal.envelope.bodies import FactsBody, FormBody, NoticeBody, NoticeKind, TextBody
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.files import seal_file
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.payloads import Payload, kind_of
from tipportal.envelope.records import SOURCE, Attachment, Chain, Kind, Writer
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.envelope.records import Stream as SealedStream
from tipportal.envelope.vault import VaultBody
from tipportal.usecases import approve, dialogue, handle, offers, submit, uploads
from tipportal.usecases.context import Context
from tipportal.usecases.dialogue import Written
from tipportal.usecases.effects.effect import OfferedProposal
from tipportal.usecases.handing_in import offer_to_seal, sealed_file, sealed_submission
from tipportal.usecases.sealedfiles import SealedFile

from .demo_files import MadeFile
from .demo_staffing import SLUG, Member, Municipality

DAY = 24 * 3600
Answers = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """One case seen from everybody's side at once. ``members`` are its people by pseudonym."""

    reference: str
    keys: SourceKeys = field(repr=False)
    members: Mapping[str, Member]


def ask(
    ctx: Context,
    channel: Channel,
    *,
    area: str = "",
    subject_role: str = "unknown",
    concerns: Sequence[str] = (),
    form_nonce: str = "",
    slug: str = SLUG,
) -> offers.Offer:
    """Fetch the panel for a form, a new one where no nonce is given. Raises as ``offer_panel``."""
    return offers.offer_panel(
        ctx,
        slug,
        channel,
        area=area,
        subject_role=subject_role,
        concerns=concerns,
        form_nonce=form_nonce or ctx.random(16).hex(),
    )


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that waits at the server for its record: where, and what the record says of it."""

    upload: Upload
    attachment: Attachment = field(repr=False)


def send_files(ctx: Context, files: Sequence[MadeFile]) -> tuple[SentFile, ...]:
    """Seal files, each under a key of its own, and send them. Raises as ``receive_part``."""
    return tuple(_send_file(ctx, file) for file in files)


def _send_file(ctx: Context, file: MadeFile) -> SentFile:
    sealed, content = seal_file(file.content, random=ctx.random)
    upload = Upload(ctx.random(16).hex(), len(sealed))
    for offset in range(0, len(sealed), PART_SIZE):
        part = sealed[offset : offset + PART_SIZE]
        read = io.BytesIO(part).read
        uploads.receive_part(ctx, upload.id, offset=offset, total=len(sealed), length=len(part), read=read)
    attachment = Attachment(
        name=safe_name(file.name), type=file.type, size=content.size, sha256=content.sha256, key=content.key
    )
    return SentFile(upload, attachment)


def seal_case(
    ctx: Context,
    offer: offers.Offer,
    keys: SourceKeys,
    answers: Answers,
    *,
    files: Sequence[SentFile] = (),
    identity: VaultBody | None = None,
) -> submit.Submission:
    """Seal a case to the offered panel, as a source's browser does."""
    facts = offer.facts
    sealed = sealing.build_submission(
        keys=keys,
        offer=offer_to_seal(offer),
        facts=FactsBody(facts.area, facts.subject_role.value, tuple(sorted(facts.concerns))),
        answers=answers,
        sealed_by=Sealer.BROWSER,
        random=ctx.random,
        attachments=tuple(file.attachment for file in files),
        identity=identity,
    )
    digest = hashlib.sha256(b"".join(record.file for record in sealed.records)).digest()
    submission = sealed_submission(offer, sealed, sealed_by=SealedBy.BROWSER, content_digest=digest)
    attached = tuple(file.upload for file in files)
    records = (
        replace(record, files=attached if record.kind is RecordKind.REPORT else ()) for record in submission.records
    )
    return replace(submission, records=tuple(records))


def leave_case(
    ctx: Context,
    municipality: Municipality,
    keys: SourceKeys,
    channel: Channel,
    answers: Answers,
    *,
    files: Sequence[MadeFile] = (),
    identity: VaultBody | None = None,
) -> PlayedCase:
    """Leave a tip or a report with JavaScript on. Raises as ``offer_panel``, ``receive_part`` and ``submit_case``."""
    offer = ask(ctx, channel, area=str(answers.get("area", "")))
    return hand_in(ctx, municipality, offer, keys, answers, files=files, identity=identity)


def hand_in(
    ctx: Context,
    municipality: Municipality,
    offer: offers.Offer,
    keys: SourceKeys,
    answers: Answers,
    *,
    files: Sequence[MadeFile] = (),
    identity: VaultBody | None = None,
) -> PlayedCase:
    """Seal a case to a panel that was asked for, and hand it in. Raises as ``receive_part`` and ``submit_case``."""
    sealed = seal_case(ctx, offer, keys, answers, files=send_files(ctx, files), identity=identity)
    submit.submit_case(ctx, sealed)
    return PlayedCase(offer.reference, keys, members_of(municipality, offer))


def members_of(municipality: Municipality, offer: offers.Offer) -> dict[str, Member]:
    """Who the offered members are, by pseudonym."""
    return {member.id: municipality.by_recipient(member.recipient) for member in offer.members}


def stored(ctx: Context, case: PlayedCase) -> Case:
    """The case as the server has it now. Raises LookupError when it has none."""
    with ctx.storage.read() as uow:
        found = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
    if found is None:
        raise LookupError(case.reference)
    return found


def next_place(ctx: Context, case: PlayedCase, stream: Stream) -> sealing.Next:
    """Where a stream goes on: after its newest record, in the newest epoch."""
    now = stored(ctx, case)
    with ctx.storage.read() as uow:
        genesis, *rows = uow.cases.records(now.id, [Stream.GENESIS])
        rows = [*rows, *uow.cases.records(now.id, [stream])]
        epoch = uow.cases.epochs(now.id)[now.epoch]
    chain = Chain.start(
        case=case.reference, gen=now.genesis_hash or "", stream=SealedStream(stream.value), genesis_file=genesis.file
    )
    for row in rows:
        chain = chain.after(row.file)
    recipient = epoch.work_recipient if stream is Stream.WORK else epoch.dialogue_recipient
    return sealing.Next(chain, epoch.epoch, HybridRecipient.from_bytes(recipient))


def seal_text(
    ctx: Context, case: PlayedCase, kind: Kind, text: str, *, by: str, files: Sequence[SentFile] = ()
) -> SealedFile:
    """Seal a text as the next record of its stream. ``by`` is a pseudonym or ``source``."""
    place = next_place(ctx, case, STREAM_OF[RecordKind(kind.value)])
    key = case.keys.signing_key if by == SOURCE else _signing_key(case.members[by])
    writer = Writer(by, key, Sealer.BROWSER, ctx.today())
    attachments = tuple(file.attachment for file in files)
    body = TextBody(text).encode()
    record = sealing.seal_next(place, kind, body, writer, random=ctx.random, attachments=attachments)
    return replace(sealed_file(record), files=tuple(file.upload for file in files))


def seal_notice(ctx: Context, case: PlayedCase, kind: NoticeKind, text: str, *, by: str) -> SealedFile:
    """Seal what a member tells the source of an act by two, as the next record of the dialogue."""
    place = next_place(ctx, case, Stream.DIALOGUE)
    writer = Writer(by, _signing_key(case.members[by]), Sealer.BROWSER, ctx.today())
    return sealed_file(
        sealing.seal_next(place, Kind.NOTICE, NoticeBody(text, kind).encode(), writer, random=ctx.random)
    )


def seal_form(
    ctx: Context,
    case: PlayedCase,
    form: str,
    answers: Answers,
    *,
    by: str,
    files: Sequence[SentFile] = (),
    after: SealedFile | None = None,
    stream: Stream = Stream.WORK,
) -> SealedFile:
    """Seal something that was filled in: the next record of its stream, or the one ``after`` another."""
    place = next_place(ctx, case, stream)
    place = place if after is None else replace(place, chain=place.chain.after(after.file))
    key = case.keys.signing_key if by == SOURCE else _signing_key(case.members[by])
    writer = Writer(by, key, Sealer.BROWSER, ctx.today())
    attachments = tuple(file.attachment for file in files)
    body = FormBody(form, answers).encode()
    record = sealing.seal_next(place, Kind.FORM, body, writer, random=ctx.random, attachments=attachments)
    return replace(sealed_file(record), files=tuple(file.upload for file in files))


def write(
    ctx: Context, case: PlayedCase, kind: Kind, text: str, *, by: str = "h1", files: Sequence[MadeFile] = ()
) -> Written:
    """Write as a handler. Raises as ``receive_part`` and ``handle.add_record``."""
    sealed = seal_text(ctx, case, kind, text, by=by, files=send_files(ctx, files))
    return handle.add_record(ctx, case.members[by].account, case.reference, sealed)


def reply(ctx: Context, case: PlayedCase, text: str, *, files: Sequence[MadeFile] = ()) -> Written:
    """Answer as the source, from a browser. Raises as ``receive_part`` and ``dialogue.add_message``."""
    sealed = seal_text(ctx, case, Kind.MESSAGE, text, by=SOURCE, files=send_files(ctx, files))
    return dialogue.add_message(ctx, case.keys.lookup_token, sealed)


def act_on(ctx: Context, case: PlayedCase, payload: Payload) -> Act:
    """The act that a proposal with this payload is about, good for as long as any."""
    now = stored(ctx, case)
    return Act(
        case=case.reference,
        genesis=now.genesis_hash or "",
        epoch=now.epoch,
        kind=kind_of(payload),
        payload=payload_digest(payload),
        policy=now.policy_version,
        directory=now.directory_version,
        expires=datetime.fromtimestamp(ctx.clock() + VALID_DAYS * DAY, UTC),
        nonce=ctx.random(16),
    )


def offered_proposal(member: Member, act: Act, payload: Payload, reasons: SealedFile) -> OfferedProposal:
    """A proposal as a member's browser hands it in."""
    content = parse_canonical(payload.encode())
    if not isinstance(content, dict):
        raise TypeError(type(content))
    return OfferedProposal(act=dict(act.to_json()), payload=dict(content), signature=sign(member, act), reasons=reasons)


def propose(ctx: Context, case: PlayedCase, payload: Payload, reasons: SealedFile, *, by: str = "h1") -> Proposal:
    """Propose as a member. Raises as ``approve.propose``."""
    member = case.members[by]
    offered = offered_proposal(member, act_on(ctx, case, payload), payload, reasons)
    return approve.propose(ctx, member.account, case.reference, offered)


def agree(
    ctx: Context, case: PlayedCase, proposal: Proposal, *, by: str = "h2", records: Sequence[SealedFile] = ()
) -> Case:
    """Approve as a member, with the records that land with it. Raises as ``approve.approve``."""
    member = case.members[by]
    act = parse_act(parse_canonical(proposal.act))
    return approve.approve(ctx, member.account, proposal.id, sign(member, act), records)


def sign(member: Member, act: Act) -> bytes:
    """A member's signature under an act."""
    return sign_act(act, _signing_key(member))


def _signing_key(member: Member) -> SigningKey:
    if member.identity is None:
        raise TypeError(member.person.role)
    return member.identity.signing_key
