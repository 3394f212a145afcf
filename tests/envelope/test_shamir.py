"""Shares of seeds: any k of them give the seed back, in the other implementation's bytes."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sealed_case import fixed_random, seed
from tests.vectors.make import HERE
from tipportal.envelope.refusals import Refusal, ShareError
from tipportal.envelope.shamir import SHARE_SIZE, combine, split

VECTORS = json.loads((HERE / "shares.json").read_text("ascii"))
SECRETS = st.binary(min_size=32, max_size=32)


@given(SECRETS, st.integers(2, 8), st.data())
def test_any_threshold_of_them_suffice(secret: bytes, count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(2, count))
    shares = split(secret, shares=count, threshold=threshold, random=fixed_random(secret.hex()))
    assert {len(share) for share in shares} == {SHARE_SIZE}
    chosen = data.draw(st.permutations(shares))
    assert combine(chosen[:threshold]) == secret
    assert combine(chosen) == secret


@given(SECRETS, SECRETS)
def test_fewer_tell_nothing(secret: bytes, other: bytes) -> None:
    """For any other secret there is a second share with which the first one gives that secret: all are as likely."""
    first, second = split(secret, shares=2, threshold=2, random=fixed_random("x"))
    # The second share's place moves the secret by some factor; whatever moves it by this much leads to the other one.
    factor = combine([bytes(32) + first[-1:], b"\1" * 32 + second[-1:]])[0]
    inverse = next(number for number in range(1, 256) if _times(number, factor) == 1)
    moved = bytes(y ^ _times(inverse, a ^ b) for y, a, b in zip(second[:32], secret, other, strict=True))
    assert combine([first, moved + second[-1:]]) == other


def _times(a: int, b: int) -> int:
    """Multiply in GF(2⁸), with polynomials as lists of bits: another way than the code's."""
    product = 0
    for place in range(8):
        if b >> place & 1:
            product ^= a << place
    for place in range(14, 7, -1):
        if product >> place & 1:
            product ^= 0x11B << (place - 8)
    return product


@pytest.mark.parametrize("expected", VECTORS["split"], ids=lambda one: f"{one['threshold']} of {len(one['shares'])}")
def test_vectors(expected: dict[str, Any]) -> None:
    """What the npm package makes of the same random bytes (`frontend/test/trustee.test.ts` makes them with it)."""
    shares = [bytes.fromhex(share) for share in expected["shares"]]
    drawn = iter(bytes.fromhex(expected["random"]))
    threshold = expected["threshold"]
    made = split(
        bytes.fromhex(expected["secret"]),
        shares=len(shares),
        threshold=threshold,
        random=lambda size: bytes(itertools.islice(drawn, size)),
    )
    assert list(made) == shares
    assert combine(shares[-threshold:]).hex() == expected["secret"]


@pytest.mark.parametrize("refused", VECTORS["refused"], ids=range(len(VECTORS["refused"])))
def test_refused(refused: dict[str, Any]) -> None:
    with pytest.raises(ShareError) as refusal:
        combine([bytes.fromhex(share) for share in refused["shares"]])
    assert refusal.value.reason == refused["reason"]


@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (3, 1), (3, 0), (2, 3), (256, 2)])
def test_counts_that_cannot_be(count: int, threshold: int) -> None:
    with pytest.raises(ShareError) as refusal:
        split(seed("x"), shares=count, threshold=threshold, random=fixed_random("x"))
    assert refusal.value.reason == Refusal.SHARE_COUNT


@pytest.mark.parametrize("size", [0, 31, 33])
def test_secrets_of_another_length(size: int) -> None:
    with pytest.raises(ShareError) as refusal:
        split(bytes(size), shares=3, threshold=2, random=fixed_random("x"))
    assert refusal.value.reason == Refusal.SHARE_SIZE
