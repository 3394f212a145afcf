"""What an auditor sees of the handling log: all entries, newest first, with cases under pseudonyms (05)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tipportal.domain.handlinglog import EntryKind

from .context import Context

PAGE = 50
_PSEUDONYM_BYTES = 4


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry. ``actor`` is a role of the log or ``person``, ``case`` a pseudonym or None."""

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


def audit_page(ctx: Context, before: int | None = None) -> AuditPage:
    """The entries before an index, newest first; from the newest when none is given."""
    with ctx.storage.read() as uow:
        size = uow.log.size()
        stop = size if before is None else max(0, min(before, size))
        start = max(0, stop - PAGE)
        lines = [_line(ctx, index, data) for index, data in uow.log.entries(start, stop)]
        root = uow.log.root().hex()
    return AuditPage(tuple(reversed(lines)), size, root, start or None)


def case_pseudonym(ctx: Context, reference: str) -> str:
    """What a case is called before auditors: the same each time, and nothing that leads to the case."""
    digits = ctx.keyed("auditor/case", reference.encode())[:_PSEUDONYM_BYTES].hex().upper()
    return f"{digits[:4]}-{digits[4:]}"


def _line(ctx: Context, index: int, data: bytes) -> AuditLine:
    body = json.loads(data)
    actor = str(body["actor"])
    known = actor in {"source", "staff_for_source", "system"}
    return AuditLine(
        index=index,
        time=str(body["time"]),
        kind=EntryKind(body["kind"]),
        actor=actor if known else "person",
        case=None if body["case"] is None else case_pseudonym(ctx, str(body["case"])),
    )
