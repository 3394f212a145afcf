"""Who has switched off the shortcuts of the keyboard.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "without_shortcuts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_without_shortcuts"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_without_shortcuts_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_without_shortcuts_organisation_id_organisations"
        ),
    )


def downgrade() -> None:
    # A choice of how to work, which can be made again: it holds nothing back.
    op.drop_table("without_shortcuts")
