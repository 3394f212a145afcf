"""Padding hides lengths, costs little, and leaves no room to hide anything in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.envelope import EnvelopeError, PaddingError, pad, padded_length, unpad

LENGTHS = st.integers(min_value=0, max_value=1 << 45)


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 4096),
        (1, 4096),
        (4095, 4096),
        (4096, 4096),
        # Worked by hand from the paper: E = 12, S = 4, so the low 8 bits are rounded up to zero.
        (4097, 4352),
        (8191, 8192),
        # E = 13, S = 4: 9 bits.
        (8193, 8704),
        # E = 16, S = 5: 11 bits.
        (65_537, 67_584),
        # E = 22, S = 5: 17 bits.
        (5_000_000, 5_111_808),
    ],
)
def test_known_lengths(length: int, padded: int) -> None:
    """The steps are those of the paper, above one smallest size."""
    assert padded_length(length) == padded


@settings(derandomize=True, deadline=None)
@given(LENGTHS, LENGTHS)
def test_laws(one: int, other: int) -> None:
    """Never shorter, at most 6.25 % longer above the smallest size, a fixed point, and in order."""
    padded = padded_length(one)
    assert padded >= one
    assert padded == 4096 or (padded - one) * 16 <= one
    assert padded_length(padded) == padded
    assert (one <= other) <= (padded <= padded_length(other))


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=9000))
def test_roundtrip(record: bytes) -> None:
    """What is padded comes out again, and the padding is zeros."""
    padded = pad(record)
    assert len(padded) == padded_length(len(record))
    assert padded == record + bytes(len(padded) - len(record))
    assert unpad(padded, len(record)) == record


@pytest.mark.parametrize(
    ("padded", "length"),
    [
        (bytes(4096), -1),
        (bytes(4096), 4097),
        (bytes(4095), 10),
        (bytes(4097), 10),
        (bytes(4352), 10),
        (b"", 0),
        (b"text" + bytes(4091) + b"\1", 4),
        (b"text" + b"\1" + bytes(4091), 4),
    ],
)
def test_wrong_padding_is_refused(padded: bytes, length: int) -> None:
    """Another length, or anything but zeros."""
    with pytest.raises(PaddingError) as refusal:
        unpad(padded, length)
    assert isinstance(refusal.value, EnvelopeError)
    assert refusal.value.reason == "padding"
