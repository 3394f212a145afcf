"""Unlocking: the identity leaves sealed, the storage key only for as long as somebody is at work."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.handler.conftest import Desk
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import UNLOCK_IDLE_SECONDS
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import PassphraseIdentity, parse_identity_file


@pytest.fixture
def anna(story: Story) -> Member:
    return story.municipality.handlers()[0]


@pytest.fixture
def sitting(at_desk: Callable[[Member], Desk], anna: Member) -> Desk:
    return at_desk(anna)


def test_gives_the_identity_sealed_under_the_passphrase(sitting: Desk, anna: Member) -> None:
    answer = sitting.post("unlock").json
    file = base64.b64decode(answer["ways"][0]["file"])
    opened = parse_identity_file(open_sealed(file, [PassphraseIdentity(anna.person.passphrase)]))
    assert base64.b64decode(answer["recipient"]) == opened.identity.recipient.raw
    assert base64.b64decode(answer["verification_key"]) == opened.signing_key.verification_key.raw
    assert len(base64.b64decode(answer["storage_key"])) == 32


def test_the_key_stays_the_same_while_unlocked(sitting: Desk) -> None:
    key = sitting.post("unlock").json["storage_key"]
    assert sitting.post("storage-key").json == {"storage_key": key}
    # Another tab of the same session must not lock the first.
    assert sitting.post("unlock").json["storage_key"] == key


def test_asking_moves_the_idle_limit(sitting: Desk, story: Story) -> None:
    sitting.post("unlock")
    for _ in range(3):
        story.clock.advance(UNLOCK_IDLE_SECONDS - 1)
        assert sitting.post("storage-key").status_code == 200
    story.clock.advance(UNLOCK_IDLE_SECONDS)
    answer = sitting.post("storage-key")
    assert (answer.status_code, answer.json["code"]) == (409, "locked")


def test_a_key_that_ran_out_never_comes_back(sitting: Desk, story: Story) -> None:
    key = sitting.post("unlock").json["storage_key"]
    story.clock.advance(UNLOCK_IDLE_SECONDS)
    assert sitting.post("storage-key").status_code == 409
    assert sitting.post("unlock").json["storage_key"] != key


def test_locking_forgets_the_key(sitting: Desk, story: Story) -> None:
    key = base64.b64decode(sitting.post("unlock").json["storage_key"])
    assert sitting.post("lock").status_code == 204
    assert sitting.post("storage-key").json["code"] == "locked"
    assert all(row["storage_key"] != key for row in story.contents()["sessions"])


def test_each_session_has_a_key_of_its_own(at_desk: Callable[[Member], Desk], anna: Member) -> None:
    one, other = at_desk(anna), at_desk(anna)
    assert one.post("unlock").json["storage_key"] != other.post("unlock").json["storage_key"]


def test_nothing_is_unlocked_to_begin_with(sitting: Desk) -> None:
    assert sitting.post("storage-key").json["code"] == "locked"


@pytest.mark.parametrize("path", ["unlock", "storage-key", "lock", "cases/ABC-DEF-GHJ/open"])
@pytest.mark.parametrize("body", [[], "x", {"more": 1}, {"å": 1}])
def test_anything_else_in_the_request_is_refused(sitting: Desk, path: str, body: object) -> None:
    answer = sitting.post(path, body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
