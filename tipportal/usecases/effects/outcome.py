"""Whether a case is covered by the act, and how it ends."""

from __future__ import annotations

from tipportal.domain import cases
from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case, Outcome
from tipportal.domain.errors import Invalid
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context

from .effect import Decided, Effect, Payload


def _covered(payload: Payload) -> bool:
    covered = payload["covered"]
    if not isinstance(covered, bool):
        raise Invalid(N_("Välj om rapporten omfattas av lagen eller inte."), field="payload")
    return covered


def _outcome(payload: Payload) -> Outcome:
    try:
        return Outcome(str(payload["outcome"]))
    except ValueError:
        raise Invalid(N_("Välj ett utfall."), field="payload") from None


def _check_assessing(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, uow
    cases.after_assessment(case, covered=_covered(payload))


def _assess(act: Decided) -> Case:
    covered = _covered(act.payload)
    return act.uow.cases.advance(act.case, state=cases.after_assessment(act.case, covered=covered), covered=covered)


def _check_closing(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, uow
    cases.after_closing(case, _outcome(payload))


def _close(act: Decided) -> Case:
    outcome = _outcome(act.payload)
    state = cases.after_closing(act.case, outcome)
    return act.uow.cases.advance(act.case, state=state, outcome=outcome, closed_on=act.ctx.today())


EFFECTS = (
    Effect(kind=ActKind.ASSESS, check=_check_assessing, apply=_assess),
    Effect(kind=ActKind.CLOSE, check=_check_closing, apply=_close),
)
