"""The handling log at 10,000, a million and ten million entries: appending, and `log verify` against bare hashing.

The database grows in one folder, which is removed afterwards: ten million entries take about 6 GB, and some minutes to
make. Give other sizes as arguments.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from tipportal.domain.handlinglog import Entry, EntryKind, entry_bytes, peaks_of
from tipportal.domain.treeproofs import GrowingTree, consistency_path
from tipportal.storage.database import Database
from tipportal.storage.schema import upgrade
from tipportal.usecases.logbook import Audit, TreeCheck
from tipportal.usecases.logtree import MarkedTree

from .bulk_log import LogRow, append_past_guards

SIZES = (10_000, 1_000_000, 10_000_000)
APPENDED = 300
VERIFIED = 1_000_000
"""Fetching, hashing and decoding are measured at this size, in CPU seconds of this process."""
CHUNK = 65_536
CASES = 100_000
NOW = 1_795_425_451
ROUNDS = 3
_ORGANISATION = "0a" * 16


def main(sizes: tuple[int, ...]) -> None:
    """Grow the log from size to size and measure at each."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'log.sqlite3'}"
        upgrade(url)
        database = Database(url, Path(folder) / "blobs")
        first: float | None = None
        for size in sizes:
            _grow(database, url, size)
            first = _append(database, size, first)
            _prove(database, size)
            if size == VERIFIED:
                _verify(database)
        database.close()


def _grow(database: Database, url: str, size: int) -> None:
    """Fill the log up to a size past the guards, with leaves and nodes as appending would have made them."""
    started = time.perf_counter()
    with database.read() as uow:
        there = uow.log.size()
        tree = GrowingTree(there, peaks_of(there, uow.log.node))
    database.close()
    path = Path(str(sa.make_url(url).database))
    append_past_guards(path, tree, there, (_made(index) for index in range(there, size)))
    print(f"{size:,} entries made in {time.perf_counter() - started:.0f} s")


def _made(index: int) -> LogRow:
    case = f"ABC-{index % CASES:06d}"
    body = _BEFORE + case.encode() + _BETWEEN + str(index).encode() + _AFTER
    return _ORGANISATION, case, body


def _entry(case: str) -> Entry:
    return Entry(EntryKind.OPENED, NOW, "5f" * 16, _ORGANISATION, case, {"stream": "work"}, policy_version=3)


def _parts() -> tuple[bytes, bytes, bytes]:
    """An entry's canonical bytes around its case and its index, so that ten million are made quickly."""
    before, rest = entry_bytes(_entry("ABC-CASE").body(), 987_654_321).split(b"ABC-CASE")
    between, after = rest.split(b"987654321")
    return before, between, after


_BEFORE, _BETWEEN, _AFTER = _parts()


def _append(database: Database, size: int, first: float | None) -> float:
    inside, whole = [], []
    for number in range(APPENDED):
        begun = time.perf_counter()
        with database.write() as uow:
            started = time.perf_counter()
            uow.log.append(_entry(f"ABC-{number:06d}"))
            inside.append(time.perf_counter() - started)
        whole.append(time.perf_counter() - begun)
    median = statistics.median(inside)
    low, *_, high = statistics.quantiles(inside, n=10)
    print(
        f"append at {size:,}: {median * 1e3:.2f} ms ({low * 1e3:.2f}–{high * 1e3:.2f}), with its durable commit "
        f"{statistics.median(whole) * 1e3:.2f} ms; {median / (first or median):.2f} × that at the first size"
    )
    return first or median


def _prove(database: Database, size: int) -> None:
    with database.read() as uow:
        started = time.perf_counter()
        path = consistency_path(size // 3, uow.log.size(), uow.log.node)
        print(f"consistency proof at {size:,}: {len(path)} hashes in {(time.perf_counter() - started) * 1e3:.1f} ms")


def _verify(database: Database) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ratios = []
    for _ in range(ROUNDS):
        bare, many = _bare(database)
        fetched, compared = _fetch_and_tree(database, compare=False), _fetch_and_tree(database, compare=True)
        ratios.append(bare / fetched)
        print(f"  {many:,} entries: bare hashes {bare:.2f} s, fetch and tree {fetched:.2f} s: {bare / fetched:.0%}")
        print(f"    and held against every stored subtree {compared:.2f} s: {bare / compared:.0%}")
    print(f"fetch and tree at {statistics.median(ratios):.0%} of bare hashing (goal: 50 %)")
    started = time.process_time()
    audit = Audit()
    with database.read() as uow:
        for chunk in uow.log.chunks():
            for index, data in zip(chunk.indices, chunk.entries, strict=True):
                audit.take(index, data)
    print(f"decoding and following {audit.size:,} entries: {time.process_time() - started:.1f} s, reported apart")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"memory: {grown / 1024:.0f} MiB more at the highest")


def _fetch_and_tree(database: Database, *, compare: bool) -> float:
    """Leaves are held against the stored ones, and the head; ``compare``: every subtree between them as well."""
    found: list[str] = []
    started = time.process_time()
    with database.read() as uow:
        marked = MarkedTree(GrowingTree(), ())
        tree = TreeCheck(uow, marked, lambda _, what: found.append(what), differs=not compare)
        for chunk in uow.log.chunks():
            tree.take(chunk)
        tree.finish()
        stored = uow.log.root()
    taken = time.process_time() - started
    if found or marked.tree.root() != stored:
        raise RuntimeError(found)
    return taken


def _bare(database: Database) -> tuple[float, int]:
    """The same hashes in bare loops over what is in memory already."""
    taken, many = 0.0, 0
    above: list[bytes] = []
    for entries in _in_memory(database):
        many += len(entries)
        started = time.process_time()
        sha256 = hashlib.sha256
        nodes = [sha256(b"\x00" + data).digest() for data in entries]
        while len(nodes) > 1:
            pairs = iter(nodes)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        taken += time.process_time() - started
        above += nodes
    return taken, many


def _in_memory(database: Database) -> Iterator[list[bytes]]:
    with database.read() as uow:
        for start in range(0, uow.log.size(), CHUNK):
            yield [data for _, data in uow.log.entries(start, start + CHUNK)]


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or SIZES)
