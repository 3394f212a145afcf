"""The diary feed: on each working day, files of the days that are over, for each receiving authority (OSL 5 kap.).

The lines are drawn up once, in one transaction, and numbered at random; files are then made from them as often as
somebody wants, always the same bytes. What is said of a source's act is its date.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.errors import Conflict, Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.registration import (
    NUMBER_BYTES,
    DiaryEntry,
    Document,
    is_feed_day,
    line_of,
    number_of,
    registry_number_of,
)
from tipportal.domain.texts import N_

from .changing.clock import clock_doubted
from .context import Context
from .entries import system_entry
from .handle import case_entry, refused

COLUMNS = (
    "number",
    "case_number",
    "date",
    "direction",
    "sender",
    "recipient",
    "subject",
    "secrecy_provision",
    "secrecy_date",
    "secrecy_authority",
    "responsible_authority",
)
IMPORTED = ("number", "registry_number")
KEPT_DAYS = 40
"""How far back files are made again when they are missing."""
_DAY = timedelta(days=1)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class DiaryFile:
    """One working day's lines for one authority, in both forms. ``name`` has no ending."""

    authority: str
    name: str
    csv: bytes
    json: bytes


def feed_due(ctx: Context) -> int:
    """Draw up the lines of the days that are over, on a working day and once; how many. For ``tick``."""
    today = ctx.today()
    if not is_feed_day(today):
        return 0
    upto = today - _DAY
    with ctx.storage.read() as uow:
        fed = uow.diary.fed_upto()
        if clock_doubted(ctx, uow) or (fed is not None and fed >= upto):
            return 0
    try:
        with ctx.storage.write() as uow:
            return _feed(ctx, uow, today, upto)
    except Conflict:
        # Another ``tick`` came first: its lines are the day's.
        return 0


def files(ctx: Context, since: date) -> Iterator[DiaryFile]:
    """The files of all working days since a date, always the same bytes for the same day."""
    with ctx.storage.read() as uow:
        for fed_on in uow.diary.days(since):
            yield from _files(uow, fed_on, uow.diary.of_day(fed_on))


def of_case(ctx: Context, account: Account, reference: str) -> Sequence[DiaryEntry]:
    """The lines of a handler's own case. Raises NotFound."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            return uow.diary.of_case(case.reference)
    raise refused(ctx, account)


def set_registry_number(ctx: Context, account: Account, reference: str, number: str, registry_number: str) -> None:
    """Keep what the registrar calls a line of a handler's own case. Raises NotFound, Invalid."""
    registry_number = registry_number_of(registry_number)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        entry = None if case is None else _line(uow, number)
        if case is not None and entry is not None and entry.reference == case.reference:
            uow.diary.set_registry_number(number, registry_number)
            facts: dict[str, Json] = {"number": number, "registry_number": registry_number}
            uow.log.append(case_entry(ctx, account, case, EntryKind.REGISTRY_NUMBER_SET, facts))
            return
    raise refused(ctx, account)


def take_registry_numbers(ctx: Context, lines: Iterable[str]) -> int:
    """Keep the registry numbers of a CSV file, all or none; how many. Columns ``number`` and ``registry_number``.

    Raises Invalid with the line that is wrong.
    """
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != IMPORTED:
        raise Invalid(N_("Filens första rad ska vara: number,registry_number"), field="file")
    taken = 0
    with ctx.storage.write() as uow:
        for place, row in enumerate(reader, start=2):
            entry = _line(uow, row["number"] or "")
            if entry is None or None in row or not row["registry_number"]:
                raise Invalid(f"Rad {place}: numret finns inte, eller diarienumret saknas.", field="file")
            registry_number = registry_number_of(row["registry_number"])
            if entry.registry_number == registry_number:
                continue
            uow.diary.set_registry_number(entry.number, registry_number)
            # Of no case: an entry about one would put what waits there into the log at this very moment.
            uow.log.append(
                system_entry(
                    ctx,
                    EntryKind.REGISTRY_NUMBER_SET,
                    {"number": entry.number, "registry_number": registry_number},
                    entry.organisation_id,
                )
            )
            taken += 1
    return taken


def _line(uow: UnitOfWork, number: str) -> DiaryEntry | None:
    # No database is asked about what none can hold.
    return uow.diary.by_number(number) if number.isprintable() else None


def _feed(ctx: Context, uow: UnitOfWork, today: date, upto: date) -> int:
    entries: list[DiaryEntry] = []
    numbers: dict[str, str] = {}
    for found in uow.diary.unregistered(uow.diary.fed_upto(), upto):
        case, number = found.case, number_of(ctx.random(NUMBER_BYTES))
        begins = found.seq == 0
        if begins:
            numbers[case.reference] = number
        of_case = numbers.get(case.reference) or uow.diary.number_of_case(case.reference) or number
        entries.append(
            DiaryEntry(
                number=number,
                case_number=of_case,
                organisation_id=case.organisation_id,
                authority_id=case.authority_id,
                channel=case.channel,
                document=Document.CASE if begins else Document.MESSAGE,
                direction=found.direction,
                dated=found.dated,
                fed_on=today,
                reference=case.reference,
                seq=found.seq,
            )
        )
    entries.sort(key=lambda entry: entry.number)
    uow.diary.feed(today, upto, entries)
    owners = {entry.authority_id: entry.organisation_id for entry in entries}
    for made in _files(uow, today, entries):
        facts: dict[str, Json] = {
            "authority": made.authority,
            "day": today.isoformat(),
            "lines": sum(entry.authority_id == made.authority for entry in entries),
            "digest": hashlib.sha256(made.json).hexdigest(),
        }
        # One entry for a whole file, of no case: what waits in a case must not join the log because of the clock.
        uow.log.append(system_entry(ctx, EntryKind.REGISTERED, facts, owners[made.authority]))
    return len(entries)


def _files(uow: UnitOfWork, fed_on: date, entries: Sequence[DiaryEntry]) -> Iterator[DiaryFile]:
    by_authority: defaultdict[str, list[DiaryEntry]] = defaultdict(list)
    for entry in entries:
        by_authority[entry.authority_id].append(entry)
    for authority_id in sorted(by_authority):
        authority = uow.register.organisation_by_id(authority_id)
        name, slug = (authority_id, authority_id) if authority is None else (authority.name, authority.slug)
        lines = [line_of(entry, name) for entry in by_authority[authority_id]]
        yield DiaryFile(authority_id, f"{slug}-{fed_on.isoformat()}", _csv(lines), _json(name, fed_on, lines))


def _csv(lines: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for line in lines:
        # No cell starts a formula where somebody opens the file in a spreadsheet.
        writer.writerow({name: f"'{value}" if value.startswith(_FORMULA) else value for name, value in line.items()})
    return out.getvalue().encode()


def _json(authority: str, fed_on: date, lines: Sequence[Mapping[str, str]]) -> bytes:
    content = {"v": 1, "authority": authority, "day": fed_on.isoformat(), "lines": [dict(line) for line in lines]}
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
