"""Organisations, units, functions, designations and policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.errors import Conflict
from tipportal.domain.organisations import Channel, Designation, Function, Organisation, Unit
from tipportal.domain.routing import Candidate, Policy
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .prepared import Prepared
from .rows import accounts, designations, functions, organisations, policies, units

_ORGANISATION = columns_of(organisations, Organisation)
_UNIT = columns_of(units, Unit)
_FUNCTION = columns_of(functions, Function)
_DESIGNATION = columns_of(designations, Designation)

# What every submission asks is put together once: building a query costs more than running it.
_UNIT_NAMES = (
    sa.select(units.c.id, units.c.name, organisations.c.name)
    .join(organisations, organisations.c.id == units.c.organisation_id)
    .where(units.c.id.in_(sa.bindparam("unit_ids", expanding=True)))
)
_ORGANISATION_BY_ID = Prepared(sa.select(*_ORGANISATION).where(organisations.c.id == sa.bindparam("id")))
_ORGANISATION_BY_SLUG = Prepared(sa.select(*_ORGANISATION).where(organisations.c.slug == sa.bindparam("slug")))
_FUNCTION_BY_ID = Prepared(sa.select(*_FUNCTION).where(functions.c.id == sa.bindparam("id")))
_NEWEST_POLICY = Prepared(
    sa.select(policies.c.version, policies.c.document)
    .where(policies.c.organisation_id == sa.bindparam("organisation_id"))
    .order_by(policies.c.version.desc())
    .limit(1)
)
_CANDIDATES = Prepared(
    sa.select(
        accounts.c.id,
        designations.c.function_id,
        designations.c.unit_id,
        units.c.organisation_id,
        units.c.external,
        designations.c.rank,
        accounts.c.recipient,
        accounts.c.verification_key,
    )
    .join(designations, designations.c.account_id == accounts.c.id)
    .join(units, units.c.id == designations.c.unit_id)
    .where(
        designations.c.function_id == sa.bindparam("function_id"),
        designations.c.valid_from <= sa.bindparam("today"),
        sa.or_(designations.c.valid_to.is_(None), designations.c.valid_to >= sa.bindparam("today")),
        accounts.c.role == Role.HANDLER,
        accounts.c.state == AccountState.ACTIVE,
        accounts.c.recipient.is_not(None),
        accounts.c.verification_key.is_not(None),
    )
    .order_by(accounts.c.id, designations.c.rank, designations.c.id)
)


class Register:
    """Implements ``ports.Register`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_organisation(self, organisation: Organisation) -> None:
        """Keep an organisation. Raises Conflict when the slug or id is taken."""
        taken = Conflict(N_("Det finns redan en organisation med den adressen."), field="slug")
        with guarded(self._connection, {"uq_organisations_slug": taken, "pk_organisations": taken}):
            self._connection.execute(
                sa.insert(organisations), {"organisation_id": organisation.id, **values_of(organisation)}
            )

    def add_unit(self, unit: Unit) -> None:
        """Keep a unit. Raises Conflict when the id is taken."""
        with guarded(self._connection, {"pk_units": _exists()}):
            self._connection.execute(sa.insert(units), values_of(unit))

    def add_function(self, function: Function) -> None:
        """Keep a function. Raises Conflict when the id is taken."""
        with guarded(self._connection, {"pk_functions": _exists()}):
            self._connection.execute(sa.insert(functions), values_of(function))

    def add_designation(self, designation: Designation) -> None:
        """Keep a designation. Raises Conflict when the id is taken."""
        with guarded(self._connection, {"pk_designations": _exists()}):
            self._connection.execute(sa.insert(designations), values_of(designation))

    def add_policy(self, policy: Policy, activated_at: int) -> None:
        """Keep a version of a policy; ``activated_at`` is UTC seconds. Raises Conflict when the version exists."""
        document = {
            "default_function": {channel.value: function for channel, function in policy.default_function.items()},
            "authority": {channel.value: authority for channel, authority in policy.authority.items()},
            "panel_size": policy.panel_size,
        }
        with guarded(self._connection, {"pk_policies": _exists()}):
            self._connection.execute(
                sa.insert(policies),
                {
                    "organisation_id": policy.organisation_id,
                    "version": policy.version,
                    "document": json.dumps(document, sort_keys=True),
                    "activated_at": activated_at,
                },
            )

    def organisation(self, slug: str) -> Organisation | None:
        """The organisation at an address."""
        return self._organisation(_ORGANISATION_BY_SLUG, {"slug": slug})

    def organisation_by_id(self, organisation_id: str) -> Organisation | None:
        """The organisation with an id."""
        return self._organisation(_ORGANISATION_BY_ID, {"id": organisation_id})

    def organisations(self) -> Sequence[Organisation]:
        """All, by name."""
        query = sa.select(*_ORGANISATION).order_by(organisations.c.name, organisations.c.id)
        return [Organisation(*row) for row in self._connection.execute(query)]

    def unit(self, unit_id: str) -> Unit | None:
        """The unit with an id."""
        row = self._connection.execute(sa.select(*_UNIT).where(units.c.id == unit_id)).one_or_none()
        return None if row is None else Unit(*row)

    def units(self, organisation_id: str) -> Sequence[Unit]:
        """An organisation's units, by name."""
        query = sa.select(*_UNIT).where(units.c.organisation_id == organisation_id).order_by(units.c.name, units.c.id)
        return [Unit(*row) for row in self._connection.execute(query)]

    def unit_names(self, unit_ids: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """The id, name and organisation's name of each unit."""
        rows = self._connection.execute(_UNIT_NAMES, {"unit_ids": list(unit_ids)})
        return [(row[0], row[1], row[2]) for row in rows]

    def functions(self, organisation_id: str | None = None) -> Sequence[Function]:
        """An organisation's functions, or all, by name."""
        query = sa.select(*_FUNCTION).order_by(functions.c.name, functions.c.id)
        if organisation_id is not None:
            query = query.where(functions.c.organisation_id == organisation_id)
        return [Function(*row) for row in self._connection.execute(query)]

    def function(self, function_id: str) -> Function | None:
        """The function with an id."""
        row = _FUNCTION_BY_ID.row(self._connection, {"id": function_id})
        return None if row is None else Function(*row)

    def designations(self, function_id: str) -> Sequence[Designation]:
        """A function's designations, past and coming ones too, by rank."""
        query = (
            sa.select(*_DESIGNATION)
            .where(designations.c.function_id == function_id)
            .order_by(designations.c.rank, designations.c.id)
        )
        return [Designation(*row) for row in self._connection.execute(query)]

    def policy(self, organisation_id: str) -> Policy | None:
        """The newest version, or None: an organisation without a policy has no open channel."""
        row = _NEWEST_POLICY.row(self._connection, {"organisation_id": organisation_id})
        if row is None:
            return None
        version, text = row
        document = json.loads(text)
        return Policy(
            organisation_id=organisation_id,
            version=version,
            default_function={Channel(channel): found for channel, found in document["default_function"].items()},
            authority={Channel(channel): found for channel, found in document["authority"].items()},
            panel_size=document["panel_size"],
        )

    def candidates(self, function_id: str, today: date) -> Sequence[Candidate]:
        """Active handlers with keys who are designated to the function today, ordered by account id."""
        # Two decisions that overlap do not make two people: the one that is asked first counts.
        found: dict[str, Candidate] = {}
        for row in _CANDIDATES.rows(self._connection, {"function_id": function_id, "today": today}):
            found.setdefault(row[0], Candidate(*row))
        return list(found.values())

    def _organisation(self, query: Prepared, wanted: dict[str, str]) -> Organisation | None:
        row = query.row(self._connection, wanted)
        return None if row is None else Organisation(*row)


def _exists() -> Conflict:
    return Conflict(N_("Det finns redan."))
