"""Alarms before a date is missed: raised by ``tick``, each once, in pages, so that many cases take little memory."""

from __future__ import annotations

from datetime import date

from tipportal.domain.alarms import Alarm, reached
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.ports import Awaiting

from .changing.clock import clock_doubted
from .context import Context

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
    today = ctx.today()
    after: tuple[date, str] | None = None
    raised = 0
    while True:
        with ctx.storage.read() as uow:
            page = uow.alarms.awaiting(today, after, PAGE)
        if any(_new(one, today) for one in page):
            raised += _raise(ctx, today, after)
        if len(page) < PAGE:
            return raised
        after = (page[-1].case.received_on, page[-1].case.id)


def _raise(ctx: Context, today: date, after: tuple[date, str] | None) -> int:
    with ctx.storage.write() as uow:
        # Judged anew where nobody else writes: two ticks at once raise each alarm once.
        found = [(one.case, alarm) for one in uow.alarms.awaiting(today, after, PAGE) for alarm in _new(one, today)]
        uow.alarms.raise_all(found, today)
        for case, alarm in found:
            uow.log.append(
                Entry(
                    kind=EntryKind.ALARM_RAISED,
                    time=ctx.clock(),
                    actor="system",
                    organisation_id=case.organisation_id,
                    case=case.reference,
                    facts={"watch": alarm.watch.value, "step": alarm.step.value, "due": alarm.due.isoformat()},
                    policy_version=case.policy_version,
                    directory_version=case.directory_version,
                )
            )
        return len(found)


def _new(one: Awaiting, today: date) -> list[Alarm]:
    if one.case.received_on >= today:
        return []
    return [alarm for alarm in reached(one.case, today) if alarm not in one.raised]
