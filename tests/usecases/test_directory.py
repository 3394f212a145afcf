"""The directory says what the register says, signed by two administrators of a root that was made elsewhere."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.story import DAY, Story
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_directory import publish
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange, StaleChange
from tipportal.domain.errors import Invalid, NoPanel, NotFound
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.envelope.canonical import canonical
from tipportal.envelope.directory import Directory, parse_published, verify_directory
from tipportal.envelope.keys import SigningKey, VerificationKey
from tipportal.envelope.roots import Root, RootAdministrator, RootSigningKey, SignedRoot
from tipportal.usecases import directory, listed, logbook

KEYS = tuple(RootSigningKey(bytes([place]) * 32) for place in range(1, 4))


def _two(story: Story) -> Administrators:
    return story.municipality.administrators(story.handler)


def _payload(story: Story, **changes: object) -> Mapping[str, Json]:
    with story.handler.storage.read() as uow:
        today = story.handler.today()
        snapshot = directory.snapshot_for(story.handler, uow, today, today + timedelta(days=35))
    return dataclasses.replace(snapshot, **changes).to_json()  # type: ignore[arg-type] # named in each test


def _verified(story: Story, version: int | None = None) -> Directory:
    with story.public.storage.read() as uow:
        installation = directory.installation_of(uow)
    answer = directory.published(story.public, version)
    return verify_directory(parse_published(answer), installation=installation, days=[story.public.today()])


def _root(story: Story, version: int = 1, **changes: object) -> Root:
    two = _two(story)
    with story.handler.storage.read() as uow:
        installation = directory.installation_of(uow)
    root = Root(
        installation=installation,
        version=version,
        issued=story.handler.today(),
        keys=tuple(key.public for key in KEYS),
        threshold=2,
        administrators=tuple(
            RootAdministrator(each.account.id, VerificationKey(each.key.verification_key.raw))
            for each in (two.proposer, two.approver)
        ),
    )
    return dataclasses.replace(root, **changes)  # type: ignore[arg-type] # named in each test


def _signed(root: Root) -> Any:  # noqa: ANN401 - JSON, as whoever carries it between machines has it
    return SignedRoot(root, tuple(key.sign(root) for key in KEYS[:2])).to_json()


@pytest.fixture
def published(story: Story) -> Story:
    """The staffed municipality, whose directory is published when it is staffed."""
    return story


def test_published_is_what_clients_take(published: Story) -> None:
    found = _verified(published)
    handlers = {member.account.id: member for member in published.municipality.handlers()}
    assert found.snapshot.version == 1
    assert {one.id for one in found.snapshot.handlers} == set(handlers)
    external = {one.id for one in found.snapshot.handlers if any(each.external for each in one.designations)}
    assert {handlers[one].person.name for one in external} == {"Sara Nyberg"}
    assert (found.snapshot.expires - found.snapshot.issued).days == 35


def test_names_are_known_to_those_who_have_the_face_s_secret(published: Story) -> None:
    answer = str(directory.published(published.public))
    assert not any(member.person.name in answer for member in published.municipality.members)
    assert all(right for _, _, right in directory.revealed(published.handler))
    assert not any(right for _, _, right in directory.revealed(published.public))


def test_nothing_is_published_at_first(empty: Story) -> None:
    assert directory.published(empty.public) == {"roots": [], "directory": None}
    with pytest.raises(NotFound):
        directory.published(empty.public, 1)


def test_each_follows_the_one_before_it(published: Story) -> None:
    first = _verified(published)
    published.clock.advance(3 * DAY)
    publish(_two(published))
    second = _verified(published)
    assert (second.snapshot.version, second.snapshot.previous) == (2, first.remembered().digest)
    assert _verified(published, 1).snapshot == first.snapshot
    with pytest.raises(NotFound):
        directory.published(published.public, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"handlers": ()},
        {"version": 3},
        {"previous": "0" * 64},
        {"root": "0" * 64},
        {"installation": "0" * 32},
        {"expires": date(2027, 1, 31)},
        {"issued": date(2026, 11, 24)},
        {"expires": date(2026, 11, 22), "issued": date(2026, 11, 1)},
        {"threshold": 1},
    ],
    ids="-".join,
)
def test_nothing_but_what_the_register_says(published: Story, change: Mapping[str, Any]) -> None:
    """Two administrators together cannot put somebody in: what they sign follows from the register."""
    with pytest.raises(FaultyChange):
        _two(published).make(ChangeKind.DIRECTORY, _payload(published, **change))
    assert _verified(published).snapshot.version == 1


def test_a_proposal_that_another_overtook_is_stale(published: Story) -> None:
    two = _two(published)
    change_id, act = two.propose(ChangeKind.DIRECTORY, _payload(published))
    publish(two)
    with pytest.raises(StaleChange):
        two.approve(change_id, act)


def test_administrators_who_are_not_in_the_root_do_not_publish(published: Story) -> None:
    two = _two(published)
    other = RootAdministrator("0" * 32, SigningKey(bytes(32)).verification_key)
    root = _root(published, administrators=(_root(published).administrators[0], other))
    published.drop_guards()
    published.change("UPDATE directory_roots SET document = :document", document=canonical(_signed(root)))
    with pytest.raises(FaultyChange) as refusal:
        two.make(ChangeKind.DIRECTORY, _payload(published))
    assert "rot" in str(refusal.value.faults[0])


def test_it_stands_in_the_log(published: Story) -> None:
    kinds = [json.loads(row["data"])["kind"] for row in published.contents()["log_entries"]]
    assert EntryKind.DIRECTORY_ROOT_PUBLISHED in kinds
    assert EntryKind.DIRECTORY_PUBLISHED in kinds
    assert logbook.verify(published.handler).findings == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"version": 3}, "signatures"), ({"version": 2}, "signatures"), ({"installation": "0" * 32}, "installation")],
    ids=["a version left out", "without the old keys", "another installation"],
)
def test_roots_that_do_not_follow(story: Story, change: Mapping[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        directory.publish_root(story.handler, _signed(_root(story, **change)))
    assert refusal.value.field == field


def test_whoever_is_designated_is_asked_once_the_directory_lists_them(story: Story) -> None:
    """A handler whom clients would refuse is not drawn; the next directory lets them in."""
    anna = story.municipality.named("Anna").account.id
    story.drop_guards()
    story.change(
        "UPDATE designations SET valid_to = '2020-01-01', valid_from = '2019-01-01' WHERE account_id = :a", a=anna
    )
    publish(_two(story))
    # What was true this morning stays true until midnight.
    story.clock.advance(DAY)
    story.change("UPDATE designations SET valid_to = NULL WHERE account_id = :a", a=anna)
    assert anna not in _asked(story)
    publish(_two(story))
    assert anna in _asked(story)


def _asked(story: Story) -> set[str]:
    with story.public.storage.read() as uow:
        home = uow.register.organisation("bjorkvik")
        assert home is not None
        laid_out = story.public.boards.of(uow, home.id, story.public.today())
    assert laid_out is not None
    return set(laid_out.board.handlers)


def test_nothing_is_received_without_one_in_force(story: Story) -> None:
    story.tip()
    story.clock.advance(36 * DAY)
    with pytest.raises(NoPanel):
        story.tip()
    publish(_two(story))
    story.tip()


def test_a_case_keeps_the_version_that_its_members_were_checked_against(story: Story) -> None:
    case = story.tip()
    publish(_two(story))
    with story.handler.storage.read() as uow:
        found = uow.cases.by_lookup(story.contents()["cases"][0]["lookup_digest"])
        assert listed.version(uow) == 2
    assert case is not None
    assert found is not None
    assert found.directory_version == 1
