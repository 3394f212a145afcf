"""The reporter's name: sealed apart with the report, opened by two and never by one, split anew when members change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.story import REPORT, TIP, Story
from tipportal.cli.demo_playing import (
    PlayedCase,
    agree,
    ask,
    leave_case,
    propose,
    seal_case,
    seal_notice,
    seal_text,
    stored,
)
from tipportal.cli.demo_staffing import Member
from tipportal.domain.approvals import Proposal
from tipportal.domain.errors import (
    Conflict,
    GrantsMismatch,
    IllegalTransition,
    Invalid,
    MalformedAgeFile,
    NotEntitled,
    NotFound,
)
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground
from tipportal.envelope import HybridIdentity, HybridRecipient, seal
from tipportal.envelope.bodies import NoticeKind
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.payloads import ActKind, DisclosedTo, DiscloseIdentityPayload, Notice, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.envelope.vault import VaultBody, combine_vault, split_vault
from tipportal.usecases import approve, scheduled, separating, submit, vaults
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.vaults import RENEWAL, OfferedShare

ME = VaultBody("Eva Exempel", "070-000 00 00")


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return leave_case(story.public, story.municipality, story.source(), Channel.REPORT, REPORT, identity=ME)


def share_of(story: Story, case: PlayedCase, member: str) -> bytes:
    """What a member's browser opens of the share that the database holds for them."""
    with story.handler.storage.read() as uow:
        row = uow.vaults.share_of(stored(story.handler, case).id, case.members[member].account.id)
    assert row is not None
    return open_sealed(row.file, [identity_of(case, member)])


def lend(story: Story, case: PlayedCase, purpose: str, lender: str, to: str) -> None:
    recipient = case.members[to].account.recipient
    assert recipient is not None
    file = seal(share_of(story, case, lender), [HybridRecipient.from_bytes(recipient)], random=story.handler.random)
    vaults.lend(story.handler, case.members[lender].account, case.reference, purpose, file)


def proposed(story: Story, case: PlayedCase) -> Proposal:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Polisen behöver ett vittne.", by="h1")
    return propose(story.handler, case, ReasonsPayload(ActKind.OPEN_IDENTITY, reasons.digest.hex()), reasons)


def notice(story: Story, case: PlayedCase, kind: NoticeKind = NoticeKind.IDENTITY_OPENED) -> list[SealedFile]:
    return [seal_notice(story.handler, case, kind, "Vi har öppnat ditt namn.", by="h2")]


def opened(story: Story, case: PlayedCase) -> Proposal:
    proposal = proposed(story, case)
    lend(story, case, proposal.nonce, "h1", "h2")
    lend(story, case, proposal.nonce, "h2", "h1")
    agree(story.handler, case, proposal, records=notice(story, case))
    return proposal


def test_the_vault_is_kept_with_the_report_and_a_share_for_each_holder(story: Story, case: PlayedCase) -> None:
    with story.handler.storage.read() as uow:
        kept = stored(story.handler, case)
        holders = {grant.member for grant in uow.cases.grants(kept.id) if grant.holder != "source"}
        assert {share.member for share in uow.vaults.shares(kept.id)} == holders
        assert uow.vaults.of_case(kept.id) is not None


def test_two_who_have_both_signed_open_it_together(story: Story, case: PlayedCase) -> None:
    proposal = opened(story, case)
    for reader, lender in (("h1", "h2"), ("h2", "h1")):
        found = vaults.open_vault(story.handler, case.members[reader].account, case.reference, proposal.id)
        assert found.lent.member == lender
        mine = open_sealed(found.mine.file, [identity_of(case, reader)])
        theirs = open_sealed(found.lent.file, [identity_of(case, reader)])
        vault = combine_vault([mine, theirs], recipient_hash(HybridRecipient.from_bytes(found.vault.recipient)))
        assert ME.name.encode() in open_sealed(found.vault.file, [vault])


def test_nobody_is_handed_a_lent_share_before_both_have_signed(story: Story, case: PlayedCase) -> None:
    proposal = proposed(story, case)
    lend(story, case, proposal.nonce, "h1", "h2")
    lend(story, case, proposal.nonce, "h2", "h1")
    for member in ("h1", "h2"):
        with pytest.raises(NotEntitled):
            vaults.open_vault(story.handler, case.members[member].account, case.reference, proposal.id)


def test_approving_without_having_lent_changes_nothing(story: Story, case: PlayedCase) -> None:
    proposal = proposed(story, case)
    lend(story, case, proposal.nonce, "h1", "h2")
    with pytest.raises(IllegalTransition):
        agree(story.handler, case, proposal, records=notice(story, case))
    with pytest.raises(NotEntitled):
        vaults.open_vault(story.handler, case.members["h1"].account, case.reference, proposal.id)


def test_the_source_is_told_in_the_same_transaction(story: Story, case: PlayedCase) -> None:
    proposal = proposed(story, case)
    lend(story, case, proposal.nonce, "h1", "h2")
    lend(story, case, proposal.nonce, "h2", "h1")
    with pytest.raises(Invalid):
        agree(story.handler, case, proposal)


def test_a_standby_who_has_not_been_released_is_nobody(story: Story, case: PlayedCase) -> None:
    proposal = opened(story, case)
    outsider = story.outsider(case)
    with pytest.raises(NotFound):
        vaults.open_vault(story.handler, outsider.account, case.reference, proposal.id)
    with pytest.raises(NotFound):
        vaults.renewal(story.handler, outsider.account, case.reference)


def test_disclosing_takes_two_and_an_opened_vault(story: Story, case: PlayedCase) -> None:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Åklagaren begär det.", by="h1")
    payload = DiscloseIdentityPayload(DisclosedTo.PROSECUTOR, Notice.GIVEN, reasons.digest.hex())
    with pytest.raises(IllegalTransition):
        propose(story.handler, case, payload, reasons)
    opened(story, case)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Åklagaren begär det.", by="h1")
    payload = replace(payload, reasons=reasons.digest.hex())
    proposal = propose(story.handler, case, payload, reasons)
    agree(story.handler, case, proposal, records=notice(story, case, NoticeKind.IDENTITY_DISCLOSED))
    with story.handler.storage.read() as uow:
        entries = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    (told,) = [entry for entry in entries if entry["kind"] == "identity_disclosed"]
    assert told["facts"] == {"to": "prosecutor", "notice": "given", "proposal": proposal.id}


def test_a_vault_is_split_anew_by_another_than_who_lent(story: Story, case: PlayedCase) -> None:
    first, second = case.members["h1"].account, case.members["h2"].account
    with pytest.raises(IllegalTransition):
        vaults.split_anew(story.handler, second, case.reference, 0, ())
    lend(story, case, RENEWAL, "h1", "h2")
    found = vaults.renewal(story.handler, second, case.reference)
    assert found.lent is not None
    seed = combine_vault(
        [
            open_sealed(found.mine.file, [identity_of(case, "h2")]),
            open_sealed(found.lent.file, [identity_of(case, "h2")]),
        ],
        recipient_hash(HybridRecipient.from_bytes(found.vault.recipient)),
    ).seed
    shares = anew(story, case, seed)
    with pytest.raises(IllegalTransition):
        vaults.split_anew(story.handler, first, case.reference, 0, shares)
    with pytest.raises(GrantsMismatch):
        vaults.split_anew(story.handler, second, case.reference, 0, shares[:-1])
    old = share_of(story, case, "h1")
    vaults.split_anew(story.handler, second, case.reference, 0, shares)
    with pytest.raises((IllegalTransition, Conflict)):
        vaults.split_anew(story.handler, second, case.reference, 0, shares)
    assert share_of(story, case, "h1") != old


def test_who_leaves_the_case_loses_their_share(story: Story, case: PlayedCase) -> None:
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.CONCERNED)
    with story.handler.storage.read() as uow:
        kept = stored(story.handler, case)
        assert uow.vaults.share_of(kept.id, case.members["h2"].account.id) is None
    found = vaults.renewal(story.handler, case.members["h1"].account, case.reference)
    assert found.needed


def test_a_tip_has_no_vault(story: Story) -> None:
    offer = ask(story.public, Channel.TIP)
    submission = seal_case(story.public, offer, story.source(), TIP)
    report = seal_case(story.public, ask(story.public, Channel.REPORT), story.source(), REPORT, identity=ME)
    with pytest.raises(Invalid):
        submit.submit_case(story.public, replace(submission, vault=report.vault))


def test_shares_go_to_exactly_the_holders(story: Story) -> None:
    submission = seal_case(story.public, ask(story.public, Channel.REPORT), story.source(), REPORT, identity=ME)
    assert submission.vault is not None
    for shares in (submission.vault.shares[1:], (*submission.vault.shares, submission.vault.shares[0])):
        with pytest.raises(GrantsMismatch):
            submit.submit_case(story.public, replace(submission, vault=replace(submission.vault, shares=shares)))
    for file in (b"no age file", submission.grants[0].file):
        wrong = replace(submission.vault.shares[0], file=file)
        shares = (wrong, *submission.vault.shares[1:])
        with pytest.raises(MalformedAgeFile):
            submit.submit_case(story.public, replace(submission, vault=replace(submission.vault, shares=shares)))
    assert submit.submit_case(story.public, submission).created


def lent_by(story: Story, member: Member) -> list[str]:
    return [str(row["purpose"]) for row in story.contents()["lent_shares"] if row["lender"] == member.account.id]


def identity_of(case: PlayedCase, member: str) -> HybridIdentity:
    keys = case.members[member].identity
    assert keys is not None
    return keys.identity


def anew(story: Story, case: PlayedCase, seed: bytes) -> list[OfferedShare]:
    kept = stored(story.handler, case)
    with story.handler.storage.read() as uow:
        grants = [grant for grant in uow.cases.grants(kept.id, kept.epoch) if grant.holder != "source"]
        accounts = {account.id: account.recipient for account in uow.accounts.by_ids([each.holder for each in grants])}
        trustees = uow.trustees.current()
    recipients = accounts | {each.id: each.recipient for each in (trustees.trustees if trustees else ())}
    holders = [(grant.member, HybridRecipient.from_bytes(recipients[grant.holder] or b"")) for grant in grants]
    return [OfferedShare(share.holder, share.file) for share in split_vault(seed, holders, random=story.handler.random)]


def test_what_is_lent_for_nothing_does_not_gather(story: Story, case: PlayedCase) -> None:
    first = proposed(story, case)
    lend(story, case, first.nonce, "h1", "h2")
    for number in range(3):
        lend(story, case, f"{number:032x}", "h1", "h2")
    lend(story, case, RENEWAL, "h1", "h2")
    assert {*lent_by(story, case.members["h1"])} == {first.nonce, RENEWAL}
    for purpose in ("anything", "f" * 31, ""):
        with pytest.raises(Invalid):
            lend(story, case, purpose, "h1", "h2")
    # Taken back by who proposed it: the next one is not blocked, and nothing lies about.
    approve.decline(story.handler, case.members["h1"].account, first.id)
    scheduled.tick(story.handler)
    assert lent_by(story, case.members["h1"]) == [RENEWAL]
    agreed = opened(story, case)
    scheduled.tick(story.handler)
    vaults.open_vault(story.handler, case.members["h1"].account, case.reference, agreed.id)
