"""Trustees: who can together open one case when its handlers cannot; `docs/protocol.md`, sections 3 and 4.

Every work seed is split k-of-n, one share sealed to each trustee. There is no master key: fewer than k shares are
nothing, and k of them open one epoch of one case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from tipportal.envelope.age import RandomBytes, seal, sealed_size
from tipportal.envelope.canonical import Json, Members, encode_b64
from tipportal.envelope.hybrid import HybridIdentity, HybridRecipient
from tipportal.envelope.keys import VERIFICATION_KEY_SIZE, Label, SigningKey, VerificationKey, hkdf, recipient_hash
from tipportal.envelope.records import TRUSTEE_PATTERN
from tipportal.envelope.refusals import Refusal, ShapeError, ShareError
from tipportal.envelope.shamir import LEAST_THRESHOLD, SHARE_SIZE, check_share, combine, split

MAX_TRUSTEES: Final = 20
# Always this many bytes: a share has one length.
SEALED_SHARE_SIZE: Final = sealed_size(SHARE_SIZE, 1)
_NAMES: Final = frozenset({"id", "recipient", "verification_key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trustee:
    """A trustee as records name one: a per-case pseudonym (``t1``), the recipient by its hash, and the key."""

    id: str
    recipient: str
    verification_key: VerificationKey

    def to_json(self) -> dict[str, Json]:
        """Give the trustee as it stands in genesis and epoch records."""
        return {
            "id": self.id,
            "recipient": self.recipient,
            "verification_key": encode_b64(self.verification_key.raw),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTrustee:
    """A trustee as the server offers one: with the whole recipient, to be sealed to."""

    id: str
    recipient: HybridRecipient
    verification_key: VerificationKey

    def named(self) -> Trustee:
        """Give the trustee as records name one."""
        return Trustee(id=self.id, recipient=recipient_hash(self.recipient), verification_key=self.verification_key)


@dataclass(frozen=True, slots=True)
class TrusteeIdentity:
    """What stands on a trustee's paper, made into keys."""

    identity: HybridIdentity = field(repr=False)
    signing_key: SigningKey = field(repr=False)

    def offered(self, pseudonym: str) -> OfferedTrustee:
        """Give the public half under a pseudonym."""
        return OfferedTrustee(
            id=pseudonym,
            recipient=self.identity.recipient,
            verification_key=self.signing_key.verification_key,
        )


def trustee_identity(seed: bytes) -> TrusteeIdentity:
    """Give a trustee's keys from the 32 bytes on paper; raises `KeyShapeError` for another length."""
    identity = HybridIdentity(seed)
    return TrusteeIdentity(identity, SigningKey(hkdf(seed, Label.TRUSTEE_SIGNING)))


def seal_shares(
    seed: bytes, trustees: Sequence[OfferedTrustee], threshold: int, *, random: RandomBytes
) -> tuple[tuple[str, bytes], ...]:
    """Split a 32-byte seed and give (pseudonym, age file of `SEALED_SHARE_SIZE` bytes) for each trustee, in order.

    Nobody's share without trustees and with threshold 0.

    :raises ShareError: unless 2 ≤ threshold ≤ trustees.
    """
    if not trustees and threshold == 0:
        return ()
    shares = split(seed, shares=len(trustees), threshold=threshold, random=random)
    return tuple(
        (trustee.id, seal(share, [trustee.recipient], random=random))
        for trustee, share in zip(trustees, shares, strict=True)
    )


def seed_of_shares(shares: Sequence[bytes], expected: str) -> HybridIdentity:
    """Give the identity behind these shares if it is the one that the chain names.

    :param shares: 33 bytes each, opened.
    :param expected: the recipient hash, in hex, from genesis or an epoch record.
    :raises ShareError: as `shamir.combine`; reason ``share_seed`` where another seed, or nothing, comes out.
    """
    identity = HybridIdentity(combine(shares))
    if recipient_hash(identity.recipient) != expected:
        raise ShareError(Refusal.SHARE_SEED)
    return identity


def foreign_shares(shares: Sequence[bytes], threshold: int, expected: str) -> tuple[int, ...]:
    """Give which of more shares than are needed do not belong: places, from 0; all of them where none can be cleared.

    With exactly `threshold` shares a wrong one cannot be told from the others.
    """
    for share in shares:
        check_share(share)
    for places in combinations(range(len(shares)), threshold):
        good = [shares[place] for place in places]
        if _fits(good, expected):
            return tuple(
                place
                for place, share in enumerate(shares)
                if place not in places and not _fits([*good[1:], share], expected)
            )
    return tuple(range(len(shares)))


def trustees_hold(
    trustees: Sequence[Trustee],
    threshold: int,
    *,
    members_recipients: Iterable[str],
    members_keys: Iterable[VerificationKey],
) -> bool:
    """Whether these can be a case's trustees: enough for a threshold of two or more, all different, no readers."""
    count = len(trustees)
    recipients = {trustee.recipient for trustee in trustees}
    keys = {trustee.verification_key for trustee in trustees}
    different = min(len({trustee.id for trustee in trustees}), len(recipients), len(keys)) == count
    return (
        LEAST_THRESHOLD <= threshold <= count <= MAX_TRUSTEES
        and different
        and recipients.isdisjoint(members_recipients)
        and keys.isdisjoint(members_keys)
    )


def parse_trustee(value: Json) -> Trustee:
    """Read a trustee of a genesis or epoch record; raises `ShapeError`."""
    members = Members(value, _NAMES)
    return Trustee(
        id=members.text("id", TRUSTEE_PATTERN),
        recipient=members.digest("recipient"),
        verification_key=VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE)),
    )


def parse_trustees(members: Members) -> tuple[tuple[Trustee, ...], int]:
    """Read the members ``trustees`` and ``threshold`` of a record; raises `ShapeError`.

    Whether they can be a case's trustees is `trustees_hold`, for whoever knows its members.
    """
    trustees = tuple(parse_trustee(item) for item in members.items("trustees", most=MAX_TRUSTEES))
    threshold = members.integer("threshold", most=MAX_TRUSTEES)
    if len({trustee.id for trustee in trustees}) < len(trustees):
        raise ShapeError(Refusal.VALUE)
    return trustees, threshold


def _fits(shares: Sequence[bytes], expected: str) -> bool:
    try:
        seed_of_shares(shares, expected)
    except ShareError:
        return False
    return True
