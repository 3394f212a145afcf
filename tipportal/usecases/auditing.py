"""What an auditor sees of the handling log: newest first, with cases under pseudonyms of their own (05).

Entries of a case that somebody has been kept out of are not there for them, and what is left is counted as if they had
never been: no gap, no number and no page tells that there is such a case (04, invariant 2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork

from .context import Context

PAGE = 50
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
class AuditPage:
    """A page of the log with its size and head. ``older`` is where the next page begins, None at the first entry."""

    lines: tuple[AuditLine, ...]
    size: int
    root: str
    older: int | None


def audit_page(ctx: Context, account: Account, before: int | None = None) -> AuditPage:
    """The entries before an index, newest first; from the newest when none is given."""
    with ctx.storage.read() as uow:
        hidden = _hidden(uow, account)
        size = uow.log.size() - len(hidden)
        stop = size if before is None else max(0, min(before, size))
        start = max(0, stop - PAGE)
        first = _stands_at(start, hidden)
        shown = ((at, data) for at, data in uow.log.entries(first, _stands_at(stop, hidden)) if at not in hidden)
        lines = [_line(ctx, account, index, data) for index, (_, data) in enumerate(shown, start)]
        root = uow.log.root().hex()
    return AuditPage(tuple(reversed(lines)), size, root, start or None)


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


def _line(ctx: Context, account: Account, index: int, data: bytes) -> AuditLine:
    body = json.loads(data)
    actor = str(body["actor"])
    known = actor in {"source", "staff_for_source", "system"}
    return AuditLine(
        index=index,
        time=str(body["time"]),
        kind=EntryKind(body["kind"]),
        actor=actor if known else "person",
        case=None if body["case"] is None else case_pseudonym(ctx, account, str(body["case"])),
    )
