"""What a case led to, as its handlers fetch it: measures, checklists, handovers with their answers, and reopening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tipportal.domain.cases import Case
from tipportal.domain.handovers import Ask, Handover, Report
from tipportal.domain.measures import Measure
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.worklists import WorklistState


@dataclass(frozen=True, slots=True)
class CaseWork:
    """``reopening``: date and number of what the source wrote after closing and nobody has decided about, or None."""

    measures: tuple[Measure, ...]
    worklists: tuple[WorklistState, ...]
    handovers: tuple[Handover, ...]
    asks: tuple[Ask, ...]
    reports: tuple[Report, ...]
    reopening: tuple[date, int] | None


def work_of(uow: UnitOfWork, case: Case) -> CaseWork:
    """What a case led to, in the caller's transaction."""
    return CaseWork(
        measures=tuple(uow.measures.of_case(case.id)),
        worklists=tuple(uow.worklists.of_case(case.id)),
        handovers=tuple(uow.handovers.of_case(case.id)),
        asks=tuple(uow.handovers.asks_of_case(case.id)),
        reports=tuple(uow.handovers.reports_of_case(case.id)),
        reopening=uow.reopenings.asked_on(case),
    )
