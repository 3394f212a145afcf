"""The whole register at once, as a draw and a proof take it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.policies.register import (
    Absence,
    DeclaredConflict,
    Firm,
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
    Sharing,
    subjects,
)

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


def snapshot(connection: Connection) -> Register:
    """The register without what has ended or is about it, in the caller's transaction; each list by id.

    Whoever has an account with a unit, and no row among the people, stands in it by the account.
    """

    def rows(table: Table[Any], *columns: sa.ColumnElement[Any]) -> list[Any]:
        query = sa.select(*columns).order_by(*table.primary_key.columns)
        if "ended_on" in table.c:
            query = query.where(table.c.ended_on.is_(None))
        return list(connection.execute(query))

    o, u, d, f, s = organisations.c, units.c, designations.c, firms.c, sharing_agreements.c
    there = {row.id for row in rows(functions, functions.c.id)}
    everybody = _people(connection)
    known = {person.id for person in everybody}
    parties = tuple(RegisteredOrganisation(*row) for row in rows(organisations, o.id, o.name, o.kind, o.part_of))
    parts = tuple(RegisteredUnit(*row) for row in rows(units, u.id, u.name, u.organisation_id, u.parent_id, u.head_id))
    alive = {each.id for each in parties}
    names = subjects(alive, {each.id for each in parts}, known)
    declared: dict[str, list[str]] = defaultdict(list)
    for row in rows(conflicts, conflicts.c.person_id, conflicts.c.subject):
        if row.subject in names:
            declared[row.person_id].append(row.subject)
    return Register(
        organisations=parties,
        units=parts,
        people=everybody,
        designations=tuple(
            RegisteredDesignation(*row)
            for row in rows(
                designations,
                d.account_id, d.function_id, d.ground, d.decision_number, d.valid_from, d.valid_to, d.rank,
            )
            if row.account_id in known and row.function_id in there
        ),
        absences=tuple(
            Absence(*row)
            for row in rows(absences, absences.c.person_id, absences.c.first, absences.c.last)
            if row.person_id in known
        ),
        conflicts=tuple(
            DeclaredConflict(person, tuple(dict.fromkeys(about)))
            for person, about in sorted(declared.items())
            if person in known
        ),
        firms=tuple(
            Firm(row[0], row[1], tuple(row[2].split()), tuple(row[3].split()))
            for row in rows(firms, f.organisation_id, f.client_function_id, f.named_persons, f.other_mandates)
        ),
        sharings=tuple(
            Sharing(*row)
            for row in rows(
                sharing_agreements,
                s.organisation_id, s.function_id, s.basis, s.decision_number, s.valid_from, s.valid_to,
            )
            if row.organisation_id in alive and row.function_id in there
        ),
    )  # fmt: skip


def _people(connection: Connection) -> tuple[Person, ...]:
    p, a = people.c, accounts.c
    found: dict[str, Person] = {}
    ended = set()
    for row in connection.execute(sa.select(p.id, p.name, p.unit_id, p.elected, p.auditor, p.ended_on)):
        if row.ended_on is None:
            found[row.id] = Person(row.id, row.name, row.unit_id, row.elected, row.auditor, ready=False)
        else:
            ended.add(row.id)
    ready = sa.and_(
        a.role == Role.HANDLER,
        a.state == AccountState.ACTIVE,
        a.recipient.is_not(None),
        a.verification_key.is_not(None),
    )
    # Auditors and administrators too: nothing is sealed to them, but what concerns them is hidden from them.
    working = sa.select(a.id, a.name, a.unit_id, ready.label("ready")).where(a.unit_id.is_not(None))
    for account, name, unit, is_ready in connection.execute(working):
        if account not in ended and unit is not None:
            person = found.get(account, Person(account, name, unit))
            found[account] = replace(person, ready=bool(is_ready))
    return tuple(found[person] for person in sorted(found))
