"""Trustees who approve the replacement of a lost administrator.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.guards import create_statements, drop_statements

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trustee_approvals",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("set_version", sa.Integer(), nullable=False),
        sa.Column("trustee_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", "trustee_id", name="pk_trustee_approvals"),
        sa.CheckConstraint("length(signature) = 64", name=op.f("ck_trustee_approvals_signature")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_trustee_approvals_change_id_changes"),
        sa.ForeignKeyConstraint(
            ["set_version", "trustee_id"],
            ["trustees.set_version", "trustees.id"],
            name="fk_trustee_approvals_set_version_trustee_id_trustees",
        ),
    )
    for statement in create_statements(op.get_bind().dialect.name, since="0012"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, since="0012"):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("trustee_approvals")
