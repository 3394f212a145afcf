"""Whether a case may still be read by its panel: two years after closing it may not (lag 2021:890, 7 kap. 8 §)."""

from __future__ import annotations

from datetime import date

from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import CaseLocked
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import is_open, is_over
from tipportal.domain.texts import N_


def must_be_readable(uow: UnitOfWork, case: Case, today: date) -> None:
    """Raise CaseLocked when the panel's access to the content has ended, and two have not opened it for the archive.

    Judged by the date, not by whether ``tick`` has run: what is past two years is handed to nobody.
    """
    if not has_ended(case, today) or any(is_open(each, today) for each in uow.retention.openings(case.id)):
        return
    raise CaseLocked(
        N_("Två år har gått sedan ärendet avslutades. Innehållet är låst och lämnas inte ut till ärendegruppen.")
    )


def has_ended(case: Case, today: date) -> bool:
    """Whether the panel's access to a case has ended."""
    over = case.state is CaseState.CLOSED and case.closed_on is not None and is_over(case.closed_on, today)
    return case.state is CaseState.LOCKED or over
