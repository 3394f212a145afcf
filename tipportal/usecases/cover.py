"""Who is away and who covers (04, absence register): what colleagues of a function see on their first screen.

Only the register's own facts. Which standby steps into which case is decided by the case, and known to its members.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tipportal.domain.accounts import Account, AccountState
from tipportal.domain.notices import is_away
from tipportal.domain.organisations import Absence

from .context import Context


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away, by name. ``last`` is the last day, None until further notice."""

    name: str
    last: date | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """Who is away in the reader's functions, each once, and in each of these functions the names of who is there."""

    away: tuple[Away, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]


def for_handler(ctx: Context, account: Account) -> Cover | None:
    """The reader's functions in which somebody is away today; None where nobody is."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        absences = [each for each in uow.register.absences() if is_away([each], each.person_id, today)]
        if not absences:
            return None
        active = [each for each in uow.register.designations() if each.active(today)]
        people = {each.id: each for each in uow.accounts.by_ids(sorted({each.account_id for each in active}))}
        functions = {each.id: each.name for each in uow.register.functions()}
    absent = {each.person_id for each in absences}
    mine = sorted({each.function_id for each in active if each.account_id == account.id})
    away: dict[str, Away] = {}
    present = []
    for function_id in sorted(mine, key=lambda each: functions.get(each, "")):
        # Each once, in the order in which they are asked.
        members = dict.fromkeys(each.account_id for each in active if each.function_id == function_id)
        known = [people[each] for each in members if each in people]
        gone = [each for each in known if each.id in absent]
        if gone:
            there = (each.name for each in known if each.id not in absent and each.state is AccountState.ACTIVE)
            present.append((functions.get(function_id, "–"), tuple(there)))
        for each in gone:
            away[each.id] = Away(each.name, _last(absences, each.id), each.id == account.id)
    if not away:
        return None
    # Functions of one name and the same people, each of an organisation of its own, tell the reader the same.
    told = tuple(dict.fromkeys(present))
    return Cover(tuple(sorted(away.values(), key=lambda each: (not each.mine, each.name))), told)


def _last(absences: list[Absence], person_id: str) -> date | None:
    """The last day of somebody who is away: of several absences at once the one that goes on longest."""
    days = [each.last for each in absences if each.person_id == person_id]
    return None if None in days else max(day for day in days if day is not None)
