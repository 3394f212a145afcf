"""Lines of changes by two administrators, and of what one person does at once: imported for their registration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from tests.support.setting_up import (
    add_unit,
    decided,
    designate,
    organisation,
    person_operation,
    two,
    unit_operation,
)
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.domain.accounts import Account
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handlinglog import Json, instant
from tipportal.domain.organisations import OrganisationKind, Unit
from tipportal.domain.policies.writing import write_policy
from tipportal.envelope.changes import sign_change
from tipportal.usecases import administer, at_once, changes, checklist, ending, reviewing, scheduled
from tipportal.usecases.changes import OfferedChange

TODAY = date(2026, 11, 23)
Payload = Mapping[str, Json]


@line("administer.found", E.INSTALLATION_FOUNDED, E.ORGANISATION_ADDED, E.ACCOUNT_INVITED, E.ACCOUNT_INVITED)
def _found(world: World) -> Act:
    founders = [administer.Founder("A", "a@vik.example"), administer.Founder("B", "b@vik.example")]
    return lambda: administer.found(
        world.empty.handler, slug="vik", name="Vik", kind=OrganisationKind.MUNICIPALITY, founders=founders
    )


def _unit(world: World, name: str) -> Mapping[str, Json]:
    return unit_operation(Unit(world.story.handler.new_id(), organisation(world.story).id, name, external=False))


def _it(world: World) -> dict[str, Json]:
    return {"operations": [_unit(world, "IT")], "decision": None}


@line("changes.propose", E.CHANGE_PROPOSED)
def _propose(world: World) -> Act:
    administrators, payload = two(world.story), _it(world)
    act = administrators.act(ChangeKind.REGISTER, payload)
    offered = OfferedChange(dict(act.to_json()), payload, sign_change(act, administrators.proposer.key))
    return lambda: changes.propose(world.story.handler, administrators.proposer.account, offered)


@line("changes.decline", E.CHANGE_DECLINED)
def _decline(world: World) -> Act:
    administrators = two(world.story)
    change_id, _ = administrators.propose(ChangeKind.REGISTER, _it(world))
    return lambda: changes.decline(world.story.handler, administrators.approver.account, change_id)


def approves(name: str, kind: ChangeKind, payload: Callable[[World], Payload], *entries: E) -> None:
    """A line of approving a change of a kind, which leaves its own entries after the approval's."""

    def ready(world: World) -> Act:
        administrators = two(world.story)
        change_id, act = administrators.propose(kind, payload(world))
        return lambda: administrators.approve(change_id, act)

    line(f"changes.approve {name}", E.CHANGE_APPROVED, *entries)(ready)


def _operations(make: Callable[[World], Mapping[str, Json]]) -> Callable[[World], Payload]:
    return lambda world: {"operations": [make(world)], "decision": decided(world.story)}


def _person(world: World) -> Account:
    return world.story.municipality.handlers()[0].account


def _day(do: str, row_id: str, name: str) -> Mapping[str, Json]:
    return {"do": do, "id": row_id, name: TODAY.isoformat()}


def _absent(world: World) -> str:
    return at_once.note_absence(world.story.handler, _person(world), _person(world).id, None).id


def _designated(world: World) -> str:
    unit = add_unit(world.story, organisation_id=organisation(world.story).id, name="Arkivet")
    operation = person_operation(world.story.handler.new_id(), unit, "Stina Falk")
    two(world.story).register([operation])
    function = world.story.municipality.function.id
    return designate(world.story, function_id=function, account_id=str(operation["id"]), valid_from=TODAY)


def _designation(world: World) -> Mapping[str, Json]:
    return {
        "do": "designate", "id": world.story.handler.new_id(), "function": world.story.municipality.counsel.id,
        "person": _person(world).id, "ground": "employment", "decision_number": "KS 2026/2", "rank": 1,
        "decided_on": "2026-11-02", "valid_from": "2026-11-23", "valid_to": None,
    }  # fmt: skip


def _company(world: World) -> Mapping[str, Json]:
    return {
        "do": "add_organisation", "id": world.story.handler.new_id(), "slug": "vik", "name": "Vik",
        "kind": "company", "listed": True, "part_of": None,
    }  # fmt: skip


def _merged(world: World) -> Mapping[str, Json]:
    return {"do": "change_organisation", "id": _partner(world), "succeeded_by": organisation(world.story).id}


def _renamed(world: World) -> Mapping[str, Json]:
    return {"do": "change_organisation", "id": _partner(world), "name": "Nytt namn"}


def _partner(world: World) -> str:
    """An organisation beside the municipality."""
    own = organisation(world.story).id
    return next(str(row["id"]) for row in world.story.contents()["organisations"] if row["id"] != own)


def _function(world: World) -> Mapping[str, Json]:
    new_id, owner = world.story.handler.new_id(), organisation(world.story).id
    return {"do": "add_function", "id": new_id, "organisation": owner, "name": "Tips"}


def _absence(world: World) -> Mapping[str, Json]:
    new_id, person = world.story.handler.new_id(), _person(world).id
    return {"do": "add_absence", "id": new_id, "person": person, "first": "2026-12-01", "last": "2026-12-02"}


def _conflict(world: World) -> str:
    return at_once.declare_conflict(world.story.handler, _person(world), f"unit:{world.unit()}").id


for _name, _make, _entries in (
    ("add_organisation", _company, (E.ORGANISATION_ADDED,)),
    ("change_organisation merged", _merged, (E.ORGANISATION_CHANGED,)),
    ("change_organisation", _renamed, ()),
    ("add_unit", lambda world: _unit(world, "Arkivet"), (E.UNIT_ADDED,)),
    ("add_function", _function, (E.FUNCTION_ADDED,)),
    ("designate", _designation, (E.DESIGNATION_MADE,)),
    ("end_designation", lambda world: _day("end_designation", _designated(world), "valid_to"), (E.DESIGNATION_ENDED,)),
    ("add_absence", _absence, (E.ABSENCE_RECORDED,)),
    ("end_absence", lambda world: _day("end_absence", _absent(world), "last"), (E.ABSENCE_ENDED, E.PROOF_HELD)),
    ("end_conflict", lambda world: _day("end_conflict", _conflict(world), "ended_on"), (E.CONFLICT_ENDED,)),
):
    approves(_name, ChangeKind.REGISTER, _operations(_make), *_entries, E.REGISTER_CHANGED)


def _policy(world: World) -> Payload:
    with world.story.handler.storage.read() as uow:
        known = uow.register.policy(organisation(world.story).id)
    assert known is not None
    return {"policy": write_policy(known.policy), "register": None, "decision": decided(world.story)}


def _decision(world: World) -> Payload:
    return {"subject": "dpia", **decided(world.story)}


def _channel(world: World, *, opens: bool) -> Payload:
    owner, by = organisation(world.story).id, decided(world.story)
    return {"organisation": owner, "channel": "tip", "open": opens, "decision": by}


def _clock(world: World) -> Payload:
    scheduled.tick(world.story.handler)
    world.story.clock.advance(3 * 24 * 3600)
    scheduled.tick(world.story.handler)
    return {"now": instant(world.story.clock())}


approves("policy", ChangeKind.POLICY, _policy, E.POLICY_ACTIVATED)
approves("decision", ChangeKind.DECISION, _decision, E.DECISION_RECORDED)
approves("close", ChangeKind.CHANNEL, lambda world: _channel(world, opens=False), E.CHANNEL_CLOSED)
approves("open", ChangeKind.CHANNEL, lambda world: _channel(world, opens=True), E.CHANNEL_OPENED)
approves("clock", ChangeKind.CLOCK, _clock, E.CLOCK_CONFIRMED)


@line("at_once.note_absence", E.ABSENCE_RECORDED)
def _note_absence(world: World) -> Act:
    today = world.story.handler.today()
    return lambda: at_once.note_absence(world.story.handler, _person(world), _person(world).id, today)


@line("at_once.declare_conflict", E.CONFLICT_DECLARED)
def _declare_conflict(world: World) -> Act:
    auditor = world.story.municipality.named("Lena").account
    return lambda: at_once.declare_conflict(world.story.handler, auditor, "area:hemtjanst")


def _suspended(world: World) -> Act:
    auditor = world.story.municipality.named("Lena").account
    return lambda: at_once.suspend(world.story.handler, two(world.story).proposer.account, auditor.id)


@line("at_once.suspend", E.ACCOUNT_SUSPENDED)
def _suspend(world: World) -> Act:
    return _suspended(world)


@line("reviewing.lift", E.ABSENCE_WITHDRAWN, E.PROOF_HELD)
def _lift(world: World) -> Act:
    absence = _absent(world)
    review = next(one for one in reviewing.open_reviews(world.story.handler) if one.absence_id == absence)
    return lambda: reviewing.lift(world.story.handler, two(world.story).approver.account, review.id)


@line("reviewing.uphold", E.DUTY_REVIEWED)
def _review(world: World) -> Act:
    review = reviewing.open_reviews(world.story.handler)[0]
    return lambda: reviewing.uphold(world.story.handler, two(world.story).approver.account, review.id)


reads("administer.people", lambda world: administer.people(world.story.handler))
reads("ending.for_handler", lambda world: ending.for_handler(world.story.handler, _person(world)))
reads("reviewing.open_reviews", lambda world: reviewing.open_reviews(world.story.handler))
reads("changes.overview", lambda world: changes.overview(world.story.handler, two(world.story).proposer.account))
reads(
    "changes.preview",
    lambda world: changes.preview(
        world.story.handler, two(world.story).proposer.account, ChangeKind.REGISTER, _it(world)
    ),
)
reads("changes.waiting", lambda world: changes.waiting(world.story.handler))
reads("checklist.channels", lambda world: checklist.channels(world.story.handler))
