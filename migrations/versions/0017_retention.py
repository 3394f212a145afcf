"""Registration, release of documents, retention and disposal.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CHANNELS = ("tip", "report")
_CLOSED = "state = 'closed'"
_DIALOGUE = "stream = 'dialogue'"


def text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def days(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Date(), nullable=nullable) for name in names]


def closed(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def held(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "organisation_id"],
        ["cases.id", "cases.organisation_id"],
        name=f"fk_{table}_case_id_organisation_id_cases",
    )


def pointing(table: str, column: str, to: str, named: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{named}"], name=f"fk_{table}_{column}_{to}")


def upgrade() -> None:
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["closed_on", "id"],
        sqlite_where=sa.text(_CLOSED),
        postgresql_where=sa.text(_CLOSED),
    )
    op.create_index(
        "ix_records_dialogue",
        "records",
        ["written_on"],
        sqlite_where=sa.text(_DIALOGUE),
        postgresql_where=sa.text(_DIALOGUE),
    )
    _retention()
    _disposed()
    _diary()
    _disclosures()


def _retention() -> None:
    op.create_table(
        "disposal_rules",
        *text("change_id", "organisation_id", "channel", "number"),
        *days("decided_on"),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_disposal_rules"),
        closed("disposal_rules", "channel", _CHANNELS),
        held("disposal_rules", "months", "months >= 0 AND months <= 1200"),
        held("disposal_rules", "number", "length(number) BETWEEN 1 AND 100"),
        pointing("disposal_rules", "change_id", "changes"),
        pointing("disposal_rules", "organisation_id", "organisations"),
    )
    op.create_index("ix_disposal_rules_organisation_id", "disposal_rules", ["organisation_id"])
    op.create_table(
        "keepings",
        *text("case_id", "organisation_id", "decision", "decision_number"),
        *days("decided_on"),
        *text("proposal_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_keepings"),
        closed("keepings", "decision", ("preserve", "dispose")),
        pointing("keepings", "proposal_id", "proposals"),
        of_case("keepings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "archive_openings",
        *text("id", "organisation_id", "case_id", "purpose", "asked_by"),
        *days("asked_on"),
        *text("allowed_by", nullable=True),
        *days("until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_archive_openings"),
        closed("archive_openings", "purpose", ("retention", "export", "release")),
        held("archive_openings", "two_people", "allowed_by <> asked_by"),
        held("archive_openings", "allowed", "(allowed_by IS NULL) = (until IS NULL)"),
        pointing("archive_openings", "asked_by", "accounts"),
        pointing("archive_openings", "allowed_by", "accounts"),
        of_case("archive_openings"),
    )
    op.create_index("ix_archive_openings_case_id", "archive_openings", ["case_id"])


def _disposed() -> None:
    op.create_table(
        "disposed_cases",
        *text("reference", "organisation_id", "authority_id", "channel"),
        *days("received_on", "closed_on", "disposed_on"),
        *text("decision_number", "proposal_id"),
        sa.PrimaryKeyConstraint("reference", name="pk_disposed_cases"),
        closed("disposed_cases", "channel", _CHANNELS),
        held("disposed_cases", "in_order", "received_on <= closed_on AND closed_on <= disposed_on"),
        sa.UniqueConstraint("proposal_id", name="uq_disposed_cases_proposal_id"),
        pointing("disposed_cases", "organisation_id", "organisations"),
        pointing("disposed_cases", "authority_id", "organisations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disposed_without",
        *text("organisation_id", "reference", "account_id"),
        sa.PrimaryKeyConstraint("reference", "account_id", name="pk_disposed_without"),
        pointing("disposed_without", "organisation_id", "organisations"),
        pointing("disposed_without", "reference", "disposed_cases", "reference"),
        pointing("disposed_without", "account_id", "accounts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_disposed_without_account_id", "disposed_without", ["account_id"])


def _diary() -> None:
    op.create_table(
        "diary_days",
        *days("fed_on", "upto"),
        sa.PrimaryKeyConstraint("fed_on", name="pk_diary_days"),
        held("diary_days", "days_that_are_over", "upto < fed_on"),
        sa.UniqueConstraint("upto", name="uq_diary_days_upto"),
    )
    op.create_table(
        "diary_entries",
        *text("number", "case_number", "organisation_id", "authority_id", "channel", "document", "direction"),
        *days("dated", "fed_on"),
        *text("reference"),
        sa.Column("seq", sa.Integer(), nullable=False),
        *text("registry_number", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_diary_entries"),
        closed("diary_entries", "channel", _CHANNELS),
        closed("diary_entries", "document", ("case", "message")),
        closed("diary_entries", "direction", ("in", "out")),
        held("diary_entries", "days_that_are_over", "dated < fed_on"),
        held("diary_entries", "registry_number", "length(registry_number) BETWEEN 1 AND 40"),
        sa.UniqueConstraint("reference", "seq", name="uq_diary_entries_reference_seq"),
        pointing("diary_entries", "organisation_id", "organisations"),
        pointing("diary_entries", "authority_id", "organisations"),
        pointing("diary_entries", "fed_on", "diary_days", "fed_on"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_diary_entries_fed_on", "diary_entries", ["fed_on"])


def _disclosures() -> None:
    op.create_table(
        "disclosures",
        *text("id", "organisation_id", "asked"),
        *text("case_id", nullable=True),
        sa.Column("log_first", sa.BigInteger(), nullable=True),
        sa.Column("log_last", sa.BigInteger(), nullable=True),
        *days("received_on", "due_on"),
        *text("received_by"),
        *text("answered", "provisions", "decided_by", nullable=True),
        *days("decided_on", nullable=True),
        sa.Column("copy", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_disclosures"),
        closed("disclosures", "asked", ("case", "log", "other")),
        closed("disclosures", "answered", ("granted", "partly", "refused")),
        held("disclosures", "of_a_case", "(asked = 'case') = (case_id IS NOT NULL)"),
        held(
            "disclosures",
            "of_the_log",
            "(asked = 'log') = (log_first IS NOT NULL) AND (log_first IS NULL) = (log_last IS NULL)",
        ),
        held("disclosures", "due", "due_on > received_on"),
        held(
            "disclosures",
            "decided",
            "(answered IS NULL) = (decided_by IS NULL) AND (answered IS NULL) = (decided_on IS NULL)",
        ),
        held("disclosures", "copy", "copy IS NULL OR length(copy) = 32"),
        pointing("disclosures", "organisation_id", "organisations"),
        pointing("disclosures", "received_by", "accounts"),
        pointing("disclosures", "decided_by", "accounts"),
        of_case("disclosures"),
    )
    op.create_index("ix_disclosures_case_id", "disclosures", ["case_id"])
    op.create_index("ix_disclosures_received_by", "disclosures", ["received_by"])


def downgrade() -> None:
    for table in (
        "disclosures", "diary_entries", "diary_days", "disposed_without", "disposed_cases", "archive_openings",
        "keepings", "disposal_rules",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_records_dialogue", table_name="records")
    op.drop_index("ix_cases_closed", table_name="cases")
