"""Everything that the invariants are about, as it stands in the database at one moment: read by plain queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.support.story import Story
from tipportal.domain.errors import Refusal
from tipportal.storage import rows

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LONG_ABSENCE = 30
Row = Mapping[str, Any]
TABLES = {
    name: getattr(rows, name)
    for name in (
        "accounts", "people", "units", "organisations", "designations", "absences", "conflicts", "policies", "cases",
        "epochs", "separations", "releases", "proposals", "deciders", "duties", "holdings", "reads", "changes",
        "change_approvals", "reviews",
    )
}  # fmt: skip
SHARES = (rows.vault_shares, rows.lent_shares)


@dataclass(frozen=True)
class Seen:
    """One moment. ``rows`` by table; grants and records without their files; ``log`` are all entries that have joined.

    ``written``: how many records each epoch of each case has.
    """

    now: int
    rows: Mapping[str, list[Row]]
    grants: list[Row]
    shares: set[tuple[str, str]]
    written: Mapping[tuple[str, int], int]
    log: list[dict[str, Any]]
    _by_id: dict[str, dict[str, Row]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The date in Stockholm."""
        return day_of(self.now)

    def by_id(self, table: str) -> dict[str, Row]:
        """The rows of a table that has ids."""
        if table not in self._by_id:
            self._by_id[table] = {row["id"]: row for row in self.rows[table]}
        return self._by_id[table]

    def case(self, reference: str) -> Row:
        """A case by its reference."""
        return next(row for row in self.rows["cases"] if row["reference"] == reference)

    def changes(self) -> list[Row]:
        """Those that wait, or else some that do not any longer."""
        rows = sorted(self.rows["changes"], key=lambda row: (row["proposed_at"], row["id"]))
        return [row for row in rows if row["state"] == "open"] or rows[-3:]

    def name(self, reference: str, account: str) -> str:
        """A person's pseudonym in a case. Raises Refusal for somebody who has no seat in it."""
        for seat in self.seats(self.case(reference)):
            if seat["holder"] == account:
                return str(seat["member"])
        raise Refusal("nobody of the case")

    def seats(self, case: Row) -> list[Row]:
        """The grants of members in the case's present epoch, as drawn."""
        found = [
            row
            for row in self.grants
            if (row["case_id"], row["epoch"]) == (case["id"], case["epoch"]) and row["kind"] in {"panel", "standby"}
        ]
        return sorted(found, key=lambda row: int(row["member"][1:]))

    def acting(self, case: Row) -> list[Row]:
        """Who reads and decides in a case now: the panel, and the standbys who have stepped in."""
        return [row for row in self.seats(case) if row["kind"] == "panel" or row["released"]]

    def designated(self, account: str, function: str | None = None) -> bool:
        """Whether a decision in force today makes somebody a member of a function, or of some."""
        return any(
            row["account_id"] == account
            and function in {None, row["function_id"]}
            and row["valid_from"] <= self.today
            and (row["valid_to"] is None or self.today <= row["valid_to"])
            for row in self.rows["designations"]
        )

    def active(self, account: str) -> bool:
        """Whether the account is in use."""
        return bool(self.by_id("accounts")[account]["state"] == "active")

    def paused(self, account: str) -> bool:
        """Whether an absence of more than thirty days, or until further notice, lets designations rest."""
        return any(
            row["last"] is None or (row["last"] - row["first"]).days >= LONG_ABSENCE
            for row in self._absences_of(account)
        )

    def in_force(self, seat: Row) -> bool:
        """Without a designation in force, to the function that a seat is of, nobody reaches a case (04, Words)."""
        return self.designated(seat["holder"], seat["function_id"]) and not self.paused(seat["holder"])

    def may_read(self, seat: Row) -> bool:
        """Whether whoever has a seat has an account in use and a designation in force."""
        return self.active(seat["holder"]) and self.in_force(seat)

    def away(self, account: str) -> bool:
        """Whether the absence register has somebody away today."""
        return bool(self._absences_of(account))

    def there(self, seat: Row) -> bool:
        """Whether somebody can take hold of a case today."""
        return self.may_read(seat) and not self.away(seat["holder"])

    def _absences_of(self, account: str) -> list[Row]:
        return [
            row
            for row in self.rows["absences"]
            if row["person_id"] == account
            and row["first"] <= self.today
            and (row["last"] is None or self.today <= row["last"])
        ]

    def place(self, person: str) -> str | None:
        """The unit in which somebody works, None where the register does not say."""
        people = self.by_id("people")
        if person in people:
            return str(people[person]["unit_id"])
        unit = self.by_id("accounts")[person]["unit_id"] if person in self.by_id("accounts") else None
        return None if unit is None else str(unit)

    def counted_unit(self, person: str) -> str:
        """A unit; an external party is a unit of its own (invariant 1)."""
        unit = self.by_id("units")[str(self.place(person))]
        owner = self.by_id("organisations")[unit["organisation_id"]]
        return f"party {owner['id']}" if owner["kind"] == "external" else str(unit["id"])


def day_of(now: int) -> date:
    """The date in Stockholm of an instant in UTC seconds."""
    return datetime.fromtimestamp(now, UTC).astimezone(STOCKHOLM).date()


def weekdays(after: date, until: date) -> int:
    """Mondays to Fridays after one day up to and including another: never fewer than the working days."""
    return sum((after + timedelta(days=number)).weekday() < 5 for number in range(1, (until - after).days + 1))


def look(story: Story, before: Seen | None = None) -> Seen:
    """Read it all; of the log what has joined since ``before``."""
    grant, record, entry = rows.grants, rows.records, rows.log_entries
    log = [] if before is None else before.log
    with story.sql() as connection:
        read: dict[str, list[Row]] = {
            name: [dict(row) for row in connection.execute(_in_order(table)).mappings()]
            for name, table in TABLES.items()
        }
        columns = [column for column in grant.columns if column.name != "file"]
        grants: list[Row] = [dict(row) for row in connection.execute(sa.select(*columns)).mappings()]
        shares = {
            tuple(row)
            for table, holder in zip(SHARES, ("holder", "lender"), strict=True)
            for row in connection.execute(sa.select(table.c.case_id, table.c[holder]))
        }
        counted = sa.select(record.c.case_id, record.c.epoch, sa.func.count()).group_by(
            record.c.case_id, record.c.epoch
        )
        written = {(case, epoch): number for case, epoch, number in connection.execute(counted)}
        query = sa.select(entry.c.data).where(entry.c.position >= len(log)).order_by(entry.c.position)
        log = [*log, *(json.loads(data) for data in connection.execute(query).scalars())]
    return Seen(story.clock(), read, grants, shares, written, log)


def _in_order(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    """Every row, in an order that is the same in each run: what happens next is drawn from them by number."""
    return sa.select(*table.columns).order_by(*table.primary_key)
