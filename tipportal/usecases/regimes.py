"""Whether a tip may become a report now, and who then stays: only those who are designated to receive reports."""

from __future__ import annotations

from tipportal.domain import separations
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.separations import Seat
from tipportal.domain.texts import N_

from .context import Context
from .seats import seats_of

_IS_REPORT = N_(
    "Ärendet är en rapport, och en rapport blir aldrig ett tips. Omfattas den inte av lagen: bedöm den så, "
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
    staying, _ = divided(ctx, uow, case)
    return _TOO_FEW if separations.next_members(staying) is None else None


def divided(ctx: Context, uow: UnitOfWork, case: Case) -> tuple[list[Seat], list[Seat]]:
    """The seats of those who are designated today to receive reports (5 kap. 5 §), and all other seats."""
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
