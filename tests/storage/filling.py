"""A row in every table that the sample cases leave empty, so that what the database holds its rows to can be asked."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table

from tests.storage import samples
from tipportal.storage.rows import metadata
from tipportal.storage.rows.base import Closed

LATER = samples.DAY.replace(day=3)
DIGEST = bytes(32)
NAMED: Mapping[str, object] = {
    "organisation_id": "o1", "authority_id": "o1", "case_id": "case-1", "other_case_id": "case-2", "proposal_id": "p1",
    "change_id": "ch1", "handover_id": "ha1", "function_id": "f1", "account_id": "anna", "unit_id": "u1",
    "proposer": "anna", "approver": "bo", "recipient": bytes(1216), "months": 3, "set_version": 1, "trustee_id": "x",
    "client_function_id": "f1", "declined_by": "anna", "updated_by": "anna", "made_by": "anna", "lender": "anna",
}  # fmt: skip
"""What a column of this name refers to, in every table."""
# Tables of which these tests know nothing else are filled by the kinds of their columns alone.
OWN: Mapping[str, Mapping[str, object]] = {
    "archive_openings": {"asked_by": "anna", "allowed_by": "bo", "until": LATER},
    "changes": {"id": "ch1", "kind": "restore", "state": "open"},
    "clock_watch": {"id": 1},
    "diary_days": {"fed_on": LATER, "upto": samples.DAY},
    "diary_entries": {"fed_on": LATER, "registry_number": "KS 1"},
    "disclosures": {
        "asked": "case", "case_id": "case-1", "received_by": "anna", "due_on": LATER,
        "answered": "partly", "decided_by": "bo", "decided_on": LATER, "copy": DIGEST,
    },
    "duties": {
        "done_by": "anna", "reviewed_by": "bo", "reviewed_at": samples.NOW, "verdict": "upheld", "record": DIGEST,
    },
    "forms": {"stream": "dialogue", "form": "slots", "mode": "phone"},
    "handover_asks": {"token_digest": DIGEST, "epoch": 0},
    "handover_reports": {"kronor": 1},
    "handovers": {"id": "ha1"},
    "intakes": {"origin": "oral", "documented": "minutes", "code": "given", "entered_by": "anna"},
    "measures": {"kind": "contract_ended", "recorded_by": "anna"},
    "meetings": {"offer": 0},
    "recoveries": {"state": "open"},
    "reviews": {
        "kind": "suspension", "was": "active", "person_id": "cilla", "done_by": "anna",
        "reviewed_by": "bo", "reviewed_at": samples.NOW, "outcome": "upheld",
    },
    "report_drafts": {"first": "x"},
    "restrictions": {"review_on": LATER},
    "subject_rights": {"decision": "deferred", "review_on": LATER},
    "triages": {"version": 1},
    "trustee_approvals": {"signature": bytes(64)},
    "trustee_sets": {"version": 1, "threshold": 2},
    "worklists": {"of": 1},
}  # fmt: skip


def fill(connection: Connection, tables: Collection[str]) -> None:
    """Keep a row in each of these tables that has none, parents first."""
    for table in metadata.sorted_tables:
        if (
            table.name in tables
            and connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None
        ):
            connection.execute(sa.insert(table), {column.name: _value(table, column) for column in table.columns})


def _value(table: Table[Any], column: Column[Any]) -> object:
    value = OWN.get(table.name, {}).get(column.name)
    if value is None and not column.nullable:
        value = NAMED.get(column.name)
    if isinstance(column.type, Closed):
        kind: type[enum.StrEnum] = column.type.kind
        return kind(value) if isinstance(value, str) else None if column.nullable else next(iter(kind))
    if value is not None or column.nullable:
        return value
    if isinstance(column.type, sa.Date):
        return samples.DAY
    if isinstance(column.type, sa.LargeBinary):
        return DIGEST
    if isinstance(column.type, sa.Boolean):
        return False
    return 0 if isinstance(column.type, sa.Integer | sa.BigInteger) else "x"
