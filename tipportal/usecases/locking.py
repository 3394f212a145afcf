"""Whether a case may still be read by its panel: two years after closing it may not (lag 2021:890, 7 kap. 8 §)."""

from __future__ import annotations

from datetime import date

from tipportal.domain.cases import Case
from tipportal.domain.errors import CaseLocked
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import has_ended, is_open
from tipportal.domain.texts import N_


def must_be_readable(uow: UnitOfWork, case: Case, today: date) -> None:
    """Raise CaseLocked when the panel's access to the content has ended, and two have not opened it for the archive.

    Judged by the date, not by whether ``tick`` has run: what is past two years is handed to nobody.
    """
    if not has_ended(case, today) or any(is_open(each, today) for each in uow.retention.openings(case.id)):
        return
    raise CaseLocked(
        N_(
            "Två år har gått sedan ärendet avslutades. Innehållet är låst. "
            "Två i ärendegruppen kan öppna det för arkivet."
        )
    )
