"""Exporting a closed case to an archive, by two: from then on its panel may fetch it sealed, for ``tipportal archive``.

Nothing leaves by this act. What it opens is ``archiving.fetch``, and opening happens on a member's own machine.
"""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.archiving import may_export
from tipportal.domain.cases import Case
from tipportal.domain.ports import UnitOfWork
from tipportal.usecases.context import Context

from .effect import Decided, Effect, Payload


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, uow, payload
    may_export(case)


def _apply(act: Decided) -> Case:
    return act.case


EFFECTS = (Effect(kind=ActKind.EXPORT, check=_check, apply=_apply),)
