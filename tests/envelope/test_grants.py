"""A grant holds one seed for one holder, has one size, and is believed only if the chain names its key."""

import secrets

import pytest

from tests.support.sealed_case import seed
from tipportal.envelope import NoMatchingIdentity, inspect
from tipportal.envelope.grants import GRANTED_SIZE, check_grant_seed, seal_grant
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import dialogue_seed, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.refusals import GrantError, Refusal

HOLDER = HybridIdentity(seed("holder"))
WORK_SEED = seed("work")
EXPECTED = recipient_hash(HybridIdentity(WORK_SEED).recipient)


def test_round_trip() -> None:
    file = seal_grant(WORK_SEED, HOLDER.recipient, random=secrets.token_bytes)
    assert len(file) == GRANTED_SIZE
    shape = inspect(file)
    assert (shape.recipients, shape.payload_size) == (1, 32)
    identity = check_grant_seed(open_sealed(file, [HOLDER]), EXPECTED)
    assert recipient_hash(identity.recipient) == EXPECTED
    with pytest.raises(NoMatchingIdentity):
        open_sealed(file, [HybridIdentity(seed("another"))])


@pytest.mark.parametrize("other", [seed("another"), dialogue_seed(WORK_SEED)])
def test_another_seed(other: bytes) -> None:
    with pytest.raises(GrantError) as refusal:
        check_grant_seed(other, EXPECTED)
    assert refusal.value.reason == Refusal.GRANT_SEED


@pytest.mark.parametrize("size", [0, 31, 33, 4096])
def test_another_length(size: int) -> None:
    with pytest.raises(GrantError):
        seal_grant(bytes(size), HOLDER.recipient, random=secrets.token_bytes)
    with pytest.raises(GrantError) as refusal:
        check_grant_seed(bytes(size), EXPECTED)
    assert refusal.value.reason == Refusal.GRANT_SIZE
