"""The log as one file, and its verification from that file alone: no database, no settings, no trust in the server.

JSON Lines. First a header, then every kept checkpoint, then every entry's exact bytes:

- ``{"log": 1, "origin": …, "key": vkey or null, "from": N, "peaks": [hex …], "size": S}``
- ``{"checkpoint": signed note}``
- ``{"index": i, "entry": text}``, or ``{"index": i, "bytes": base64}`` where the bytes are no text

``peaks`` are the complete subtrees of the entries before ``from``, the largest first.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from tipportal.domain.checkpoints import origin_of
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import peaks_of
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import GrowingTree
from tipportal.envelope.signednotes import NoteKey

from .context import Context
from .logbook import Audit, Verified
from .logtree import Mark, MarkedTree, Marks, agrees, read_keys, read_mark

VERSION = 1
MAX_LINE = 16 * 1024 * 1024
MANY = 2_048
HASH_SIZE = 32


def export(ctx: Context, out: BinaryIO, start: int = 0) -> int:
    """Write the log from entry ``start`` on, in one consistent state; how many entries. Raises Invalid past its end."""
    with ctx.storage.read() as uow:
        size = uow.log.size()
        if start > size:
            raise Invalid(N_("Så många poster har loggen inte."), field="from")
        newest = uow.checkpoints.newest()
        header = {
            "log": VERSION,
            "origin": origin_of(uow.installation_id() or b""),
            "key": None if newest is None else newest.key,
            "from": start,
            "peaks": [each.hex() for each in peaks_of(start, uow.log.node)],
            "size": size,
        }
        _write(out, header)
        for kept in uow.checkpoints.all():
            _write(out, {"checkpoint": kept.note})
        for index, data in uow.log.entries(start):
            _write(out, _entry_line(index, data))
    return size - start


class ExportError(ValueError):
    """The file is no export of a log."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What an export says of itself."""

    origin: str
    start: int
    size: int
    peaks: tuple[bytes, ...]


def verify_export(lines: Iterable[bytes], keys: Collection[NoteKey], outside: Sequence[str] = ()) -> Verified:
    """Verify a log from its export, the public key and checkpoints kept elsewhere (signed notes).

    From an export of the whole log everything is checked that entries can show: order, bytes, tree, and who signed
    what takes two, by the keys that the entries themselves name. From a part only order, bytes and tree are. ``lines``
    are read once and not kept. Raises ExportError when it is no export.
    """
    rest = iter(lines)
    header = _header(_json(next(rest, b"")))
    audit = Audit(whole=header.start == 0, expected=header.start)
    marks = _read(outside, audit, N_("Den sparade kontrollpunkten går inte att läsa."), outside=True)
    notes: list[str] = []
    first: dict[str, object] | None = None
    for line in rest:
        read = _json(line)
        if "checkpoint" not in read:
            first = read
            break
        notes.append(str(read["checkpoint"]))
    marks += _read(notes, audit, N_("En kontrollpunkt i exporten går inte att läsa."), outside=False)
    marked = MarkedTree(GrowingTree(header.start, header.peaks), {mark.checkpoint.size for mark in marks})
    lines_left = () if first is None else chain([first], map(_json, rest))
    leaves: list[bytes] = []
    for read in lines_left:
        index, data = _entry(read)
        audit.take(index, data)
        leaves.append(hashlib.sha256(b"\x00" + data).digest())
        if len(leaves) == MANY:
            marked.add(leaves)
            leaves.clear()
    marked.add(leaves)
    return _judged(header, audit, marked, keys, marks)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export says, to be read once: whose log, from which entry on, and the entries with their indices."""

    origin: str
    start: int
    size: int
    entries: Iterator[tuple[int, bytes]]


def read_export(lines: Iterable[bytes]) -> Exported:
    """An export's entries as they stand there, of which nothing is verified. Raises ExportError, later lines too."""
    rest = iter(lines)
    header = _header(_json(next(rest, b"")))
    entries = (_entry(read) for read in map(_json, rest) if "checkpoint" not in read)
    return Exported(header.origin, header.start, header.size, entries)


def _judged(
    header: _Header, audit: Audit, marked: MarkedTree, keys: Collection[NoteKey], marks: Sequence[Mark]
) -> Verified:
    size = header.start + audit.size
    if size != header.size:
        audit.found(
            None,
            N_("Exporten säger sig gå till %(stated)s poster men går till %(size)s."),
            stated=header.size,
            size=size,
        )
    earlier = [mark for mark in marks if mark.checkpoint.size < header.start]
    if any(mark.outside for mark in earlier):
        audit.found(None, N_("Exporten börjar efter den sparade kontrollpunkten: pröva den mot en export från början."))
    # A key that the log names itself may sign what is old, where a key that was given signs what is newer.
    trusted = {*keys, *read_keys(audit.log_keys, audit.found)} if audit.whole else {*keys}
    judge = Marks(header.origin, trusted, marked.roots, size, audit.found, has_all=False)
    later = [mark for mark in marks if mark.checkpoint.size >= header.start]
    if not audit.whole:
        later = [mark for mark in later if mark.outside or any(mark.note.names(key) for key in keys)]
    judged = judge.judge(later)
    signed = [mark for mark in later if agrees(mark, marked, keys)]
    if not signed:
        audit.found(None, N_("Ingen kontrollpunkt som stämmer med loggen är undertecknad med den angivna nyckeln."))
    covered = max((mark.checkpoint.size for mark in signed), default=0)
    return Verified(size, marked.tree.root().hex(), tuple(audit.findings), covered, judged.outside)


def _read(notes: Sequence[str], audit: Audit, unreadable: str, *, outside: bool) -> list[Mark]:
    found = [read_mark(note, outside=outside) for note in notes]
    for _ in range(found.count(None)):
        audit.found(None, unreadable)
    return [mark for mark in found if mark is not None]


def _header(read: dict[str, object]) -> _Header:
    origin, start, size, peaks = (read.get(name) for name in ("origin", "from", "size", "peaks"))
    if (
        read.get("log") != VERSION
        or not isinstance(origin, str)
        or not isinstance(peaks, list)
        or not _is_size(start)
        or not _is_size(size)
    ):
        raise ExportError
    try:
        hashes = tuple(bytes.fromhex(str(each)) for each in peaks)
    except ValueError:
        raise ExportError from None
    header = _Header(origin, int(str(start)), int(str(size)), hashes)
    if any(len(each) != HASH_SIZE for each in hashes) or header.start.bit_count() != len(hashes):
        raise ExportError
    return header


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60


def _entry(read: dict[str, object]) -> tuple[int, bytes]:
    index, text, encoded = read.get("index"), read.get("entry"), read.get("bytes")
    if not isinstance(index, int) or isinstance(index, bool):
        raise ExportError
    if isinstance(text, str) and encoded is None:
        try:
            return index, text.encode()
        except UnicodeEncodeError:
            raise ExportError from None
    if text is None and isinstance(encoded, str):
        try:
            return index, base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise ExportError from None
    raise ExportError


def _json(line: bytes) -> dict[str, object]:
    try:
        read = json.loads(line) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        raise ExportError from None
    if not isinstance(read, dict):
        raise ExportError
    return read


def _entry_line(index: int, data: bytes) -> dict[str, object]:
    try:
        return {"index": index, "entry": data.decode()}
    except UnicodeDecodeError:
        return {"index": index, "bytes": base64.b64encode(data).decode()}


def _write(out: BinaryIO, line: Mapping[str, object]) -> None:
    out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
