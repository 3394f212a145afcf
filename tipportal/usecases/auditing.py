"""What an auditor sees of the handling log: newest first, with cases under pseudonyms of their own (05).

Entries of a case that somebody has been kept out of are not there for them, and what is left is counted as if they had
never been: no gap, no number and no page tells that there is such a case (04, invariant 2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from tipportal.domain.accounts import Account
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork

from .context import Context

PAGE = 50
STEP = 1_000
"""Entries looked through at a time."""
SCAN = 20_000
"""Entries that one page of a choice looks through at most."""
_JOINED_BY = timedelta(days=2)
"""An entry of a source's act joins the log by the next night."""
Body: TypeAlias = Mapping[str, object]
_PSEUDONYM_BYTES = 4


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry. ``index`` counts what the reader may see, ``actor`` is a role of the log or ``person``.

    ``case`` is a pseudonym or None.
    """

    index: int
    time: str
    kind: EntryKind
    actor: str
    case: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for: one kind of entry, and days in Stockholm, both included. None: any."""

    kind: EntryKind | None = None
    first: date | None = None
    last: date | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()

    def has(self, body: Mapping[str, object]) -> bool:
        """Whether an entry is wanted."""
        day = _day(str(body["time"]))
        return (
            (self.kind is None or body["kind"] == self.kind)
            and (self.first is None or day >= self.first)
            and (self.last is None or day <= self.last)
        )


_EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the log with its size and head. ``older`` is where the next page begins, None at the first entry.

    Of a choice a page may hold few lines, or none, with older ones to look through.
    """

    lines: tuple[AuditLine, ...]
    size: int
    root: str
    older: int | None


def audit_page(ctx: Context, account: Account, before: int | None = None, wanted: Wanted = _EVERYTHING) -> AuditPage:
    """The entries before an index, newest first; from the newest when none is given.

    Of a choice at most ``SCAN`` entries are looked through at a time, however large the log is.
    """
    with ctx.storage.read() as uow:
        hidden = _hidden(uow, account)
        size = uow.log.size() - len(hidden)
        root = uow.log.root().hex()
        stop = size if before is None else max(0, min(before, size))
        if before is None and wanted.last is not None:
            stop = _after_day(uow, hidden, size, wanted.last + _JOINED_BY)
        lines: list[AuditLine] = []
        least = max(0, stop - (PAGE if wanted.everything else SCAN))
        while stop > least and len(lines) < PAGE:
            start = max(least, stop - STEP)
            shown = [(index, body) for index, body in _between(uow, hidden, start, stop) if wanted.has(body)]
            for index, body in reversed(shown):
                lines.append(_line(ctx, account, index, body))
                stop = index
                if len(lines) == PAGE:
                    break
            else:
                stop = start
    return AuditPage(tuple(lines), size, root, stop or None)


def _between(uow: UnitOfWork, hidden: list[int], start: int, stop: int) -> Iterator[tuple[int, Body]]:
    """Entries that are there for the reader, counted as if the hidden had never been."""
    gone = set(hidden)
    found = uow.log.entries(_stands_at(start, hidden), _stands_at(stop, hidden))
    shown = (data for at, data in found if at not in gone)
    return ((index, json.loads(data)) for index, data in enumerate(shown, start))


def _after_day(uow: UnitOfWork, hidden: list[int], size: int, day: date) -> int:
    """Where the entries after a day begin, by halving: what comes later stands later, but for what joined late."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        ((_, body),) = _between(uow, hidden, middle, middle + 1)
        if _day(str(body["time"])) > day:
            high = middle
        else:
            low = middle + 1
    return low


def _day(time: str) -> date:
    """The day of an entry in Stockholm: of a source's act only that is kept."""
    if len(time) == len("2026-11-22"):
        return date.fromisoformat(time)
    return stockholm_date(int(datetime.fromisoformat(time).timestamp()))


def case_pseudonym(ctx: Context, account: Account, reference: str) -> str:
    """What a case is called before one reader: the same each time, and nothing that leads to the case.

    Two readers who compare what they see cannot tell by the name which of them a case is missing for.
    """
    digits = ctx.keyed("auditor/case", account.id.encode(), reference.encode())[:_PSEUDONYM_BYTES].hex().upper()
    return f"{digits[:4]}-{digits[4:]}"


def _hidden(uow: UnitOfWork, account: Account) -> list[int]:
    """Where the entries of the cases stand that the reader has been kept out of, in order."""
    references = uow.separations.cases_without(account.id)
    return sorted(int(json.loads(data)["index"]) for one in references for data in uow.log.entries_of_case(one))


def _stands_at(ordinal: int, hidden: list[int]) -> int:
    """Where the ``ordinal``-th of the entries that are not hidden stands in the log."""
    at = ordinal
    for one in hidden:
        if one > at:
            break
        at += 1
    return at


def _line(ctx: Context, account: Account, index: int, body: Body) -> AuditLine:
    actor = str(body["actor"])
    known = actor in {"source", "staff_for_source", "system"}
    return AuditLine(
        index=index,
        time=str(body["time"]),
        kind=EntryKind(str(body["kind"])),
        actor=actor if known else "person",
        case=None if body["case"] is None else case_pseudonym(ctx, account, str(body["case"])),
    )
