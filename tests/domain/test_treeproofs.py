from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion

from tipportal.domain.handlinglog import leaf_hash, node_hash, peaks_of, root_of, root_of_leaves
from tipportal.domain.treeproofs import (
    EMPTY_ROOT,
    GrowingTree,
    consistency_path,
    inclusion_path,
    proves_consistency,
    proves_inclusion,
)


class Tree:
    """Complete subtrees as the database keeps them, beside the same tree in the other library."""

    def __init__(self, size: int) -> None:
        self.data = [f"entry {number}".encode() for number in range(size)]
        self.leaves = [leaf_hash(each) for each in self.data]
        self.nodes = {(0, position): leaf for position, leaf in enumerate(self.leaves)}
        for made in GrowingTree().add(self.leaves):
            self.nodes |= {(made.level, made.first + place): each for place, each in enumerate(made.hashes)}
        self.asked = 0
        self.other = InmemoryTree(algorithm="sha256")
        for each in self.data:
            self.other.append_entry(each)

    def node(self, level: int, position: int) -> bytes:
        self.asked += 1
        return self.nodes[level, position]


def sizes(most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, most).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


@settings(max_examples=80, deadline=None)
@given(sizes(300))
def test_inclusion_agrees_with_an_independent_library(drawn: tuple[int, int]) -> None:
    index, size = drawn
    tree = Tree(size + 3)
    path = inclusion_path(index, size, tree.node)
    theirs = tree.other.prove_inclusion(index + 1, size)
    assert [tree.leaves[index], *path] == theirs.path
    root = tree.other.get_root(size)
    assert proves_inclusion(tree.leaves[index], index, size, path, root)
    ours = InclusionProof("sha256", tree.other.security, size, index + 1, theirs.rule, [tree.leaves[index], *path])
    verify_inclusion(tree.leaves[index], root, ours)


@settings(max_examples=80, deadline=None)
@given(sizes(300))
def test_consistency_agrees_with_an_independent_library(drawn: tuple[int, int]) -> None:
    first, second = drawn[0], drawn[1] + 1
    tree = Tree(second)
    path = consistency_path(first, second, tree.node)
    if first == 0:
        assert path == ()
        return
    assert list(path) == _as_in_the_rfc(tree.other.prove_consistency(first, second), first)
    roots = tree.other.get_root(first), tree.other.get_root(second)
    assert proves_consistency(first, second, path, roots)


def _as_in_the_rfc(proof: object, first: int) -> list[bytes]:
    """What the other library's proof says, in RFC 9162's form: it splits the last subtree down to a leaf."""
    rule, subset, path = proof.rule, proof.subset, proof.path  # type: ignore[attr-defined] # a library without types
    end = subset.index(1)
    folded = path[0]
    for bit, each in zip(rule, path[1:end], strict=False):
        folded = node_hash(folded, each) if bit == 0 else node_hash(each, folded)
    known = first & (first - 1) == 0
    return [*([] if known else [path[end]]), folded, *path[end + 1 :]]


@settings(max_examples=60, deadline=None)
@given(sizes(200), st.data())
def test_no_altered_proof_is_taken(drawn: tuple[int, int], data: st.DataObject) -> None:
    index, size = drawn
    tree = Tree(size)
    root = root_of(size, tree.node)
    path = inclusion_path(index, size, tree.node)
    leaf = tree.leaves[index]
    other = data.draw(st.integers(0, size + 2).filter(lambda at: at != index))
    assert not proves_inclusion(leaf_hash(b"another"), index, size, path, root)
    assert not proves_inclusion(leaf, index, size, path, leaf_hash(b"another"))
    assert not proves_inclusion(leaf, other, size, path, root)
    assert not proves_inclusion(leaf, index, size, (*path, leaf), root)
    assert not path or not proves_inclusion(leaf, index, size, path[:-1], root)
    first = index
    if first:
        steps = consistency_path(first, size, tree.node)
        older = root_of(first, tree.node)
        assert proves_consistency(first, size, steps, (older, root))
        assert not proves_consistency(first, size, steps, (leaf_hash(b"another"), root))
        assert not proves_consistency(first, size, steps, (older, leaf_hash(b"another")))
        assert not proves_consistency(first, size, steps[:-1], (older, root))
        assert not proves_consistency(first, size, (*steps, leaf), (older, root))


def test_edges() -> None:
    tree = Tree(7)
    root = root_of(7, tree.node)
    assert EMPTY_ROOT == hashlib.sha256(b"").digest() == GrowingTree().root()
    assert proves_consistency(0, 7, (), (EMPTY_ROOT, root))
    assert not proves_consistency(0, 7, (), (root, root))
    assert proves_consistency(7, 7, consistency_path(7, 7, tree.node), (root, root))
    assert not proves_consistency(7, 6, (), (root, root))
    assert not proves_consistency(3, 7, (), (root, root))
    assert not proves_inclusion(tree.leaves[0], 0, 0, (), EMPTY_ROOT)
    for first, second in ((8, 7), (-1, 7)):
        with pytest.raises(ValueError, match="smaller"):
            consistency_path(first, second, tree.node)
    for index in (-1, 7):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_path(index, 7, tree.node)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=8))
def test_a_tree_that_grows_in_any_steps_is_the_same_tree(steps: list[int]) -> None:
    size = sum(steps)
    tree = Tree(size)
    growing = GrowingTree()
    made: dict[tuple[int, int], bytes] = {}
    for first, last in pairwise([0, *(sum(steps[: place + 1]) for place in range(len(steps)))]):
        for each in growing.add(tree.leaves[first:last]):
            made |= {(each.level, each.first + place): one for place, one in enumerate(each.hashes)}
        assert growing.root() == root_of_leaves(tree.leaves[:last])
        # And from the peaks alone.
        resumed = GrowingTree(last, peaks_of(last, tree.node))
        resumed.add(tree.leaves[last:])
        assert resumed.root() == root_of_leaves(tree.leaves)
    assert made == {place: each for place, each in tree.nodes.items() if place[0]}


def test_peaks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="peaks"):
        GrowingTree(5, [bytes(32)])


def test_a_proof_asks_for_few_nodes() -> None:
    tree = Tree(3000)
    for first, second in ((1, 3000), (1777, 2999), (2048, 2049)):
        tree.asked = 0
        consistency_path(first, second, tree.node)
        inclusion_path(first, second, tree.node)
        assert tree.asked <= 4 * 12
