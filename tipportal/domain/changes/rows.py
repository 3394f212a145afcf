"""The register as rows, whole: what operations are applied to, and the snapshot that a proof sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tipportal.domain.accounts import Role
from tipportal.domain.organisations import (
    Absence,
    DeclaredConflict,
    Designation,
    Firm,
    Function,
    Organisation,
    Person,
    SharingAgreement,
    Unit,
)
from tipportal.domain.policies import register as seen


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """Every row by its id; firms by their organisation's.

    ``employed``: people who stand in the register by their account alone, whatever their role. ``roles``: by account
    id. ``ready``: ids of those whose account is active and has keys.
    """

    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    designations: Mapping[str, Designation] = field(default_factory=dict)
    absences: Mapping[str, Absence] = field(default_factory=dict)
    conflicts: Mapping[str, DeclaredConflict] = field(default_factory=dict)
    firms: Mapping[str, Firm] = field(default_factory=dict)
    agreements: Mapping[str, SharingAgreement] = field(default_factory=dict)
    employed: Mapping[str, Person] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    ready: frozenset[str] = frozenset()

    def person(self, person_id: str) -> Person | None:
        """A person by their row or their account."""
        return self.people.get(person_id) or self.employed.get(person_id)

    def having(self, table: str, row_id: str, row: object) -> RegisterRows:
        """The same with one row added or changed."""
        return replace(self, **{table: {**getattr(self, table), row_id: row}})  # type: ignore[arg-type] # by name


def snapshot_of(rows: RegisterRows) -> seen.Register:
    """What a draw and a proof see of the rows: without what has ended or is about it, each list by id."""
    everybody = {**rows.employed, **rows.people}
    people = [each for _, each in sorted(everybody.items()) if each.ended_on is None]
    known = {each.id for each in people}
    organisations = [each for _, each in sorted(rows.organisations.items()) if each.ended_on is None]
    units = [each for _, each in sorted(rows.units.items()) if each.ended_on is None]
    functions = {each.id for each in rows.functions.values() if each.ended_on is None}
    parties = {each.id for each in organisations}
    names = seen.subjects(parties, {each.id for each in units}, known)
    conflicts: dict[str, list[str]] = {}
    for _, conflict in sorted(rows.conflicts.items()):
        if conflict.ended_on is None and conflict.person_id in known and conflict.subject in names:
            conflicts.setdefault(conflict.person_id, []).append(conflict.subject)
    return seen.Register(
        organisations=tuple(
            seen.RegisteredOrganisation(each.id, each.name, each.kind, each.part_of) for each in organisations
        ),
        units=tuple(
            seen.RegisteredUnit(each.id, each.name, each.organisation_id, each.parent_id, each.head_id)
            for each in units
        ),
        people=tuple(
            seen.Person(each.id, each.name, each.unit_id, each.elected, each.auditor, each.id in rows.ready)
            for each in people
        ),
        designations=_designations(rows, known, functions),
        absences=tuple(
            seen.Absence(each.person_id, each.first, each.last)
            for _, each in sorted(rows.absences.items())
            if each.person_id in known
        ),
        conflicts=tuple(
            seen.DeclaredConflict(person, tuple(dict.fromkeys(subjects)))
            for person, subjects in sorted(conflicts.items())
        ),
        firms=tuple(
            seen.Firm(each.organisation_id, each.client_function_id, each.named_persons, each.other_mandates)
            for _, each in sorted(rows.firms.items())
            if each.ended_on is None
        ),
        sharings=tuple(
            seen.Sharing(
                each.organisation_id,
                each.function_id,
                each.basis,
                each.decision_number,
                each.valid_from,
                each.valid_to,
            )
            for _, each in sorted(rows.agreements.items())
            if each.organisation_id in parties and each.function_id in functions
        ),
    )


def _designations(rows: RegisterRows, known: set[str], there: set[str]) -> tuple[seen.RegisteredDesignation, ...]:
    return tuple(
        seen.RegisteredDesignation(
            each.account_id,
            each.function_id,
            each.ground,
            each.decision_number,
            each.valid_from,
            each.valid_to,
            each.rank,
        )
        for _, each in sorted(rows.designations.items())
        if each.account_id in known and each.function_id in there
    )
