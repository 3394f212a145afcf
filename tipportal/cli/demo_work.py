"""What members do with a case beside talking: facts, measures, checklists and handovers, through the real use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import Stream
from tipportal.domain.conversations import FormName
from tipportal.domain.handovers import LegalBasis, Recipient, Told
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.measures import Amount, Measure, MeasureFacts, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.triage import Facts, HeardHow, Named, Origin, Reason, RelationGroup, ReprisalConcern, Triage
from tipportal.domain.worklists import WorklistState
from tipportal.envelope.payloads import HandoverNotice, HandOverPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, conversations, measures, registration, triage, worklists
from tipportal.usecases.context import Context

from .demo_playing import PlayedCase, act_on, offered_proposal, seal_form, seal_text


def take_measure(
    ctx: Context,
    case: PlayedCase,
    kind: MeasureKind,
    told: str,
    *,
    on: date | None = None,
    amounts: Mapping[Amount, int] | None = None,
    step: SanctionStep | None = None,
    reason: NoMeasureReason | None = None,
    skips: bool = False,
    by: str = "h1",
) -> Measure:
    """Record a measure, taken today unless ``on`` says otherwise. Raises as ``measures.record``."""
    facts = MeasureFacts(kind, on or ctx.today(), amounts or {}, step, reason)
    form = seal_form(ctx, case, "measure", {"description": told}, by=by)
    return measures.record(ctx, case.members[by].account, case.reference, measures.Offered(facts, form, skips=skips))


def repaid(ctx: Context, case: PlayedCase, claim: Measure, kronor: int, told: str, *, by: str = "h1") -> Measure:
    """Correct a recovery claim by what has been repaid. Raises as ``measures.correct``."""
    facts = replace(claim.facts, amounts={**claim.facts.amounts, Amount.RECOVERED: kronor})
    form = seal_form(ctx, case, "measure", {"description": told}, by=by)
    return measures.correct(ctx, case.members[by].account, claim.id, measures.Offered(facts, form))


def tick_off(
    ctx: Context,
    case: PlayedCase,
    checklist: str,
    done: tuple[str, ...],
    notes: Mapping[str, str],
    *,
    replaces: bytes | None = None,
    by: str = "h1",
) -> WorklistState:
    """Tick items of a checklist and write its notes, by the items' keys. Raises as ``worklists.update``."""
    answers: dict[str, str | tuple[str, ...]] = {"checklist": checklist, "done": done}
    answers |= {f"note_{key}": note for key, note in notes.items()}
    form = seal_form(ctx, case, "checklist", answers, by=by)
    account = case.members[by].account
    return worklists.update(ctx, account, case.reference, checklist, form, done=len(done), replaces=replaces)


def sort_in(
    ctx: Context,
    case: PlayedCase,
    *types: IrregularityType,
    origin: Origin,
    areas: tuple[str, ...] = (),
    relation: RelationGroup = RelationGroup.NOT_TOLD,
    reprisals: ReprisalConcern = ReprisalConcern.UNKNOWN,
    reasons: tuple[Reason, ...] = (),
    by: str = "h1",
) -> Triage:
    """Enter the facts that the follow-up counts. Raises as ``triage.triage_case``."""
    facts = Facts(
        origin=origin,
        types=types,
        areas=areas,
        relation=relation,
        named=Named.ANONYMOUS,
        reprisals=reprisals,
        heard_how=HeardHow.UNKNOWN,
        reasons=reasons,
    )
    return triage.triage_case(ctx, case.members[by].account, case.reference, 0, facts.as_json())


def write_minutes(ctx: Context, case: PlayedCase, told: str, *, by: str = "h1") -> None:
    """Let the source check what was said. Raises as ``conversations.fill``."""
    record = seal_form(ctx, case, "minutes", {"text": told}, by=by, stream=Stream.DIALOGUE)
    conversations.fill(ctx, case.members[by].account, case.reference, record, FormName.MINUTES)


def register_first(ctx: Context, case: PlayedCase, registry_number: str, *, by: str = "h1") -> None:
    """Write what the registrar calls the case's first document, once it has been in the feed. Raises IndexError."""
    account = case.members[by].account
    first = registration.of_case(ctx, account, case.reference)[0]
    registration.set_registry_number(ctx, account, case.reference, first.number, registry_number)


def propose_handing_over(
    ctx: Context,
    case: PlayedCase,
    recipient: Recipient,
    basis: LegalBasis,
    content: Mapping[str, str],
    *,
    notice: Told = Told.NOT_NEEDED,
    reasons: str = "Det behövs för åtgärden.",
    by: str = "h1",
) -> Proposal:
    """Propose to hand something over. Raises as ``approve.propose``."""
    why = seal_text(ctx, case, Kind.ASSESSMENT, reasons, by=by)
    form = seal_form(ctx, case, "handover", content, by=by, after=why)
    payload = HandOverPayload(
        recipient=recipient.value,
        basis=basis.value,
        notice=HandoverNotice(notice.value),
        content=form.digest.hex(),
        reasons=why.digest.hex(),
    )
    member = case.members[by]
    offered = replace(offered_proposal(member, act_on(ctx, case, payload), payload, why), content=form)
    return approve.propose(ctx, member.account, case.reference, offered)
