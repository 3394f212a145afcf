"""Trustees are named by two administrators, and in force when each has read the words of their paper back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.setting_up import decided, two
from tests.support.story import Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import ask
from tipportal.cli.demo_trustees import PEOPLE, DemoTrustee, appoint
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel
from tipportal.envelope.canonical import encode_b64

THREE = tuple(DemoTrustee(*person, None, bytes([number]) * 32) for number, person in enumerate(PEOPLE))


def _payload(story: Story, *those: DemoTrustee, threshold: object = 2) -> dict[str, Any]:
    return {"threshold": threshold, "trustees": [one.named() for one in those], "decision": decided(story)}


def _handlers_keys(story: Story) -> dict[str, Any]:
    account = story.municipality.handlers()[0].account
    assert account.recipient is not None
    return {**THREE[0].named(), "recipient": encode_b64(account.recipient)}


WRONG: dict[str, Callable[[Story], dict[str, Any]]] = {
    "one is enough": lambda story: _payload(story, *THREE, threshold=1),
    "more than there are": lambda story: _payload(story, *THREE, threshold=4),
    "no number": lambda story: _payload(story, *THREE, threshold=True),
    "nobody": _payload,
    "one twice": lambda story: _payload(story, THREE[0], THREE[0], THREE[1]),
    "one person with two papers": lambda story: _payload(
        story, THREE[0], DemoTrustee(*PEOPLE[0], None, bytes([9]) * 32), THREE[1]
    ),
    "a handler by name": lambda story: _payload(
        story, DemoTrustee(story.municipality.handlers()[0].person.name, "o", "u", None, bytes(32)), *THREE[1:]
    ),
    "an administrator by name": lambda story: _payload(
        story, DemoTrustee(story.municipality.members[0].person.name, "o", "u", None, bytes(32)), *THREE[1:]
    ),
    "a handler by key": lambda story: {
        **_payload(story),
        "trustees": [_handlers_keys(story), *(one.named() for one in THREE[1:])],
    },
    "keys that are none": lambda story: {
        **_payload(story),
        "trustees": [{**THREE[0].named(), "recipient": "AAAA"}, *(one.named() for one in THREE[1:])],
    },
    "a unit that is not there": lambda story: {
        **_payload(story),
        "trustees": [{**THREE[0].named(), "unit_id": "0" * 32}, *(one.named() for one in THREE[1:])],
    },
    "no decision": lambda story: {**_payload(story, *THREE), "decision": None},
}


def test_trustees_that_cannot_be_are_refused(story: Story) -> None:
    before = story.contents()["trustee_sets"]
    for name, payload in WRONG.items():
        with pytest.raises(FaultyChange):
            two(story).make(ChangeKind.TRUSTEES, payload(story))
        assert story.contents()["trustee_sets"] == before, name


def test_the_ceremony_takes_the_words_of_every_paper(story: Story) -> None:
    two(story).make(ChangeKind.TRUSTEES, _payload(story, *THREE))
    with story.database.read() as uow:
        newest, current = uow.trustees.newest(), uow.trustees.current()
    assert newest is not None
    assert current is not None
    assert newest.version == current.version + 1
    ids: list[Json] = [one.id for one in newest.trustees]
    payload: dict[str, Json] = {"set": newest.version, "trustees": ids}
    change_id, act = two(story).propose(ChangeKind.CEREMONY, payload)
    wrong: dict[str, Json] = {one.id: "anka " * 6 for one in newest.trustees}
    nothing: dict[str, Json] = {}
    for said in (None, nothing, {"phrases": nothing}, {"phrases": wrong}):
        with pytest.raises(Invalid):
            two(story).approve(change_id, act, said)
    with pytest.raises(FaultyChange):
        two(story).propose(ChangeKind.CEREMONY, {**payload, "trustees": ids[1:]})
    with story.database.read() as uow:
        assert uow.trustees.current() == current


def test_new_trustees_are_offered_when_the_directory_lists_them(story: Story) -> None:
    before = ask(story.public, Channel.TIP)
    those = appoint(two(story), decided(story), (("Nils Ek", "o", "u"), ("Ulla Ros", "o", "u")))
    assert ask(story.public, Channel.TIP).trustees == before.trustees
    publish(two(story))
    after = ask(story.public, Channel.TIP)
    assert [one.recipient for one in after.trustees] == [one.keys.identity.recipient.raw for one in those]
    assert (before.trustee_threshold, after.trustee_threshold) == (2, 2)


def test_a_concerned_trustee_gets_no_share_if_enough_others_remain(story: Story) -> None:
    unit = next(str(row["id"]) for row in story.contents()["units"] if row["name"] == "Kommunkansliet")
    for people, offered in ((PEOPLE, 2), (PEOPLE[:2], 2)):
        appoint(two(story), decided(story), people, unit_id=unit)
        publish(two(story))
        assert len(ask(story.public, Channel.TIP).trustees) == len(people)
        assert len(ask(story.public, Channel.TIP, concerns=(f"unit:{unit}",)).trustees) == offered
