"""What the demo's stories do not need: reading a case as a handler, a new epoch, forms without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.story import Story
from tests.support.trustees import offered_trustees
from tipportal.cli.demo_playing import PlayedCase, ask, next_place, stored
from tipportal.cli.demo_staffing import Member
from tipportal.domain.cases import GrantKind, Stream
from tipportal.domain.organisations import Channel
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import ReportBody, TextBody
from tipportal.envelope.casecode import CaseCode, SourceKeys
from tipportal.envelope.epochs import EpochRecipients, build_epoch, first_epoch
from tipportal.envelope.genesis import ExpectedGenesis, OfferedMember, Role, VerifiedGenesis, verify_genesis
from tipportal.envelope.keys import VerificationKey, dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import HandlerIdentity
from tipportal.envelope.reading import OpenedRecord, StreamReading, VerifiedRecord, read_stream
from tipportal.envelope.records import Kind, SealedBy, Writer
from tipportal.envelope.records import Stream as SealedStream
from tipportal.usecases import epochs, source_session
from tipportal.usecases.chosenfiles import ChosenFile
from tipportal.usecases.handing_in import sealed_file
from tipportal.usecases.handle import CaseView
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.source_session import Confirmation, Visitor
from tipportal.usecases.submit import OfferedGrant
from tipportal.usecases.uploads import SealingUpload


@dataclass(frozen=True)
class Form:
    """A form without JavaScript as it stands before somebody, ready to be sent, once or again."""

    keys: SourceKeys
    code: CaseCode
    nonce: str


def new_form(story: Story) -> Form:
    """A form that nobody has sent yet. Its keys come without the slow derivation from its code."""
    return Form(story.source(), CaseCode.from_entropy(story.public.random(16)), story.public.random(16).hex())


def send(
    story: Story,
    form: Form,
    text: str = "Kvitton saknas.",
    *,
    channel: Channel = Channel.TIP,
    concerns: tuple[str, ...] = (),
    files: Sequence[ChosenFile] = (),
) -> Confirmation:
    """Send a form without JavaScript. Raises as ``submit_for_source``."""
    return source_session.submit_for_source(
        story.public,
        slug="bjorkvik",
        channel=channel,
        answers={"what_happened": text},
        area="hemtjanst",
        subject_role="unknown",
        concerns=concerns,
        language="sv",
        form_nonce=form.nonce,
        code=form.code,
        keys=form.keys,
        files=files,
    )


def choose(story: Story, name: str, content: bytes, kind: str = "") -> ChosenFile:
    """A file of a form without JavaScript, sealed while it arrives. Raises as ``SealingUpload.finish``."""
    sink = SealingUpload.begin(story.public)
    sink.write(content)
    sealed = sink.finish()
    assert sealed is not None
    return ChosenFile(name, kind, sealed)


def server_sealed(
    story: Story, channel: Channel = Channel.TIP, *, files: Sequence[ChosenFile] = ()
) -> tuple[PlayedCase, Visitor]:
    """A case that the server sealed on arrival, and its source's session."""
    form = new_form(story)
    offer = ask(story.public, channel, area="hemtjanst", form_nonce=form.nonce)
    receipt = send(story, form, channel=channel, files=files).receipt
    members = {member.id: story.municipality.by_recipient(member.recipient) for member in offer.members}
    return PlayedCase(receipt.reference, form.keys, members), Visitor(form.keys)


@dataclass(frozen=True)
class NewEpoch:
    """A new epoch as a handler's browser hands it in."""

    epoch: int
    work: bytes
    dialogue: bytes
    records: tuple[SealedFile, ...]
    grants: tuple[OfferedGrant, ...]

    def begin(self, story: Story, case: PlayedCase, *, by: str = "h1") -> int:
        """Raises as ``epochs.begin_epoch``."""
        return epochs.begin_epoch(
            story.handler,
            case.members[by].account,
            case.reference,
            epoch=self.epoch,
            work_recipient=self.work,
            dialogue_recipient=self.dialogue,
            records=self.records,
            grants=self.grants,
        )


def new_epoch(story: Story, case: PlayedCase, *, by: str = "h1") -> NewEpoch:
    """Epoch 1 with the members of genesis, sealed and signed by a member who stays."""
    genesis, first = _genesis(story, case)
    seed = story.handler.random(32)
    work, dialogue = HybridIdentity(seed).recipient, HybridIdentity(dialogue_seed(seed)).recipient
    recipients = EpochRecipients(1, work, dialogue)
    body = build_epoch(first_epoch(genesis.genesis, first), recipients, genesis.genesis.members).encode()
    writer = Writer(by, _identity(case.members[by]).signing_key, SealedBy.BROWSER, story.handler.today())
    records = tuple(
        sealed_file(
            sealing.seal_next(
                sealing.Next(next_place(story.handler, case, stream).chain, 1, recipient),
                Kind.EPOCH,
                body,
                writer,
                random=story.handler.random,
            )
        )
        for stream, recipient in ((Stream.WORK, work), (Stream.DIALOGUE, dialogue))
    )
    offered = [_offered(case.members[member.id], member.id, member.role) for member in genesis.genesis.members]
    threshold, trustees = offered_trustees(story, case)
    granted = sealing.build_grants(
        seed,
        offered,
        case.keys.identity.recipient,
        random=story.handler.random,
        trustees=trustees,
        threshold=threshold,
    )
    grants = tuple(OfferedGrant(grant.holder, GrantKind(grant.kind.value), grant.file) for grant in granted)
    return NewEpoch(1, work.raw, dialogue.raw, records, grants)


def read(view: CaseView, member: Member, source: bytes) -> dict[Stream, list[str]]:
    """The texts of both streams as a handler's browser shows them: opened with the own grants, verified from genesis.

    A record that fails is shown by its reason in brackets.
    """
    _, readings = verified(view, member, source)
    return {
        stream: [
            _text(outcome) if isinstance(outcome, VerifiedRecord) else f"[{outcome.reason}]"
            for outcome in reading.records
        ]
        for stream, reading in readings.items()
    }


def verified(view: CaseView, member: Member, source: bytes) -> tuple[VerifiedGenesis, dict[Stream, StreamReading]]:
    """Genesis and both streams, opened with the own grants and verified from the beginning."""
    opened = ((grant.epoch, open_or_none(grant.file, _identity(member).identity)) for grant in view.grants)
    seeds = {epoch: seed for epoch, seed in opened if seed is not None}
    recipients = [
        EpochRecipients(
            epoch.epoch,
            HybridRecipient.from_bytes(epoch.work_recipient),
            HybridRecipient.from_bytes(epoch.dialogue_recipient),
        )
        for epoch in view.epochs
    ]
    genesis_file = next(record.file for record in view.records if record.stream is Stream.GENESIS)
    genesis = verify_genesis(
        open_sealed(genesis_file, [HybridIdentity(seeds[0])]),
        ExpectedGenesis(
            case=view.case.reference,
            installation=view.installation_id.hex(),
            source=HybridRecipient.from_bytes(source),
            work=recipients[0].work,
            source_key=VerificationKey(view.case.source_verification_key),
        ),
    )
    readings = {}
    for stream in (Stream.DIALOGUE, Stream.WORK):
        rows = [
            OpenedRecord(record.epoch, record.seq, record.file, _opened(record.file, seeds.get(record.epoch), stream))
            for record in view.records
            if record.stream is stream
        ]
        readings[stream] = read_stream(
            genesis, genesis_file, SealedStream(stream.value), recipients, rows, view.later_trustees
        )
    return genesis, readings


def open_or_none(file: bytes, identity: HybridIdentity) -> bytes | None:
    """What is in an age file, None where the identity does not open it."""
    try:
        return open_sealed(file, [identity])
    except EnvelopeError:
        return None


def _opened(file: bytes, seed: bytes | None, stream: Stream) -> bytes | None:
    return None if seed is None else open_or_none(file, _opener(seed, stream))


def _opener(seed: bytes, stream: Stream) -> HybridIdentity:
    return HybridIdentity(seed if stream is Stream.WORK else dialogue_seed(seed))


def _text(record: VerifiedRecord) -> str:
    match record.body:
        case TextBody(text):
            return text
        case ReportBody(answers=answers):
            return str(answers["what_happened"])
        case _:
            return record.header.kind.value


def _genesis(story: Story, case: PlayedCase) -> tuple[VerifiedGenesis, EpochRecipients]:
    now = stored(story.handler, case)
    with story.database.read() as uow:
        installation = uow.installation_id() or b""
        file = uow.cases.records(now.id, [Stream.GENESIS])[0].file
        epoch = uow.cases.epochs(now.id)[0]
    recipients = EpochRecipients(
        0, HybridRecipient.from_bytes(epoch.work_recipient), HybridRecipient.from_bytes(epoch.dialogue_recipient)
    )
    expected = ExpectedGenesis(
        case=case.reference,
        installation=installation.hex(),
        source=case.keys.identity.recipient,
        work=recipients.work,
        source_key=case.keys.signing_key.verification_key,
    )
    return verify_genesis(open_sealed(file, [case.keys.identity]), expected), recipients


def _offered(member: Member, pseudonym: str, role: Role) -> OfferedMember:
    identity = _identity(member)
    return OfferedMember(
        id=pseudonym,
        role=role,
        function="",
        unit="",
        recipient=identity.identity.recipient,
        verification_key=identity.signing_key.verification_key,
    )


def _identity(member: Member) -> HandlerIdentity:
    assert member.identity is not None
    return member.identity
