"""A source leaves a tip or a report: first who may receive it, then the sealed case, kept once and whole."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tipportal.domain import deadlines
from tipportal.domain.cases import (
    Case,
    CaseState,
    Epoch,
    EpochState,
    Grant,
    GrantKind,
    RecordKind,
    SealedBy,
    Stream,
)
from tipportal.domain.errors import (
    CaseExists,
    Conflict,
    GrantsMismatch,
    Invalid,
    NoPanel,
    PanelChanged,
    UploadUnknown,
)
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.intake import Intake, Stated
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Drawn
from tipportal.domain.texts import N_
from tipportal.envelope import HybridRecipient, pad, seal
from tipportal.envelope.canonical import canonical

from . import attaching, tickets
from .boards import LaidOut
from .choosing import Choice, decision_body
from .context import Context
from .entries import entry_of_case
from .hiding import hide_from_concerned
from .offers import PANEL_CHANGED, present, redraw
from .sealedfiles import SealedFile, check_grant, check_record, recipient_of, stored, verification_key_of
from .trustees import CaseTrustees, keep, share_grants, with_file
from .vaults import OfferedVault, keep_vault

_HEX_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
GENESIS_RECIPIENTS = 2
GENESIS_SHAPE = (
    (Stream.GENESIS, RecordKind.GENESIS, GENESIS_RECIPIENTS),
    (Stream.DIALOGUE, RecordKind.REPORT, 1),
    (Stream.WORK, RecordKind.FACTS, 1),
)


@dataclass(frozen=True, slots=True)
class OfferedGrant:
    """A grant as submitted: ``holder`` is a pseudonym or ``source``."""

    holder: str
    kind: GrantKind
    file: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """A sealed case as a client hands it in (protocol, section 6).

    ``content_digest`` (32 bytes) identifies the content when the same request comes again.
    """

    ticket: str
    genesis: str
    source_recipient: bytes
    source_verification_key: bytes
    lookup_digest: bytes
    work_recipient: bytes
    dialogue_recipient: bytes
    records: tuple[SealedFile, ...]
    grants: tuple[OfferedGrant, ...]
    sealed_by: SealedBy
    content_digest: bytes
    vault: OfferedVault | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who on the staff enters a case for somebody, and what they state of how it came.

    ``also``: what is kept with the case in the same transaction, when it has been logged; what it raises undoes all.
    """

    by: str
    stated: Stated
    also: Callable[[UnitOfWork, Case], None] = lambda _uow, _case: None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the source is told: the open reference and dates. ``created`` is False for a repeated request."""

    reference: str
    received_on: date
    acknowledged_on: date
    feedback_by: date
    created: bool


@dataclass(frozen=True, slots=True)
class _Decided:
    """Who receives a case, by what was laid out, with the reasons sealed to the case, and their SHA-256 as hex."""

    laid_out: LaidOut
    choice: Choice
    trustees: CaseTrustees
    sealed: bytes
    commitment: str


def submit_case(
    ctx: Context,
    submission: Submission,
    *,
    admit: Callable[[], None] = lambda: None,
    entered: Entered | None = None,
) -> Receipt:
    """Keep a sealed case. The unique lookup digest is the idempotency key: the same content again, the same receipt.

    ``entered``: by staff for somebody, as ``intake.enter`` has judged.

    ``admit`` is called when nothing is left but to create a case, and may refuse that: a request that creates nothing
    takes nothing from those who do. Raises what it raises, and TokenExpired, PanelChanged, GrantsMismatch,
    MalformedAgeFile, Invalid, CaseExists, and for attached files what ``attaching`` raises.
    """
    ticket = tickets.redeem(ctx, submission.ticket)
    work = _check_files(submission)
    today = ctx.today()
    ahead = _decided_ahead(ctx, ticket, work, today)
    try:
        with attaching.taken(ctx, submission.records[1].files) as hold, ctx.storage.write() as uow:
            existing = uow.cases.by_lookup(submission.lookup_digest)
            if existing is not None:
                # Before the ticket's age and the panel: what was received stays received, however late one asks again.
                return same_again(existing, submission.content_digest)
            tickets.must_be_fresh(ctx, ticket)
            laid_out = present(ctx, uow, ticket)
            decided = ahead
            if decided is None or decided.laid_out is not laid_out:
                decided = _decided(ctx, laid_out, ticket, work)
            choice, trustees = decided.choice, decided.trustees
            _must_name_the_members(choice.drawn, trustees, submission)
            admit()
            case = _case(ctx, ticket, choice, submission, entered)
            uow.cases.add(case, decision=decided.sealed)
            _keep(ctx, uow, case, choice.drawn, trustees, submission)
            if entered is not None:
                uow.intakes.add(_intake(case, entered, today))
            if submission.vault is not None:
                keep_vault(uow, case, submission.vault)
            hide_from_concerned(uow, case, laid_out, choice.facts)
            attaching.keep(uow, case, submission.records[1], hold, ctx.files)
            _log_receipt(uow, case, ticket, submission, decided.commitment, entered)
            if entered is not None:
                entered.also(uow, case)
            return _receipt(case, created=True)
    except UploadUnknown:
        # A repeated request names files that the first one has taken.
        with ctx.storage.read() as uow:
            existing = uow.cases.by_lookup(submission.lookup_digest)
        if existing is None:
            raise
        return same_again(existing, submission.content_digest)
    except Conflict:
        # The drawn reference is taken by another case: a new offer carries a new one, and the client seals again.
        raise PanelChanged(PANEL_CHANGED) from None


def _check_files(submission: Submission) -> HybridRecipient:
    """Check what can be checked of files that cannot be opened; the case's work recipient."""
    for name, text in (("genesis", submission.genesis), ("lookup_digest", submission.lookup_digest.hex())):
        # Both are kept as they come, one of them in the log.
        if not _HEX_DIGEST.match(text):
            raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field=name)
    recipient_of(submission.source_recipient, field="source")
    work = recipient_of(submission.work_recipient, field="work")
    recipient_of(submission.dialogue_recipient, field="dialogue")
    verification_key_of(submission.source_verification_key, field="source")
    if len({submission.source_recipient, submission.work_recipient, submission.dialogue_recipient}) != len(
        GENESIS_SHAPE
    ):
        raise Invalid(N_("Mottagarna måste vara olika."), field="work")
    shape = tuple((record.stream, record.kind) for record in submission.records)
    if shape != tuple((stream, kind) for stream, kind, _ in GENESIS_SHAPE):
        raise Invalid(N_("Posterna ska vara genesis, report och facts i den ordningen."), field="records")
    genesis = submission.records[0]
    for record, (_, _, recipients) in zip(submission.records, GENESIS_SHAPE, strict=True):
        if record.epoch or record.seq:
            raise Invalid(N_("De första posterna har epok 0 och nummer 0."), field="records")
        if record.prev != (bytes(32) if record is genesis else genesis.digest):
            raise Invalid(N_("En post hänger inte ihop med genesis."), field="records")
        check_record(record, recipients=recipients)
    for grant in submission.grants:
        check_grant(grant.file, grant.kind)
    return work


def same_again(existing: Case, content_digest: bytes) -> Receipt:
    """The receipt of a case whose content comes once more. Raises CaseExists for other content under the same code."""
    if not hmac.compare_digest(existing.submission_digest, content_digest):
        raise CaseExists(
            N_("Det finns redan ett ärende med den här koden. Skicka det nya som ett meddelande i ärendet.")
        )
    return _receipt(existing, created=False)


def _intake(case: Case, entered: Entered, today: date) -> Intake:
    stated = entered.stated
    return Intake(
        case_id=case.id,
        organisation_id=case.organisation_id,
        origin=stated.origin,
        documented=stated.documented,
        code=stated.code,
        entered_by=entered.by,
        entered_on=today,
    )


def _case(
    ctx: Context, ticket: tickets.Ticket, choice: Choice, submission: Submission, entered: Entered | None
) -> Case:
    today = ctx.today()
    stated = None if entered is None else entered.stated
    return Case(
        id=ctx.new_id(),
        organisation_id=ticket.organisation_id,
        authority_id=choice.authority_id,
        reference=ticket.reference,
        channel=ticket.channel,
        # The confirmation page acknowledges at once (5 kap. 8 § p. 2), so no case stays merely received.
        state=CaseState.ACKNOWLEDGED,
        sealed_by=submission.sealed_by,
        lookup_digest=submission.lookup_digest,
        source_recipient=submission.source_recipient,
        source_verification_key=submission.source_verification_key,
        genesis_hash=submission.genesis,
        submission_digest=submission.content_digest,
        policy_version=choice.policy_version,
        # The one that genesis names: what has been published since changes nothing about who was checked against it.
        directory_version=ticket.directory_version,
        epoch=0,
        received_on=today if stated is None else stated.received_on,
        acknowledged_on=today if stated is None else stated.acknowledged_on,
        feedback_on=None,
        closed_on=None,
        covered=None,
        outcome=None,
        ack_left_out=None if stated is None else stated.ack_left_out,
    )


def _must_name_the_members(drawn: Drawn, trustees: CaseTrustees, submission: Submission) -> None:
    expected = {member: role for member, role, _ in drawn.members()} | {"source": "source"}
    expected |= {one.member: GrantKind.TRUSTEE_SHARE.value for one in trustees.named}
    named = {grant.holder: grant.kind.value for grant in submission.grants}
    if named != expected or len(named) != len(submission.grants):
        raise GrantsMismatch(
            N_("Nycklarna ska gå till ärendegruppen, ersättarna, nyckelförvaltarna och tipslämnaren, ingen annan.")
        )


def _decided_ahead(ctx: Context, ticket: tickets.Ticket, work: HybridRecipient, today: date) -> _Decided | None:
    """Decide by what was laid out last, before the writer's turn: the sealing takes longer than what has to wait.

    Of use only if the same is in force then. None where that tells nothing, or refuses: it is judged in turn.
    """
    laid_out = ctx.boards.recent(ticket.organisation_id, today)
    if laid_out is None:
        return None
    try:
        return _decided(ctx, laid_out, ticket, work)
    except (NoPanel, PanelChanged):
        return None


def _decided(ctx: Context, laid_out: LaidOut, ticket: tickets.Ticket, work: HybridRecipient) -> _Decided:
    choice, trustees = redraw(ctx, laid_out, ticket)
    body = canonical(decision_body(choice, ctx.random(32)))
    # The server knows what it decided and seals it for the members: from here on it cannot read it either.
    sealed = seal(pad(body), [work], random=ctx.random)
    return _Decided(laid_out, choice, trustees, sealed, hashlib.sha256(body).hexdigest())


def _keep(
    ctx: Context, uow: UnitOfWork, case: Case, drawn: Drawn, trustees: CaseTrustees, submission: Submission
) -> None:
    offered = {grant.holder: grant for grant in submission.grants}
    opened_by = "source" if submission.sealed_by is SealedBy.BROWSER else "server"
    uow.cases.add_epoch(
        Epoch(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=0,
            work_recipient=submission.work_recipient,
            dialogue_recipient=submission.dialogue_recipient,
            state=EpochState.OPEN,
            opened_by=opened_by,
            opened_on=ctx.today(),
        )
    )
    holders = [
        (member, candidate.account_id, candidate.unit_id, candidate.function_id)
        for member, _, candidate in drawn.members()
    ]
    shares = [with_file(grant, offered[grant.member].file) for grant in share_grants(case, 0, trustees)]
    uow.cases.add_grants(
        [
            *shares,
            *(
                Grant(
                    organisation_id=case.organisation_id,
                    case_id=case.id,
                    epoch=0,
                    holder=holder,
                    kind=offered[member].kind,
                    member=member,
                    unit_id=unit_id,
                    function_id=function_id,
                    file=offered[member].file,
                )
                for member, holder, unit_id, function_id in [*holders, ("source", "source", "", "")]
            ),
        ]
    )
    keep(uow, case, 0, trustees)
    uow.cases.add_records(
        [stored(record, case, record_id=ctx.new_id(), author="source", on=ctx.today()) for record in submission.records]
    )


def _log_receipt(
    uow: UnitOfWork,
    case: Case,
    ticket: tickets.Ticket,
    submission: Submission,
    commitment: str,
    entered: Entered | None,
) -> None:
    today = uow.cases.epochs(case.id)[0].opened_on

    def entry(kind: EntryKind, actor: str, facts: dict[str, Json]) -> Entry:
        return entry_of_case(case, kind, facts, time=today, actor=actor)

    received: dict[str, Json] = {
        "channel": case.channel.value,
        "authority": case.authority_id,
        "area": ticket.facts.area,
        "sealed_by": case.sealed_by.value,
        # The sealed facts are randomised, so their digest commits to them without telling anything about them.
        "facts": submission.records[2].digest.hex(),
        "genesis": submission.genesis,
        # Salted inside, so that nobody without the case's key can try out who might be concerned.
        "decision": commitment,
    }
    received = attaching.counted(received, submission.records[1])
    if entered is None:
        uow.log.append_pending(entry(EntryKind.CASE_RECEIVED, "source", received))
        uow.log.append_pending(entry(EntryKind.CASE_ACKNOWLEDGED, "system", {"by": "confirmation_page"}))
        return
    stated, staff = entered.stated, "staff_for_source"
    came: dict[str, Json] = {"origin": stated.origin.value, "received_on": stated.received_on.isoformat()}
    uow.log.append_pending(entry(EntryKind.CASE_RECEIVED, staff, {**received, **came}))
    if stated.acknowledged_on is not None:
        told: dict[str, Json] = {"by": "staff", "on": stated.acknowledged_on.isoformat()}
        uow.log.append_pending(entry(EntryKind.CASE_ACKNOWLEDGED, staff, told))
    elif stated.ack_left_out is not None:
        left: dict[str, Json] = {"reason": stated.ack_left_out.value}
        uow.log.append_pending(entry(EntryKind.ACKNOWLEDGEMENT_LEFT_OUT, staff, left))


def _receipt(case: Case, *, created: bool) -> Receipt:
    acknowledged = case.acknowledged_on or case.received_on
    return Receipt(
        reference=case.reference,
        received_on=case.received_on,
        acknowledged_on=acknowledged,
        feedback_by=deadlines.feedback_by(case.received_on, acknowledged).strict,
        created=created,
    )
