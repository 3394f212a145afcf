"""A register file as operations: what it names is added or changed, what it does not name stays as it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date

from tipportal.domain.organisations import OrganisationKind, valid_slug
from tipportal.domain.policies import register as seen
from tipportal.domain.policies.policy import Policy

from .operations import Operation, Value
from .rows import RegisterRows

_SLUG_FIT = re.compile(r"[^a-z0-9-]+")


def operations_for(
    policy: Policy, register: seen.Register | None, rows: RegisterRows, today: date | None
) -> list[Operation]:
    """The operations that make the rows say what the files say; none for what they say already.

    ``register`` None: only the functions that the policy names. ``today`` is the day of decision of what carries none
    in a file.
    """
    found: list[Operation] = []
    if register is not None:
        found += _organisations(policy, register, rows)
        found += _units(register, rows)
        found += _people(register, rows)
        found += _heads(register, rows)
    found += _functions(policy, rows)
    if register is not None and today is not None:
        found += _designations(register, rows, today)
        found += _absences_and_conflicts(register, rows)
        found += _firms_and_sharings(register, rows)
    return found


def _organisations(policy: Policy, register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    # An organisation comes after the one that it is a part of.
    left = {each.id: each for each in register.organisations}
    while left:
        ready = [each for each in left.values() if each.part_of not in left]
        for each in ready or list(left.values()):
            del left[each.id]
            known = rows.organisations.get(each.id)
            if known is None:
                slug = each.id if valid_slug(each.id) else f"o-{_SLUG_FIT.sub('-', each.id)}"[:40]
                values: Mapping[str, Value] = {
                    "id": each.id, "slug": slug, "name": each.name, "kind": each.kind.value,
                    "listed": each.id in policy.organisations, "part_of": each.part_of,
                }  # fmt: skip
                yield Operation("add_organisation", values)
            elif (known.name, known.kind, known.part_of) != (each.name, each.kind, each.part_of):
                values = {"id": each.id, "name": each.name, "kind": each.kind.value, "part_of": each.part_of}
                yield Operation("change_organisation", values)


def _units(register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    external = {each.id for each in register.organisations if each.kind is OrganisationKind.EXTERNAL}
    for each in register.units:
        if each.id not in rows.units:
            # Parent and head come when everybody is there.
            values: Mapping[str, Value] = {
                "id": each.id, "organisation": each.organisation, "name": each.name,
                "external": each.organisation in external, "parent": None, "head": None,
            }  # fmt: skip
            yield Operation("add_unit", values)


def _heads(register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    for each in register.units:
        known = rows.units.get(each.id)
        was = (each.name, None, None) if known is None else (known.name, known.parent_id, known.head_id)
        if was != (each.name, each.parent, each.head):
            values: Mapping[str, Value] = {"id": each.id, "name": each.name, "parent": each.parent, "head": each.head}
            yield Operation("change_unit", values)


def _people(register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    home = {unit.id: unit.organisation for unit in register.units}
    for each in register.people:
        known = rows.person(each.id)
        values: Mapping[str, Value] = {
            "name": each.name,
            "unit": each.unit,
            "elected": each.elected,
            "auditor": each.auditor,
        }
        if known is None:
            yield Operation("add_person", {"id": each.id, "organisation": home[each.unit], **values})
        elif (known.name, known.unit_id, known.elected, known.auditor) != tuple(values.values()):
            yield Operation("change_person", {"id": each.id, **values})


def _functions(policy: Policy, rows: RegisterRows) -> Iterator[Operation]:
    for each in policy.functions:
        known = rows.functions.get(each.id)
        if known is None:
            yield Operation("add_function", {"id": each.id, "organisation": each.authority, "name": each.name})
        elif known.name != each.name:
            yield Operation("change_function", {"id": each.id, "name": each.name})


def _designations(register: seen.Register, rows: RegisterRows, today: date) -> Iterator[Operation]:
    known = {(each.account_id, each.function_id, each.valid_from): each for each in rows.designations.values()}
    for each in register.designations:
        row = known.get((each.person, each.function, each.valid_from))
        if row is None:
            values: Mapping[str, Value] = {
                "id": _made_id("designation", each.person, each.function, each.valid_from.isoformat()),
                "function": each.function, "person": each.person, "ground": each.ground.value, "rank": each.rank,
                "decision_number": each.decision, "decided_on": min(each.valid_from, today),
                "valid_from": each.valid_from, "valid_to": each.valid_to,
            }  # fmt: skip
            yield Operation("designate", values)
        elif each.valid_to is not None and row.valid_to != each.valid_to:
            yield Operation("end_designation", {"id": row.id, "valid_to": each.valid_to})


def _absences_and_conflicts(register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    away = {(each.person_id, each.first): each for each in rows.absences.values()}
    for absence in register.absences:
        row = away.get((absence.person, absence.first))
        if row is None:
            new_id = _made_id("absence", absence.person, absence.first.isoformat())
            values: Mapping[str, Value] = {
                "id": new_id,
                "person": absence.person,
                "first": absence.first,
                "last": absence.last,
            }
            yield Operation("add_absence", values)
        elif absence.last is not None and row.last != absence.last:
            yield Operation("end_absence", {"id": row.id, "last": absence.last})
    declared = {(each.person_id, each.subject) for each in rows.conflicts.values() if each.ended_on is None}
    for conflict in register.conflicts:
        for subject in conflict.subjects:
            if (conflict.person, subject) not in declared:
                new_id = _made_id("conflict", conflict.person, subject, str(len(rows.conflicts)))
                yield Operation("add_conflict", {"id": new_id, "person": conflict.person, "subject": subject})


def _firms_and_sharings(register: seen.Register, rows: RegisterRows) -> Iterator[Operation]:
    for firm in register.firms:
        row = rows.firms.get(firm.organisation)
        said = (firm.client, firm.named_persons, firm.other_mandates)
        if (
            row is None
            or row.ended_on is not None
            or (row.client_function_id, row.named_persons, row.other_mandates) != said
        ):
            values: Mapping[str, Value] = {
                "organisation": firm.organisation, "client": firm.client, "named_persons": firm.named_persons,
                "other_mandates": firm.other_mandates,
            }  # fmt: skip
            yield Operation("set_firm", values)
    shared = {(each.organisation_id, each.function_id, each.valid_from): each for each in rows.agreements.values()}
    for each in register.sharings:
        agreement = shared.get((each.organisation, each.function, each.valid_from))
        if agreement is None:
            values = {
                "id": _made_id("sharing", each.organisation, each.function, each.valid_from.isoformat()),
                "organisation": each.organisation, "function": each.function, "basis": each.basis.value,
                "decision_number": each.decision, "decided_on": each.valid_from, "valid_from": each.valid_from,
                "valid_to": each.valid_to,
            }  # fmt: skip
            yield Operation("add_sharing_agreement", values)
        elif each.valid_to is not None and agreement.valid_to != each.valid_to:
            yield Operation("end_sharing_agreement", {"id": agreement.id, "valid_to": each.valid_to})


def _made_id(*parts: str) -> str:
    """The same id each time, so that a preview, a proposal and its approval mean the same row."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
