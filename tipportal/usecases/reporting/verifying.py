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
from tipportal.domain.followup.folding_installation import publications_of
from tipportal.domain.followup.report import DEFINITIONS, Audience, Report
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
from tipportal.usecases.logtree import MarkedTree, agrees, read_mark

from . import reading
from .comparing import differences, edited
from .computing import Computed, OtherPublications, Wanted, compute, sizes

MOST = 200
"""Differences that are told. Whoever has changed more than that has changed it all."""
MANY = 2_048
_TOLD = tuple(b'"%b' % kind.value.encode() for kind in (EntryKind.REPORT_PUBLISHED, EntryKind.LOG_KEY_SET))
_FORMS = (b"%PDF-", b"PK", b"<!DOCTYPE html", b'\xef\xbb\xbf"report"')
"""How a report begins as a PDF, as a spreadsheet or letter, as a web page, and as separated values."""

Lines: TypeAlias = Callable[[], Iterable[bytes]]
"""Gives an export's lines, from the first one, each time."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. It holds when nothing in ``wrong`` is said and the log has no findings.

    ``log`` is None where it did not come to that. ``published``: as what the log says that exactly this file was
    published, with its names and edited words; None for a draft, whose names nobody has signed. ``edited``: ids of
    paragraphs that are somebody's words. ``own_key``: checkpoints were judged by the key that the log names itself.
    ``instead``: what was published of the same report, where this file is another.
    """

    report: Report | None
    log: Verified | None = None
    wrong: tuple[Sentence, ...] = ()
    published: Publication | None = None
    edited: tuple[str, ...] = ()
    own_key: bool = False
    instead: Publication | None = None

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
        return Checked(None, wrong=(_no_report(file, error),))
    seen = _look(lines())
    wrong = _unfit(report, checkpoint, seen)
    if wrong:
        return Checked(report, wrong=wrong)
    verified = logexport.verify_export(lines(), keys or seen.keys, [checkpoint])
    found = Checked(report, verified, edited=edited(report), own_key=not keys)
    if verified.findings:
        said = Sentence(N_("Loggen är inte den som kontrollpunkten gjordes för, eller har fel."))
        return replace(found, wrong=(said,))
    computed = _computed(report, lines(), seen, {*keys, *seen.keys})
    if isinstance(computed, Sentence):
        return replace(found, wrong=(computed,))
    digest = hashlib.sha256(document.encode(report)).hexdigest()
    published = next((one for one in seen.publications if one.digest == digest), None)
    wrong = tuple(islice(differences(report, computed), MOST))
    if published is None:
        wrong += tuple(_nobody_s(each) for each in found.edited)
    return replace(found, wrong=wrong, published=published, instead=_instead(report, seen, published))


def _no_report(file: bytes, error: document.Unreadable) -> Sentence:
    """That the file is none, and which one would be. The fault itself is in English, for who has the file at hand."""
    values: dict[str, object] = {"what": str(error)}
    if not file.strip():
        return Sentence(N_("Filen är ingen rapport: den är tom."))
    if file.startswith(_FORMS):
        text = N_(
            "Filen är rapporten i ett annat format. Bara JSON-filen går att räkna om: hämta den där rapporten är "
            "publicerad, eller gör den med --format json."
        )
        return Sentence(text)
    if len(file) > document.MOST_BYTES:
        values = {"most": document.MOST_BYTES // 2**20}
        return Sentence(N_("Filen är ingen rapport: den är större än %(most)d MB, och ingen rapport är det."), values)
    return Sentence(N_("Filen är ingen rapport som JSON, eller så är den skadad. Felet: %(what)s"), values)


def _nobody_s(paragraph: str) -> Sentence:
    """A paragraph with words that the log does not give, in a file that two have not signed."""
    text = N_("Stycke %(id)s: någon har skrivit om texten, och två har inte publicerat filen med den.")
    return Sentence(text, {"id": paragraph})


def _instead(report: Report, seen: _Seen, published: Publication | None) -> Publication | None:
    """What the log says was published of the same report and the same entries, where this file is not it."""
    about = (report.kind.value, str(report.period), report.scope, report.log.size)
    if published is not None or report.audience is not Audience.PUBLIC:
        return None
    others = (one for one in seen.publications if (one.kind, one.period, one.scope, one.size) == about)
    return next(others, None)


def _look(lines: Iterable[bytes]) -> _Seen:
    exported = logexport.read_export(_few(lines))
    seen = _Seen(exported.origin, exported.start, exported.size)
    for _, data in exported.entries:
        try:
            body = json.loads(data)
            told = Told(body["facts"], swedish_day(body["time"]), body["actor"], "", "")
            if body["kind"] == EntryKind.REPORT_PUBLISHED:
                seen.publications.extend(publications_of(told))
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
        text = N_(
            "Kontrollpunkten går inte att läsa. Ange de rader som tipportal log checkpoint skriver ut, oförändrade."
        )
        return (Sentence(text),)
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


def _computed(report: Report, lines: Iterable[bytes], seen: _Seen, keys: Collection[NoteKey]) -> Report | Sentence:
    """The report as the log gives it, or why there is none. ``keys``: those that may have signed its checkpoint."""
    log, publications = report.log, seen.publications
    mark = None if log.checkpoint is None else read_mark(log.checkpoint, outside=True)
    wanted = Wanted(
        report.kind, report.period, report.scope, report.audience, log, report.seed, together=report.together
    )
    tree = MarkedTree(GrowingTree(), {log.size} if mark is None else {log.size, mark.checkpoint.size})
    steps = reading.stepwise(_hashed(logexport.read_export(lines).entries, tree), sizes(wanted, publications))
    try:
        computed = _of_scope(compute(steps, wanted, publications, report.names), report.scope)
    except BadEntry as error:
        values = {"index": error.index, "what": error.what}
        return Sentence(N_("Loggens post %(index)d går inte att räkna: %(what)s"), values)
    except (OtherPublications, EOFError, ValueError):
        return Sentence(N_("Det går inte att räkna om vad tidigare publicerade rapporter visade."))
    except Invalid as refusal:
        return Sentence(refusal.reason)
    if tree.roots[log.size].hex() != log.root:
        return Sentence(N_("Rapporten är räknad på en annan logg: trädets huvud stämmer inte."))
    if log.checkpoint is not None and (mark is None or mark.checkpoint.size > log.size or not agrees(mark, tree, keys)):
        return Sentence(
            N_("Kontrollpunkten i rapporten är inte loggens: den har ändrats, eller hör till en annan logg.")
        )
    # As the file has it: dates are text there.
    return document.decode(document.encode(computed))


def _of_scope(every: Sequence[Computed], scope: str | None) -> Report:
    """The report of one organisation. Raises Invalid where it is none of those that were computed."""
    for one in every:
        if one.report.scope == scope:
            return one.report
    raise Invalid(N_("Organisationen fanns inte under perioden."), field="organisation")


def _hashed(entries: Iterator[tuple[int, bytes]], tree: MarkedTree) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
    """Entries in chunks, hashed into the tree as they pass."""
    while chunk := list(islice(entries, MANY)):
        tree.add([hashlib.sha256(b"\x00" + data).digest() for _, data in chunk])
        yield [index for index, _ in chunk], [data for _, data in chunk]
