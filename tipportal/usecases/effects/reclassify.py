"""A tip becomes a report under lag 2021:890, by two and at once (design 01); a report never becomes a tip.

From then on only those read who are designated to receive reports (5 kap. 5 §): all others lose every key of the case,
and the next epoch is begun without them. The clocks count from the day of the first receipt, as they did.
"""

from __future__ import annotations

from tipportal.domain import separations
from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Seat, Vacancy
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context
from tipportal.usecases.handle import case_entry
from tipportal.usecases.seats import seats_of
from tipportal.usecases.separating import release_standbys

from .effect import Decided, Effect, Payload, source_is_told

_IS_REPORT = N_(
    "Ärendet är redan en rapport, och en rapport blir aldrig ett tips. Omfattas den inte av lagen: bedöm den så, "
    "berätta det för rapportören och avsluta. Rapportören kan själv lämna ett tips."
)
_IS_CLOSED = N_("Ärendet är avslutat. Öppna det igen först.")
_TOO_FEW = N_(
    "Minst två i ärendegruppen, från två enheter, behöver vara utsedda att ta emot rapporter. Ta in dem först under "
    "Ärendegrupp. De andra förlorar sina nycklar när tipset blir en rapport."
)


def why_not_reclassify(ctx: Context, uow: UnitOfWork, case: Case) -> str | None:
    """Why the case cannot become a report now, and what to do instead; None when it can."""
    if case.channel is Channel.REPORT:
        return _IS_REPORT
    if case.state in (CaseState.CLOSED, CaseState.LOCKED):
        return _IS_CLOSED
    staying, _ = _divided(ctx, uow, case)
    return _TOO_FEW if separations.next_members(staying) is None else None


def _divided(ctx: Context, uow: UnitOfWork, case: Case) -> tuple[list[Seat], list[Seat]]:
    """The seats of those who are designated today to receive reports, and all other seats."""
    policy = uow.register.policy(case.organisation_id)
    receiving = frozenset() if policy is None else policy.policy.receivers(Channel.REPORT)
    today = ctx.today()
    designated = {
        designation.account_id
        for function in receiving
        for designation in uow.register.designations(function)
        if designation.active(today)
    }
    seats = seats_of(ctx, uow, case)
    staying = [seat for seat in seats if seat.holder in designated]
    return staying, [seat for seat in seats if seat.holder not in designated]


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del payload
    reason = why_not_reclassify(ctx, uow, case)
    if reason is not None:
        raise IllegalTransition(reason)


def _reclassify(act: Decided) -> Case:
    ctx, uow = act.ctx, act.uow
    staying, leaving = _divided(ctx, uow, act.case)
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
    if not separations.suffices([seat for seat in staying if seat.acts and seat.present]):
        release_standbys(ctx, uow, case, separations.to_release(staying), ReleaseReason.SEPARATION)
    return case


EFFECTS = (Effect(kind=ActKind.RECLASSIFY, check=_check, apply=_reclassify, lands=source_is_told),)
