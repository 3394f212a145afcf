"""Standbys who step in because a case stands still or has too few people (04, invariant 6): the work of ``tick``.

A closed case is left alone until its time runs out: then two have to decide about it (DECISIONS 44).

Each case is judged twice: first page by page, without keeping anybody from writing, and then each that calls for it
once more inside the transaction that lets the standby in. So two ticks at once release one standby, not two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from tipportal.domain.alarms import clock_of
from tipportal.domain.cases import Case
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import ReleaseReason, Situation, Watched, release_reason
from tipportal.domain.retention import Stage, alarmed_by, stage_of
from tipportal.domain.separations import Seat, suffices, to_release

from .changing.clock import clock_doubted
from .context import Context
from .seats import Attendance, attendance, seats_of
from .separating import release_standbys

PAGE = 500
"""Cases that are judged at a time, so that many cases take little memory."""


def release_due(ctx: Context) -> int:
    """Let standbys step in where a condition of invariant 6 holds; in how many cases.

    Nobody while the clock is doubted: a clock that was moved could otherwise hand out every case to its standbys.
    """
    with ctx.storage.read() as uow:
        if clock_doubted(ctx, uow):
            return 0
        attending = attendance(ctx, uow)
    released, after = 0, ""
    while True:
        with ctx.storage.read() as uow:
            page = uow.separations.watched_ids(after, PAGE)
            watched = uow.separations.watched(page)
            due = [one.case.id for one in watched if _reason(ctx, one, attending) is not None]
        released += sum(_release(ctx, case_id) for case_id in due)
        if len(page) < PAGE:
            return released + sum(_release_at_end(ctx, case) for case in _left_alone(ctx, attending))
        after = page[-1]


def _left_alone(ctx: Context, attending: Attendance) -> Iterator[Case]:
    """Closed and locked cases that wait for two to decide what becomes of them, and have not got two any more."""
    today = ctx.today()
    after: tuple[date, str] | None = None
    while True:
        with ctx.storage.read() as uow:
            page = uow.retention.left_alone(alarmed_by(today), today, after, PAGE)
            lacking = [case for case in page if _lacks_people(attending.judged(uow.separations.seats(case.id)))]
        for case in lacking:
            if case.closed_on is not None and stage_of(case.closed_on, today) is not Stage.RUNNING:
                yield case
        if len(page) < PAGE or page[-1].closed_on is None:
            return
        after = (page[-1].closed_on, page[-1].id)


def _lacks_people(seats: Sequence[Seat]) -> bool:
    # Who is only away for a while comes back long before the time is out: no more readers for that.
    return not suffices([seat for seat in seats if seat.acts and seat.here]) and any(
        seat.here and not seat.acts for seat in seats
    )


def _release_at_end(ctx: Context, case: Case) -> bool:
    with ctx.storage.write() as uow:
        seats = seats_of(ctx, uow, case)
        if clock_doubted(ctx, uow) or not _lacks_people(seats):
            return False
        release_standbys(ctx, uow, case, to_release(seats), ReleaseReason.TOO_FEW_PRESENT)
        return True


def _release(ctx: Context, case_id: str) -> bool:
    with ctx.storage.write() as uow:
        return release_if_due(ctx, uow, case_id)


def release_if_due(ctx: Context, uow: UnitOfWork, case_id: str) -> bool:
    """Let standbys step into one case in the caller's transaction if a condition holds; whether one did."""
    if clock_doubted(ctx, uow):
        return False
    attending = attendance(ctx, uow)
    for watched in uow.separations.watched([case_id]):
        reason = _reason(ctx, watched, attending)
        if reason is not None:
            release_standbys(ctx, uow, watched.case, to_release(_present(watched, attending).seats), reason)
            return True
    return False


def _reason(ctx: Context, watched: Watched, attending: Attendance) -> ReleaseReason | None:
    today = ctx.today()
    if watched.case.received_on >= today:
        # Not on the day of receipt: an entry of its case would tell at what time of that day a source had been there.
        return None
    return release_reason(_situation(_present(watched, attending), today))


def _present(watched: Watched, attending: Attendance) -> Watched:
    return replace(watched, seats=attending.judged(watched.seats))


def _situation(watched: Watched, today: date) -> Situation:
    case = watched.case
    days = [
        case.received_on,
        watched.written_on,
        None if watched.acted_at is None else stockholm_date(watched.acted_at),
    ]
    clock = clock_of(case)
    stepped_in = case.received_on if watched.released_at is None else stockholm_date(watched.released_at)
    return Situation(
        today=today,
        seats=watched.seats,
        since=max(case.received_on, stepped_in),
        done_on=max(day for day in days if day is not None),
        unanswered_since=None if watched.unanswered_at is None else stockholm_date(watched.unanswered_at),
        due=None if clock is None else clock[1].target,
        near_released=ReleaseReason.DATE_NEAR in watched.released_for,
    )
