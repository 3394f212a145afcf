"""A source without JavaScript: the one place where the server opens anything, in memory, inside one request (03)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, TypeAlias

from tipportal.domain.accounts import SourceSession
from tipportal.domain.cases import GrantKind, SealedBy, StoredRecord
from tipportal.domain.errors import (
    CaseNotFound,
    CaseUnreadable,
    EpochClosed,
    EpochExists,
    FileNotFound,
    GrantsMismatch,
    PanelChanged,
    SequenceConflict,
)
from tipportal.domain.files import safe_name
from tipportal.domain.organisations import Channel
from tipportal.domain.retention import may_write
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridIdentity
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import FactsBody, FormBody, NoticeBody, ReportBody, TextBody
from tipportal.envelope.casecode import CaseCode, SourceKeys, derive, form_code, normalise
from tipportal.envelope.genesis import Channel as SealedChannel
from tipportal.envelope.genesis import Member
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.opening import file_pieces
from tipportal.envelope.reading import ReadRecord, VerifiedRecord
from tipportal.envelope.records import SOURCE, Attachment, Kind, Writer
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.envelope.refusals import Refusal

from . import dialogue, offers, submit
from .chosenfiles import ChosenFile as ChosenFile  # noqa: PLC0414 - callers name it by this room, and mypy asks for that
from .chosenfiles import attachments_of, discard, listed
from .context import Context
from .conversations import read_by_source
from .dialogue import Answered, NextEpoch, SourceView, Written
from .epochs import begin_epoch_as_source
from .handing_in import seal_on_arrival, sealed_file, sealed_submission
from .receiving import members_by_epoch
from .scheduled import QUARTER
from .secrets import open_secret, seal_secret
from .source_epochs import make_epoch
from .source_reading import genesis_of, read_view

Answers: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""What was answered, by field name; unanswered fields are left out."""
IDLE_QUARTERS = 2
ATTEMPTS = 3
_SEED = 32


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the page shows after sending: the same code and receipt however often the form is sent."""

    code: CaseCode = field(repr=False)
    receipt: submit.Receipt
    function_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An attached file in clear, found right to its end: a safe name, its bytes, and how many they are."""

    name: str = field(repr=False)
    size: int
    chunks: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entered:
    """A source's session: the secret goes into the cookie and is kept nowhere else."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record of the dialogue in clear, in memory only.

    ``answers`` is set for the report itself, ``text`` for what has a text, ``form`` for what was filled in. All are
    None for one that could not be verified (``failed`` says why), whose author alone is the row's word.
    ``attachments`` are the files that a verified record names; their names are the sender's own and have to be made
    safe.
    """

    record: StoredRecord
    answers: Answers | None = field(repr=False)
    text: str | None = field(repr=False)
    failed: str | None = None
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    form: FormBody | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case as its source reads it without JavaScript. ``members``: who is in it, by epoch, as the chain says."""

    view: SourceView
    records: tuple[OpenedRecord, ...]
    members: Mapping[int, tuple[Member, ...]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever holds a session's cookie: the keys derived from the code, in memory only."""

    keys: SourceKeys = field(repr=False)


def keys_for_form(ctx: Context, form_secret: bytes) -> tuple[CaseCode, SourceKeys]:
    """The code and keys of a form, the same however often it is sent. Slow (PBKDF2): run it in the KDF pool."""
    code = form_code(form_secret, ctx.face_secret)
    return code, derive(code, _installation_id(ctx))


def read_code(text: str) -> CaseCode:
    """The code as typed. Raises CaseCodeError, which names words that are not in the list and tells of no case."""
    return normalise(text)


def keys_for_code(ctx: Context, code: CaseCode) -> SourceKeys:
    """The keys that a code gives. Slow (PBKDF2): run it in the KDF pool."""
    return derive(code, _installation_id(ctx))


def submit_for_source(  # noqa: PLR0913 - the fields of one form, all by name
    ctx: Context,
    *,
    slug: str,
    channel: Channel,
    answers: Answers,
    area: str,
    subject_role: str,
    concerns: Sequence[str],
    language: str,
    form_nonce: str,
    code: CaseCode,
    keys: SourceKeys,
    admit: Callable[[], None] = lambda: None,
    files: Sequence[ChosenFile] = (),
) -> Confirmation:
    """Seal what a form without JavaScript sent, in memory, and keep it. Sending again gives the same confirmation.

    The same files chosen again are known by name and content, and those that came first are kept.
    ``admit`` as in ``submit.submit_case``. Raises what it raises, NotFound, Invalid, NoPanel, CaseExists, PanelChanged.
    """
    content_digest = _content_digest(
        keys,
        ReportBody(answers, SealedChannel(channel.value), language),
        FactsBody(area, subject_role, tuple(sorted(concerns))),
        files,
    )
    before = _confirmed_before(ctx, code, keys, content_digest)
    if before is not None:
        discard(ctx, files)
        return before
    attachments = attachments_of(files)
    for attempt in range(ATTEMPTS):
        offer = offers.offer_panel(
            ctx, slug, channel, area=area, subject_role=subject_role, concerns=concerns, form_nonce=form_nonce
        )
        sealed = seal_on_arrival(ctx, offer, answers, language, keys, attachments)
        try:
            receipt = submit.submit_case(
                ctx,
                sealed_submission(
                    offer,
                    sealed,
                    sealed_by=SealedBy.SERVER,
                    content_digest=content_digest,
                    files=[file.sealed.upload for file in files],
                ),
                admit=admit,
            )
        except PanelChanged:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return Confirmation(code, receipt, offer.function_names)
    raise PanelChanged(N_("Mottagarna ändrades. Försök igen."))


def enter(ctx: Context, keys: SourceKeys) -> Entered:
    """Begin a session for the case that a code leads to. Raises CaseNotFound."""
    view = dialogue.open_by_token(ctx, keys.lookup_token)
    secret = ctx.random(32)
    plain = keys.identity.seed + keys.lookup_token + keys.signing_key.seed
    session = SourceSession(
        id_digest=_digest(secret),
        organisation_id=view.case.organisation_id,
        case_id=view.case.id,
        sealed=seal_secret(ctx, "source-session", plain, under=secret),
        expires_quarter=_quarter(ctx) + IDLE_QUARTERS,
    )
    with ctx.storage.write() as uow:
        uow.accounts.add_source_session(session)
    return Entered(secret)


def visitor(ctx: Context, secret: bytes | None) -> Visitor | None:
    """Whose session a cookie's secret opens, None when there is none or it was idle for half an hour."""
    if secret is None:
        return None
    now = _quarter(ctx)
    with ctx.storage.read() as uow:
        session = uow.accounts.source_session(_digest(secret))
    if session is None or session.expires_quarter <= now:
        return None
    plain = open_secret(ctx, "source-session", session.sealed, under=secret)
    if plain is None:
        return None
    if session.expires_quarter != now + IDLE_QUARTERS:
        with ctx.storage.write() as uow:
            uow.accounts.touch_source_session(session.id_digest, now + IDLE_QUARTERS)
    identity, token, signing = plain[:_SEED], plain[_SEED : 2 * _SEED], plain[2 * _SEED :]
    return Visitor(SourceKeys(HybridIdentity(identity), token, SigningKey(signing)))


def leave(ctx: Context, secret: bytes | None) -> None:
    """End a session: the row with the sealed keys is deleted."""
    if secret is not None:
        with ctx.storage.write() as uow:
            uow.accounts.delete_source_session(_digest(secret))


def read_case(ctx: Context, visitor: Visitor) -> OpenedCase:
    """Open the dialogue in memory for this one request. Raises CaseNotFound."""
    view = dialogue.open_by_token(ctx, visitor.keys.lookup_token)
    reading = read_view(view, visitor.keys)
    records = tuple(_opened_record(*pair) for pair in zip(view.records, reading.records, strict=True))
    return OpenedCase(view, records, members_by_epoch(genesis_of(view, visitor.keys).genesis, reading.records))


def _opened_record(row: StoredRecord, outcome: ReadRecord) -> OpenedRecord:
    if not isinstance(outcome, VerifiedRecord):
        return OpenedRecord(row, answers=None, text=None, failed=outcome.reason)
    if outcome.header.kind.value != row.kind.value:
        return OpenedRecord(row, answers=None, text=None, failed=Refusal.KIND.value)
    body = outcome.body
    return OpenedRecord(
        replace(row, author=outcome.header.author),
        answers=body.answers if isinstance(body, ReportBody) else None,
        text=body.text if isinstance(body, TextBody | NoticeBody) else None,
        attachments=outcome.header.attachments,
        form=body if isinstance(body, FormBody) else None,
    )


def has_read(ctx: Context, visitor: Visitor, opened: OpenedCase) -> None:
    """The page has shown all of the dialogue: see ``conversations.read_by_source``."""
    seen = max((record.record.seq for record in opened.records), default=0)
    read_by_source(ctx, visitor.keys.lookup_token, seen)


def open_file(ctx: Context, visitor: Visitor, seq: int, position: int) -> OpenedFile:
    """Open an attached file of the dialogue, in memory and piece by piece; nothing of it is given before all is right.

    Raises CaseNotFound, FileNotFound, CaseUnreadable for a file that is not the one that its record names.
    """
    attachment = _named_file(read_case(ctx, visitor), seq, position)
    _, content = dialogue.open_file(ctx, visitor.keys.lookup_token, seq, position)
    try:
        for _ in file_pieces(content, attachment):
            pass
    except EnvelopeError:
        content.close()
        raise CaseUnreadable(
            N_("Filen går inte att läsa: det som servern har sparat har ändrats eller skadats.")
        ) from None
    content.seek(0)
    return OpenedFile(safe_name(attachment.name), attachment.size, _pieces(content, attachment))


def _named_file(case: OpenedCase, seq: int, position: int) -> Attachment:
    for record in case.records:
        if record.record.seq == seq and 0 <= position < len(record.attachments):
            return record.attachments[position]
    raise FileNotFound(N_("Filen finns inte."))


def _pieces(content: BinaryIO, attachment: Attachment) -> Iterator[bytes]:
    with content:
        yield from file_pieces(content, attachment)


def send_message(
    ctx: Context, visitor: Visitor, text: str, *, form_nonce: str, files: Sequence[ChosenFile] = ()
) -> Written:
    """Seal a message in memory and add it. The same text and files from the same form add nothing, others do.

    When somebody has left the case, its next epoch is begun first, also if they leave while the message is sealed:
    what is said from now on they never read. Raises CaseNotFound, CaseLocked, EpochClosed where too few members are
    left or others kept leaving, SequenceConflict when others kept writing first, and what ``attaching`` raises.
    """
    # With the text in it: a page that was sent, changed and sent again, because no answer came, says something new.
    said = [text.encode(), listed(files)] if files else [text.encode()]
    record_id = ctx.keyed("message", visitor.keys.lookup_token, form_nonce.encode(), *said)[:16].hex()
    return _send(ctx, visitor, Kind.MESSAGE, TextBody(text).encode(), record_id=record_id, files=files)


def send_answer(ctx: Context, visitor: Visitor, body: FormBody, answered: Answered, *, form_nonce: str) -> Written:
    """Seal the source's answer to minutes or to offered times, in memory, and add it; as ``send_message``.

    Raises also AlreadyDecided, NotEntitled, Invalid.
    """
    encoded = body.encode()
    record_id = ctx.keyed("message", visitor.keys.lookup_token, form_nonce.encode(), encoded)[:16].hex()
    return _send(ctx, visitor, Kind.FORM, encoded, record_id=record_id, answered=answered)


def _send(
    ctx: Context,
    visitor: Visitor,
    kind: Kind,
    body: bytes,
    *,
    record_id: str,
    files: Sequence[ChosenFile] = (),
    answered: Answered | None = None,
) -> Written:
    attachments = attachments_of(files)
    for attempt in range(ATTEMPTS):
        view = dialogue.open_by_token(ctx, visitor.keys.lookup_token)
        standing = [record for record in view.records if record.id == record_id]
        if standing:
            discard(ctx, files)
            return Written(seq=standing[0].seq, date=standing[0].written_on, created=False)
        may_write(view.case, ctx.today())
        if view.next is not None:
            _begin_epoch(ctx, view, view.next, visitor.keys)
            view = dialogue.open_by_token(ctx, visitor.keys.lookup_token)
        sealed = _seal(ctx, view, visitor.keys, kind, body, attachments)
        handed_in = sealed_file(sealed, [file.sealed.upload for file in files])
        try:
            return dialogue.add_message(
                ctx, visitor.keys.lookup_token, handed_in, record_id=record_id, answered=answered
            )
        except (SequenceConflict, EpochClosed):
            # Not kept: somebody wrote first, or has left, and then the text goes to keys that they never had.
            if attempt == ATTEMPTS - 1:
                raise
    raise SequenceConflict(N_("Någon annan skrev samtidigt. Texten är kvar: skicka den igen."))


def _begin_epoch(ctx: Context, view: SourceView, coming: NextEpoch, keys: SourceKeys) -> None:
    reading = read_view(view, keys)
    try:
        new = make_epoch(ctx, view, coming, keys, genesis_of(view, keys), reading)
        begin_epoch_as_source(ctx, keys.lookup_token, new, sealed_by_server=True)
    except EnvelopeError:
        raise CaseUnreadable(
            N_("Ärendet går inte att läsa: det som servern har sparat har ändrats eller skadats.")
        ) from None
    except (EpochExists, SequenceConflict, GrantsMismatch):
        # Somebody else was first, or one more has left: the message is sealed to whatever now stands, if that is open.
        return


def _installation_id(ctx: Context) -> bytes:
    with ctx.storage.read() as uow:
        installation_id = uow.installation_id()
    if installation_id is None:
        raise CaseNotFound(N_("Koden leder inte till något ärende. Kontrollera orden och försök igen."))
    return installation_id


def _content_digest(keys: SourceKeys, report: ReportBody, facts: FactsBody, files: Sequence[ChosenFile]) -> bytes:
    # Keyed with a token that is not stored: the digest tells a repeated form from a changed one, the text to nobody.
    said = [report.encode(), facts.encode(), listed(files)] if files else [report.encode(), facts.encode()]
    parts = b"".join(hashlib.sha256(part).digest() for part in said)
    return hmac.new(keys.lookup_token, parts, hashlib.sha256).digest()


def _confirmed_before(ctx: Context, code: CaseCode, keys: SourceKeys, content_digest: bytes) -> Confirmation | None:
    """What was confirmed when this form came the first time, also if nobody could receive it today."""
    with ctx.storage.read() as uow:
        case = uow.cases.by_lookup(_digest(keys.lookup_token))
        if case is None:
            return None
        receipt = submit.same_again(case, content_digest)
        panel = [grant.function_id for grant in uow.cases.grants(case.id, 0) if grant.kind is GrantKind.PANEL]
        functions = [uow.register.function(function_id) for function_id in dict.fromkeys(panel)]
    return Confirmation(code, receipt, tuple(function.name for function in functions if function is not None))


def _seal(
    ctx: Context, view: SourceView, keys: SourceKeys, kind: Kind, body: bytes, attachments: tuple[Attachment, ...]
) -> sealing.SealedRecord:
    reading = read_view(view, keys)
    # Sealed to the epoch that the chain of records proves, never to one that the database merely claims.
    at = sealing.Next(reading.chain, reading.epoch.number, reading.epoch.recipients.dialogue)
    writer = Writer(SOURCE, keys.signing_key, Sealer.SERVER, view.today)
    return sealing.seal_next(at, kind, body, writer, random=ctx.random, attachments=attachments)


def _quarter(ctx: Context) -> int:
    return ctx.clock() // QUARTER


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
