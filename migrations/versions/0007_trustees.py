"""Trustees, ceremonies and recoveries.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "organisation_id"],
        ["cases.id", "cases.organisation_id"],
        name=f"fk_{table}_case_id_organisation_id_cases",
    )


def of_set(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["set_version"], ["trustee_sets.version"], name=f"fk_{table}_set_version_trustee_sets"
    )


def upgrade() -> None:
    op.create_table(
        "trustee_sets",
        *text("organisation_id"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        *text("change_id"),
        sa.Column("acknowledged_on", sa.Date()),
        sa.PrimaryKeyConstraint("version", name="pk_trustee_sets"),
        sa.CheckConstraint("threshold >= 2", name=op.f("ck_trustee_sets_threshold")),
    )
    op.create_table(
        "trustees",
        *text("organisation_id"),
        sa.Column("set_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *text("id", "name", "organisation", "unit"),
        sa.Column("unit_id", sa.Text()),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("verification_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("set_version", "position", name="pk_trustees"),
        sa.CheckConstraint("length(recipient) = 1216", name=op.f("ck_trustees_recipient")),
        sa.CheckConstraint("length(verification_key) = 32", name=op.f("ck_trustees_verification_key")),
        sa.UniqueConstraint("set_version", "id", name="uq_trustees_set_version_id"),
        of_set("trustees"),
    )
    op.create_table(
        "case_trustees",
        *text("organisation_id", "case_id"),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        *text("member", "trustee_id"),
        sa.Column("set_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "epoch", "member", name="pk_case_trustees"),
        sa.UniqueConstraint("case_id", "epoch", "trustee_id", name="uq_case_trustees_case_id_epoch_trustee_id"),
        sa.ForeignKeyConstraint(
            ["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"], name="fk_case_trustees_case_id_epoch_epochs"
        ),
        of_case("case_trustees"),
        of_set("case_trustees"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recoveries",
        *text("id", "organisation_id", "case_id", "change_id", "why"),
        sa.Column("begun_on", sa.Date(), nullable=False),
        *text("state"),
        sa.Column("epoch", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_recoveries"),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled')", name=op.f("ck_recoveries_state")),
        of_case("recoveries"),
    )
    op.create_index(
        "uq_recoveries_open_case_id",
        "recoveries",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "drills",
        *text("organisation_id", "id"),
        sa.Column("set_version", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        *text("trustees"),
        sa.PrimaryKeyConstraint("id", name="pk_drills"),
        of_set("drills"),
    )


def downgrade() -> None:
    op.drop_index("uq_recoveries_open_case_id", "recoveries")
    for table in ("drills", "recoveries", "case_trustees", "trustees", "trustee_sets"):
        op.drop_table(table)
