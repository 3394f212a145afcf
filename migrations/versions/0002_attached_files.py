"""Sealed files that hang on records.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("upload_digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "stream", "seq", "position", name="pk_attachments"),
        sa.CheckConstraint("position >= 0 AND position < 20", name=op.f("ck_attachments_position")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size")),
        sa.CheckConstraint("stream IN ('genesis', 'dialogue', 'work')", name=op.f("ck_attachments_stream")),
        sa.CheckConstraint("length(upload_digest) = 32", name=op.f("ck_attachments_upload_digest")),
        sa.ForeignKeyConstraint(
            ["case_id", "stream", "seq"],
            ["records.case_id", "records.stream", "records.seq"],
            name="fk_attachments_case_id_stream_seq_records",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_attachments_case_id_organisation_id_cases",
        ),
        sa.UniqueConstraint("blob_id", name="uq_attachments_blob_id"),
        sa.UniqueConstraint("upload_digest", name="uq_attachments_upload_digest"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    # The files themselves stay on the disk until they are swept as orphans.
    op.drop_table("attachments")
