"""What holds a case back, by two: restricting a dialogue, and lifting that or a quarantine."""

from __future__ import annotations

from datetime import date

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case
from tipportal.domain.duties import Restriction, RestrictionKind, check_review_date
from tipportal.domain.errors import IllegalTransition, Invalid
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context

from .effect import Decided, Effect, Payload, source_is_told


def _review_on(payload: Payload) -> date:
    try:
        return date.fromisoformat(str(payload["review_on"]))
    except ValueError:
        raise Invalid(N_("Skriv ett datum."), field="payload") from None


def _check_restricting(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    check_review_date(_review_on(payload), ctx.today())
    if uow.duties.in_force(case.id, RestrictionKind.DIALOGUE) is not None:
        raise IllegalTransition(N_("Ärendet är redan begränsat på det sättet."))


def _restrict(act: Decided) -> Case:
    act.uow.duties.restrict(
        Restriction(
            id=act.ctx.new_id(),
            organisation_id=act.case.organisation_id,
            case_id=act.case.id,
            kind=RestrictionKind.DIALOGUE,
            begun_on=act.ctx.today(),
            review_on=_review_on(act.payload),
        )
    )
    return act.case


def _check_in_force(kind: RestrictionKind, uow: UnitOfWork, case: Case) -> None:
    if uow.duties.in_force(case.id, kind) is None:
        raise IllegalTransition(N_("Ärendet är inte begränsat på det sättet."))


def _check_lifting(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, payload
    _check_in_force(RestrictionKind.DIALOGUE, uow, case)


def _lift(act: Decided) -> Case:
    act.uow.duties.lift(act.case.id, RestrictionKind.DIALOGUE, act.ctx.today())
    return act.case


def _check_lifting_quarantine(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, payload
    _check_in_force(RestrictionKind.QUARANTINE, uow, case)


def _lift_quarantine(act: Decided) -> Case:
    act.uow.duties.lift(act.case.id, RestrictionKind.QUARANTINE, act.ctx.today())
    return act.case


EFFECTS = (
    Effect(kind=ActKind.RESTRICT_DIALOGUE, check=_check_restricting, apply=_restrict, lands=source_is_told),
    Effect(kind=ActKind.LIFT_RESTRICTION, check=_check_lifting, apply=_lift, lands=source_is_told),
    Effect(kind=ActKind.LIFT_QUARANTINE, check=_check_lifting_quarantine, apply=_lift_quarantine),
)
