"""One case is recovered by its trustees for a new panel; drills; splitting anew when trustees change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.playing import read
from tests.support.recovering import (
    administrator,
    begun,
    bundle_of,
    drill,
    made_by,
    offered_trustee,
    texts_in,
    with_papers,
)
from tests.support.story import Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import PlayedCase, stored
from tipportal.cli.demo_staffing import decided
from tipportal.cli.demo_trustees import DemoTrustee, appoint
from tipportal.cli.recovering import RecoveryRefusedError, opened_case
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import BadSignature, Conflict, GrantsMismatch, Invalid, NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.envelope import seal
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.roots import DirectoryError, DirectoryFault
from tipportal.envelope.trustees import seal_shares
from tipportal.usecases import handle, recovering, source_session, trustees
from tipportal.usecases.source_session import Visitor


def test_two_trustees_give_one_case_to_a_new_panel_that_reads_all_of_it(story: Story) -> None:
    case, other = story.tip(), story.tip()
    recovery = begun(story, case)
    bundle = bundle_of(story, recovery)
    t1, t2, t3 = story.municipality.trustees
    present = with_papers(bundle, t3, t1)
    assert present.missing == 0
    assert texts_in(opened_case(bundle, present.seeds())) == 2

    made = made_by(story, case, recovery, present)
    assert {one.member for one in made.panel}.isdisjoint(case.members)
    assert recovering.recover(story.handler, administrator(story), recovery, made.offered) == 1

    reader = next(one for one in made.panel if one.panel)
    member = story.municipality.by_recipient(reader.candidate.recipient)
    view = handle.open_case(story.handler, member.account, case.reference)
    texts = read(view, member, case.keys.identity.recipient.raw)
    assert not [text for stream in texts.values() for text in stream if text.startswith("[")]
    with story.database.read() as uow:
        assert not uow.trustees.open_recoveries()
    with story.database.read() as uow:
        left = {json.loads(data)["kind"] for _, data in uow.log.entries()}
    assert {EntryKind.RECOVERY_BEGUN.value, EntryKind.CASE_RECOVERED.value} <= left
    with story.database.read() as uow:
        # Genesis knows nothing of its standbys: no client would take them onto the panel unsigned.
        seats = uow.separations.seats(stored(story.handler, case).id)
        assert [(seat.panel, seat.first_standby) for seat in seats].count((False, True)) == 0
        assert not all(seat.panel for seat in seats)
    with pytest.raises(NotFound):
        recovering.bundle(story.handler, recovery, None)
    with pytest.raises(NotFound):
        recovering.open_of(story.handler, other.reference)
    del t2


def test_papers_that_are_wrong_repeated_or_foreign_are_refused_and_named(story: Story) -> None:
    case = story.tip()
    bundle = bundle_of(story, begun(story, case))
    t1, t2, t3 = story.municipality.trustees
    made = with_papers(bundle, t1)
    rows = list(t2.paper)
    for typed, said in (
        ("\n".join(t1.paper), "redan"),
        ("\n".join([rows[0][:-2] + ("00" if not rows[0].endswith("00") else "01"), *rows[1:]]), "rad"),
        ("\n".join(rows[:5]), "sex rader"),
        ("\n".join(DemoTrustee("x", "x", "x", None, bytes(32)).paper), "hör inte till"),
    ):
        with pytest.raises(RecoveryRefusedError, match=said):
            made.add(typed)
    assert made.missing == 1
    damaged = json.loads(json.dumps(bundle))
    shares = damaged["epochs"][0]["shares"]
    of_t2 = next(share for share in shares if share["holder"] == "t2")
    of_t3 = next(share for share in shares if share["holder"] == "t3")
    of_t2["file"] = of_t3["file"]
    with pytest.raises(RecoveryRefusedError) as refusal:
        with_papers(damaged, t1, t2).seeds()
    assert refusal.value.values == {"name": t2.name}
    assert with_papers(damaged, t1, t3).seeds()


def test_one_trustee_or_another_signature_recovers_nothing(story: Story) -> None:
    case = story.tip()
    recovery = begun(story, case)
    t1, t2, _ = story.municipality.trustees
    made = made_by(story, case, recovery, with_papers(bundle_of(story, recovery), t1, t2)).offered
    account, before = administrator(story), story.contents()
    first, second = made.signatures
    for wrong, error in (
        (replace(made, signatures=(first,)), BadSignature),
        (replace(made, signatures=(first, first)), BadSignature),
        (replace(made, signatures=(first, (second[0], bytes(64)))), BadSignature),
        (replace(made, signatures=((first[0], second[1]), ("t9", first[1]))), BadSignature),
        (replace(made, older=made.older[1:]), GrantsMismatch),
        (replace(made, epoch=replace(made.epoch, epoch=2, records=made.epoch.records)), Invalid),
        (replace(made, epoch=replace(made.epoch, grants=made.epoch.grants[1:])), GrantsMismatch),
    ):
        with pytest.raises(error):
            recovering.recover(story.handler, account, recovery, wrong)
    assert story.contents() == before
    assert recovering.recover(story.handler, account, recovery, made) == 1
    with pytest.raises(NotFound):
        recovering.recover(story.handler, account, recovery, made)


def test_a_case_is_recovered_by_one_recovery_at_a_time(story: Story) -> None:
    case = story.tip()
    begun(story, case)
    with pytest.raises((FaultyChange, Conflict)):
        begun(story, case)
    with pytest.raises(FaultyChange):
        story.municipality.administrators(story.handler).make(
            ChangeKind.RECOVER_CASE, {"reference": "nowhere", "why": "x"}
        )


def test_a_drill_takes_as_many_as_a_recovery(story: Story) -> None:
    t1, t2, t3 = story.municipality.trustees
    for people, message in (((t1,), None), ((t1, t2), b"something else")):
        with pytest.raises(BadSignature):
            drill(story, *people, message=message)
    before = recovering.progress(story.handler, None).drill
    held = drill(story, t3, t2)
    found = recovering.progress(story.handler, None).drill
    assert found is not None
    assert held.trustees == ",".join(sorted((t2.id, t3.id)))
    assert before is None or found.done_on >= before.done_on


PEOPLE = (("Nils Ek", "Björkviks kommun", "Arkivet"), ("Ulla Ros", "Älvnäs kommun", "Registraturen"))


def other_trustees(
    story: Story, case: PlayedCase, people: tuple[tuple[str, str, str], ...] = PEOPLE
) -> tuple[DemoTrustee, ...]:
    two = story.municipality.administrators(story.handler)
    new = appoint(two, decided(story.handler, case.members["h1"].account.organisation_id), people)
    publish(two)
    return new


def left_in(story: Story) -> list[object]:
    with story.database.read() as uow:
        bodies = [json.loads(data) for _, data in uow.log.entries()]
    return [body["facts"] for body in bodies if body["kind"] == EntryKind.TRUSTEES_LEFT.value]


def shares_anew(story: Story, case: PlayedCase) -> tuple[bytes, list[trustees.Share]]:
    """The case's work seed, and what a member's browser makes of it for the trustees who are in force now."""
    member = case.members["h1"]
    wanted = trustees.wanted_of(story.handler, member.account, case.reference)
    assert wanted is not None
    assert member.identity is not None
    view = handle.open_case(story.handler, member.account, case.reference)
    seed = open_sealed(view.grants[0].file, [member.identity.identity])
    holders = [offered_trustee(one.member, one.trustee) for one in wanted.named]
    sealed = seal_shares(seed, holders, wanted.threshold, random=story.handler.random)
    return seed, [trustees.Share(0, holder, file) for holder, file in sealed]


def test_shares_that_a_source_made_of_nothing_are_made_anew_by_the_first_member_who_opens(story: Story) -> None:
    case = story.tip()
    holders = {str(one.id): one.keys.identity.recipient for one in story.municipality.trustees}
    with story.database.read() as uow:
        shares = [row for row in uow.cases.grants(stored(story.handler, case).id) if row.holder in holders]
    # As long and as well formed as any: only whoever opens one could tell.
    for row in shares:
        junk = seal(story.handler.random(33), [holders[row.holder]], random=story.handler.random)
        assert len(junk) == len(row.file)
        story.change("UPDATE grants SET file = :junk WHERE holder = :holder", junk=junk, holder=row.holder)

    seed, made = shares_anew(story, case)
    trustees.split_anew(story.handler, case.members["h1"].account, case.reference, made)

    assert trustees.wanted_of(story.handler, case.members["h2"].account, case.reference) is None
    assert not left_in(story)
    first, second, *_ = story.municipality.trustees
    assert with_papers(bundle_of(story, begun(story, case)), first, second).seeds() == {0: seed}


def test_members_split_anew_when_trustees_change_and_the_former_leave(story: Story) -> None:
    case, other = story.tip(), story.tip()
    old, new = story.municipality.trustees, other_trustees(story, case)
    stands = recovering.progress(story.handler, None)
    assert (stands.to_split, stands.former) == (2, 3)

    member = case.members["h1"]
    seed, shares = shares_anew(story, case)
    assert [share.holder for share in shares] == ["t4", "t5"]
    with pytest.raises(GrantsMismatch):
        trustees.split_anew(story.handler, member.account, case.reference, shares[1:])
    with pytest.raises(NotFound):
        trustees.split_anew(story.handler, story.outsider(case).account, case.reference, shares)
    for one, theirs in ((case, shares), (other, shares_anew(story, other)[1])):
        assert not left_in(story)
        trustees.split_anew(story.handler, one.members["h1"].account, one.reference, theirs)
    # Once, with the last case of all; a browser that comes too late adds nothing.
    trustees.split_anew(story.handler, member.account, case.reference, shares)
    assert left_in(story) == [{"set": 2, "left": 3}]
    stands = recovering.progress(story.handler, None)
    assert (stands.to_split, stands.former) == (0, 0)

    bundle = bundle_of(story, begun(story, case))
    assert with_papers(bundle, *new).seeds() == {0: seed}
    with pytest.raises(RecoveryRefusedError, match="hör inte till"):
        with_papers(bundle, old[0])


def test_a_case_that_later_trustees_recovered_is_read_by_its_new_panel_and_its_source(story: Story) -> None:
    case = story.tip()
    before = story.handler.today()
    new = other_trustees(story, case)
    member = case.members["h1"]
    trustees.split_anew(story.handler, member.account, case.reference, shares_anew(story, case)[1])
    recovery = begun(story, case)
    made = made_by(story, case, recovery, with_papers(bundle_of(story, recovery), *new))
    assert recovering.recover(story.handler, administrator(story), recovery, made.offered) == 1
    # Whoever the trustees are by then, those of the day of the recovery count.
    other_trustees(story, case, (("Per Al", "Björkviks kommun", "IT"), ("Eva By", "Älvnäs kommun", "Arkivet")))

    reader = next(one for one in made.panel if one.panel)
    panel_member = story.municipality.by_recipient(reader.candidate.recipient)
    view = handle.open_case(story.handler, panel_member.account, case.reference)
    assert view.later_trustees.versions == {1: 2}
    texts = read(view, panel_member, case.keys.identity.recipient.raw)
    assert {stream: shown[-1] for stream, shown in texts.items()} == dict.fromkeys(texts, "epoch")

    opened = source_session.read_case(story.public, Visitor(case.keys))
    assert {record.failed for record in opened.records} == {None}
    assert {m.id for m in opened.members[1]} == {one.member for one in made.panel}

    later = view.later_trustees
    assert {t.recipient for t in later(1, before, before).trustees} == {
        recipient_hash(one.keys.identity.recipient) for one in new
    }
    for epoch, since, at, fault in (
        (2, before, before, DirectoryFault.NONE),
        (1, before - timedelta(days=9), before - timedelta(days=1), DirectoryFault.NOT_YET),
        (1, before + timedelta(days=60), before + timedelta(days=60), DirectoryFault.STALE),
    ):
        with pytest.raises(DirectoryError) as refusal:
            later(epoch, since, at)
        assert refusal.value.fault is fault
