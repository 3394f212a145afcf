"""A code that staff have seen is replaced by the source's own: one transaction, and nobody but the source can."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.members import begin, next_epoch
from tests.support.playing import verified
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, write
from tipportal.domain.cases import Stream
from tipportal.domain.errors import AlreadyDecided, CaseNotFound, CaseUnreadable, EpochExists, Invalid
from tipportal.domain.intake import Code, Documented, Intake
from tipportal.domain.triage import Origin
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.reading import VerifiedRecord
from tipportal.envelope.records import Kind
from tipportal.usecases import dialogue, epochs, handle, logbook, own_codes, source_session
from tipportal.usecases.epochs import NewEpoch, OwnCode
from tipportal.usecases.source_epochs import make_epoch
from tipportal.usecases.source_reading import genesis_of, read_view
from tipportal.usecases.source_session import Visitor

DAY = 86_400


def entered(story: Story, code: Code = Code.GIVEN) -> PlayedCase:
    """A case whose code staff have made, with a question of a member's in it."""
    case = story.report()
    typist = story.municipality.handlers()[0].account
    with story.database.write() as uow:
        kept = uow.cases.for_holder(case.reference, case.members["h1"].account.id, story.handler.today())
        assert kept is not None
        uow.intakes.add(
            Intake(
                kept.id,
                kept.organisation_id,
                Origin.ORAL,
                Documented.MINUTES,
                code,
                typist.id,
                story.handler.today(),
            )
        )
    return case


def texts(story: Story, keys: SourceKeys) -> list[str]:
    """What the source reads of the dialogue: texts, or why a record does not hold."""
    read = source_session.read_case(story.public, Visitor(keys))
    return [record.failed or record.text or record.record.kind.value for record in read.records]


def pending(story: Story) -> list[tuple[object, object, object]]:
    lines = [json.loads(row["data"]) for row in story.contents()["pending_entries"]]
    return [(line["kind"], line["time"], line["facts"]) for line in lines if line["kind"] == "code_replaced"]


def test_the_new_code_alone_leads_to_the_case_and_opens_all_of_it(story: Story) -> None:
    case, own = entered(story), story.source()
    write(story.handler, case, Kind.MESSAGE, "Vilket år?")
    own_codes.take_own_code(story.public, Visitor(case.keys), own)

    with pytest.raises(CaseNotFound) as gone:
        dialogue.open_by_token(story.public, case.keys.lookup_token)
    with pytest.raises(CaseNotFound) as unknown:
        dialogue.open_by_token(story.public, story.source().lookup_token)
    assert gone.value.reason == unknown.value.reason
    assert texts(story, own) == ["report", "Vilket år?", "epoch"]
    source_session.send_message(story.public, Visitor(own), "2025.", form_nonce="a" * 32)
    assert texts(story, own)[-1] == "2025."
    view = dialogue.open_by_token(story.public, own.lookup_token)
    assert view.intake is not None
    assert (view.intake.code, view.replacing, view.next) == (Code.REPLACED, None, None)
    assert pending(story) == [("code_replaced", story.public.today().isoformat(), {"epoch": 1})]
    assert logbook.verify(story.handler).findings == ()


def test_members_follow_and_go_on_with_the_new_keys(story: Story) -> None:
    case, own = entered(story), story.source()
    own_codes.take_own_code(story.public, Visitor(case.keys), own)
    source_session.send_message(story.public, Visitor(own), "Hej igen.", form_nonce="a" * 32)
    # The server has seen the new epoch's keys: a member changes them first, and grants the source's new ones.
    after = replace(case, keys=own)
    assert begin(story, after, next_epoch(story, after)) == 2
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    _, readings = verified(view, case.members["h1"], view.case.source_recipient)
    for reading in readings.values():
        assert all(isinstance(record, VerifiedRecord) for record in reading.records)
        assert reading.epoch.source.verification_key == own.signing_key.verification_key
    write(story.handler, after, Kind.MESSAGE, "Tack.")
    assert texts(story, own) == ["report", "epoch", "Hej igen.", "epoch", "Tack."]
    assert len(readings[Stream.DIALOGUE].records) == 4


def test_sent_twice_it_is_as_sent_once_and_another_code_comes_too_late(story: Story) -> None:
    case, own = entered(story), story.source()
    for _ in range(2):
        own_codes.take_own_code(story.public, Visitor(case.keys), own)
    assert len(pending(story)) == 1
    with pytest.raises(CaseNotFound):
        own_codes.take_own_code(story.public, Visitor(case.keys), story.source())
    with pytest.raises(CaseNotFound):
        own_codes.take_own_code(story.public, Visitor(own), story.source())
    assert texts(story, own) == ["report", "epoch"]


def offered(story: Story, case: PlayedCase, own: SourceKeys) -> tuple[NewEpoch, OwnCode]:
    """What a browser would hand in; in a case without such a code, what a member left it would need as well."""
    view = dialogue.open_by_token(story.public, case.keys.lookup_token)
    coming = view.replacing
    if coming is None:
        pytest.fail("there is nothing to replace")
    new = make_epoch(
        story.public, view, coming, case.keys, genesis_of(view, case.keys), read_view(view, case.keys), own=own
    )
    key = own.signing_key.verification_key.raw
    return new, OwnCode(bytes.fromhex(own.lookup_digest), own.identity.recipient.raw, key, new.grants[-1].file)


def test_what_is_no_new_code_is_refused_and_nothing_has_changed(story: Story) -> None:
    case, other, own = entered(story), story.tip(), story.source()
    new, code = offered(story, case, own)
    before = story.contents()
    for wrong in (
        replace(code, recipient=case.keys.identity.recipient.raw),
        replace(code, verification_key=case.keys.signing_key.verification_key.raw),
        replace(code, recipient=new.work),
        replace(code, lookup_digest=b"x"),
    ):
        with pytest.raises(Invalid):
            epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new, own=wrong)
    taken = replace(code, lookup_digest=bytes.fromhex(other.keys.lookup_digest))
    with pytest.raises(Exception, match="koden"):
        epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new, own=taken)
    # Without a code of one's own there is nothing to begin an epoch for.
    with pytest.raises(EpochExists):
        epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new)
    assert story.contents() == before


def test_only_a_code_that_was_handed_over_is_replaced(story: Story) -> None:
    for code in (Code.NOT_WANTED, None):
        case = story.tip() if code is None else entered(story, code)
        assert dialogue.open_by_token(story.public, case.keys.lookup_token).replacing is None
        with pytest.raises(CaseNotFound):
            own_codes.take_own_code(story.public, Visitor(case.keys), story.source())
    given = entered(story)
    new, own = offered(story, given, story.source())
    story.change("UPDATE intakes SET code = 'not_wanted'")
    with pytest.raises(AlreadyDecided):
        epochs.begin_epoch_as_source(story.public, given.keys.lookup_token, new, own=own)


def test_a_server_that_gives_another_case_or_hides_the_change_is_not_believed(story: Story) -> None:
    case, own = entered(story), story.source()
    own_codes.take_own_code(story.public, Visitor(case.keys), own)
    story.drop_guards()
    story.change("DELETE FROM records WHERE kind = 'epoch'")
    with pytest.raises(CaseUnreadable):
        texts(story, own)
    # A case that somebody made for this purpose: consistent in itself, but this code has vouched for another.
    made = story.tip()
    digest = bytes.fromhex(own.lookup_digest)
    with story.database.read() as uow:
        one, two = uow.cases.by_lookup(digest), uow.cases.by_lookup(bytes.fromhex(made.keys.lookup_digest))
    assert one is not None
    assert two is not None
    story.change("UPDATE cases SET lookup_digest = :gone WHERE id = :id", gone=b"0" * 32, id=one.id)
    story.change("UPDATE cases SET lookup_digest = :digest WHERE id = :id", digest=digest, id=two.id)
    with pytest.raises(CaseUnreadable):
        texts(story, own)


def test_a_day_later_nothing_tells_when_the_code_was_replaced(story: Story) -> None:
    case, own = entered(story), story.source()
    story.clock.advance(DAY)
    with story.database.write() as uow:
        uow.settle(story.handler.today(), story.handler.random)
    own_codes.take_own_code(story.public, Visitor(case.keys), own)
    story.clock.advance(DAY)
    with story.database.write() as uow:
        uow.settle(story.handler.today(), story.handler.random)
    assert {row["settled"] for row in story.contents()["cases"]} == {True}
    assert texts(story, own) == ["report", "epoch"]
