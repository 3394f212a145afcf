"""A tip becomes a report under lag 2021:890, by two and at once (design 01); a report never becomes a tip.

From then on only those read who are designated to receive reports (5 kap. 5 §): all others lose every key of the case,
and the next epoch is begun without them. The clocks count from the day of the first receipt, as they did.
"""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Vacancy
from tipportal.usecases.context import Context
from tipportal.usecases.handle import case_entry
from tipportal.usecases.regimes import divided, stepping_in, why_not_reclassify
from tipportal.usecases.separating import release_standbys

from .effect import Decided, Effect, Payload, source_is_told


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del payload
    reason = why_not_reclassify(ctx, uow, case)
    if reason is not None:
        raise IllegalTransition(reason)


def _reclassify(act: Decided) -> Case:
    ctx, uow = act.ctx, act.uow
    staying, leaving = divided(ctx, uow, act.case)
    case = uow.cases.reclassify(act.case)
    if not leaving:
        return case
    for seat in leaving:
        uow.separations.vacate(
            Vacancy(
                organisation_id=case.organisation_id,
                case_id=case.id,
                account_id=seat.holder,
                member=seat.member,
                epoch=case.epoch,
                at=ctx.clock(),
            )
        )
        facts: dict[str, Json] = {"member": seat.member, "epoch": case.epoch}
        uow.log.append(case_entry(ctx, act.account, case, EntryKind.SEAT_VACATED, facts))
    # What follows goes to keys that those who have left never had.
    uow.cases.close_epoch(case.id, case.epoch)
    release_standbys(ctx, uow, case, stepping_in(staying), ReleaseReason.SEPARATION)
    return case


EFFECTS = (Effect(kind=ActKind.RECLASSIFY, check=_check, apply=_reclassify, lands=source_is_told),)
