"""The handler directory.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.guards import create_statements, drop_statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_roots",
        *_version("directory_roots"),
        sa.UniqueConstraint("digest", name="uq_directory_roots_digest"),
    )
    op.create_table(
        "directory_snapshots",
        *_version("directory_snapshots"),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        *(
            sa.UniqueConstraint(name, name=f"uq_directory_snapshots_{name}")
            for name in ("digest", "previous", "change_id")
        ),
        sa.CheckConstraint("expires >= issued", name=op.f("ck_directory_snapshots_in_order")),
        sa.ForeignKeyConstraint(
            ["root_version"],
            ["directory_roots.version"],
            name="fk_directory_snapshots_root_version_directory_roots",
        ),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["change_approvals.change_id"],
            name="fk_directory_snapshots_change_id_change_approvals",
        ),
    )
    for statement in create_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)
    op.drop_table("directory_snapshots")
    op.drop_table("directory_roots")


def _version(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=f"pk_{table}"),
        sa.CheckConstraint("version >= 1", name=op.f(f"ck_{table}_version")),
    )
