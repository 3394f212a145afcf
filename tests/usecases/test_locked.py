"""What is left of a case whose two years are over: nothing to its source, and to its panel what two open it for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.members import begin, next_epoch
from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tests.usecases.test_retention import close, on, reopen, retain
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import (
    PlayedCase,
    agree,
    propose,
    reply,
    seal_form,
    seal_text,
    stored,
    write,
)
from tipportal.domain.cases import EpochState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.disclosures import Answered, Asked, Provision
from tipportal.domain.errors import CaseLocked, EpochClosed, IllegalTransition
from tipportal.domain.retention import Purpose
from tipportal.domain.separations import Ground
from tipportal.envelope.payloads import ActKind, ReasonsPayload, RetainPayload, Retention
from tipportal.envelope.records import Kind
from tipportal.usecases import at_once, dialogue, disclosing, handle, logbook, retention, scheduled, separating, vaults

OVER = date(2028, 11, 23)
"""Two years after what is closed on the day on which stories begin."""


@pytest.fixture(params=["by the day", "by tick"])
def ended(request: pytest.FixtureRequest, story: Story) -> PlayedCase:
    """A case on the day on which its two years are over, before or after ``tick``."""
    case = story.tip()
    reply(story.public, case, "Här är bilden.", files=[MadeFile("bild.png", "image/png", bytes(900))])
    close(story, case)
    on(story, OVER)
    if request.param == "by tick":
        assert retention.lock_due(story.handler) == 1
    return case


def open_by_two(story: Story, case: PlayedCase, purpose: Purpose) -> None:
    """Open a locked case for seven days."""
    one, another = (case.members[name].account for name in ("h1", "h2"))
    asked = retention.ask_opening(story.handler, one, case.reference, purpose)
    retention.allow_opening(story.handler, another, case.reference, asked.id)


def test_a_source_is_told_that_the_case_is_locked_and_is_handed_nothing(story: Story, ended: PlayedCase) -> None:
    token = ended.keys.lookup_token
    reading: list[Callable[[], object]] = [
        lambda: dialogue.open_by_token(story.public, token),
        lambda: dialogue.open_file(story.public, token, 1, 0),
    ]
    for opened in (False, True):
        for read in reading:
            with pytest.raises(CaseLocked, match=r"avslutat och låst\. .* nytt tips eller en ny"):
                read()
        with pytest.raises(CaseLocked):
            reply(story.public, ended, "Mer.")
        if not opened:
            # What two of the panel open for the archive, they open to the panel.
            open_by_two(story, ended, Purpose.EXPORT)


def test_nobody_decides_blind(story: Story, ended: PlayedCase) -> None:
    reasons = seal_text(story.handler, ended, Kind.ASSESSMENT, "Enligt beslut.", by="h1")
    keep = RetainPayload(Retention.PRESERVE, "ARK 1", reasons.digest.hex())
    export = ReasonsPayload(ActKind.EXPORT, reasons.digest.hex())
    for payload in (keep, export):
        with pytest.raises(CaseLocked):
            propose(story.handler, ended, payload, reasons)
    open_by_two(story, ended, Purpose.RETENTION)
    proposal = propose(story.handler, ended, keep, reasons)
    # The second person comes when the seven days are over.
    story.clock.advance(7 * DAY)
    with pytest.raises(CaseLocked):
        agree(story.handler, ended, proposal)
    open_by_two(story, ended, Purpose.RETENTION)
    agree(story.handler, ended, proposal)
    with story.handler.storage.read() as uow:
        assert uow.retention.kept(stored(story.handler, ended).id) is not None
    assert logbook.verify(story.handler).findings == ()


def test_an_opened_case_is_for_the_archive_alone(story: Story, ended: PlayedCase) -> None:
    open_by_two(story, ended, Purpose.RELEASE)
    with pytest.raises(CaseLocked):
        write(story.handler, ended, Kind.NOTE, "Mer arbete.", by="h1")
    with pytest.raises((CaseLocked, IllegalTransition)):
        reopen(story, ended)
    account = ended.members["h2"].account
    request = disclosing.receive(story.handler, account, Asked.CASE, reference=ended.reference)
    copy = seal_form(story.handler, ended, "masked_copy", {"text": "█████"}, by="h2")
    provisions = frozenset({Provision.OSL_26_1})
    decided = disclosing.decide(story.handler, account, request.id, Answered.PARTLY, provisions, copy)
    assert decided.copy == copy.digest


def test_whoever_leaves_a_locked_case_does_not_stop_what_is_to_be_decided(story: Story) -> None:
    case = story.tip()
    close(story, case)
    story.clock.advance(DAY)
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    on(story, OVER)
    retention.lock_due(story.handler)
    with pytest.raises(CaseLocked):
        begin(story, case, next_epoch(story, case))
    one, another = (case.members[name].account for name in ("h1", "h3"))
    asked = retention.ask_opening(story.handler, one, case.reference, Purpose.RETENTION)
    retention.allow_opening(story.handler, another, case.reference, asked.id)
    with pytest.raises(EpochClosed):
        retain(story, case, Retention.PRESERVE, "ARK 1")
    begin(story, case, next_epoch(story, case))
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Enligt beslut.", by="h1")
    payload = RetainPayload(Retention.PRESERVE, "ARK 1", reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, payload, reasons), by="h3")
    assert logbook.verify(story.handler).findings == ()


def test_whoever_is_suspended_leaves_locked_cases_too_and_a_standby_stands_in(story: Story) -> None:
    case = story.tip()
    close(story, case)
    on(story, OVER)
    retention.lock_due(story.handler)
    account = case.members["h2"].account
    two(story).make(ChangeKind.ACCOUNT, {"account": account.id, "do": "suspend", "decision": None})

    with story.database.read() as uow:
        kept = stored(story.handler, case)
        assert account.id not in {grant.holder for grant in uow.cases.grants(kept.id)}
        assert uow.cases.epochs(kept.id)[-1].state is EpochState.CLOSED
    one, another = (case.members[name].account for name in ("h1", "h3"))
    asked = retention.ask_opening(story.handler, one, case.reference, Purpose.RETENTION)
    retention.allow_opening(story.handler, another, case.reference, asked.id)
    begin(story, case, next_epoch(story, case))
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Enligt beslut.", by="h1")
    payload = RetainPayload(Retention.PRESERVE, "ARK 1", reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, payload, reasons), by="h3")
    assert logbook.verify(story.handler).findings == ()


def test_a_closed_case_whose_time_runs_out_gets_a_second_person_when_one_serves_no_longer(story: Story) -> None:
    case = story.tip()
    close(story, case)
    member = case.members["h2"].account
    story.change("UPDATE designations SET valid_to = :day WHERE account_id = :id", day="2026-12-01", id=member.id)

    def released(day: date) -> int:
        on(story, day)
        # A leap of the clock is another test's.
        story.change("DELETE FROM clock_watch")
        return scheduled.tick(story.handler).standbys_released

    assert [released(date(2028, 5, 22)), released(date(2028, 5, 23)), released(date(2028, 5, 24))] == [0, 1, 0]
    handle.is_mine(story.handler, case.members["h3"].account, case.reference)


def test_nobody_steps_in_on_a_closed_case_for_one_who_is_away(story: Story) -> None:
    case = story.tip()
    close(story, case)
    on(story, date(2028, 6, 1))
    story.change("DELETE FROM clock_watch")
    away = case.members["h2"].account
    at_once.note_absence(story.handler, away, away.id, story.handler.today())
    assert scheduled.tick(story.handler).standbys_released == 0


def test_the_vault_of_a_locked_case_is_shut(story: Story) -> None:
    case = story.report()
    story.change("UPDATE cases SET state = 'locked', closed_on = received_on")
    with pytest.raises(CaseLocked):
        vaults.renewal(story.handler, case.members["h1"].account, case.reference)
