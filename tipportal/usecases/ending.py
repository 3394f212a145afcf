"""Designations that end soon: access ends at midnight after the last day, and the cases stay (04, Words)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.organisations import Designation

from .context import Context

WARNED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Ending:
    """A designation that ends, by names. ``mine``: the reader's own. ``days``: left after today."""

    name: str
    function: str
    last: date
    days: int
    mine: bool


def ending(designations: Sequence[Designation], today: date) -> Iterator[tuple[Designation, date]]:
    """Those that end within thirty days with none to follow for the person and function, soonest first."""
    until = today + timedelta(days=WARNED_DAYS)
    soon = [(each.valid_to, each) for each in designations if each.valid_to and today <= each.valid_to <= until]
    for last, one in sorted(soon, key=lambda found: (found[0], found[1].id)):
        if not any(_follows(one, last, each) for each in designations):
            yield one, last


def for_handler(ctx: Context, account: Account) -> tuple[Ending, ...]:
    """The reader's own designations that end soon, and those of others in the same functions.

    Colleagues of a function know each other from its cases and the directory; nothing here is about a case.
    """
    today = ctx.today()
    with ctx.storage.read() as uow:
        designations = uow.register.designations()
        functions = {each.function_id for each in designations if each.account_id == account.id and each.active(today)}
        found = [one for one in ending(designations, today) if one[0].function_id in functions]
        if not found:
            return ()
        names = {each.id: each.name for each in uow.accounts.by_ids([one.account_id for one, _ in found])}
        names |= {each.id: each.name for each in uow.register.people() if each.id not in names}
        called = {each.id: each.name for each in uow.register.functions()}
    return tuple(
        Ending(
            names.get(one.account_id, "–"),
            called.get(one.function_id, "–"),
            last,
            (last - today).days,
            one.account_id == account.id,
        )
        for one, last in sorted(found, key=lambda each: (each[0].account_id != account.id, each[1]))
    )


def _follows(one: Designation, last: date, other: Designation) -> bool:
    """Whether another designation goes on without a day between."""
    same = (one.account_id, one.function_id) == (other.account_id, other.function_id)
    goes_on = other.valid_from <= last + timedelta(days=1) and (other.valid_to is None or other.valid_to > last)
    return same and other.id != one.id and goes_on
