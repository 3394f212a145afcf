"""Opening a closed case again, by two: what came after closing may change how it ends (01)."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.reopening import after_reopening
from tipportal.usecases.context import Context

from .effect import Decided, Effect, Payload


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, uow, payload
    after_reopening(case)


def _apply(act: Decided) -> Case:
    # What two decided to preserve was another case: closed anew it is decided, and alarmed about, anew.
    act.uow.retention.forget_kept(act.case.id)
    return act.uow.cases.reopen(act.case, after_reopening(act.case))


EFFECTS = (Effect(kind=ActKind.REOPEN, check=_check, apply=_apply),)
