"""What a handler's lists show: what needs doing and why, what is new, what is going on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.alarms import DAYS_BEFORE, Alarm, Watch, clock_of
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.deadlines import acknowledge_by, feedback_by
from tipportal.domain.organisations import Organisation
from tipportal.domain.ports import Row, UnitOfWork
from tipportal.domain.pressing import FROM_DAY, SOON_DAYS, Claim, Why
from tipportal.domain.selection import Selection

from .context import Context

SHORT = 10
MOST_PRESSING = 25
_AT_WORK = (CaseState.ASSESSED, CaseState.UNDER_FOLLOW_UP, CaseState.FEEDBACK_GIVEN)
_OWED_FEEDBACK = (CaseState.ACKNOWLEDGED, CaseState.ASSESSED, CaseState.UNDER_FOLLOW_UP)
_NEW = Selection(CaseState.ACKNOWLEDGED)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row with all that its case asks of the handler. ``alarms`` are those raised, oldest date first."""

    row: Row
    claims: tuple[Claim, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """What needs doing, the nearest first, what is new, what is going on, and the four numbers.

    No case stands twice. ``more``: there is more that needs doing than is shown.
    """

    needs_action: tuple[Listed, ...]
    new: tuple[Listed, ...]
    mine: tuple[Listed, ...]
    counts: Mapping[str, int]
    more: bool


def first_screen(ctx: Context, account: Account) -> FirstScreen:
    """The first screen of a handler, in the order of what needs doing. Own cases only."""
    now, today = ctx.clock(), ctx.today()
    with ctx.storage.read() as uow:
        may_need = uow.pressing.needing(
            account.id,
            received_by=near_receipts(today + SOON_DAYS * _DAY),
            alarmed_by=received_by(today + max(DAYS_BEFORE[Watch.FEEDBACK].values()) * _DAY),
            limit=MOST_PRESSING + 1,
            now=now,
        )
        found = listed(ctx, uow, account, uow.cases.rows_of(account.id, may_need, now))
        needs = sorted(
            (one for one in found if any(claim.presses(today) for claim in one.claims)), key=_pressing(today)
        )
        shown = {one.row.case.id for one in needs[:MOST_PRESSING]}
        room = SHORT + len(shown)
        new = uow.cases.rows_for(account.id, after=None, limit=room, selection=_NEW, now=now)
        at_work = [
            row
            for state in _AT_WORK
            for row in uow.cases.rows_for(account.id, after=None, limit=room, selection=Selection(state), now=now)
        ]
        at_work.sort(key=lambda row: (row.case.received_on, row.case.reference), reverse=True)
        lists = [[row for row in rows if row.case.id not in shown][:SHORT] for rows in (new, at_work)]
        rest = {one.row.case.id: one for one in listed(ctx, uow, account, [row for rows in lists for row in rows])}
        counts = uow.cases.counts_for(account.id, now)
    first, second = (tuple(rest[row.case.id] for row in rows) for rows in lists)
    return FirstScreen(tuple(needs[:MOST_PRESSING]), first, second, counts, more=len(needs) > MOST_PRESSING)


def with_claims(ctx: Context, account: Account, rows: Sequence[Row]) -> list[Listed]:
    """Rows of a list with what each case asks of the handler."""
    with ctx.storage.read() as uow:
        return listed(ctx, uow, account, rows)


def my_organisations(ctx: Context, account: Account) -> tuple[Organisation, ...]:
    """The organisations of the functions that the handler serves in, by name."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        mine = {
            one.function_id for one in uow.register.designations() if one.account_id == account.id and one.active(today)
        }
        functions = [one for one in uow.register.functions() if one.id in mine]
        found = {one.organisation_id: uow.register.organisation_by_id(one.organisation_id) for one in functions}
    return tuple(sorted((one for one in found.values() if one is not None), key=lambda one: (one.name, one.id)))


def listed(ctx: Context, uow: UnitOfWork, account: Account, rows: Sequence[Row]) -> list[Listed]:
    """Rows with what each case asks of the handler, in the caller's transaction."""
    ids = [row.case.id for row in rows]
    raised = uow.alarms.of_cases(ids)
    claims: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in uow.pressing.claims(account.id, ids, ctx.clock()):
        claims[claim.case_id].append(claim)
    return [
        Listed(
            row,
            (*_clocks(row.case, raised.get(row.case.id, ())), *_unread(row), *claims[row.case.id]),
            raised.get(row.case.id, ()),
        )
        for row in rows
    ]


def claims_of(ctx: Context, uow: UnitOfWork, account: Account, case: Case) -> tuple[Claim, ...]:
    """What one case asks of a handler who has it open, in the caller's transaction."""
    raised = uow.alarms.of_cases([case.id]).get(case.id, ())
    return (*_clocks(case, raised), *uow.pressing.claims(account.id, [case.id], ctx.clock()))


def received_by(target: date) -> date:
    """The latest date of receipt whose feedback should be given by the working day ``target`` or earlier.

    Cases are acknowledged on the day of receipt, so one date decides for all of them.
    """
    return _latest(target, lambda day: feedback_by(day, day).target <= target)


def near_receipts(target: date) -> dict[CaseState, date]:
    """By state, the latest date of receipt whose next date is the working day ``target`` or earlier."""
    return _by_state(_latest(target, lambda day: acknowledge_by(day).target <= target), received_by(target))


def late_receipts(today: date) -> dict[CaseState, date]:
    """By state, the latest date of receipt whose next date has gone by before the Stockholm date ``today``."""
    return _by_state(
        _latest(today, lambda day: acknowledge_by(day).strict < today),
        _latest(today, lambda day: feedback_by(day, day).strict < today),
    )


def _by_state(acknowledged: date, feedback: date) -> dict[CaseState, date]:
    return {CaseState.RECEIVED: acknowledged, **dict.fromkeys(_OWED_FEEDBACK, feedback)}


def _latest(start: date, holds: Callable[[date], bool]) -> date:
    day = start
    # At most three months and the longest run of holidays: about a hundred steps of plain arithmetic.
    while not holds(day):
        day -= _DAY
    return day


def _clocks(case: Case, raised: Sequence[Alarm]) -> list[Claim]:
    clock = clock_of(case)
    if clock is None:
        return []
    _, deadline = clock
    found = [Claim(case.id, Why.CLOCK, deadline.target)]
    if any(alarm.due == deadline.target for alarm in raised):
        found.append(Claim(case.id, Why.ALARM, None))
    return found


def _unread(row: Row) -> list[Claim]:
    # A new case stands under the new ones, read or not: what is unread here are answers.
    answered = row.unread and row.case.state is not CaseState.ACKNOWLEDGED
    return [Claim(row.case.id, Why.UNREAD, None)] if answered else []


def _pressing(today: date) -> Callable[[Listed], tuple[date, date, str]]:
    """Order by the last day for what presses; what only begins on its day, or has none, comes after what is late."""

    def key(one: Listed) -> tuple[date, date, str]:
        dates = [claim.by for claim in one.claims if claim.by and claim.presses(today) and claim.why not in FROM_DAY]
        return min(dates, default=today), one.row.case.received_on, one.row.case.reference

    return key
