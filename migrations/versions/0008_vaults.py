"""Reporters' identities, sealed apart.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
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


def of_vault(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["vaults.case_id"], name=f"fk_{table}_case_id_vaults")


def in_row(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("length(file) <= 65536", name=op.f(f"ck_{table}_file_in_row"))


def upgrade() -> None:
    op.create_table(
        "vaults",
        *text("organisation_id", "case_id"),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_vaults"),
        sa.CheckConstraint("version >= 0", name=op.f("ck_vaults_version")),
        sa.CheckConstraint("length(recipient) = 1216", name=op.f("ck_vaults_recipient")),
        in_row("vaults"),
        sa.ForeignKeyConstraint(
            ["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"], name="fk_vaults_case_id_epoch_epochs"
        ),
        of_case("vaults"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vault_shares",
        *text("organisation_id", "case_id", "holder"),
        sa.Column("version", sa.Integer(), nullable=False),
        *text("kind", "member"),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "holder", name="pk_vault_shares"),
        sa.CheckConstraint("kind IN ('handler', 'trustee')", name=op.f("ck_vault_shares_kind")),
        in_row("vault_shares"),
        sa.UniqueConstraint("case_id", "member", name="uq_vault_shares_case_id_member"),
        of_vault("vault_shares"),
        of_case("vault_shares"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lent_shares",
        *text("organisation_id", "case_id", "purpose", "lender"),
        sa.Column("version", sa.Integer(), nullable=False),
        *text("member"),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "purpose", "lender", name="pk_lent_shares"),
        in_row("lent_shares"),
        sa.ForeignKeyConstraint(["lender"], ["accounts.id"], name="fk_lent_shares_lender_accounts"),
        of_vault("lent_shares"),
        of_case("lent_shares"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("lent_shares", "vault_shares", "vaults"):
        op.drop_table(table)
