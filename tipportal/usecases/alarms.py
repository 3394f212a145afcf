"""Alarms before a date is missed: raised by ``tick``, each once, in pages, so that many cases take little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from tipportal.domain.alarms import Alarm, ending, reached
from tipportal.domain.cases import Case
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import Awaiting, UnitOfWork
from tipportal.domain.retention import alarmed_by

from .changing.clock import clock_doubted
from .context import Context
from .entries import entry_of_case

_Place: TypeAlias = tuple[date, str]
PAGE = 500
"""Cases that are read at a time; as many transactions as pages, so that nobody waits long for a turn."""


def raise_alarms(ctx: Context) -> int:
    """Raise every alarm whose day has come: how many. Again does nothing; run on a later day it says what was missed.

    None while the clock is doubted, nor on the day of receipt: an entry would tell at what time of that day a source
    had been there.
    """
    with ctx.storage.read() as uow:
        if clock_doubted(ctx, uow):
            return 0
    return sum(_raise_all(ctx, clock) for clock in (_RUNNING, _ENDING))


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Cases that wait for the same kind of date: how a page of them is read, and by what they are ordered."""

    page: Callable[[UnitOfWork, date, _Place | None], Sequence[Awaiting]]
    reached: Callable[[Case, date], Iterator[Alarm]]
    place: Callable[[Case], _Place]


def _raise_all(ctx: Context, clocks: _Clocks) -> int:
    today = ctx.today()
    after: _Place | None = None
    raised = 0
    while True:
        with ctx.storage.read() as uow:
            page = clocks.page(uow, today, after)
        if any(_new(clocks, one, today) for one in page):
            raised += _raise(ctx, clocks, today, after)
        if len(page) < PAGE:
            return raised
        after = clocks.place(page[-1].case)


def _raise(ctx: Context, clocks: _Clocks, today: date, after: _Place | None) -> int:
    with ctx.storage.write() as uow:
        # Judged anew where nobody else writes: two ticks at once raise each alarm once.
        found = [(one.case, alarm) for one in clocks.page(uow, today, after) for alarm in _new(clocks, one, today)]
        uow.alarms.raise_all(found, today)
        for case, alarm in found:
            uow.log.append(
                entry_of_case(
                    case,
                    EntryKind.ALARM_RAISED,
                    {"watch": alarm.watch.value, "step": alarm.step.value, "due": alarm.due.isoformat()},
                    time=ctx.clock(),
                )
            )
        return len(found)


def _new(clocks: _Clocks, one: Awaiting, today: date) -> list[Alarm]:
    if one.case.received_on >= today:
        return []
    return [alarm for alarm in clocks.reached(one.case, today) if alarm not in one.raised]


_RUNNING = _Clocks(
    page=lambda uow, today, after: uow.alarms.awaiting(today, after, PAGE),
    reached=reached,
    place=lambda case: (case.received_on, case.id),
)
_ENDING = _Clocks(
    # Eighteen months back from the end of a short month misses the last days of a long one: each is looked at itself.
    page=lambda uow, today, after: uow.alarms.awaiting_end(alarmed_by(today), after, PAGE),
    reached=ending,
    place=lambda case: (case.closed_on or case.received_on, case.id),
)
