"""Proofs about the log's tree (RFC 9162, sections 2.1.3 and 2.1.4; the same as in RFC 6962), and the tree as it grows.

Everything is made from complete subtrees, which never change once they are there: ``node(level, position)`` gives the
hash of the 2**level leaves from position * 2**level on, level 0 being the leaf. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .handlinglog import node_hash, peaks_of, root_of_leaves

Node: TypeAlias = Callable[[int, int], bytes]
EMPTY_ROOT = root_of_leaves(())


def inclusion_path(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Hashes that lead from leaf ``index`` to the head of the first ``size`` leaves: PATH(m, D[n]), the nearest first.

    O(log size) nodes are asked for. Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root_between(middle, end, node))
            end = middle
        else:
            path.append(_root_between(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_path(first: int, second: int, node: Node) -> tuple[bytes, ...]:
    """Hashes that show that the first ``first`` of ``second`` leaves are still the same: PROOF(m, D[n]).

    Empty for two trees of one size, and for an empty first one. O(log second) nodes. Raises ValueError unless
    0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError("the first tree is not the smaller one")
    if first == 0:
        return ()
    path = []
    start, end, left, known = 0, second, first, True
    while left != end - start:
        width = _split(end - start)
        if left <= width:
            path.append(_root_between(start + width, end, node))
            end = start + width
        else:
            path.append(_root_between(start, start + width, node))
            start, left, known = start + width, left - width, False
    if not known:
        path.append(_root_between(start, end, node))
    return tuple(reversed(path))


def proves_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf's hash at ``index`` to the head of ``size`` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, current = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            current = node_hash(each, current)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            current = node_hash(current, each)
        at, last = at >> 1, last >> 1
    return last == 0 and current == root


def proves_consistency(first: int, second: int, path: Sequence[bytes], roots: tuple[bytes, bytes]) -> bool:
    """Whether the path shows that the tree of ``first`` leaves begins that of ``second`` (RFC 9162, 2.1.4.2).

    ``roots``: the head of each. Everything begins with the empty tree.
    """
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        same = EMPTY_ROOT if first == 0 else roots[1]
        return not path and roots[0] == same
    hashes = [roots[0], *path] if first & (first - 1) == 0 else [*path]
    if not hashes:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(each, older), node_hash(each, newer)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, each)
        at, last = at >> 1, last >> 1
    return last == 0 and (older, newer) == roots


@dataclass(frozen=True, slots=True)
class Completed:
    """Complete subtrees of one level, side by side from ``first`` on."""

    level: int
    first: int
    hashes: list[bytes]


class GrowingTree:
    """The tree over leaves that come in order, many at a time: O(log n) memory, and as few steps as hashes.

    Begins empty, or with ``size`` leaves that are known by their peaks alone: the complete subtrees that make up the
    head, the largest first.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Raise ValueError when there are not as many peaks as a tree of that size has."""
        if size.bit_count() != len(peaks):
            raise ValueError("a tree of that size has another number of peaks")
        self.size = size
        waiting = iter(reversed(peaks))
        self._waiting: list[bytes | None] = [
            next(waiting) if size >> level & 1 else None for level in range(size.bit_length())
        ]

    def add(self, leaves: Sequence[bytes]) -> list[Completed]:
        """Append leaf hashes; the subtrees from level 1 up that they complete."""
        made: list[Completed] = []
        nodes, level, sha256 = [*leaves], 0, hashlib.sha256
        position = self.size
        self.size += len(nodes)
        while nodes:
            if level == len(self._waiting):
                self._waiting.append(None)
            left = self._waiting[level]
            if left is not None:
                nodes = [left, *nodes]
                position -= 1
            self._waiting[level] = nodes[-1] if len(nodes) & 1 else None
            pairs = iter(nodes)
            # Written out, as node_hash is: a million leaves are a million of these.
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
            level, position = level + 1, position >> 1
            if nodes:
                made.append(Completed(level, position, nodes))
        return made

    def root(self) -> bytes:
        """The head of all leaves so far."""
        root: bytes | None = None
        for peak in self._waiting:
            if peak is not None:
                root = peak if root is None else node_hash(peak, root)
        return EMPTY_ROOT if root is None else root


def _split(width: int) -> int:
    """The largest power of two below ``width``, which is 2 or more."""
    return 1 << (width - 1).bit_length() - 1


def _root_between(start: int, end: int, node: Node) -> bytes:
    """The head of leaves ``start`` to before ``end``, where a subtree of the whole begins."""

    def shifted(level: int, position: int) -> bytes:
        return node(level, position + (start >> level))

    return GrowingTree(end - start, peaks_of(end - start, shifted)).root()
