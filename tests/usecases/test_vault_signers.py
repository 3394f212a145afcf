"""The reporter's name: what a third member lends is no part of what two have decided."""

from __future__ import annotations

from tests.support.story import Story
from tests.usecases.test_vaults import case, lend
from tipportal.cli.demo_playing import PlayedCase, agree, propose, seal_notice, seal_text, stored
from tipportal.domain.releases import ReleaseReason
from tipportal.envelope.bodies import NoticeKind
from tipportal.envelope.payloads import ActKind, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import separating, vaults

__all__ = ["case"]


def test_what_a_third_lends_under_the_same_nonce_is_handed_to_nobody(story: Story, case: PlayedCase) -> None:
    with story.database.write() as uow:
        kept = stored(story.handler, case)
        first = next(seat for seat in uow.separations.seats(kept.id) if seat.member == "h3")
        separating.release_standbys(story.handler, uow, kept, (first,), ReleaseReason.UNANSWERED)
    by = {"h1": "h3", "h2": "h1", "h3": "h2"}
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Polisen behöver ett vittne.", by="h2")
    payload = ReasonsPayload(ActKind.OPEN_IDENTITY, reasons.digest.hex())
    proposal = propose(story.handler, case, payload, reasons, by="h2")
    for lender, to in by.items():
        lend(story, case, proposal.nonce, lender, to)
    told = [seal_notice(story.handler, case, NoticeKind.IDENTITY_OPENED, "Vi har öppnat ditt namn.", by="h3")]
    agree(story.handler, case, proposal, by="h3", records=told)

    for reader, lender in (("h2", "h3"), ("h3", "h2")):
        found = vaults.open_vault(story.handler, case.members[reader].account, case.reference, proposal.id)
        assert found.lent.member == lender
