"""The panel that a tip gets with the act by which it becomes a report, where too few of its members receive reports."""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain import separations
from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .context import Context
from .handle import refused
from .letting_in import Admissible, admissible
from .redrawing import draw_again
from .regimes import needs_panel


def coming_in(
    ctx: Context, uow: UnitOfWork, case: Case, *, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[tuple[str, Admissible], ...]:
    """Who comes in, each with a new pseudonym, when a tip goes to those who receive reports: a panel drawn as for one.

    Asking again gives the same until the case has other keys. Those of the panel who are in the case already stay as
    they are. Standbys are let in later, one by one. Raises Invalid, NoPanel.
    """
    seed = f"{case.id}/reclassify/{case.epoch}"
    drawn = draw_again(ctx, uow, case, Channel.REPORT, seed, area=area, subject_role=subject_role, concerns=concerns)
    chosen = {candidate.account_id for panel, candidate in drawn if panel}
    people = [person for person in admissible(ctx, uow, case, Channel.REPORT) if person.account_id in chosen]
    # Whoever serves in two functions that receive reports comes in once.
    once = {person.account_id: person for person in reversed(people)}
    first = int(separations.next_pseudonym(uow.separations.pseudonyms(case.id)).removeprefix("h"))
    return tuple((f"h{number}", once[account]) for number, account in enumerate(sorted(once), first))


def draw_panel(
    ctx: Context, account: Account, reference: str, *, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[tuple[str, Admissible], ...]:
    """What ``coming_in`` gives, for a member of a tip that needs it. Raises NotFound, IllegalTransition, too."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            if not needs_panel(ctx, uow, case):
                raise IllegalTransition(N_("Ärendegruppen kan ta emot rapporter som den är. Hämta ärendet igen."))
            return coming_in(ctx, uow, case, area=area, subject_role=subject_role, concerns=concerns)
    raise refused(ctx, account)
