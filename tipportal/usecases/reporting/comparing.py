"""Where two reports differ: the one in a file, and the one that the log gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from tipportal.domain.followup.report import Column, Figure, Head, Mark, Report, Section, Table
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

_NOTHING = Sentence(N_("inget"))
_MARKS: Mapping[Mark, str] = {
    Mark.HIDDEN: N_("dolt"),
    Mark.NO_BASE: N_("underlag saknas"),
    Mark.NOT_YET: N_("inte än"),
}


def differences(file: Report, computed: Report) -> Iterator[Sentence]:
    """Every difference, in the order of the report. What two have edited is not compared, only what it stands for."""
    if file.as_of != computed.as_of:
        yield _told(Sentence(N_("Läget per")), str(file.as_of), str(computed.as_of))
    if file.title != computed.title:
        yield Sentence(N_("Rubriken är en annan än den som loggen ger."))
    if (file.earlier, file.seed) != (computed.earlier, computed.seed):
        yield Sentence(N_("Filen räknar med andra tidigare rapporter än dem som loggen säger är publicerade."))
    names = [section.id for section in file.sections]
    if names != [section.id for section in computed.sections]:
        yield _told(
            Sentence(N_("Rapportens delar")), ", ".join(names), ", ".join(section.id for section in computed.sections)
        )
        return
    for mine, theirs in zip(file.sections, computed.sections, strict=True):
        yield from _sections(mine, theirs)


def edited(file: Report) -> tuple[str, ...]:
    """The ids of paragraphs that somebody has put other words in the place of."""
    return tuple(one.id for section in file.sections for one in section.paragraphs if one.edited)


def _sections(file: Section, computed: Section) -> Iterator[Sentence]:
    where = Sentence(N_("Del %(id)s"), {"id": file.id})
    if file.title != computed.title:
        yield _told(where, file.title, computed.title)
    for mine, theirs in zip_longest(file.paragraphs, computed.paragraphs):
        if mine is None or theirs is None or (mine.id, mine.words) != (theirs.id, theirs.words):
            place = Sentence(N_("Stycke %(id)s"), {"id": getattr(mine or theirs, "id", "")})
            yield _told(place, getattr(mine, "words", _NOTHING), getattr(theirs, "words", _NOTHING))
    for ours, others in zip_longest(file.tables, computed.tables):
        if ours is None or others is None or ours.id != others.id:
            yield _told(where, getattr(ours, "id", _NOTHING), getattr(others, "id", _NOTHING))
        else:
            yield from _tables(ours, others)


def _tables(file: Table, computed: Table) -> Iterator[Sentence]:
    where = Sentence(N_("Tabell %(id)s (%(title)s)"), {"id": file.id, "title": computed.title})
    if (file.columns, file.heads) != (computed.columns, computed.heads):
        yield Sentence(N_("%(where)s: rader och kolumner är andra än dem som loggen ger."), {"where": where})
        return
    about = (file.title, file.first, file.definition, file.notes, file.hidden)
    if about != (computed.title, computed.first, computed.definition, computed.notes, computed.hidden):
        yield Sentence(N_("%(where)s: rubrik, definition eller anmärkningar är andra än i loggens."), {"where": where})
    for head, mine, theirs in zip(file.heads, file.figures, computed.figures, strict=True):
        yield from _rows(where, head, file.columns, (mine, theirs))


def _rows(
    where: Sentence, head: Head, columns: Sequence[Column], rows: tuple[Sequence[Figure], Sequence[Figure]]
) -> Iterator[Sentence]:
    for column, mine, theirs in zip(columns, *rows, strict=True):
        # What a hidden figure is made of is left out of the file.
        shown = mine.mark is Mark.SHOWN
        parts = (mine.part, mine.base) == (theirs.part, theirs.base) if shown else True
        if (mine.value, mine.mark, mine.text) != (theirs.value, theirs.mark, theirs.text) or not parts:
            row = head.words or head.name or head.key
            values = {"where": where, "row": head.key, "row_words": row, "column": column.key}
            values |= {"column_words": column.words}
            text = N_("%(where)s, rad %(row)s (%(row_words)s), kolumn %(column)s (%(column_words)s)")
            place = Sentence(text, values)
            yield _told(place, _figure(mine), _figure(theirs))


def _figure(figure: Figure) -> str | Sentence:
    if figure.mark is Mark.SHOWN and figure.value is not None:
        return f"{figure.value}" if figure.base is None else f"{figure.value} ({figure.part}/{figure.base})"
    if figure.mark in _MARKS:
        return Sentence(_MARKS[figure.mark])
    return figure.text or _NOTHING


def _told(where: Sentence, file: str | Sentence, computed: str | Sentence) -> Sentence:
    return Sentence(
        N_("%(where)s: i filen står ”%(file)s”, loggen ger ”%(log)s”."), {"where": where, "file": file, "log": computed}
    )
