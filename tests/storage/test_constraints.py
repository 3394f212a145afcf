"""The database holds every enumeration to its values, whoever writes."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column

from tests.storage import samples
from tests.storage.raw import refused
from tipportal.domain.notices import Notice, NoticeKind
from tipportal.storage import Database
from tipportal.storage.rows import metadata
from tipportal.storage.rows.base import Closed

CLOSED = [column for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, Closed)]
# Tables that the sample case leaves empty: that their CHECK is there is asked below, and the migrations are held to it.
EMPTY = {
    "after_cares", "alarms", "archive_openings", "case_links", "changes", "checkpoint_acknowledgements", "decisions",
    "diary_entries", "disclosures", "disposal_rules", "disposed_cases", "duties", "forms", "handover_asks",
    "handover_reports", "handovers", "intakes", "keepings", "key_ways", "measures", "meetings", "openings",
    "prepared_grants", "readings", "recoveries", "releases", "reprisals", "restrictions", "reviews", "separations",
    "sharing_agreements", "subject_rights", "triages", "vault_shares",
}  # fmt: skip
COLUMNS = [pytest.param(column, id=f"{column.table.name}.{column.name}") for column in CLOSED]
FILLED = [
    pytest.param(column, id=f"{column.table.name}.{column.name}") for column in CLOSED if column.table.name not in EMPTY
]
# Their values follow from what they stand beside; the CHECK that holds them says more than the set of values.
DERIVED = {"records.prev_stream", "forms.stream"}


@pytest.fixture
def full(town: Database) -> Database:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        uow.attachments.add([samples.attached(report)])
        uow.proposals.add(samples.proposal(case))
        uow.outbox.add([Notice("n1", "o1", NoticeKind.DIGEST, "anna", samples.DAY, samples.NOW)])
    return town


@pytest.mark.parametrize("column", COLUMNS)
def test_a_closed_column_has_a_check_of_exactly_its_values(column: Column[Any]) -> None:
    if f"{column.table.name}.{column.name}" in DERIVED:
        return
    kind: type[enum.StrEnum] = column.type.kind  # type: ignore[attr-defined] # chosen for being Closed
    checks = {
        str(rule.name): str(rule.sqltext) for rule in column.table.constraints if isinstance(rule, CheckConstraint)
    }
    values = ", ".join(f"'{member.value}'" for member in kind)
    assert checks[f"ck_{column.table.name}_{column.name}"] == f"{column.name} IN ({values})"


@pytest.mark.parametrize("column", FILLED)
def test_a_value_outside_the_enumeration_is_refused(full: Database, column: Column[Any]) -> None:
    # On SQLite which of several violated checks is named first is not ours to choose.
    rule = refused(full, f"UPDATE {column.table.name} SET {column.name} = 'unheard-of'")  # noqa: S608 - our own names
    assert rule is not None
    assert rule.startswith(f"ck_{column.table.name}_")


def test_each_rule_has_a_name() -> None:
    for table in metadata.sorted_tables:
        assert all(rule.name for rule in table.constraints)
        assert all(index.name and len(index.name) <= 63 for index in table.indexes)


def test_a_case_s_rows_belong_to_its_organisation(full: Database) -> None:
    other = (
        "INSERT INTO organisations (id, organisation_id, slug, name, kind, listed)"
        " VALUES ('o2', 'o2', 'annan', 'Annan', 'company', {true})"
    )
    for table in ("epochs", "grants", "records", "attachments", "holdings", "proposals"):
        rule = refused(full, other.format(true="true"), f"UPDATE {table} SET organisation_id = 'o2'")  # noqa: S608 - as above
        assert rule in {"foreign_key", f"fk_{table}_case_id_organisation_id_cases"}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE installation SET id = 2", "ck_installation_one_row"),
        ("UPDATE records SET body = NULL", "ck_records_body_or_blob"),
        ("UPDATE records SET blob_id = seq || stream", "ck_records_body_or_blob"),
        ("UPDATE records SET written_at = 1", "ck_records_source_without_instant"),
        ("UPDATE records SET seq = 5", "ck_records_chain"),
        ("UPDATE records SET prev_seq = NULL", "ck_records_chain"),
        ("UPDATE records SET digest = body", "ck_records_digests"),
        ("UPDATE attachments SET position = 20", "ck_attachments_position"),
        ("UPDATE attachments SET position = -1", "ck_attachments_position"),
        ("UPDATE attachments SET size = 0", "ck_attachments_size"),
        ("UPDATE attachments SET upload_digest = (SELECT body FROM records LIMIT 1)", "ck_attachments_upload_digest"),
        ("UPDATE grants SET released = (1 = 0)", "ck_grants_released"),
        ("UPDATE cases SET epoch = -1", "ck_cases_epoch"),
        ("UPDATE organisations SET organisation_id = 'x'", "ck_organisations_own_id"),
        ("UPDATE policies SET version = -1", "ck_policies_version"),
    ],
)
def test_the_database_holds_the_rule(full: Database, statement: str, rule: str) -> None:
    with full.write() as uow:
        uow.found(bytes(16), 0)
    assert refused(full, statement) == rule


def test_one_epoch_is_open_at_a_time(full: Database) -> None:
    case = samples.case()
    with full.write() as uow:
        uow.cases.add_epoch(samples.epoch(case, 1, "anna"))
    assert refused(full, "UPDATE epochs SET state = 'open'") == "uq_epochs_one_open"
