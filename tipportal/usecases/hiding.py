"""A case before an auditor or an administrator whom its facts concern: as if it were not there (04, invariant 2)."""

from __future__ import annotations

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.cases import Case
from tipportal.domain.policies.policy import ORGANISATION, Facts
from tipportal.domain.ports import UnitOfWork

from .boards import LaidOut

_HIDDEN_FROM = (Role.AUDITOR, Role.ADMINISTRATOR)


def hide_from_concerned(uow: UnitOfWork, case: Case, laid_out: LaidOut, facts: Facts) -> None:
    """Keep from whom a new case is hidden: only now does the server know what it is about.

    By the rules by which handlers are kept out. Those who come to the installation later are not known now; nor is
    anybody of whom the register does not say where they work.
    """
    concerned = kept_out(laid_out, facts)
    if concerned:
        found = uow.accounts.by_ids(sorted(concerned))
        uow.separations.hide(
            case,
            sorted(each.id for each in found if each.role in _HIDDEN_FROM and each.state is not AccountState.CLOSED),
        )


def kept_out(laid_out: LaidOut, facts: Facts) -> frozenset[str]:
    """Everybody in the register whom facts concern, or whom the route that decides passes over."""
    chooser = laid_out.chooser
    route = chooser.route(chooser.deciding(facts), facts.channel)
    passed_over = (f"{ORGANISATION}{each}" for each in route.excludes)
    return laid_out.board.everybody_kept_out(facts.organisation, facts.area, [*facts.concerns, *passed_over])
