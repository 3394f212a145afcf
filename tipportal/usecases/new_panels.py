"""The panel that a tip gets with the act by which it becomes a report, where too few of its members receive reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.separations import Seat
from tipportal.domain.texts import N_

from .context import Context
from .handle import refused
from .letting_in import NewMember, admissible, new_members
from .redrawing import draw_again
from .regimes import divided, goes_on, needs_panel


def coming_in(
    ctx: Context, uow: UnitOfWork, case: Case, *, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[NewMember, ...]:
    """Who comes in, when a tip goes to those who receive reports: a panel and its standbys, drawn as for a report.

    Panel first, in the order of the draw. Asking again gives the same until the case has other keys. Those who are in
    the case already stay as they are. Raises Invalid, NoPanel.
    """
    seed = f"{case.id}/reclassify/{case.epoch}"
    drawn = draw_again(ctx, uow, case, Channel.REPORT, seed, area=area, subject_role=subject_role, concerns=concerns)
    # Whoever serves in two functions that receive reports comes in once.
    people = {person.account_id: person for person in reversed(admissible(ctx, uow, case, Channel.REPORT))}
    new = [(panel, people[candidate.account_id]) for panel, candidate in drawn if candidate.account_id in people]
    return _sufficient(divided(ctx, uow, case)[0], [*new_members(uow, case, new)])


def _sufficient(staying: list[Seat], coming: list[NewMember]) -> tuple[NewMember, ...]:
    """Take standbys onto the panel until it goes on: some of those drawn for it may stand by in the case already."""
    for number, one in enumerate(coming):
        if goes_on([*staying, *(each.seat() for each in coming)]):
            break
        coming[number] = replace(one, panel=True)
    return tuple(coming)


def draw_panel(
    ctx: Context, account: Account, reference: str, *, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[NewMember, ...]:
    """What ``coming_in`` gives, for a member of a tip that needs it. Raises NotFound, IllegalTransition, too."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            if not needs_panel(ctx, uow, case):
                raise IllegalTransition(N_("Ärendegruppen kan ta emot rapporter som den är. Hämta ärendet igen."))
            return coming_in(ctx, uow, case, area=area, subject_role=subject_role, concerns=concerns)
    raise refused(ctx, account)
