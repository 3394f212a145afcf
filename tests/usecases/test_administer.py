from __future__ import annotations

import json
from datetime import date

import pytest

from tests.support.story import Story
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import Account, Role
from tipportal.domain.errors import Conflict, Invalid, NotEntitled, NotFound
from tipportal.domain.organisations import RESERVED_SLUGS, Channel, Ground, OrganisationKind
from tipportal.usecases import administer, offers
from tipportal.usecases.administer import Founder

KARIN, OLOF = Founder("Karin", "karin@vik.example"), Founder("Olof", "olof@vik.example")
TODAY = date(2026, 11, 23)


def test_founding_makes_two_administrators_and_a_random_identity(empty: Story) -> None:
    founded = _found(empty)

    assert [invited.account.role for invited in founded.invitations] == [Role.ADMINISTRATOR] * 2
    assert len({invited.token for invited in founded.invitations}) == 2
    with empty.database.read() as uow:
        assert len(uow.installation_id() or b"") == 16
    assert _kinds(empty) == [
        "installation_founded", "organisation_added", "account_invited", "account_invited",
    ]  # fmt: skip


def test_installation_is_founded_once(empty: Story) -> None:
    _found(empty)
    before = empty.contents()

    with pytest.raises(Conflict):
        _found(empty, slug="annan")

    assert empty.contents() == before


def test_founding_takes_two_different_people_and_leaves_nothing_when_refused(empty: Story) -> None:
    before = empty.contents()

    for founders in (
        [KARIN],
        [KARIN, KARIN],
        [KARIN, Founder("Karin igen", " KARIN@vik.example ")],
        [KARIN, OLOF, Founder("Tredje", "tredje@vik.example")],
        [],
    ):
        with pytest.raises(Invalid):
            administer.found(
                empty.handler, slug="vik", name="Vik", kind=OrganisationKind.MUNICIPALITY, founders=founders
            )
    with pytest.raises(Invalid):
        _found(empty, founders=(KARIN, Founder("Olof", "ingen adress")))
    with pytest.raises(Invalid):
        _found(empty, founders=(KARIN, Founder(" ", "olof@vik.example")))

    assert empty.contents() == before


def test_address_name_of_the_portal_itself_is_refused(empty: Story) -> None:
    for slug in (*sorted(RESERVED_SLUGS), "Vik", "vik/", "v", "1vik", "å", "vik vik", "x" * 41, "-vik", "vik\n"):
        with pytest.raises(Invalid) as refused:
            _found(empty, slug=slug)
        assert refused.value.field == "slug"
    _found(empty)
    with pytest.raises(Conflict):
        administer.add_organisation(empty.handler, slug="vik", name="Vik", kind=OrganisationKind.COMPANY, listed=True)


def test_nothing_is_set_up_before_the_founding(empty: Story) -> None:
    before = empty.contents()

    with pytest.raises(NotEntitled):
        administer.add_organisation(
            empty.handler, slug="vik", name="Vik", kind=OrganisationKind.MUNICIPALITY, listed=True
        )
    with pytest.raises(NotFound):
        administer.add_unit(empty.handler, organisation="vik", name="Kansliet", external=False)
    with pytest.raises(NotFound):
        administer.open_channels(empty.handler, organisation="vik", routes={Channel.TIP: ("f", "vik")})

    assert empty.contents() == before


def test_channel_opens_only_with_two_handlers_from_two_units(empty: Story) -> None:
    _found(empty)
    function = administer.add_function(empty.handler, organisation="vik", name="Funktionen")
    units = [
        administer.add_unit(empty.handler, organisation="vik", name=name, external=False).id for name in ("Ett", "Två")
    ]
    routes = {Channel.TIP: (function.id, "vik"), Channel.REPORT: (function.id, "vik")}

    def refusal() -> str:
        with pytest.raises(NotEntitled) as refused:
            administer.open_channels(empty.handler, organisation="vik", routes=routes)
        assert _kinds(empty)[-1] == "policy_refused"
        return refused.value.reason

    assert "minst två handläggare" in refusal()
    anna = _handler(empty, "anna", units[0])
    _designate(empty, function.id, anna)
    assert "minst två handläggare" in refusal()
    beda = _handler(empty, "beda", units[0])
    _designate(empty, function.id, beda)
    assert refusal() == "Handläggarna behöver komma från minst två enheter."
    # Named, but without keys of their own: nothing can be sealed to somebody who is only invited.
    invited = administer.invite_person(
        empty.handler, organisation="vik", name="cia", email="cia@vik.example", role=Role.HANDLER, unit_id=units[1]
    )
    _designate(empty, function.id, invited.account)
    assert "minst två enheter" in refusal()
    with pytest.raises(NotFound):
        offers.channel_page(empty.public, "vik", Channel.TIP)

    enrol_person(empty.handler, invited, "handläggare")
    assert administer.open_channels(empty.handler, organisation="vik", routes=routes).version == 0
    assert offers.channel_page(empty.public, "vik", Channel.TIP).function_name == "Funktionen"
    assert [(line.open, line.faults) for line in administer.checklist(empty.handler)] == [(True, ())] * 2


def test_unknown_function_empty_routes_and_unknown_authority_open_nothing(story: Story) -> None:
    function = story.municipality.function.id
    before = story.contents()["policies"]

    with pytest.raises(Invalid):
        administer.open_channels(story.handler, organisation="bjorkvik", routes={})
    with pytest.raises(NotFound, match="Funktionen"):
        administer.open_channels(story.handler, organisation="bjorkvik", routes={Channel.TIP: ("f", "bjorkvik")})
    with pytest.raises(NotFound):
        administer.open_channels(story.handler, organisation="bjorkvik", routes={Channel.TIP: (function, "ingen")})
    with pytest.raises(NotFound):
        administer.open_channels(story.handler, organisation="ingen", routes={Channel.TIP: (function, "bjorkvik")})

    assert story.contents()["policies"] == before


def test_new_policy_is_a_new_version_and_the_old_one_stays(story: Story) -> None:
    function = story.municipality.function.id

    policy = administer.open_channels(
        story.handler, organisation="bjorkvik", routes={Channel.TIP: (function, "bjorkvik")}
    )

    assert policy.version == 1
    assert [row["version"] for row in story.contents()["policies"]] == [0, 1]
    with pytest.raises(NotFound):
        offers.channel_page(story.public, "bjorkvik", Channel.REPORT)


def test_only_handlers_with_a_unit_are_designated_and_by_a_numbered_decision(story: Story) -> None:
    function = story.municipality.function.id
    administrator, auditor = story.municipality.members[0].account, story.municipality.members[2].account
    handler = story.municipality.handlers()[0].account
    before = story.contents()

    for account in (administrator, auditor):
        with pytest.raises(NotEntitled):
            _designate(story, function, account)
    with pytest.raises(NotFound):
        _designate(story, "unknown", handler)
    with pytest.raises(Invalid):
        _designate(story, function, handler, decision_number="  ")
    with pytest.raises(Invalid):
        _designate(story, function, handler, valid_to=date(2026, 11, 22))

    assert story.contents() == before


def test_handler_belongs_to_a_unit_of_the_organisation(story: Story) -> None:
    units = {row["name"]: row["id"] for row in story.contents()["units"]}
    before = story.contents()

    for unit in (None, "unknown", units["Kansliet i Älvnäs"]):
        with pytest.raises(Invalid) as refused:
            administer.invite_person(
                story.handler, organisation="bjorkvik", name="Ny", email="ny@b.example", role=Role.HANDLER, unit_id=unit
            )
        assert refused.value.field == "unit"

    assert story.contents() == before


def test_checklist_names_what_is_wrong_with_an_open_channel_today(story: Story) -> None:
    story.change("UPDATE designations SET valid_to = '2026-11-22'")

    lines = administer.checklist(story.handler)

    assert [(line.organisation.slug, line.open, len(line.faults)) for line in lines] == [("bjorkvik", True, 2)] * 2


def _found(story: Story, *, slug: str = "vik", founders: tuple[Founder, ...] = (KARIN, OLOF)) -> administer.Founded:
    return administer.found(story.handler, slug=slug, name="Vik", kind=OrganisationKind.MUNICIPALITY, founders=founders)


def _handler(story: Story, name: str, unit: str) -> Account:
    invited = administer.invite_person(
        story.handler, organisation="vik", name=name, email=f"{name}@vik.example", role=Role.HANDLER, unit_id=unit
    )
    return enrol_person(story.handler, invited, "handläggare").account


def _designate(
    story: Story,
    function: str,
    account: Account,
    *,
    decision_number: str = "KS 2026/1",
    valid_to: date | None = None,
) -> None:
    administer.designate(
        story.handler,
        function_id=function,
        account_id=account.id,
        ground=Ground.EMPLOYMENT,
        decision_number=decision_number,
        decided_on=TODAY,
        valid_from=TODAY,
        valid_to=valid_to,
    )


def _kinds(story: Story) -> list[str]:
    rows = sorted(story.contents()["log_entries"], key=lambda row: row["position"])
    return [json.loads(row["data"])["kind"] for row in rows]
