"""Grants: one age file per holder with the seed that opens an epoch; `docs/protocol.md`, section 3.

Whoever has no grant cannot read, whatever the server does.
"""

from enum import StrEnum
from typing import Final

from tipportal.envelope.age import RandomBytes, seal, sealed_size
from tipportal.envelope.hybrid import SEED_SIZE, HybridIdentity, HybridRecipient
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.refusals import GrantError, Refusal

# Always this many bytes, and not padded: a seed has one length.
GRANTED_SIZE: Final = sealed_size(SEED_SIZE, 1)


class GrantKind(StrEnum):
    """To whom a grant is: panel and standbys have the work seed, the source the dialogue seed, trustees a share."""

    PANEL = "panel"
    STANDBY = "standby"
    SOURCE = "source"
    TRUSTEE_SHARE = "trustee_share"


def seal_grant(seed: bytes, recipient: HybridRecipient, *, random: RandomBytes) -> bytes:
    """Give the age file (`GRANTED_SIZE` bytes) of a 32-byte seed for one holder.

    :raises GrantError: for a seed of another length.
    """
    if len(seed) != SEED_SIZE:
        raise GrantError(Refusal.GRANT_SIZE)
    return seal(seed, [recipient], random=random)


def check_grant_seed(seed: bytes, expected: str) -> HybridIdentity:
    """Give the identity in an opened grant if it is the one that the chain names.

    A grant says nothing of who sealed it: without this check somebody could hand out a key of their own, and read
    what is then sealed to it.

    :param expected: the recipient hash, in hex, from genesis or an epoch record.
    :raises GrantError: for another length or another key.
    """
    if len(seed) != SEED_SIZE:
        raise GrantError(Refusal.GRANT_SIZE)
    identity = HybridIdentity(seed)
    if recipient_hash(identity.recipient) != expected:
        raise GrantError(Refusal.GRANT_SEED)
    return identity
