"""What is in the outbox is sent once, whoever sends it, and whatever goes wrong waits without holding up the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from tests.support.letters import ADDRESS, AUDITORS, MORNING_AFTER, empty, outgoing, text, waiting
from tests.support.mail import Running, mail_server
from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.errors import Invalid
from tipportal.domain.notices import GIVE_UP_SECONDS, LEASE_SECONDS, Delivered, Delivery, Letter, NoticeKind
from tipportal.domain.ports import Mailer
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import at_once, checkpoints, logbook, notices, posting, reviewing, scheduled, surveying
from tipportal.usecases.alerts import AlertKind, alerts
from tipportal.usecases.posting import Posted


@pytest.fixture
def running() -> Iterator[Running]:
    with mail_server() as served:
        yield served


@pytest.fixture
def quiet(story: Story) -> Story:
    """An installation where no letter is left from staffing it."""
    empty(story)
    return story


def workers(story: Story) -> list[str]:
    """The addresses of everybody who gets the daily letter."""
    municipality = story.municipality
    people = (*(member.account for member in municipality.handlers()), *_both(story))
    return sorted(person.email for person in people)


def _both(story: Story) -> tuple[Account, Account]:
    administrators = two(story)
    return administrators.proposer.account, administrators.approver.account


def administrator(story: Story, place: int = 0) -> Account:
    return _both(story)[place]


def signer_of(story: Story) -> NoteSigner:
    return NoteSigner(checkpoints.origin(story.handler), bytes(32))


def tell(story: Story, *accounts: Account) -> None:
    with story.database.write() as uow:
        for account in accounts:
            notices.tell(story.handler, uow, account, NoticeKind.SIGN_IN)


def sent_to(running: Running) -> list[str]:
    return sorted(taken.to for taken in running.mailbox.taken)


def test_everybody_who_works_there_gets_the_days_letter_once(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)
    quiet.clock.advance(-3 * 3600)
    assert scheduled.tick(story.handler, None, out).letters_sent == 0
    story.clock.advance(3 * 3600)
    assert scheduled.tick(story.handler, None, out).letters_sent == len(workers(story))
    assert scheduled.tick(story.handler, None, out).letters_sent == 0
    assert sent_to(running) == workers(story)
    assert {text(taken) for taken in running.mailbox.taken} == {text(running.mailbox.taken[0])}
    assert "Date: Mon, 23 Nov 2026 06:30:00 +0000" in running.mailbox.taken[0].headers
    assert ADDRESS in text(running.mailbox.taken[0])
    story.clock.advance(MORNING_AFTER)
    assert scheduled.tick(story.handler, None, out).letters_sent == len(workers(story))
    story.clock.advance(4 * DAY)  # Saturday
    assert scheduled.tick(story.handler, None, out).letters_sent == 0


def test_whoever_is_away_or_suspended_gets_none(quiet: Story, running: Running) -> None:
    story = quiet
    away, suspended = (member.account for member in story.municipality.handlers()[:2])
    at_once.note_absence(story.handler, away, away.id, None)
    at_once.suspend(story.handler, administrator(story), suspended.id)
    empty(story)
    posting.post(story.handler, outgoing(running))
    assert sent_to(running) == sorted({*workers(story)} - {away.email, suspended.email})


def test_whoever_is_suspended_before_it_is_sent_gets_none(quiet: Story, running: Running) -> None:
    story = quiet
    running.mailbox.of_sender = "451 later"
    posting.post(story.handler, outgoing(running))
    suspended = story.municipality.handlers()[0].account
    at_once.suspend(story.handler, administrator(story), suspended.id)
    running.mailbox.of_sender = ""
    posting.post(story.handler, outgoing(running))
    # What is about their account they get; the daily letter they do not.
    mine = [text(taken) for taken in running.mailbox.taken if taken.to == suspended.email]
    assert len(mine) == 1
    assert "stängts av" in mine[0]
    assert waiting(story) == []


def test_acts_about_an_account_tell_its_owner(quiet: Story, running: Running) -> None:
    story = quiet
    person = story.municipality.handlers()[0].account
    review = at_once.suspend(story.handler, administrator(story), person.id)
    reviewing.lift(story.handler, administrator(story, 1), review.id)
    told = [(row["account_id"], row["kind"]) for row in waiting(story)]
    assert told == [(person.id, NoticeKind.ACCESS)] * 2
    with story.database.read() as uow:
        back = uow.accounts.by_id(person.id)
    assert back is not None
    assert back.state is AccountState.ACTIVE
    out = replace(outgoing(running), digest_at=outgoing(running).digest_at.replace(hour=23))
    assert posting.post(story.handler, out) == Posted(2)
    assert sent_to(running) == [person.email] * 2
    # Nothing of when but the hour.
    assert all("Date: Mon, 23 Nov 2026 09:00:00 +0000" in taken.headers for taken in running.mailbox.taken)


def test_an_act_that_is_undone_tells_nobody(quiet: Story) -> None:
    story = quiet

    def fails() -> None:
        with story.database.write() as uow:
            notices.tell(story.handler, uow, administrator(story), NoticeKind.SIGN_IN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert waiting(story) == []


def test_two_at_once_send_each_letter_once(quiet: Story, running: Running) -> None:
    story = quiet
    together = threading.Barrier(4)

    def post(_: int) -> Posted:
        together.wait()
        return posting.post(story.handler, outgoing(running))

    with ThreadPoolExecutor(4) as pool:
        posted = list(pool.map(post, range(4)))
    assert sum(each.sent for each in posted) == len(workers(story))
    assert sent_to(running) == workers(story)


def test_a_server_that_is_down_delays_everything_and_loses_nothing(quiet: Story) -> None:
    story = quiet
    with mail_server() as gone:
        pass
    done = scheduled.tick(story.handler, None, outgoing(gone))
    assert (done.letters_sent, done.mail_down) == (0, True)
    assert len(waiting(story)) == len(workers(story))
    assert {row["claimed_until"] for row in waiting(story)} == {0}
    story.clock.advance(15 * 60)
    with mail_server() as running:
        assert scheduled.tick(story.handler, None, outgoing(running)).letters_sent == len(workers(story))
        assert sent_to(running) == workers(story)


def test_a_server_that_is_down_for_days_is_followed_by_one_letter_each(quiet: Story, running: Running) -> None:
    story = quiet
    running.mailbox.of_sender = "421 not now"
    for _ in range(3):
        assert posting.post(story.handler, outgoing(running)).down
        story.clock.advance(DAY)
    # The newest day's letter has stood in for those before, and how long nothing has gone is not forgotten.
    assert posting.is_late(story.handler)
    assert len(waiting(story)) == len(workers(story))
    running.mailbox.of_sender = ""
    posting.post(story.handler, outgoing(running))
    assert sent_to(running) == workers(story)
    assert all("Date: Thu, 26 Nov 2026 06:30:00 +0000" in taken.headers for taken in running.mailbox.taken)
    assert not posting.is_late(story.handler)


def test_whoever_has_gone_away_before_it_is_sent_gets_none(quiet: Story, running: Running) -> None:
    story = quiet
    running.mailbox.of_sender = "421 not now"
    posting.post(story.handler, outgoing(running))
    away = story.municipality.handlers()[0].account
    at_once.note_absence(story.handler, away, away.id, None)
    running.mailbox.of_sender = ""
    posting.post(story.handler, outgoing(running))
    assert sent_to(running) == sorted({*workers(story)} - {away.email})
    assert waiting(story) == []


def test_one_recipients_failure_holds_up_nobody_and_is_tried_again_later_and_later(
    quiet: Story, running: Running
) -> None:
    story, out = quiet, outgoing(running)
    slow = workers(story)[0]
    running.mailbox.refusals[slow] = "450 4.2.1 not now"
    assert posting.post(story.handler, out).sent == len(workers(story)) - 1
    (row,) = waiting(story)
    assert (row["next_attempt"], row["code"]) == (story.clock() + 15 * 60, 450)
    assert posting.post(story.handler, out).sent == 0
    story.clock.advance(15 * 60)
    assert posting.post(story.handler, out).sent == 0
    (row,) = waiting(story)
    assert row["next_attempt"] == story.clock() + 30 * 60
    del running.mailbox.refusals[slow]
    story.clock.advance(30 * 60)
    assert posting.post(story.handler, out).sent == 1


def test_what_never_goes_is_given_up_and_forgotten(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)
    person = story.municipality.handlers()[0].account
    tell(story, person)
    running.mailbox.refusals[person.email] = "450 4.2.1 not now"
    posting.post(story.handler, out)
    story.clock.advance(GIVE_UP_SECONDS + DAY)
    posting.post(story.handler, out)
    kinds = {row["kind"] for row in waiting(story)}
    assert kinds <= {NoticeKind.DIGEST}
    story.clock.advance(GIVE_UP_SECONDS + DAY)
    posting.post(story.handler, out)
    assert all(row["kind"] is NoticeKind.DIGEST for row in story.contents()["outbox"])


@dataclass
class _Stopping:
    """A post in which the program stops once a number of letters have gone, as in a power cut."""

    running: Running
    left: int

    @contextmanager
    def open(self) -> Iterator[Mailer]:
        with outgoing(self.running).post.open() as mailer:
            inner = mailer

            class Stops:
                def send(_self, letter: Letter) -> Delivered:  # noqa: N805 - the outer one is meant below
                    if self.left == 0:
                        raise KeyboardInterrupt
                    self.left -= 1
                    return inner.send(letter)

            yield Stops()


def test_what_somebody_was_sending_when_they_stopped_is_sent_by_the_next(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)
    with pytest.raises(KeyboardInterrupt):
        posting.post(story.handler, replace(out, post=_Stopping(running, 2)))
    assert len(running.mailbox.taken) == 2
    assert posting.post(story.handler, out).sent == 0
    story.clock.advance(LEASE_SECONDS)
    posting.post(story.handler, out)
    assert sent_to(running) == workers(story)


def test_sending_stops_in_time_and_gives_back_the_rest(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)

    class Slow:
        @contextmanager
        def open(self) -> Iterator[Mailer]:
            with out.post.open() as mailer:

                class Crawls:
                    def send(self, letter: Letter) -> Delivered:
                        story.clock.advance(120)
                        return mailer.send(letter)

                yield Crawls()

    many = len(workers(story))
    assert many > 3
    assert posting.post(story.handler, replace(out, post=Slow())).sent == 3
    assert posting.post(story.handler, out).sent == many - 3
    assert sent_to(running) == workers(story)


def test_without_mail_nothing_piles_up(quiet: Story) -> None:
    story = quiet
    tell(story, administrator(story))
    assert posting.post(story.handler, None) == Posted()
    assert len(waiting(story)) == 1
    story.clock.advance(DAY)
    posting.post(story.handler, None)
    assert waiting(story) == []


def test_auditors_get_the_months_checkpoint_and_can_give_it_back(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running, auditors=AUDITORS)
    reader = next(each.account for each in story.municipality.members if each.account.role is Role.AUDITOR)
    assert scheduled.tick(story.handler, signer_of(story), outgoing(running)).checkpoints_made == 1
    running.mailbox.taken.clear()
    posting.post(story.handler, out)
    posting.post(story.handler, out)
    (taken,) = [taken for taken in running.mailbox.taken if taken.to == AUDITORS]
    kept = checkpoints.newest(story.handler)
    assert kept is not None
    assert text(taken).replace("\r\n", "\n").endswith(kept.note)
    assert kept.key in text(taken)
    assert "Påminnelse" not in text(taken)
    assert "2026-11" in taken.headers
    # Whoever copies the whole letter gives back the right thing too.
    assert checkpoints.confirm_text(story.handler, reader, text(taken)) == kept
    story.clock.advance(40 * DAY)
    scheduled.tick(story.handler, signer_of(story), out)
    newest = next(taken for taken in running.mailbox.taken[::-1] if taken.to == AUDITORS)
    assert "Påminnelse: på 40 dagar" in text(newest)
    assert "Reminder: nobody" in text(newest)
    assert logbook.verify(story.handler).findings == ()


def test_administrators_are_warned_of_what_waits_and_of_faulty_addresses(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)

    def warned() -> dict[AlertKind, str]:
        found = alerts(story.handler, administrator(story), surveying.survey(story.handler))
        about = (AlertKind.OUTBOX, AlertKind.ADDRESS)
        return {each.kind: str(each) for each in found if each.kind in about}

    wrong, person = workers(story)[0], story.municipality.handlers()[0].account
    assert warned() == {}
    running.mailbox.refusals[wrong] = "550 5.1.1 nobody here"
    posting.post(story.handler, out)
    assert wrong in warned()[AlertKind.ADDRESS]
    assert "550" in warned()[AlertKind.ADDRESS]
    tell(story, person)
    story.clock.advance(DAY - 3600)
    assert AlertKind.OUTBOX not in warned()
    story.clock.advance(3600)
    assert AlertKind.OUTBOX in warned()
    running.mailbox.refusals.clear()
    posting.post(story.handler, out)
    assert warned() == {}


def test_a_letter_that_comes_back_shows_the_address(quiet: Story, running: Running) -> None:
    story = quiet
    posting.post(story.handler, outgoing(running))
    person = story.municipality.handlers()[0].account
    assert posting.bounced(story.handler, [person.email.upper(), "nobody@exempel.se", "rubbish", AUDITORS]) == 1
    assert posting.fault_of(story.handler, person) is not None
    assert posting.fault_of(story.handler, administrator(story)) is None
    story.clock.advance(MORNING_AFTER)
    posting.post(story.handler, outgoing(running))
    assert posting.fault_of(story.handler, person) is None


def test_a_trial_letter_goes_past_the_outbox(quiet: Story, running: Running) -> None:
    story = quiet
    assert posting.check(story.handler, outgoing(running), "Bo@Exempel.se").outcome is Delivery.SENT
    (taken,) = running.mailbox.taken
    assert taken.to == "bo@exempel.se"
    assert "provbrev" in text(taken)
    assert story.contents()["outbox"] == []
    with pytest.raises(Invalid):
        posting.check(story.handler, outgoing(running), "bo")


def test_nothing_is_sent_inside_a_transaction(quiet: Story, running: Running) -> None:
    story, out = quiet, outgoing(running)

    class Watching:
        @contextmanager
        def open(self) -> Iterator[Mailer]:
            with out.post.open() as mailer:

                class Writes:
                    def send(self, letter: Letter) -> Delivered:
                        # Somebody else's turn comes while the server thinks.
                        with story.database.write() as uow:
                            uow.log.size()
                        return mailer.send(letter)

                yield Writes()

    posted = posting.post(story.handler, replace(out, post=Watching()))
    assert posted.sent == len(workers(story))
