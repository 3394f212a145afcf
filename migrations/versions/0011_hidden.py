"""Whom the facts of a case keep from seeing that it is there; seats that fall vacant; lists by function.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COPIED = "organisation_id, account_id, case_id, received_on, reference, channel, state"
# Made from what it is made from in any case: who has a key of the newest epoch, and what they have opened.
HELD = """
    SELECT c.organisation_id, g.holder, c.id, c.received_on, c.reference, c.channel, c.state, {function}
    EXISTS (SELECT 1 FROM records r WHERE r.case_id = c.id AND r.stream = 'dialogue' AND r.author = 'source'
            {messages} AND r.seq > coalesce((SELECT o.seq FROM reads o WHERE o.case_id = c.id
            AND o.account_id = g.holder), -1))
    FROM cases c JOIN grants g ON g.case_id = c.id AND g.epoch = c.epoch
    WHERE g.kind IN ('panel', 'standby') AND g.released
"""


def upgrade() -> None:
    op.drop_table("holdings")
    _create_holdings(sa.Column("function_id", sa.Text(), nullable=False))
    op.execute(
        f"INSERT INTO holdings ({COPIED}, function_id, unread)"
        + HELD.format(function="g.function_id,", messages="AND r.kind = 'message'")
    )
    op.create_index(
        "ix_holdings_by_state",
        "holdings",
        ["account_id", "state", "received_on", "reference", "function_id", "unread"],
    )
    for table, columns in (
        ("hidden_cases", ()),
        (
            "vacancies",
            (
                sa.Column("member", sa.Text(), nullable=False),
                sa.Column("epoch", sa.Integer(), nullable=False),
                sa.Column("at", sa.BigInteger(), nullable=False),
            ),
        ),
    ):
        key = ["case_id", "account_id", "member"] if columns else ["case_id", "account_id"]
        op.create_table(
            table,
            sa.Column("organisation_id", sa.Text(), nullable=False),
            sa.Column("case_id", sa.Text(), nullable=False),
            sa.Column("account_id", sa.Text(), nullable=False),
            *columns,
            sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id_accounts"),
            sa.ForeignKeyConstraint(
                ["case_id", "organisation_id"],
                ["cases.id", "cases.organisation_id"],
                name=f"fk_{table}_case_id_organisation_id_cases",
            ),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{table}_account_id", table, ["account_id"])


def downgrade() -> None:
    for table in ("hidden_cases", "vacancies"):
        if op.get_bind().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one():  # noqa: S608 - constants  # nosec B608
            raise RuntimeError(f"{table} holds rows that revision 0010 does not know")
        op.drop_table(table)
    op.drop_table("holdings")
    _create_holdings()
    op.execute(f"INSERT INTO holdings ({COPIED}, unread)" + HELD.format(function="", messages=""))
    op.create_index("ix_holdings_by_state", "holdings", ["account_id", "state", "received_on", "reference", "unread"])


def _create_holdings(*more: sa.Column[str]) -> None:
    op.create_table(
        "holdings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        *more,
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "account_id", name="pk_holdings"),
        sa.CheckConstraint("channel IN ('tip', 'report')", name=op.f("ck_holdings_channel")),
        sa.CheckConstraint(
            "state IN ('received', 'acknowledged', 'assessed', 'under_follow_up', 'feedback_given', "
            "'closed', 'locked')",
            name=op.f("ck_holdings_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_holdings_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_holdings_case_id_organisation_id_cases",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_holdings_by_date", "holdings", ["account_id", "received_on", "reference"])
