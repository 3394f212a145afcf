"""Checkpoints of the handling log: kept, mailed, acknowledged.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.closed_sets import change_check
from tipportal.storage.guards import create_statements, drop_statements

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RECORDS = "'genesis', 'report', 'message', 'feedback', 'facts', 'title', 'note', 'assessment', 'epoch', 'notice'"
_ACTS = (
    "'assess', 'close', 'exclude_member', 'add_member', 'end_exclusion', 'open_identity', 'disclose_identity', "
    "'restrict_dialogue', 'lift_restriction', 'lift_quarantine'"
)
# Of each table: the CHECK, its column, and the values before and after.
_GROWN = (
    ("records", "kind", _RECORDS, f"{_RECORDS}, 'form'"),
    ("proposals", "kind", _ACTS, f"{_ACTS}, 'reclassify', 'hand_over', 'export', 'retain', 'reopen'"),
)


def upgrade() -> None:
    for table, column, before, after in _GROWN:
        change_check(table, column, before, after)
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
        sa.CheckConstraint("size >= 1", name=op.f("ck_checkpoints_size")),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_checkpoints_root")),
    )
    op.create_table(
        "checkpoint_mailings",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_checkpoint_mailings"),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name="fk_checkpoint_mailings_size_checkpoints"),
    )
    op.create_table(
        "checkpoint_acknowledgements",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", "account_id", name="pk_checkpoint_acknowledgements"),
        sa.CheckConstraint("way IN ('text', 'button')", name=op.f("ck_checkpoint_acknowledgements_way")),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name="fk_checkpoint_acknowledgements_size_checkpoints"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_checkpoint_acknowledgements_account_id_accounts"
        ),
    )
    for statement in create_statements(op.get_bind().dialect.name, since="0013"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, since="0013"):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("checkpoint_acknowledgements")
    op.drop_table("checkpoint_mailings")
    op.drop_table("checkpoints")
    for table, column, before, after in _GROWN:
        change_check(table, column, after, before)
