"""What a member of a case is shown of its triage: facts, links, alarms, and whether it may become a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.alarms import Alarm
from tipportal.domain.cases import Case
from tipportal.domain.links import Link
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.separations import Seat
from tipportal.domain.triage import ORIGIN_OF, Origin, Triage

from .context import Context
from .regimes import needs_panel, why_not_reclassify


@dataclass(frozen=True, slots=True)
class Triaged:
    """``origin``: what the facts begin with. ``links``: only to cases that the reader may see too.

    ``not_reclassified``: why a tip cannot be made a report now, or a report not a tip; None when the tip can.
    ``needs_panel``: others come in with that, drawn from those who receive reports.
    """

    triage: Triage | None
    origin: Origin
    links: tuple[tuple[Link, Case], ...]
    alarms: tuple[Alarm, ...]
    not_reclassified: str | None
    needs_panel: bool


def triaged(ctx: Context, uow: UnitOfWork, case: Case, account: Account, seats: Sequence[Seat]) -> Triaged:
    """The triage of a case as a member sees it, in the caller's transaction. ``seats``: as ``seats_of`` gives them."""
    return Triaged(
        triage=uow.triages.of_case(case.id),
        origin=entered_as(uow, case) or ORIGIN_OF[case.channel],
        links=tuple(uow.links.standing(case.id, account.id, ctx.today())),
        alarms=uow.alarms.of_cases([case.id]).get(case.id, ()),
        not_reclassified=why_not_reclassify(case),
        needs_panel=needs_panel(ctx, uow, case, seats),
    )


def entered_as(uow: UnitOfWork, case: Case) -> Origin | None:
    """The origin of a case that staff entered; None for one that came by a form."""
    intake = uow.intakes.of_case(case.id)
    return None if intake is None else intake.origin
