"""The trustees of a played case, as a client is offered them."""

from __future__ import annotations

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase
from tipportal.envelope import HybridRecipient
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.usecases import trustees


def offered_trustees(story: Story, case: PlayedCase) -> tuple[int, list[OfferedTrustee]]:
    """How many it takes, and whom a case's present epoch names."""
    with story.database.read() as uow:
        kept = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert kept is not None
        named = trustees.of_epoch(uow, kept)
    return named.threshold, [
        OfferedTrustee(
            id=one.member,
            recipient=HybridRecipient.from_bytes(one.trustee.recipient),
            verification_key=VerificationKey(one.trustee.verification_key),
        )
        for one in named.named
    ]
