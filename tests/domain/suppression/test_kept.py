"""What a publication showed, kept as bytes and read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipportal.domain.cases import Outcome
from tipportal.domain.suppression.families import Published
from tipportal.domain.suppression.kept import keep, read

LABELS = st.text(max_size=8)
SHOWN = st.builds(
    Published,
    LABELS,
    st.dictionaries(LABELS, st.dictionaries(st.tuples(LABELS, LABELS, LABELS), st.integers(0, 10**9))),
    st.dictionaries(LABELS, st.frozensets(st.tuples(LABELS, LABELS))),
)


@given(SHOWN)
def test_what_is_kept_is_read_again(shown: Published) -> None:
    assert read(keep(shown)) == shown
    assert keep(read(keep(shown))) == keep(shown)


def test_a_label_of_a_closed_set_is_the_same_as_its_word() -> None:
    shown = Published("one", {"outcome": {("*", Outcome.CONFIRMED): 7}})
    assert read(keep(shown)).counts["outcome"]["*", Outcome.CONFIRMED] == 7


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"id":"x","counts":{"a":[["b"]]},"money":{}}'])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        read(data)
