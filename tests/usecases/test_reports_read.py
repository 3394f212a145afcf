"""Reading a log fast gives what folding it entry by entry does, at any size, and stops where an entry is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from benchmarks.bulk_log import bulk
from tests.support.folded import of_log, received
from tests.support.story import Story
from tipportal.domain.followup.facts import Folded
from tipportal.domain.followup.folding import BadEntry, Fold
from tipportal.domain.handlinglog import entry_bytes
from tipportal.usecases.reporting import reading

ENTRIES = list(bulk(700, organisations=3))
CHUNK = 64


def chunks(entries: Sequence[bytes], first: int = 0) -> list[tuple[range, Sequence[bytes]]]:
    return [
        (range(first + at, first + at + len(entries[at : at + CHUNK])), entries[at : at + CHUNK])
        for at in range(0, len(entries), CHUNK)
    ]


def folded(entries: Sequence[bytes]) -> Folded:
    fold = Fold()
    for index, data in enumerate(entries):
        fold.take(index, json.loads(data))
    return fold.folded


@pytest.mark.parametrize("size", [1, 63, 64, 65, 128, 699, len(ENTRIES)])
def test_what_is_passed_over_counts_for_nothing(size: int) -> None:
    ((at, found),) = reading.stepwise(chunks(ENTRIES), [size])

    assert at == size
    assert found == folded(ENTRIES[:size])


def test_several_sizes_in_one_reading() -> None:
    sizes = [300, 10, 64, 65, len(ENTRIES)]
    steps = [(at, found.size, len(found.cases)) for at, found in reading.stepwise(chunks(ENTRIES), sizes)]

    assert steps == [(size, size, len(folded(ENTRIES[:size]).cases)) for size in sorted(sizes)]


def test_reading_ends_with_the_last_size_that_is_asked_for() -> None:
    damaged = [*ENTRIES[:200], b"{"]

    assert [at for at, _ in reading.stepwise(chunks(damaged), [200])] == [200]


def test_log_that_is_shorter_than_asked_for() -> None:
    with pytest.raises(EOFError):
        list(reading.stepwise(chunks(ENTRIES), [len(ENTRIES) + 1]))


@pytest.mark.parametrize("missing", [0, 10, 63, 64, 100])
def test_missing_entry_is_named(missing: int) -> None:
    indices = [index for index in range(len(ENTRIES)) if index != missing]
    parts = [
        (indices[at : at + CHUNK], [ENTRIES[one] for one in indices[at : at + CHUNK]]) for at in range(0, 600, CHUNK)
    ]
    with pytest.raises(BadEntry) as caught:
        list(reading.stepwise(parts, [200]))

    assert caught.value.index in {missing, missing + 1}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"{}",
        json.dumps({**received("2026-01-01"), "facts": [1]}).encode(),
        json.dumps({**received("2026-01-01"), "actor": 7}).encode(),
        b"\xff",
    ],
)
def test_what_is_no_entry_is_named(data: bytes) -> None:
    with pytest.raises(BadEntry) as caught:
        list(reading.stepwise([([0], [data])], [1]))

    assert caught.value.index == 0


def test_cases_that_are_passed_over_leave_nothing_but_their_days() -> None:
    bodies = [received("2026-01-01"), received("2026-01-05", case="BBB-BBB-BBB")]
    entries = [entry_bytes(each, index) for index, each in enumerate(bodies)]
    ((_, found),) = reading.stepwise([(range(2), entries)], [2], frozenset({"BBB-BBB-BBB"}))

    assert (found.size, str(found.as_of), list(found.cases)) == (2, "2026-01-05", ["AAA-AAA-AAA"])


def test_log_of_a_database_is_read_as_its_entries(story: Story) -> None:
    story.tip()
    with story.database.read() as uow:
        size = uow.log.size()
        ((_, found),) = reading.at_sizes(uow, [size])

    assert found == of_log(story)
