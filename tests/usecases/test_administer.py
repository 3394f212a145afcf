from __future__ import annotations

import json

import pytest

from tests.support.setting_up import invite_person
from tests.support.story import Story
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.errors import Conflict, EnrolmentRefused, Invalid
from tipportal.domain.organisations import RESERVED_SLUGS, OrganisationKind
from tipportal.usecases import administer, enrol, logbook
from tipportal.usecases.administer import Founder

KARIN, OLOF = Founder("Karin", "karin@vik.example"), Founder("Olof", "olof@vik.example")


def test_founding_makes_two_administrators_and_a_random_identity(empty: Story) -> None:
    founded = _found(empty)

    assert [invited.account.role for invited in founded.invitations] == [Role.ADMINISTRATOR] * 2
    assert len({invited.token for invited in founded.invitations}) == 2
    with empty.database.read() as uow:
        assert len(uow.installation_id() or b"") == 16
    assert _kinds(empty) == [
        "installation_founded", "organisation_added", "account_invited", "account_invited",
    ]  # fmt: skip


def test_founders_are_active_with_keys_as_soon_as_they_have_enrolled(empty: Story) -> None:
    founders = [enrol_person(empty.handler, invited, "administratör") for invited in _found(empty).invitations]

    assert [member.account.state for member in founders] == [AccountState.ACTIVE] * 2
    assert all(member.account.verification_key for member in founders)
    assert logbook.verify(empty.handler).findings == ()


def test_installation_is_founded_once(empty: Story) -> None:
    _found(empty)
    before = empty.contents()

    for slug, founders in (("annan", (KARIN, OLOF)), ("vik", (KARIN, Founder("Eva", "eva@vik.example")))):
        with pytest.raises(Conflict):
            _found(empty, slug=slug, founders=founders)

    assert empty.contents() == before


def test_founders_who_have_not_enrolled_get_new_links_and_the_old_ones_end(empty: Story) -> None:
    first = _found(empty)
    enrol_person(empty.handler, first.invitations[0], "administratör")

    again = _found(empty)

    assert [invited.account.email for invited in again.invitations] == [OLOF.email]
    with pytest.raises(EnrolmentRefused):
        enrol.welcome(empty.handler, first.invitations[1].token)
    enrol_person(empty.handler, again.invitations[0], "administratör")
    with pytest.raises(Conflict):
        _found(empty)
    assert logbook.verify(empty.handler).findings == ()


def test_no_link_comes_from_founding_again_once_somebody_else_has_an_account(story: Story) -> None:
    invite_person(story, name="Eva", email="eva@b.example", role=Role.ADMINISTRATOR)
    before = story.contents()

    with pytest.raises(Conflict):
        _found(story, slug="bjorkvik", founders=(Founder("Eva", "eva@b.example"), OLOF))

    assert story.contents() == before


def test_founding_takes_two_different_people_and_leaves_nothing_when_refused(empty: Story) -> None:
    before = empty.contents()

    for founders in (
        (KARIN,),
        (KARIN, KARIN),
        (KARIN, Founder("Karin igen", " KARIN@vik.example ")),
        (KARIN, OLOF, Founder("Tredje", "tredje@vik.example")),
        (),
        (KARIN, Founder("Olof", "ingen adress")),
        (KARIN, Founder(" ", "olof@vik.example")),
    ):
        with pytest.raises(Invalid):
            _found(empty, founders=founders)

    assert empty.contents() == before


def test_addresses_that_cannot_name_an_organisation(empty: Story) -> None:
    for slug in (*sorted(RESERVED_SLUGS), "Vik", "vik kommun", "1vik", "v" * 41, "vik/"):
        with pytest.raises(Invalid) as refusal:
            _found(empty, slug=slug)

        assert refusal.value.field == "slug", slug


def _found(story: Story, *, slug: str = "vik", founders: tuple[Founder, ...] = (KARIN, OLOF)) -> administer.Founded:
    return administer.found(story.handler, slug=slug, name="Vik", kind=OrganisationKind.MUNICIPALITY, founders=founders)


def _kinds(story: Story) -> list[str]:
    with story.database.read() as uow:
        return [json.loads(data)["kind"] for _, data in uow.log.entries()]
