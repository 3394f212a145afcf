"""The outbox of mail.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KINDS = "'digest', 'invited', 'sign_in', 'access', 'checkpoint'"
_STATES = "'waiting', 'sent', 'refused', 'bounced', 'given_up', 'withdrawn'"
_DIGEST = sa.text("kind = 'digest'")
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text()),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_outbox_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_outbox_account_id_accounts"),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("(kind = 'checkpoint') = (account_id IS NULL)", name=op.f("ck_outbox_to_whom")),
        sa.CheckConstraint("(kind = 'checkpoint') = (size IS NOT NULL)", name=op.f("ck_outbox_checkpoint")),
        sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name=op.f("ck_outbox_settled")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_outbox_digest",
        "outbox",
        ["day", "account_id"],
        unique=True,
        sqlite_where=_DIGEST,
        postgresql_where=_DIGEST,
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["next_attempt", "id"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_outbox_account_id", "outbox", ["account_id", "settled_at"])


def downgrade() -> None:
    op.drop_table("outbox")
