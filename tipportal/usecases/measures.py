"""Measures: recorded by one member, corrected by a new entry, also after closing and until the lock (06)."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.errors import Invalid, NotEntitled
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.handovers import Handover
from tipportal.domain.measures import (
    Measure,
    MeasureFacts,
    MeasureKind,
    SanctionStep,
    check_by_hand,
    check_correction,
    check_facts,
    in_force,
    steps_skipped,
    steps_taken,
)
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .forms import check_form, keep_form
from .handle import case_entry, member_of, on_panel, refused
from .sealedfiles import SealedFile


@dataclass(frozen=True, slots=True)
class Offered:
    """A measure as a member hands it in. ``skips``: they know that it passes over steps, and the form says why."""

    facts: MeasureFacts
    record: SealedFile
    skips: bool = False


def record(ctx: Context, account: Account, reference: str, offered: Offered) -> Measure:
    """Record a measure. Raises NotFound, NotEntitled, Invalid, IllegalTransition, and what ``keep_form`` raises."""
    check_by_hand(offered.facts.kind)
    _check(ctx, offered)
    with attaching.taken(ctx, offered.record.files) as hold, ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            _must_be_on_panel(ctx, uow, case, account)
            skipped = _skipped(uow, case, offered)
            keep_form(ctx, uow, account, case, offered.record, hold)
            measure = _measure(ctx, uow, case, account, offered.facts, offered.record.digest)
            keep_measure(ctx, uow, account, case, measure, skipped)
            return measure
    raise refused(ctx, account)


def correct(ctx: Context, account: Account, measure_id: str, offered: Offered, *, withdrawn: bool = False) -> Measure:
    """Put an entry in the place of one that is in force: other amounts, another day, or that it was a mistake.

    Raises Conflict when somebody else corrected it first, and otherwise as ``record``.
    """
    _check(ctx, offered)
    with attaching.taken(ctx, offered.record.files) as hold, ctx.storage.write() as uow:
        before = uow.measures.by_id(measure_id)
        case = None if before is None else uow.cases.by_id_for_holder(before.case_id, account.id, ctx.today())
        if before is not None and case is not None:
            _must_be_on_panel(ctx, uow, case, account)
            check_correction(before, offered.facts)
            skipped = () if withdrawn else _skipped(uow, case, offered, but=before.id)
            keep_form(ctx, uow, account, case, offered.record, hold)
            measure = _measure(
                ctx, uow, case, account, offered.facts, offered.record.digest, corrects=before.id, withdrawn=withdrawn
            )
            keep_measure(ctx, uow, account, case, measure, skipped)
            return measure
    raise refused(ctx, account)


def keep_handed_over(ctx: Context, uow: UnitOfWork, account: Account, case: Case, handover: Handover) -> None:
    """Keep a handover that takes effect as the measure that it is, inside the caller's transaction."""
    facts = MeasureFacts(MeasureKind.HANDED_OVER, handover.handed_on)
    measure = _measure(ctx, uow, case, account, facts, handover.content, handover=handover.id)
    keep_measure(ctx, uow, account, case, measure, ())


def keep_measure(
    ctx: Context, uow: UnitOfWork, account: Account, case: Case, measure: Measure, skipped: tuple[SanctionStep, ...]
) -> None:
    """Keep a measure with its entry, inside the caller's transaction."""
    uow.measures.add(measure)
    kind = EntryKind.MEASURE_RECORDED if measure.corrects is None else EntryKind.MEASURE_CORRECTED
    facts: dict[str, Json] = {
        **counted(measure),
        "after_closing": case.closed_on is not None,
        "skipped": [step.value for step in skipped],
    }
    uow.log.append(case_entry(ctx, account, case, kind, facts))


def counted(measure: Measure) -> dict[str, Json]:
    """What the log says of a measure, and what its row is held against: closed words, dates and whole kronor."""
    facts = measure.facts
    return {
        "measure": measure.id,
        "kind": facts.kind.value,
        "taken_on": facts.taken_on.isoformat(),
        "amounts": {name.value: kronor for name, kronor in sorted(facts.amounts.items())},
        "step": None if facts.step is None else facts.step.value,
        "reason": None if facts.reason is None else facts.reason.value,
        "corrects": measure.corrects,
        "withdrawn": measure.withdrawn,
        "handover": measure.handover,
        "record": measure.record.hex(),
    }


def _check(ctx: Context, offered: Offered) -> None:
    check_facts(offered.facts, ctx.today())
    check_form(offered.record)


def _skipped(uow: UnitOfWork, case: Case, offered: Offered, *, but: str = "") -> tuple[SanctionStep, ...]:
    step = offered.facts.step
    if step is None:
        return ()
    others = [measure for measure in in_force(uow.measures.of_case(case.id)) if measure.id != but]
    skipped = steps_skipped(step, steps_taken(others))
    if skipped and not offered.skips:
        raise Invalid(
            N_("Ett tidigare steg på sanktionstrappan har inte tagits. Skriv varför det hoppas över."), field="skips"
        )
    return skipped


def _measure(
    ctx: Context,
    uow: UnitOfWork,
    case: Case,
    account: Account,
    facts: MeasureFacts,
    digest: bytes,
    *,
    corrects: str | None = None,
    withdrawn: bool = False,
    handover: str | None = None,
) -> Measure:
    return Measure(
        id=ctx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        facts=facts,
        record=digest,
        recorded_by=account.id,
        member=member_of(uow, case, account),
        recorded_at=ctx.clock(),
        corrects=corrects,
        withdrawn=withdrawn,
        handover=handover,
    )


def _must_be_on_panel(ctx: Context, uow: UnitOfWork, case: Case, account: Account) -> None:
    if not on_panel(ctx, uow, case, account.id):
        raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan göra det här."))
