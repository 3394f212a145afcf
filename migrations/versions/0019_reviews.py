"""A second look upholds or lifts, of absences too; what a change did, in words; shares that a member has made.

Revision ID: 0019
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BOTH = ("id", "organisation_id", "done_by")
_KEPT = (*_BOTH, "done_at", "due_on", "reviewed_by", "reviewed_at")
_STATES = "'invited', 'enrolled', 'active', 'suspended', 'closed'"


def upgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(_kept("account_id")).mappings().all()
    op.drop_table("reviews")
    made = op.create_table(
        "reviews",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*_BOTH, "kind", "person_id")),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("was", "absence_id", "reviewed_by", "outcome")),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("first", "last", "overdue_on")),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.CheckConstraint("kind IN ('suspension', 'absence')", name=op.f("ck_reviews_kind")),
        sa.CheckConstraint(f"was IN ({_STATES})", name=op.f("ck_reviews_was")),
        sa.CheckConstraint("outcome IN ('upheld', 'lifted', 'lapsed')", name=op.f("ck_reviews_outcome")),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR reviewed_by NOT IN (done_by, person_id)", name=op.f("ck_reviews_two_people")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_reviews_reviewed")),
        sa.CheckConstraint(
            "(reviewed_by IS NULL) = (outcome IS NULL OR outcome = 'lapsed')", name=op.f("ck_reviews_by_somebody")
        ),
        sa.CheckConstraint("(kind = 'suspension') = (was IS NOT NULL)", name=op.f("ck_reviews_suspension")),
        sa.CheckConstraint("(kind = 'absence') = (absence_id IS NOT NULL)", name=op.f("ck_reviews_absence")),
        _refers("reviews", "organisation_id", "organisations.id"),
        _refers("reviews", "done_by", "accounts.id"),
        _refers("reviews", "reviewed_by", "accounts.id"),
    )
    op.create_index("ix_reviews_person_id", "reviews", ["person_id"])
    if rows:
        # What the account was before was not kept: opening again asks for confirmed keys in any case.
        bind.execute(
            sa.insert(made),
            [
                {
                    **{name: row[name] for name in _KEPT},
                    "kind": "suspension",
                    "person_id": row["account_id"],
                    "was": "active",
                    "outcome": None if row["reviewed_by"] is None else "upheld",
                }
                for row in rows
            ],
        )
    op.add_column("changes", sa.Column("told", sa.LargeBinary(), nullable=True))
    op.create_table(
        "renewed_shares",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("organisation_id", "case_id", "member")),
        sa.PrimaryKeyConstraint("case_id", name="pk_renewed_shares"),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_renewed_shares_case_id_organisation_id_cases",
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    bind = op.get_bind()
    for what in ("reviews WHERE kind = 'absence' OR outcome IN ('lifted', 'lapsed')", "renewed_shares"):
        if bind.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar_one():  # noqa: S608 - constants  # nosec B608
            raise RuntimeError(f"{what.partition(' ')[0]} holds rows that revision 0018 does not know")
    op.drop_table("renewed_shares")
    op.drop_column("changes", "told")
    rows = bind.execute(_kept("person_id")).mappings().all()
    op.drop_table("reviews")
    made = op.create_table(
        "reviews",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*_BOTH, "account_id")),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.CheckConstraint("reviewed_by IS NULL OR reviewed_by <> done_by", name=op.f("ck_reviews_two_people")),
        sa.CheckConstraint("(reviewed_by IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_reviews_reviewed")),
        _refers("reviews", "organisation_id", "organisations.id"),
        _refers("reviews", "account_id", "accounts.id"),
        _refers("reviews", "done_by", "accounts.id"),
        _refers("reviews", "reviewed_by", "accounts.id"),
    )
    if rows:
        bind.execute(
            sa.insert(made),
            [{**{name: row[name] for name in _KEPT}, "account_id": row["person_id"]} for row in rows],
        )


def _kept(person: str) -> sa.Select[Any]:
    """What both forms of the table have."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*_KEPT, person) if name != "due_on"]
    return sa.select(*columns, sa.column("due_on", sa.Date())).select_from(sa.table("reviews"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{to.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [to], name=name)
