"""Statements handed straight to the driver: the same values in and out, and the same refusals, as by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tests.storage.raw import unfinished
from tipportal.domain.organisations import OrganisationKind
from tipportal.storage import Database
from tipportal.storage.prepared import Prepared, savepoint
from tipportal.storage.rows import organisations, pending_entries

ADD = Prepared(sa.insert(pending_entries), ["id", "organisation_id", "case_reference", "on_date", "data"])
DATES = Prepared(
    sa.select(pending_entries.c.on_date, pending_entries.c.data, pending_entries.c.organisation_id)
    .where(pending_entries.c.case_reference == sa.bindparam("case"))
    .order_by(pending_entries.c.id)
)
ROWS = [
    {"id": name, "organisation_id": None, "case_reference": "case", "on_date": date(2027, 1, day), "data": b"\0" + data}
    for name, day, data in (("a", 5, b"first"), ("b", 6, b"second"))
]
READ = [(date(2027, 1, 5), b"\0first", None), (date(2027, 1, 6), b"\0second", None)]


@pytest.fixture
def connection(town: Database) -> Iterator[Connection]:
    with unfinished(town) as connection:
        yield connection


def test_values_come_back_as_sqlalchemy_reads_them(connection: Connection) -> None:
    ADD.run(connection, ROWS[0])
    ADD.run_each(connection, ROWS[1:])
    query = sa.select(pending_entries.c.on_date, pending_entries.c.data, pending_entries.c.organisation_id)
    assert list(DATES.rows(connection, {"case": "case"})) == READ
    assert [tuple(row) for row in connection.execute(query.order_by(pending_entries.c.id))] == READ
    assert DATES.row(connection, {"case": "another"}) is None


def test_values_of_the_statement_and_enumerations_are_converted(connection: Connection) -> None:
    kinds = Prepared(
        sa.select(organisations.c.kind, organisations.c.listed).where(
            organisations.c.kind == OrganisationKind.MUNICIPALITY, organisations.c.id != sa.bindparam("other")
        )
    )
    found = kinds.rows(connection, {"other": "nobody"})
    assert found
    assert set(found) <= {(OrganisationKind.MUNICIPALITY, True), (OrganisationKind.MUNICIPALITY, False)}
    assert all(isinstance(kind, OrganisationKind) and isinstance(listed, bool) for kind, listed in found)


def test_a_missing_value_is_an_error(connection: Connection) -> None:
    with pytest.raises(KeyError):
        ADD.run(connection, {"id": "a"})


def test_a_refusal_is_sqlalchemys_and_quotes_no_value(connection: Connection) -> None:
    ADD.run(connection, ROWS[0])
    with pytest.raises(IntegrityError) as refused, savepoint(connection):
        ADD.run_each(connection, [ROWS[1], ROWS[0]])
    assert "second" not in str(refused.value)
    # The savepoint took the first row of the two with it, and the transaction goes on.
    assert list(DATES.rows(connection, {"case": "case"})) == READ[:1]
    ADD.run(connection, ROWS[1])
    assert list(DATES.rows(connection, {"case": "case"})) == READ


def test_a_list_cannot_be_a_parameter(connection: Connection) -> None:
    with pytest.raises(ValueError, match="list"):
        Prepared(sa.select(organisations.c.id).where(organisations.c.id.in_(["a"]))).rows(connection, {})
