"""The log's tree held against what was signed: checkpoints in the database or an export, and those kept outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import takewhile
from typing import Protocol

from tipportal.domain.checkpoints import Checkpoint, CheckpointError, parse_checkpoint
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import Completed, GrowingTree
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.signednotes import Note, NoteKey, parse_note, parse_vkey


class Found(Protocol):
    """Remembers what is wrong: at which entry (None for the whole log), as a msgid with its values."""

    def __call__(self, index: int | None, msgid: str, /, **values: object) -> None:
        """Remember it."""


@dataclass(slots=True)
class MarkedTree:
    """A growing tree that remembers its head at some sizes."""

    tree: GrowingTree
    sizes: Iterable[int]
    roots: dict[int, bytes] = field(default_factory=dict)
    _coming: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._coming = sorted({size for size in self.sizes if size >= self.tree.size}, reverse=True)
        self._note()

    def add(self, leaves: Sequence[bytes]) -> list[Completed]:
        """Append leaf hashes; the subtrees that they complete."""
        made: list[Completed] = []
        start = 0
        while self._coming and self._coming[-1] <= self.tree.size + len(leaves) - start:
            stop = start + self._coming[-1] - self.tree.size
            made += self.tree.add(leaves[start:stop])
            start = stop
            self._note()
        return made + self.tree.add(leaves[start:] if start else leaves)

    def _note(self) -> None:
        for _ in [*takewhile(lambda size: size == self.tree.size, reversed(self._coming))]:
            self.roots[self._coming.pop()] = self.tree.root()


def agrees(mark: Mark, marked: MarkedTree, keys: Collection[NoteKey]) -> bool:
    """Whether a checkpoint has the root that the tree had at its size, and one of the keys signed it."""
    if marked.roots.get(mark.checkpoint.size) != mark.checkpoint.root:
        return False
    for key in keys:
        try:
            mark.note.verify(key)
        except EnvelopeError:
            continue
        return True
    return False


@dataclass(frozen=True, slots=True)
class Mark:
    """A signed note that has been read: what it says, the note itself, and whether it came from outside."""

    checkpoint: Checkpoint
    note: Note
    outside: bool


def read_mark(text: str, *, outside: bool) -> Mark | None:
    """A checkpoint from its signed note, or None when it is none."""
    try:
        note = parse_note(text)
        return Mark(parse_checkpoint(note.text), note, outside)
    except (EnvelopeError, CheckpointError):
        return None


@dataclass(frozen=True, slots=True)
class Judged:
    """Sizes up to which signed checkpoints agree with the tree: those of ours, those from outside."""

    kept: int = 0
    outside: int = 0


@dataclass(slots=True)
class Marks:
    """Judges signed checkpoints once the tree has been read. ``has_all``: ours must hold each one from outside."""

    origin: str | None
    keys: Collection[NoteKey]
    roots: Mapping[int, bytes]
    size: int
    found: Found
    has_all: bool

    def judge(self, marks: Sequence[Mark]) -> Judged:
        """Say what is wrong with the log or with a checkpoint, in plain words; each cause once."""
        signed = [mark for mark in marks if self._is_ours(mark)]
        agreeing = [mark for mark in signed if self.roots.get(mark.checkpoint.size) == mark.checkpoint.root]
        kept = {mark.checkpoint.size for mark in signed if not mark.outside}
        self._judge_size(signed, kept)
        self._judge_content(signed, kept, agreeing)
        for mark in agreeing:
            if mark.outside and self.has_all and mark.checkpoint.size not in kept:
                self.found(
                    None,
                    N_("Den sparade kontrollpunkten på %(size)s poster finns inte kvar i databasen."),
                    size=mark.checkpoint.size,
                )
        return Judged(
            max((mark.checkpoint.size for mark in agreeing if not mark.outside), default=0),
            max((mark.checkpoint.size for mark in agreeing if mark.outside), default=0),
        )

    def _is_ours(self, mark: Mark) -> bool:
        name = _name(mark)
        if self.origin is not None and mark.checkpoint.origin != self.origin:
            self.found(None, N_("%(name)s hör till en annan installation."), name=name)
            return False
        named = [key for key in self.keys if mark.note.names(key)]
        if not named:
            self.found(None, N_("%(name)s är inte undertecknad med loggens nyckel."), name=name)
            return False
        try:
            for key in named:
                mark.note.verify(key)
        except EnvelopeError:
            self.found(None, N_("%(name)s har ändrats: underskriften stämmer inte."), name=name)
            return False
        return True

    def _judge_size(self, signed: Sequence[Mark], kept: Collection[int]) -> None:
        longer = [mark for mark in signed if mark.checkpoint.size > self.size]
        if not longer:
            return
        largest = max(longer, key=lambda mark: mark.checkpoint.size)
        text = (
            N_(
                "Loggen har %(size)s poster, men %(name)s visar att den har haft fler: slutet av loggen har tagits "
                "bort."
            )
            if any(size > self.size for size in kept)
            else N_(
                "Loggen har %(size)s poster, men %(name)s visar att den har haft fler: en äldre säkerhetskopia har "
                "lagts tillbaka, eller slutet har tagits bort med sina kontrollpunkter."
            )
        )
        self.found(None, text, size=self.size, name=_name(largest, start=False))

    def _judge_content(self, signed: Sequence[Mark], kept: Collection[int], agreeing: Sequence[Mark]) -> None:
        wrong = [
            mark
            for mark in signed
            if mark.checkpoint.size in self.roots and self.roots[mark.checkpoint.size] != mark.checkpoint.root
        ]
        if not wrong:
            return
        first = min(wrong, key=lambda mark: (mark.checkpoint.size, not mark.outside))
        size = first.checkpoint.size
        before = max((mark.checkpoint.size for mark in agreeing if mark.checkpoint.size < size), default=0)
        values = {"size": size, "name": _name(first, start=False), "before": before, "last": size - 1}
        rewritten = N_("Loggen har skrivits om: de första %(size)s posterna är inte de som %(name)s gäller.")
        said = [Sentence(rewritten, values)]
        if before:
            text = N_("De första %(before)s är oförändrade; ändringen ligger i post %(before)s till %(last)s.")
            said.append(Sentence(text, values))
        if first.outside and self.has_all and size not in kept:
            text = N_(
                "Kontrollpunkten finns inte heller kvar i databasen: en äldre säkerhetskopia kan ha lagts tillbaka och "
                "fått ett nytt slut."
            )
            said.append(Sentence(text))
        self.found(None, N_("%(what)s"), what=reduce(_beside, said))


def read_keys(vkeys: Iterable[str], found: Found) -> set[NoteKey]:
    """Keys from their lines in the log."""
    keys = set()
    for vkey in vkeys:
        try:
            keys.add(parse_vkey(vkey))
        except EnvelopeError:
            found(None, N_("En nyckel för kontrollpunkter i loggen går inte att läsa."))
    return keys


def _name(mark: Mark, *, start: bool = True) -> Sentence:
    if mark.outside:
        text = (
            N_("Den sparade kontrollpunkten på %(size)s poster")
            if start
            else N_("den sparade kontrollpunkten på %(size)s poster")
        )
    else:
        text = N_("Kontrollpunkten på %(size)s poster") if start else N_("kontrollpunkten på %(size)s poster")
    return Sentence(text, {"size": mark.checkpoint.size})


def _beside(first: Sentence, second: Sentence) -> Sentence:
    return Sentence(N_("%(first)s %(second)s"), {"first": first, "second": second})
