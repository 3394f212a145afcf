"""The register: organisations, lines of command, people, functions, and the decisions about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.errors import Conflict, NotFound
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
from tipportal.domain.policies import register as snapshots
from tipportal.domain.policies.policy import Policy
from tipportal.domain.routing import HandlerKeys
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .policies import Policies
from .prepared import Prepared
from .queries import serving
from .register_snapshot import snapshot
from .rows import (
    absences,
    accounts,
    conflicts,
    designations,
    firms,
    functions,
    organisations,
    people,
    sharing_agreements,
    units,
)
from .versions import Versions

_T = TypeVar("_T", Organisation, Unit, Function, Person, Designation, Absence, DeclaredConflict, Firm, SharingAgreement)


class _Kind(Generic[_T]):
    """One kind of row of the register, and the value that it is read as."""

    def __init__(self, table: Table[Any], value: type[_T], *order: str) -> None:
        self.table = table
        self.value: type[_T] = value
        self.columns = columns_of(table, value)
        self.key = next(iter(table.primary_key.columns))
        self.order = [table.c[name] for name in order] + [self.key]
        self.one = Prepared(sa.select(*self.columns).where(self.key == sa.bindparam("id")))

    def row(self, value: _T) -> dict[str, Any]:
        row = values_of(value)
        if isinstance(value, Organisation):
            row["organisation_id"] = value.id
        return {name: " ".join(part) if isinstance(part, tuple) else part for name, part in row.items()}

    def read(self, row: Sequence[Any]) -> _T:
        if self.value is Firm:
            organisation, client, named, mandates, ended = row
            row = (organisation, client, tuple(named.split()), tuple(mandates.split()), ended)
        read: _T = self.value(*row)
        return read


_ORGANISATION = _Kind(organisations, Organisation, "name")
_UNIT = _Kind(units, Unit, "name")
_FUNCTION = _Kind(functions, Function, "name")
_PERSON = _Kind(people, Person, "name")
_DESIGNATION = _Kind(designations, Designation, "rank")
_ABSENCE = _Kind(absences, Absence, "first")
_CONFLICT = _Kind(conflicts, DeclaredConflict, "declared_on")
_FIRM = _Kind(firms, Firm)
_AGREEMENT = _Kind(sharing_agreements, SharingAgreement, "valid_from")

# What every submission asks is put together once: building a query costs more than running it.
_UNIT_NAMES = (
    sa.select(units.c.id, units.c.name, organisations.c.name)
    .join(organisations, organisations.c.id == units.c.organisation_id)
    .where(units.c.id.in_(sa.bindparam("unit_ids", expanding=True)))
)
_ORGANISATION_BY_SLUG = Prepared(sa.select(*_ORGANISATION.columns).where(organisations.c.slug == sa.bindparam("slug")))
_IS_DESIGNATED = Prepared(
    serving(sa.bindparam("account", type_=sa.Text), sa.bindparam("today", type_=sa.Date)).limit(1)
)


class Register(Policies):
    """Implements ``ports.Register`` in one transaction."""

    def __init__(self, connection: Connection, version: Versions) -> None:
        super().__init__(connection)
        self._version = version

    def version(self) -> int:
        """How many changes there were, with those of this unit of work."""
        return self._version.number()

    @property
    def is_changed(self) -> bool:
        """Whether this unit of work has changed the register."""
        return self._version.is_raised

    def snapshot(self) -> snapshots.Register:
        """Everything that a draw and a proof depend on, without what has ended."""
        return snapshot(self._connection)

    def add_policy(self, policy: Policy, activated_at: int) -> int:
        """Keep a policy for every organisation that it covers; the version that it got."""
        self._version.raised()
        return super().add_policy(policy, activated_at)

    def add_organisation(self, organisation: Organisation) -> None:
        """Keep an organisation. Raises Conflict when the slug or id is taken."""
        taken = Conflict(N_("Det finns redan en organisation med den adressen."), field="slug")
        self._add(_ORGANISATION, organisation, {"uq_organisations_slug": taken, "pk_organisations": taken})

    def change_organisation(self, organisation: Organisation) -> None:
        """Write an organisation anew. Raises NotFound, Conflict when the slug is taken."""
        taken = Conflict(N_("Det finns redan en organisation med den adressen."), field="slug")
        with guarded(self._connection, {"uq_organisations_slug": taken}):
            self._change(_ORGANISATION, organisation)

    def organisation(self, slug: str) -> Organisation | None:
        """The organisation at an address."""
        row = _ORGANISATION_BY_SLUG.row(self._connection, {"slug": slug})
        return None if row is None else Organisation(*row)

    def organisation_by_id(self, organisation_id: str) -> Organisation | None:
        """The organisation with an id."""
        return self._one(_ORGANISATION, organisation_id)

    def organisations(self) -> Sequence[Organisation]:
        """All, by name."""
        return self._all(_ORGANISATION)

    def add_unit(self, unit: Unit) -> None:
        """Keep a unit. Raises Conflict when the id is taken."""
        self._add(_UNIT, unit)

    def change_unit(self, unit: Unit) -> None:
        """Write a unit anew. Raises NotFound."""
        self._change(_UNIT, unit)

    def unit(self, unit_id: str) -> Unit | None:
        """The unit with an id."""
        return self._one(_UNIT, unit_id)

    def units(self, organisation_id: str | None = None) -> Sequence[Unit]:
        """An organisation's units, or all, by name."""
        return self._all(_UNIT, units.c.organisation_id, organisation_id)

    def unit_names(self, unit_ids: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """The id, name and organisation's name of each unit."""
        rows = self._connection.execute(_UNIT_NAMES, {"unit_ids": list(unit_ids)})
        return [(row[0], row[1], row[2]) for row in rows]

    def add_function(self, function: Function) -> None:
        """Keep a function. Raises Conflict when the id is taken."""
        self._add(_FUNCTION, function)

    def change_function(self, function: Function) -> None:
        """Write a function anew. Raises NotFound."""
        self._change(_FUNCTION, function)

    def functions(self, organisation_id: str | None = None) -> Sequence[Function]:
        """An organisation's functions, or all, by name."""
        return self._all(_FUNCTION, functions.c.organisation_id, organisation_id)

    def function(self, function_id: str) -> Function | None:
        """The function with an id."""
        return self._one(_FUNCTION, function_id)

    def add_person(self, person: Person) -> None:
        """Keep a person. Raises Conflict when the id is taken."""
        self._add(_PERSON, person)

    def change_person(self, person: Person) -> None:
        """Write a person anew. Raises NotFound."""
        self._change(_PERSON, person)

    def person(self, person_id: str) -> Person | None:
        """The person with an id, if they have a row of their own."""
        return self._one(_PERSON, person_id)

    def people(self, organisation_id: str | None = None) -> Sequence[Person]:
        """Those with a row of their own, by name."""
        return self._all(_PERSON, people.c.organisation_id, organisation_id)

    def add_designation(self, designation: Designation) -> None:
        """Keep a designation. Raises Conflict when the id is taken."""
        self._add(_DESIGNATION, designation)

    def change_designation(self, designation: Designation) -> None:
        """Write a designation anew. Raises NotFound."""
        self._change(_DESIGNATION, designation)

    def designation(self, designation_id: str) -> Designation | None:
        """The designation with an id."""
        return self._one(_DESIGNATION, designation_id)

    def designations(self, function_id: str | None = None) -> Sequence[Designation]:
        """A function's designations, or all, past and coming ones too, by rank."""
        return self._all(_DESIGNATION, designations.c.function_id, function_id)

    def add_absence(self, absence: Absence) -> None:
        """Keep an absence. Raises Conflict when the id is taken."""
        self._add(_ABSENCE, absence)

    def change_absence(self, absence: Absence) -> None:
        """Write an absence anew. Raises NotFound."""
        self._change(_ABSENCE, absence)

    def remove_absence(self, absence_id: str) -> None:
        """Take an absence away that never held. Raises NotFound."""
        if self._connection.execute(sa.delete(absences).where(absences.c.id == absence_id)).rowcount != 1:
            raise NotFound(N_("Det finns inte."))
        self._version.raised()

    def absence(self, absence_id: str) -> Absence | None:
        """The absence with an id."""
        return self._one(_ABSENCE, absence_id)

    def absences(self, person_id: str | None = None) -> Sequence[Absence]:
        """A person's absences, or all, oldest first."""
        return self._all(_ABSENCE, absences.c.person_id, person_id)

    def add_conflict(self, conflict: DeclaredConflict) -> None:
        """Keep a declared conflict. Raises Conflict when the id is taken."""
        self._add(_CONFLICT, conflict)

    def change_conflict(self, conflict: DeclaredConflict) -> None:
        """Write a declared conflict anew. Raises NotFound."""
        self._change(_CONFLICT, conflict)

    def conflict(self, conflict_id: str) -> DeclaredConflict | None:
        """The declared conflict with an id."""
        return self._one(_CONFLICT, conflict_id)

    def conflicts(self, person_id: str | None = None) -> Sequence[DeclaredConflict]:
        """What a person has declared, or all, oldest first."""
        return self._all(_CONFLICT, conflicts.c.person_id, person_id)

    def add_firm(self, firm: Firm) -> None:
        """Keep a firm's contract. Raises Conflict when the firm has one."""
        self._add(_FIRM, firm)

    def change_firm(self, firm: Firm) -> None:
        """Write a firm's contract anew. Raises NotFound."""
        self._change(_FIRM, firm)

    def firm(self, organisation_id: str) -> Firm | None:
        """The contract of a firm, by the firm's organisation."""
        return self._one(_FIRM, organisation_id)

    def firms(self) -> Sequence[Firm]:
        """All, by organisation."""
        return self._all(_FIRM)

    def add_sharing_agreement(self, agreement: SharingAgreement) -> None:
        """Keep an agreement. Raises Conflict when the id is taken."""
        self._add(_AGREEMENT, agreement)

    def change_sharing_agreement(self, agreement: SharingAgreement) -> None:
        """Write an agreement anew. Raises NotFound."""
        self._change(_AGREEMENT, agreement)

    def sharing_agreement(self, agreement_id: str) -> SharingAgreement | None:
        """The agreement with an id."""
        return self._one(_AGREEMENT, agreement_id)

    def sharing_agreements(self, organisation_id: str | None = None) -> Sequence[SharingAgreement]:
        """An organisation's agreements, or all, oldest first."""
        return self._all(_AGREEMENT, sharing_agreements.c.organisation_id, organisation_id)

    def is_designated(self, account_id: str, today: date) -> bool:
        """Whether some designation of the account is active on the Stockholm date ``today``, and not paused."""
        return bool(_IS_DESIGNATED.rows(self._connection, {"account": account_id, "today": today}))

    def expiring(self, today: date, days: int) -> Sequence[Designation]:
        """The designations whose last day is ``today`` or within ``days`` days after it, soonest first."""
        query = (
            sa.select(*_DESIGNATION.columns)
            .where(designations.c.valid_to >= today, designations.c.valid_to <= today + timedelta(days=days))
            .order_by(designations.c.valid_to, designations.c.id)
        )
        return [Designation(*row) for row in self._connection.execute(query)]

    def handler_keys(self, account_ids: Sequence[str]) -> Sequence[HandlerKeys]:
        """The public keys of those of the accounts that are active handlers with keys, by id."""
        query = (
            sa.select(accounts.c.id, accounts.c.recipient, accounts.c.verification_key)
            .where(
                accounts.c.id.in_(account_ids),
                accounts.c.role == Role.HANDLER,
                accounts.c.state == AccountState.ACTIVE,
            )
            .order_by(accounts.c.id)
        )
        return [
            HandlerKeys(account, recipient, key)
            for account, recipient, key in self._connection.execute(query)
            if recipient is not None and key is not None
        ]

    def _add(self, kind: _Kind[_T], value: _T, refusals: dict[str, Conflict] | None = None) -> None:
        exists = {f"pk_{kind.table.name}": Conflict(N_("Det finns redan."))}
        with guarded(self._connection, refusals or exists):
            self._connection.execute(sa.insert(kind.table), kind.row(value))
        self._version.raised()

    def _change(self, kind: _Kind[_T], value: _T) -> None:
        row = kind.row(value)
        statement = sa.update(kind.table).where(kind.key == row[kind.key.name]).values(row)
        if self._connection.execute(statement).rowcount != 1:
            raise NotFound(N_("Det finns inte."))
        self._version.raised()

    def _one(self, kind: _Kind[_T], id_: str) -> _T | None:
        row = kind.one.row(self._connection, {"id": id_})
        return None if row is None else kind.read(row)

    def _all(self, kind: _Kind[_T], column: sa.ColumnElement[str] | None = None, value: str | None = None) -> list[_T]:
        query = sa.select(*kind.columns).order_by(*kind.order)
        if column is not None and value is not None:
            query = query.where(column == value)
        return [kind.read(row) for row in self._connection.execute(query)]
