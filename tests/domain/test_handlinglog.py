from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from tipportal.domain.handlinglog import (
    Entry,
    EntryKind,
    Json,
    entry_bytes,
    instant,
    leaf_hash,
    node_hash,
    nodes_completed_by,
    pending_bytes,
    root_of,
    root_of_leaves,
)

# The tree of eight leaves that Certificate Transparency's own implementations are tested with (RFC 6962, section 2.1).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # pragma: allowlist secret
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",  # pragma: allowlist secret
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",  # pragma: allowlist secret
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",  # pragma: allowlist secret
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",  # pragma: allowlist secret
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",  # pragma: allowlist secret
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",  # pragma: allowlist secret
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",  # pragma: allowlist secret
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",  # pragma: allowlist secret
]


class _Tree:
    """Appends as storage does: complete subtrees only, never changed."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0

    def node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]

    def append(self, data: bytes) -> int:
        made = nodes_completed_by(self.size, leaf_hash(data), self.node)
        for level, position, value in made:
            assert (level, position) not in self.nodes
            self.nodes[level, position] = value
        self.size += 1
        return len(made)

    def root(self) -> bytes:
        return root_of(self.size, self.node)


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    tree = _Tree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    assert tree.root().hex() == ROOTS[size]
    assert root_of_leaves(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


def test_the_first_leaf_hash_is_over_a_zero_byte() -> None:
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_tree_is_that_of_an_independent_library(entries: list[bytes]) -> None:
    tree, other = _Tree(), InmemoryTree(algorithm="sha256")
    for size, data in enumerate(entries, start=1):
        tree.append(data)
        other.append_entry(data)
        assert tree.root() == other.get_root(size)
    assert tree.root() == root_of_leaves(map(leaf_hash, entries))


def test_an_append_makes_at_most_one_node_a_level() -> None:
    tree = _Tree()
    for index in range(1025):
        assert tree.append(index.to_bytes(2, "big")) <= index.bit_length() + 1
    # Each complete subtree is made exactly once: fewer than two nodes a leaf, however many leaves there are.
    assert len(tree.nodes) == 2 * 1024 - 1 + 1


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=20, unique=True), st.data())
def test_any_change_of_order_or_content_changes_the_root(entries: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(entries) - 2))
    second = data.draw(st.integers(first + 1, len(entries) - 1))
    swapped = list(entries)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    root = root_of_leaves(map(leaf_hash, entries))
    assert root_of_leaves(map(leaf_hash, swapped)) != root
    assert root_of_leaves(map(leaf_hash, entries[:-1])) != root


def test_canonical_bytes_stay_as_they_were() -> None:
    entry = Entry(
        kind=EntryKind.CASE_RECEIVED,
        time=date(2026, 3, 2),
        actor="source",
        organisation_id="o1",
        case="AAA-AAA-AAA",
        facts={"channel": "tip", "area": "upphandling"},
        policy_version=0,
        directory_version=0,
    )
    assert entry_bytes(entry.body(), 7) == (
        b'{"actor":"source","case":"AAA-AAA-AAA","directory":0,"facts":{"area":"upphandling","channel":"tip"},'
        b'"index":7,"kind":"case_received","organisation":"o1","policy":0,"signatures":[],"time":"2026-03-02","v":1}'
    )
    assert b'"index"' not in pending_bytes(entry)


def test_signatures_and_swedish_are_part_of_the_bytes() -> None:
    entry = Entry(EntryKind.APPROVED, 0, "anna", None, None, {"för": "åäö"}, signatures=({"signer": "bo"},))
    assert pending_bytes(entry).decode() == (
        '{"actor":"anna","case":null,"directory":null,"facts":{"för":"åäö"},"kind":"approved","organisation":null,'
        '"policy":null,"signatures":[{"signer":"bo"}],"time":"1970-01-01T00:00:00Z","v":1}'
    )


@given(
    st.dictionaries(st.text(st.characters(max_codepoint=126, min_codepoint=32)), st.text() | st.integers(-9, 2**53 - 1))
)
def test_waiting_entries_are_as_canonical_as_they_will_be(facts: dict[str, Json]) -> None:
    entry = Entry(EntryKind.OPENED, 0, '\x7f\u2028\b"/\\', None, None, facts)
    assert pending_bytes(entry) == rfc8785.dumps(entry.body())


@given(st.integers(0, 253_402_300_799))
def test_instants_are_utc_with_a_z(seconds: int) -> None:
    text = instant(seconds)
    assert text.endswith("Z")
    assert datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").replace(tzinfo=UTC).timestamp() == seconds


def test_a_text_from_long_ago_still_names_its_kind() -> None:
    # Append-only: whoever removes or renames one of these makes old logs unreadable.
    assert {
        "installation_founded",
        "organisation_added",
        "account_invited",
        "account_enrolled",
        "designation_made",
        "policy_activated",
        "case_received",
        "case_acknowledged",
        "source_message_received",
        "opened",
        "access_refused",
        "epoch_begun",
        "message_sent",
        "feedback_given",
        "note_added",
        "title_set",
        "follow_up_begun",
        "proposed",
        "approved",
        "declined",
        "approval_refused",
        "case_assessed",
        "case_closed",
    } <= {kind.value for kind in EntryKind}
