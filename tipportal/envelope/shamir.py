"""Shamir's secret sharing over GF(2⁸), one polynomial for each byte; `docs/protocol.md`, section 3.

The bytes are those of the npm package that browsers use (`shamir-secret-sharing`): a share is the secret's length in y
values, then one x coordinate. Given the same random bytes both make the same shares, which the vectors show.

A share is one of 255 points for each byte of a uniformly random polynomial: fewer than the threshold say nothing at
all about the secret, whatever is done with them. Nothing here tells whether shares belong together: that is told by the
recipient of the seed that comes out.
"""

from collections.abc import Sequence
from typing import Final

from tipportal.envelope.age import RandomBytes
from tipportal.envelope.hybrid import SEED_SIZE
from tipportal.envelope.refusals import Refusal, ShareError

SHARE_SIZE: Final = SEED_SIZE + 1
LEAST_THRESHOLD: Final = 2
MOST_SHARES: Final = 255
_FIELD: Final = 256
_REDUCTION: Final = 0x11B
_BITS: Final = 8


def split(secret: bytes, *, shares: int, threshold: int, random: RandomBytes) -> tuple[bytes, ...]:
    """Split 32 bytes into `shares` shares of 33 bytes, of which any `threshold` give them back.

    :raises ShareError: reason ``share_count`` unless 2 ≤ threshold ≤ shares ≤ 255, ``share_size`` for another length.
    """
    if not LEAST_THRESHOLD <= threshold <= shares <= MOST_SHARES:
        raise ShareError(Refusal.SHARE_COUNT)
    if len(secret) != SEED_SIZE:
        raise ShareError(Refusal.SHARE_SIZE)
    places = _coordinates(random)[:shares]
    degree = threshold - 1
    # Constant term first; all drawn before anything is evaluated, byte by byte as the other implementation draws them.
    polynomials = [bytes([byte]) + random(degree) for byte in secret]
    return tuple(bytes(_evaluate(polynomial, place) for polynomial in polynomials) + bytes([place]) for place in places)


def combine(shares: Sequence[bytes]) -> bytes:
    """Give the 32 bytes that lie behind these shares, if they are enough and belong together; else other bytes.

    :raises ShareError: reason ``share_count`` for fewer than two or more than 255, ``share_size`` for another length
        or coordinate 0, ``share_repeated`` where two have one coordinate.
    """
    if not LEAST_THRESHOLD <= len(shares) <= MOST_SHARES:
        raise ShareError(Refusal.SHARE_COUNT)
    for share in shares:
        check_share(share)
    places = [share[SEED_SIZE] for share in shares]
    if len(set(places)) < len(places):
        raise ShareError(Refusal.SHARE_REPEATED)
    weights = [_weight(place, places) for place in places]
    secret = bytearray(SEED_SIZE)
    for share, weight in zip(shares, weights, strict=True):
        for position in range(SEED_SIZE):
            secret[position] ^= _product(share[position], weight)
    return bytes(secret)


def check_share(share: bytes) -> None:
    """Return if this can be a share; raises `ShareError` (``share_size``) otherwise.

    At coordinate 0 every polynomial has its secret: such a share would not be one of several but all of it.
    """
    if len(share) != SHARE_SIZE or share[SEED_SIZE] == 0:
        raise ShareError(Refusal.SHARE_SIZE)


def _coordinates(random: RandomBytes) -> list[int]:
    # The order hides nothing and need not be uniform; it is drawn just as the other implementation draws it.
    places = list(range(1, _FIELD))
    for position, drawn in enumerate(random(len(places))):
        other = drawn % len(places)
        places[position], places[other] = places[other], places[position]
    return places


def _evaluate(polynomial: bytes, place: int) -> int:
    value = 0
    for coefficient in reversed(polynomial):
        value = _product(value, place) ^ coefficient
    return value


def _weight(place: int, places: Sequence[int]) -> int:
    # Lagrange's basis polynomial of this place at 0; subtraction is addition here.
    weight = 1
    for other in places:
        if other != place:
            weight = _product(weight, _product(other, _inverse(other ^ place)))
    return weight


def _product(a: int, b: int) -> int:
    # No table: where the secret decides which cell is read, a cache may tell of it.
    value = 0
    for _ in range(_BITS):
        value ^= -(b & 1) & a
        a = (a << 1) ^ (-(a >> 7) & _REDUCTION)
        b >>= 1
    return value


def _inverse(a: int) -> int:
    # a²⁵⁴ = a² · a⁴ · … · a¹²⁸, as the 255 elements other than 0 form a group.
    value = 1
    for _ in range(_BITS - 1):
        a = _product(a, a)
        value = _product(value, a)
    return value
