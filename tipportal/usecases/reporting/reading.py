"""From the bytes of the log's entries to what the follow-up knows: fast, in order, and in bounded memory.

A million entries are read cold in a few seconds: of an entry that nothing is counted from only the kind, the day and
the few members beside them are decoded, by msgspec, which checks their types as it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tipportal.domain.followup.facts import Folded
from tipportal.domain.followup.folding import BARE, KINDS, BadEntry, Fold
from tipportal.domain.ports import UnitOfWork

_NOTHING: Mapping[str, object] = {}
_EMPTY = 2
"""Bytes of an empty object."""


class _Line(msgspec.Struct, frozen=True, gc=False):
    """The members of an entry that are looked at. Facts stay bytes until it is known that somebody needs them."""

    kind: str
    time: str
    actor: str
    facts: msgspec.Raw
    organisation: str | None
    case: str | None


_decode = msgspec.json.Decoder(_Line).decode
_decode_facts = msgspec.json.Decoder(dict[str, object]).decode
_NEEDED = frozenset(KINDS) - BARE


@dataclass(slots=True)
class Reader:
    """Folds entries, from the first on. ``without``: references of cases whose entries are passed over."""

    without: frozenset[str] = frozenset()
    fold: Fold = field(default_factory=Fold)

    @property
    def folded(self) -> Folded:
        """What the entries so far say."""
        return self.fold.folded

    def take(self, indices: Sequence[int], entries: Sequence[bytes]) -> None:
        """Take entries, each at the index that it is said to have. Raises BadEntry."""
        # Names of its own: a million entries are a million of each of these.
        decode, decode_facts, add, skip = _decode, _decode_facts, self.fold.add, self.fold.skip
        known, needed, without = KINDS, _NEEDED, self.without
        for index, data in zip(indices, entries, strict=True):
            try:
                line = decode(data)
                kind = line.kind
                if kind not in known or line.case in without:
                    skip(index, line.time)
                    continue
                raw = line.facts
                facts = decode_facts(raw) if kind in needed and len(raw) != _EMPTY else _NOTHING
            except msgspec.MsgspecError as error:
                raise BadEntry(index, "?", str(error)) from None
            add(index, kind, line.time, line.actor, line.organisation, line.case, facts)


def at_sizes(
    uow: UnitOfWork, sizes: Collection[int], without: frozenset[str] = frozenset()
) -> Iterator[tuple[int, Folded]]:
    """What the log of a database said when it had each of these sizes, the smallest first, all in one reading.

    What is given changes with the next step: look at it before. Raises BadEntry, and EOFError where the log is shorter.
    """
    chunks = ((chunk.indices, chunk.entries) for chunk in uow.log.chunks())
    yield from stepwise(chunks, sizes, without)


def stepwise(
    chunks: Iterable[tuple[Sequence[int], Sequence[bytes]]],
    sizes: Collection[int],
    without: frozenset[str] = frozenset(),
) -> Iterator[tuple[int, Folded]]:
    """As ``at_sizes``, of entries that come in chunks of indices and bytes."""
    reader, wanted = Reader(without), sorted(set(sizes))
    for indices, entries in chunks:
        start = 0
        while wanted and indices and wanted[0] <= indices[-1] + 1:
            stop = max(start, wanted[0] - indices[0])
            reader.take(indices[start:stop], entries[start:stop])
            start = stop
            if reader.folded.size != wanted[0]:
                raise BadEntry(reader.folded.size, "?", "the entry is missing")
            yield wanted.pop(0), reader.folded
        if not wanted:
            return
        reader.take(indices[start:], entries[start:])
    for size in wanted:
        if size != reader.folded.size:
            raise EOFError(reader.folded.size)
        yield size, reader.folded
