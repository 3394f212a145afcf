"""Letters in the table: taken by one at a time, kept until they are sent, and known by what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.storage import samples
from tests.support import databases
from tipportal.domain.errors import Conflict
from tipportal.domain.notices import AddressFault, Notice, NoticeKind, NoticeState
from tipportal.storage import Database
from tipportal.storage.faults import StorageFault
from tipportal.storage.schema import downgrade, upgrade

NOW = samples.NOW
LATER = NOW + 1800
DIGEST = Notice("n1", "o1", NoticeKind.DIGEST, "anna", samples.DAY, NOW - 60)
ABOUT = Notice("n2", "o1", NoticeKind.SIGN_IN, "anna", samples.DAY, NOW - 3600)


def keep(town: Database, *notices: Notice) -> None:
    with town.write() as uow:
        uow.outbox.add(notices)


def test_a_letter_is_taken_by_one_at_a_time(town: Database) -> None:
    keep(town, DIGEST, ABOUT)
    with town.write() as uow:
        assert uow.outbox.has_due(NOW)
        first = uow.outbox.claim(NOW, LATER, 1)
        second = uow.outbox.claim(NOW, LATER, 9)
        assert [notice.id for notice in (*first, *second)] == ["n1", "n2"]
        assert not uow.outbox.has_due(NOW)
        assert uow.outbox.claim(NOW, LATER, 9) == []
        # Whoever had it has stopped: the next one takes it, and the first can change it no more.
        (again,) = uow.outbox.claim(LATER, LATER + 1800, 1)
        assert (again.id, again.attempts) == ("n1", 2)
        assert not uow.outbox.settle(first[0], NoticeState.SENT, code=250, now=LATER)
        assert not uow.outbox.put_off(first[0], LATER, code=0)
        uow.outbox.give_back(first)
        assert uow.outbox.settle(again, NoticeState.SENT, code=250, now=LATER)
        assert not uow.outbox.settle(again, NoticeState.REFUSED, code=550, now=LATER)


def test_what_is_put_off_waits_and_what_is_given_back_does_not(town: Database) -> None:
    keep(town, DIGEST, ABOUT)
    with town.write() as uow:
        first, second = uow.outbox.claim(NOW, LATER, 9)
        assert uow.outbox.put_off(first, NOW + 900, code=450)
        uow.outbox.give_back([second])
        assert [notice.id for notice in uow.outbox.claim(NOW, LATER, 9)] == ["n2"]
        assert [notice.id for notice in uow.outbox.claim(NOW + 900, LATER, 9)] == ["n1"]
        assert uow.outbox.oldest_waiting() == ABOUT.due


def test_nobody_has_two_of_a_days_letters(town: Database) -> None:
    keep(town, DIGEST, ABOUT)
    with town.write() as uow:
        assert uow.outbox.has_digest(samples.DAY)
        assert not uow.outbox.has_digest(samples.DAY + timedelta(days=1))
        with pytest.raises(Conflict):
            uow.outbox.add([replace(DIGEST, id="n3")])
        uow.outbox.add([replace(DIGEST, id="n3", day=samples.DAY + timedelta(days=1)), replace(ABOUT, id="n4")])
        uow.outbox.add([])


def test_older_ones_become_todays_or_are_given_up_but_for_what_somebody_is_sending(town: Database) -> None:
    keep(town, DIGEST, ABOUT, replace(DIGEST, id="n3", account_id="bo"))
    tomorrow = samples.DAY + timedelta(days=1)
    with town.write() as uow:
        (taken,) = uow.outbox.claim(NOW, LATER, 1)
        assert uow.outbox.renew_digests(samples.DAY, NOW) == []
        assert uow.outbox.renew_digests(tomorrow, NOW) == ["bo"]
        assert uow.outbox.has_digest(tomorrow)
        assert uow.outbox.end_older(NOW - 3600, NoticeState.GIVEN_UP, NOW) == 0
        assert uow.outbox.end_older(NOW, NoticeState.GIVEN_UP, NOW) == 2
        assert uow.outbox.oldest_waiting() == taken.due
        assert uow.outbox.forget(NOW) == 0
        assert uow.outbox.forget(NOW + 1) == 2
        assert uow.outbox.settle(taken, NoticeState.SENT, code=250, now=NOW)
        assert uow.outbox.oldest_waiting() is None


def test_of_two_days_letters_that_are_left_one_stays(town: Database) -> None:
    tomorrow, after = samples.DAY + timedelta(days=1), samples.DAY + timedelta(days=2)
    keep(town, DIGEST, replace(DIGEST, id="n2", day=tomorrow))
    with town.write() as uow:
        assert uow.outbox.renew_digests(after, NOW) == ["anna"]
        (left,) = uow.outbox.claim(NOW, LATER, 9)
        assert (left.id, left.day, left.due) == ("n2", after, DIGEST.due)


def test_an_address_is_faulty_from_its_last_letter_on_until_one_arrives(town: Database) -> None:
    box = Notice("n9", None, NoticeKind.CHECKPOINT, None, samples.DAY, NOW, size=3)
    keep(town, DIGEST, ABOUT, replace(ABOUT, id="n3"), box)
    with town.write() as uow:
        assert not uow.outbox.bounced("anna", NOW)
        one, two, three, last = uow.outbox.claim(NOW, LATER, 9)
        uow.outbox.settle(one, NoticeState.REFUSED, code=550, now=NOW)
        uow.outbox.settle(last, NoticeState.REFUSED, code=0, now=NOW + 1)
        assert uow.outbox.faults() == [
            AddressFault(None, NoticeState.REFUSED, 0, NOW + 1),
            AddressFault("anna", NoticeState.REFUSED, 550, NOW),
        ]
        uow.outbox.settle(two, NoticeState.SENT, code=250, now=NOW + 2)
        assert [fault.account_id for fault in uow.outbox.faults()] == [None]
        assert uow.outbox.bounced("anna", NOW + 3)
        assert uow.outbox.faults()[0] == AddressFault("anna", NoticeState.BOUNCED, 250, NOW + 3)
        # What was withdrawn says nothing of the address.
        uow.outbox.settle(three, NoticeState.WITHDRAWN, code=0, now=NOW + 4)
        assert uow.outbox.faults()[0].state is NoticeState.BOUNCED
        assert not uow.outbox.bounced(None, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(DIGEST, account_id=None),
        replace(DIGEST, size=3),
        replace(DIGEST, kind=NoticeKind.CHECKPOINT),
        replace(DIGEST, state=NoticeState.SENT),
        replace(DIGEST, settled_at=NOW),
        replace(DIGEST, account_id="nobody"),
    ],
)
def test_a_row_that_means_nothing_is_refused(town: Database, wrong: Notice) -> None:
    with pytest.raises(StorageFault), town.write() as uow:
        uow.outbox.add([wrong])


def test_the_revision_goes_and_comes_back(database_kind: str, tmp_path: Path) -> None:
    with databases.fresh(database_kind, tmp_path) as url:
        database = Database(url, tmp_path / "blobs")
        samples.settle_in(database)
        keep(database, DIGEST)
        downgrade(url, "0017")
        upgrade(url)
        with database.write() as uow:
            assert not uow.outbox.has_due(NOW)
            uow.outbox.add([DIGEST])
            assert uow.outbox.has_due(NOW)
            assert uow.accounts.by_id("anna") is not None
        database.close()
