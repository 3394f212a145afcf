"""Setting up in tests: what administrators do, done by the two founders of a story with their real keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from tests.support.story import Story
from tipportal.cli.demo_changes import Administrators, Operation
from tipportal.domain.accounts import Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json, instant
from tipportal.domain.organisations import Channel, Function, Ground, Organisation, OrganisationKind, Unit
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited


def two(story: Story) -> Administrators:
    """The two founders, proposing and approving."""
    return story.municipality.administrators(story.handler)


def turned(administrators: Administrators) -> Administrators:
    """The same two, the other way round."""
    return replace(administrators, proposer=administrators.approver, approver=administrators.proposer)


def organisation(story: Story, slug: str = "bjorkvik") -> Organisation:
    """An organisation of the story."""
    with story.handler.storage.read() as uow:
        found = uow.register.organisation(slug)
    assert found is not None
    return found


def add_organisation(story: Story, *, slug: str, name: str, kind: OrganisationKind, listed: bool) -> Organisation:
    """Add an organisation."""
    made = Organisation(story.handler.new_id(), slug, name, kind, listed)
    operation: Operation = {
        "do": "add_organisation",
        "id": made.id,
        "slug": slug,
        "name": name,
        "kind": kind.value,
        "listed": listed,
        "part_of": None,
    }
    two(story).register([operation])
    return made


def add_unit(story: Story, *, organisation_id: str, name: str, external: bool = False) -> Unit:
    """Add a unit to an organisation."""
    made = Unit(story.handler.new_id(), organisation_id, name, external)
    two(story).register([unit_operation(made)])
    return made


def unit_operation(unit: Unit) -> Operation:
    """The operation that adds a unit."""
    return {
        "do": "add_unit",
        "id": unit.id,
        "organisation": unit.organisation_id,
        "name": unit.name,
        "external": unit.external,
        "parent": unit.parent_id,
        "head": unit.head_id,
    }


def add_function(story: Story, *, organisation_id: str, name: str) -> Function:
    """Add a function to an organisation."""
    made = Function(story.handler.new_id(), organisation_id, name)
    two(story).register([{"do": "add_function", "id": made.id, "organisation": organisation_id, "name": name}])
    return made


def person_operation(person_id: str, unit: Unit, name: str, **more: Json) -> Operation:
    """The operation that adds a person to a unit."""
    return {
        "do": "add_person",
        "id": person_id,
        "organisation": unit.organisation_id,
        "name": name,
        "unit": unit.id,
        "elected": False,
        "auditor": False,
        **more,
    }


def invite_person(
    story: Story, *, name: str, email: str, role: Role, slug: str = "bjorkvik", unit_id: str | None = None
) -> Invited:
    """Invite a person; with the token of their link."""
    ctx, administrators = story.handler, two(story)
    payload: Mapping[str, Json] = {
        "account": ctx.new_id(),
        "name": name,
        "email": email,
        "role": role.value,
        "organisation": organisation(story, slug).id,
        "unit": unit_id,
        "decision": None,
    }
    change_id, act = administrators.propose(ChangeKind.INVITE, payload)
    administrators.approve(change_id, act)
    with ctx.storage.read() as uow:
        account = uow.accounts.by_id(str(payload["account"]))
    assert account is not None
    return Invited(account, link_of(ctx, administrators.proposer.account, change_id))


def designate(
    story: Story,
    *,
    function_id: str,
    account_id: str,
    valid_from: date,
    valid_to: date | None = None,
    ground: Ground = Ground.EMPLOYMENT,
    rank: int = 1,
) -> str:
    """Make somebody a member of a function; the designation's id."""
    designation_id = story.handler.new_id()
    operation: Operation = {
        "do": "designate",
        "id": designation_id,
        "function": function_id,
        "person": account_id,
        "ground": ground.value,
        "decision_number": "KS 2026/118",
        "decided_on": "2026-03-10",
        "valid_from": valid_from.isoformat(),
        "valid_to": None if valid_to is None else valid_to.isoformat(),
        "rank": rank,
    }
    two(story).register([operation])
    return designation_id


def end_designation(story: Story, designation_id: str, last: date) -> None:
    """End a designation after its last day."""
    operation: Operation = {"do": "end_designation", "id": designation_id, "valid_to": last.isoformat()}
    two(story).register([operation], decided(story))


def decided(story: Story) -> dict[str, Json]:
    """A decision of the municipality, as payloads carry it."""
    return {"organisation": organisation(story).id, "number": "KS 2026/118", "decided_on": "2026-03-10"}


def confirm_clock(story: Story) -> None:
    """Have the two say that the clock is right although it leapt."""
    two(story).make(ChangeKind.CLOCK, {"now": instant(story.clock())})


def set_channel(story: Story, channel: Channel, *, opens: bool, trial: bool = False) -> None:
    """Open or close a channel of the municipality."""
    payload: dict[str, Json] = {
        "organisation": organisation(story).id,
        "channel": channel.value,
        "open": opens,
        "decision": decided(story),
        **({"trial": True} if trial else {}),
    }
    two(story).make(ChangeKind.CHANNEL, payload)
