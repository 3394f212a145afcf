"""Whether a tip may become a report now, and who then stays: only those who are designated to receive reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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


def why_not_reclassify(case: Case) -> str | None:
    """Why the case cannot become a report now, and what to do instead; None when it can."""
    if case.channel is Channel.REPORT:
        return _IS_REPORT
    if case.state in (CaseState.CLOSED, CaseState.LOCKED):
        return _IS_CLOSED
    return None


def needs_panel(ctx: Context, uow: UnitOfWork, case: Case, seats: Sequence[Seat] | None = None) -> bool:
    """Whether too few of the members are designated to receive reports: then others are drawn, who come in first.

    ``seats``: those of the case as ``seats_of`` gives them, where they have been read already.
    """
    return case.channel is Channel.TIP and not goes_on(divided(ctx, uow, case, seats)[0])


def goes_on(staying: list[Seat]) -> bool:
    """Whether these people go on with a case: two from two units, when standbys among them have stepped in."""
    return separations.next_members(with_stepped_in(staying)) is not None


def with_stepped_in(staying: list[Seat]) -> list[Seat]:
    """The seats as they are when standbys among them have stepped in, where too few people would be left otherwise."""
    stepping = stepping_in(staying)
    return [replace(seat, released=True) if seat in stepping else seat for seat in staying]


def stepping_in(staying: list[Seat]) -> tuple[Seat, ...]:
    """Who of those that stay steps in: nobody while two from two units act and are present."""
    enough = separations.suffices([seat for seat in staying if seat.acts and seat.present])
    return () if enough else separations.to_release(staying)


def divided(
    ctx: Context, uow: UnitOfWork, case: Case, seats: Sequence[Seat] | None = None
) -> tuple[list[Seat], list[Seat]]:
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
    seats = seats_of(ctx, uow, case) if seats is None else seats
    staying = [seat for seat in seats if seat.holder in designated]
    return staying, [seat for seat in seats if seat.holder not in designated]
