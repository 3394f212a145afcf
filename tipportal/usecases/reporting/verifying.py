"""Whether a report is what the log says: from its file, an export of the log and a kept checkpoint, and nothing else.

No database, no settings and no trust in the server. The export is verified first, as ``tipportal log verify`` does;
then the report is computed again from the entries that it names, and held against the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeAlias

from tipportal.domain.errors import Invalid
from tipportal.domain.followup.facts import Publication
from tipportal.domain.followup.folding import BadEntry
from tipportal.domain.followup.folding_installation import publication_of
from tipportal.domain.followup.report import DEFINITIONS, Report
from tipportal.domain.followup.telling import Told, swedish_day
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import GrowingTree
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.signednotes import NoteKey, parse_vkey
from tipportal.reporting import document
from tipportal.usecases import logexport
from tipportal.usecases.logbook import Verified
from tipportal.usecases.logtree import MarkedTree, read_mark

from . import reading
from .comparing import differences, edited
from .computing import OtherPublications, Wanted, compute, sizes

MOST = 200
"""Differences that are told. Whoever has changed more than that has changed it all."""
MANY = 2_048
_TOLD = tuple(b'"%b' % kind.value.encode() for kind in (EntryKind.REPORT_PUBLISHED, EntryKind.LOG_KEY_SET))

Lines: TypeAlias = Callable[[], Iterable[bytes]]
"""Gives an export's lines, from the first one, each time."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. It holds when nothing in ``wrong`` is said and the log has no findings.

    ``log`` is None where it did not come to that. ``published``: as what the log says that exactly this file was
    published, with its names and edited words; None for a draft, whose names nobody has signed. ``edited``: ids of
    paragraphs that are somebody's words. ``own_key``: checkpoints were judged by the key that the log names itself.
    """

    report: Report | None
    log: Verified | None = None
    wrong: tuple[Sentence, ...] = ()
    published: Publication | None = None
    edited: tuple[str, ...] = ()
    own_key: bool = False

    @property
    def holds(self) -> bool:
        """The report is what the log says, and the log is what the checkpoint was signed for."""
        return not self.wrong and self.log is not None and not self.log.findings


@dataclass(slots=True)
class _Seen:
    """What an export says, before any of it is verified, of what is needed to verify and to compute."""

    origin: str
    start: int
    size: int
    keys: list[NoteKey] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)


def verify(file: bytes, checkpoint: str, lines: Lines, keys: Collection[NoteKey] = ()) -> Checked:
    """Verify a report's file. ``checkpoint``: a signed note that was kept elsewhere.

    Without ``keys`` the checkpoint is judged by the key that the log itself names. Raises ExportError when the lines
    are no export of a log.
    """
    try:
        report = document.decode(file)
    except document.Unreadable as error:
        return Checked(None, wrong=(Sentence(N_("Filen är ingen rapport: %(what)s"), {"what": str(error)}),))
    seen = _look(lines())
    wrong = _unfit(report, checkpoint, seen)
    if wrong:
        return Checked(report, wrong=wrong)
    notes = [checkpoint] if report.log.checkpoint in (None, checkpoint) else [checkpoint, str(report.log.checkpoint)]
    verified = logexport.verify_export(lines(), keys or seen.keys, notes)
    found = Checked(report, verified, edited=edited(report), own_key=not keys)
    if verified.findings:
        said = Sentence(N_("Loggen är inte den som kontrollpunkten gjordes för, eller har fel. Se nedan."))
        return replace(found, wrong=(said,))
    computed = _computed(report, lines(), seen.publications)
    if isinstance(computed, Sentence):
        return replace(found, wrong=(computed,))
    digest = hashlib.sha256(document.encode(report)).hexdigest()
    published = next((one for one in seen.publications if one.digest == digest), None)
    return replace(found, wrong=tuple(islice(differences(report, computed), MOST)), published=published)


def _look(lines: Iterable[bytes]) -> _Seen:
    exported = logexport.read_export(_few(lines))
    seen = _Seen(exported.origin, exported.start, exported.size)
    for _, data in exported.entries:
        try:
            body = json.loads(data)
            told = Told(body["facts"], swedish_day(body["time"]), body["actor"], "", "")
            if body["kind"] == EntryKind.REPORT_PUBLISHED:
                seen.publications.append(publication_of(told))
            elif body["kind"] == EntryKind.LOG_KEY_SET:
                seen.keys.append(parse_vkey(told.text("key")))
        except (ValueError, KeyError, TypeError, AttributeError, EnvelopeError):
            # Whatever is wrong with it is found, and named, when the export is verified.
            continue
    return seen


def _few(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The first line, and those that may say what is looked for: the others need not be decoded for that."""
    for number, line in enumerate(lines):
        if number == 0 or any(word in line for word in _TOLD):
            yield line


def _unfit(report: Report, checkpoint: str, seen: _Seen) -> tuple[Sentence, ...]:
    """Why these three cannot be held against each other, before anything is computed."""
    mark = read_mark(checkpoint, outside=True)
    if report.definitions != DEFINITIONS:
        values = {"theirs": report.definitions, "ours": DEFINITIONS}
        text = N_(
            "Rapporten är gjord med version %(theirs)d av definitionerna, och det här programmet kan version %(ours)d. "
            "Pröva den med en version av programmet från när den gjordes."
        )
        return (Sentence(text, values),)
    if mark is None:
        return (Sentence(N_("Kontrollpunkten går inte att läsa.")),)
    wrong = []
    if report.log.origin != seen.origin:
        wrong.append(Sentence(N_("Rapporten och exporten är från olika installationer.")))
    if seen.start:
        wrong.append(Sentence(N_("Exporten börjar inte med den första posten. Exportera hela loggen.")))
    for size, text in (
        (seen.size, N_("Rapporten är räknad på %(report)d poster, men exporten har bara %(size)d.")),
        (
            mark.checkpoint.size,
            N_(
                "Rapporten är räknad på %(report)d poster, men kontrollpunkten är från när loggen hade %(size)d. "
                "Använd en kontrollpunkt från senare."
            ),
        ),
    ):
        if report.log.size > size:
            wrong.append(Sentence(text, {"report": report.log.size, "size": size}))
    return tuple(wrong)


def _computed(report: Report, lines: Iterable[bytes], publications: Sequence[Publication]) -> Report | Sentence:
    """The report as the log gives it, or why there is none."""
    log = report.log
    wanted = Wanted(report.kind, report.period, report.scope, report.audience, log, report.seed)
    tree = MarkedTree(GrowingTree(), {log.size})
    steps = reading.stepwise(_hashed(logexport.read_export(lines).entries, tree), sizes(wanted, publications))
    try:
        computed = compute(steps, wanted, publications, report.names).report
    except BadEntry as error:
        values = {"index": error.index, "what": error.what}
        return Sentence(N_("Loggens post %(index)d går inte att räkna: %(what)s"), values)
    except (OtherPublications, EOFError, ValueError):
        return Sentence(N_("Det går inte att räkna om vad tidigare publicerade rapporter visade."))
    except Invalid as refusal:
        return Sentence(refusal.reason)
    if tree.roots[log.size].hex() != log.root:
        return Sentence(N_("Rapporten är räknad på en annan logg: trädets huvud stämmer inte."))
    # As the file has it: dates are text there.
    return document.decode(document.encode(computed))


def _hashed(entries: Iterator[tuple[int, bytes]], tree: MarkedTree) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
    """Entries in chunks, hashed into the tree as they pass."""
    while chunk := list(islice(entries, MANY)):
        tree.add([hashlib.sha256(b"\x00" + data).digest() for _, data in chunk])
        yield [index for index, _ in chunk], [data for _, data in chunk]
