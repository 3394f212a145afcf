from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.playing import new_form, send
from tests.support.story import TIP, Story
from tipportal.cli.demo_playing import ask, seal_case, stored
from tipportal.domain.cases import CaseState, GrantKind, SealedBy
from tipportal.domain.errors import CaseExists, GrantsMismatch, Invalid, NoPanel, NotFound, PanelChanged, TokenExpired
from tipportal.domain.organisations import Channel
from tipportal.usecases import offers, tickets
from tipportal.usecases.submit import OfferedGrant, Submission, submit_case

OTHER = {"area": "hemtjanst", "what_happened": "Något helt annat."}
LONG_AFTER = tickets.TICKET_SECONDS + 1


def test_case_sealed_in_a_browser_is_kept_whole_and_acknowledged_at_once(story: Story) -> None:
    keys = story.source()
    offer = ask(story.public, Channel.REPORT, area="fakturahantering")

    receipt = submit_case(story.public, seal_case(story.public, offer, keys, TIP))

    assert receipt.created
    assert receipt.reference == offer.reference
    assert receipt.received_on == receipt.acknowledged_on == offer.date
    with story.database.read() as uow:
        case = uow.cases.by_lookup(bytes.fromhex(keys.lookup_digest))
        assert case is not None
        assert (case.state, case.sealed_by, case.epoch) == (CaseState.ACKNOWLEDGED, SealedBy.BROWSER, 0)
        assert uow.cases.epochs(case.id)[0].opened_by == "source"
        kinds = [grant.kind for grant in uow.cases.grants(case.id)]
    assert (kinds.count(GrantKind.PANEL), kinds.count(GrantKind.STANDBY), kinds.count(GrantKind.SOURCE)) == (2, 3, 1)


def test_case_sealed_by_the_server_says_so_and_marks_its_keys_as_seen(story: Story) -> None:
    form = new_form(story)

    confirmation = send(story, form, channel=Channel.REPORT)

    assert confirmation.code == form.code
    assert confirmation.function_names == ("Visselblåsarfunktionen",)
    with story.database.read() as uow:
        case = uow.cases.by_lookup(bytes.fromhex(form.keys.lookup_digest))
        assert case is not None
        assert case.sealed_by is SealedBy.SERVER
        assert uow.cases.epochs(case.id)[0].opened_by == "server"


def test_same_submission_again_gives_the_same_receipt_and_writes_nothing(story: Story) -> None:
    submission = _sealed(story)
    first = submit_case(story.public, submission)
    before = story.contents()

    again = submit_case(story.public, submission)

    assert again == replace(first, created=False)
    assert story.contents() == before


def test_same_form_sent_again_gives_the_same_confirmation_and_writes_nothing(story: Story) -> None:
    form = new_form(story)
    first = send(story, form)
    before = story.contents()

    again = send(story, form)

    assert again == replace(first, receipt=replace(first.receipt, created=False))
    assert story.contents() == before


def test_received_case_stays_received_when_it_is_sent_again_late_and_nobody_could_receive_it_now(story: Story) -> None:
    submission, form = _sealed(story), new_form(story)
    receipt, confirmation = submit_case(story.public, submission), send(story, form)
    _end_designations(story)
    story.clock.advance(LONG_AFTER)

    assert submit_case(story.public, submission).reference == receipt.reference
    assert send(story, form).receipt.reference == confirmation.receipt.reference


def test_other_content_under_the_same_code_is_offered_as_a_message(story: Story) -> None:
    keys, form = story.source(), new_form(story)
    submit_case(story.public, seal_case(story.public, ask(story.public, Channel.TIP), keys, TIP))
    send(story, form)
    other = seal_case(story.public, ask(story.public, Channel.TIP), keys, OTHER)
    before = story.contents()

    with pytest.raises(CaseExists):
        submit_case(story.public, other)
    with pytest.raises(CaseExists):
        send(story, form, "Något helt annat.")
    with pytest.raises(CaseExists):
        # Another choice of who is concerned is other content too: it must never be taken for the first one's panel.
        send(story, form, concerns=(_units(story)["Ekonomienheten"],))

    assert story.contents() == before


@pytest.mark.parametrize("change", ["designation_ended", "policy_activated"])
def test_panel_that_changed_meanwhile_is_refused_and_leaves_nothing(story: Story, change: str) -> None:
    offer = ask(story.public, Channel.TIP)
    submission = seal_case(story.public, offer, story.source(), TIP)
    if change == "designation_ended":
        member = story.municipality.by_recipient(offer.members[0].recipient)
        story.change("UPDATE designations SET valid_to = '2026-11-22' WHERE account_id = :id", id=member.account.id)
    else:
        with story.database.write() as uow:
            for found in uow.register.policies():
                uow.register.add_policy(found.policy, story.clock())
    before = story.contents()

    with pytest.raises(PanelChanged):
        submit_case(story.public, submission)

    assert story.contents() == before


def test_designation_that_ends_at_midnight_is_no_longer_taken_after_it(story: Story) -> None:
    story.clock.now = 1_795_474_799  # 23:59:59 in Stockholm
    first, second = ask(story.public, Channel.TIP, form_nonce="a"), ask(story.public, Channel.TIP, form_nonce="a")
    member = story.municipality.by_recipient(first.members[0].recipient)
    story.change("UPDATE designations SET valid_to = '2026-11-23' WHERE account_id = :id", id=member.account.id)
    assert submit_case(story.public, seal_case(story.public, first, story.source(), TIP)).created

    story.clock.advance(1)

    with pytest.raises(PanelChanged):
        submit_case(story.public, seal_case(story.public, second, story.source(), TIP))


def _drop(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    return grants[1:]


def _drop_source(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    return grants[:-1]


def _add(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    return (*grants, replace(grants[0], holder="h9"))


def _twice(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    return (*grants, grants[0])


def _rename(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    return (replace(grants[0], holder="h9"), *grants[1:])


def _swap_kinds(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    first, second, third, *rest = grants
    return (replace(first, kind=GrantKind.STANDBY), second, replace(third, kind=GrantKind.PANEL), *rest)


def _trustee(grants: tuple[OfferedGrant, ...]) -> tuple[OfferedGrant, ...]:
    share = next(grant for grant in grants if grant.kind is GrantKind.TRUSTEE_SHARE)
    return (*grants, replace(share, holder="t9"))


def test_grants_that_miss_add_or_swap_somebody_are_refused_and_leave_nothing(story: Story) -> None:
    submission = _sealed(story)
    before = story.contents()

    for change in (_drop, _drop_source, _add, _twice, _rename, _swap_kinds, _trustee):
        with pytest.raises(GrantsMismatch):
            submit_case(story.public, replace(submission, grants=change(submission.grants)))

    assert story.contents() == before
    assert submit_case(story.public, submission).created


def test_ticket_that_is_none_is_refused_and_leaves_nothing(story: Story) -> None:
    submission = _sealed(story)
    before = story.contents()

    for text in ("", "A", "åäö", "\ud800", "AAAA" * 40, "{}", "%00"):
        with pytest.raises(Invalid) as refused:
            submit_case(story.public, replace(submission, ticket=text))
        assert refused.value.field == "ticket"

    assert story.contents() == before


def test_forged_or_foreign_ticket_is_refused_and_leaves_nothing(story: Story) -> None:
    submission = _sealed(story)
    ticket = tickets.redeem(story.public, submission.ticket)
    foreign = tickets.issue(story.handler, ticket)
    longer = tickets.issue(replace(story.public, face_secret=b"x" * 32), replace(ticket, expires_at=1 << 40))
    flipped = submission.ticket[:60] + ("A" if submission.ticket[60] != "A" else "B") + submission.ticket[61:]
    before = story.contents()

    for text in (foreign, longer, flipped, submission.ticket[:-8]):
        with pytest.raises(Invalid):
            submit_case(story.public, replace(submission, ticket=text))

    assert story.contents() == before


def test_ticket_lasts_twelve_hours(story: Story) -> None:
    submission = _sealed(story)
    before = story.contents()

    story.clock.advance(LONG_AFTER)
    with pytest.raises(TokenExpired):
        submit_case(story.public, submission)
    assert story.contents() == before

    story.clock.advance(-1)
    assert submit_case(story.public, submission).created


def test_eight_at_the_same_time_are_all_received(story: Story) -> None:
    submissions = [_sealed(story) for _ in range(8)]
    together = threading.Barrier(8)

    def submit(submission: Submission) -> str:
        together.wait()
        return submit_case(story.public, submission).reference

    with ThreadPoolExecutor(8) as pool:
        references = list(pool.map(submit, submissions))

    assert len(set(references)) == 8
    assert {row["reference"] for row in story.contents()["cases"]} == set(references)


def test_same_submission_eight_times_at_once_is_one_case(story: Story) -> None:
    submission = _sealed(story)
    together = threading.Barrier(8)

    def submit(_: int) -> bool:
        together.wait()
        return submit_case(story.public, submission).created

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(submit, range(8)))

    assert created.count(True) == 1
    assert len(story.contents()["cases"]) == 1


def test_reference_that_is_taken_is_answered_by_asking_again(story: Story) -> None:
    # Zeros for random bytes: the same reference twice.
    first, second = (ask(replace(story.public, random=bytes), Channel.TIP, form_nonce=nonce) for nonce in ("a", "b"))
    assert first.reference == second.reference
    submit_case(story.public, seal_case(story.public, first, story.source(), TIP))
    before = story.contents()

    with pytest.raises(PanelChanged):
        submit_case(story.public, seal_case(story.public, second, story.source(), TIP))

    assert story.contents() == before


def test_server_draws_another_reference_when_the_first_is_taken(story: Story) -> None:
    taken = ask(replace(story.public, random=bytes), Channel.TIP, form_nonce="a")
    submit_case(story.public, seal_case(story.public, taken, story.source(), TIP))

    class Unlucky:
        asked = 0

        def __call__(self, size: int) -> bytes:
            self.asked += 1
            return bytes(size) if self.asked == 1 else story.public.random(size)

    unlucky = Unlucky()
    confirmation = send(replace(story, public=replace(story.public, random=unlucky)), new_form(story))

    assert unlucky.asked > 1
    assert confirmation.receipt.created
    assert confirmation.receipt.reference != taken.reference


def test_named_parties_are_neither_on_the_panel_nor_stand_by(story: Story) -> None:
    units = _units(story)
    concerned = (units["Kommunkansliet"], units["Ekonomienheten"])
    for number in range(5):
        offer = ask(story.public, Channel.TIP, concerns=concerned, form_nonce=str(number))
        submission = seal_case(story.public, offer, story.source(), TIP)
        reference = submit_case(story.public, submission).reference
        with story.sql() as connection:
            rows = connection.exec_driver_sql(
                "SELECT grants.unit_id FROM grants JOIN cases ON cases.id = grants.case_id"  # noqa: S608 - our own text
                f" WHERE cases.reference = '{reference}' AND grants.kind IN ('panel', 'standby')"
            ).fetchall()
        assert {row[0] for row in rows}.isdisjoint(unit.partition(":")[2] for unit in concerned)
        assert len(rows) == 3


def test_nobody_unconcerned_is_told_before_anything_is_sealed(story: Story) -> None:
    everybody_but_one = [f"unit:{member.account.unit_id}" for member in story.municipality.handlers()[1:]]
    before = story.contents()

    with pytest.raises(NoPanel):
        ask(story.public, Channel.REPORT, concerns=everybody_but_one)
    with pytest.raises(NoPanel):
        send(story, new_form(story), channel=Channel.REPORT, concerns=tuple(everybody_but_one))

    assert story.contents() == before


def test_routing_facts_outside_the_lists_are_refused(story: Story) -> None:
    for area, concerns, field in (
        ("okänt område", (), "area"),
        ("", ("unit:nobody",), "concerns"),
        ("", ("function:nothing",), "concerns"),
        ("", (f"person:{story.municipality.handlers()[0].account.id}",), "concerns"),
    ):
        with pytest.raises(Invalid) as refused:
            ask(story.public, Channel.TIP, area=area, concerns=concerns)
        assert refused.value.field == field


def test_asking_again_with_the_same_form_gives_the_same_panel_and_leaves_nothing(story: Story) -> None:
    before = story.contents()

    panels = {ask(story.public, Channel.TIP, form_nonce="form").members for _ in range(5)}
    others = {ask(story.public, Channel.TIP, form_nonce=str(number)).members for number in range(20)}

    assert len(panels) == 1
    assert len(others) > 1
    assert story.contents() == before


def test_organisation_without_open_channel_is_not_found(story: Story) -> None:
    for slug in ("alvnas", "finnsinte", "", "Björkvik"):
        with pytest.raises(NotFound):
            offers.offer_panel(
                story.public, slug, Channel.TIP, area="", subject_role="unknown", concerns=(), form_nonce="a"
            )


def test_lookup_digest_is_that_of_the_token_and_nothing_else_of_the_code_is_kept(story: Story) -> None:
    case = story.tip()
    kept = repr(story.contents())

    assert stored(story.public, case).lookup_digest == hashlib.sha256(case.keys.lookup_token).digest()
    for secret in (case.keys.lookup_token, case.keys.identity.seed, case.keys.signing_key.seed):
        assert repr(secret)[2:-1] not in kept
        assert secret.hex() not in kept


def _sealed(story: Story) -> Submission:
    return seal_case(story.public, ask(story.public, Channel.TIP), story.source(), TIP)


def _units(story: Story) -> dict[str, str]:
    page = offers.channel_page(story.public, "bjorkvik", Channel.TIP)
    return {party.name.partition(",")[0]: party.value for party in page.parties}


def _end_designations(story: Story) -> None:
    story.change("UPDATE designations SET valid_to = '2026-11-22'")
    with pytest.raises(NoPanel):
        ask(story.public, Channel.TIP)
