"""What the follow-up counts of each case, links between cases, origins, alarms.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FACTS = {
    "origin": "'report', 'tip', 'oral', 'written', 'own_control', 'other_authority'",
    "relation": "'active', 'contractor', 'before_or_after', 'outside', 'not_told'",
    "named": "'anonymous', 'named'",
    "reprisals": "'no', 'feared', 'happening', 'unknown'",
    "heard_how": "'website', 'intranet', 'poster', 'person', 'news', 'other', 'unknown'",
}
_NO_FEEDBACK = sa.text("feedback_on IS NULL")
_STANDING = sa.text("ended_on IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_cases_without_feedback",
        "cases",
        ["received_on", "id"],
        sqlite_where=_NO_FEEDBACK,
        postgresql_where=_NO_FEEDBACK,
    )
    op.create_table(
        "triages",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("origin", "types", "areas", "relation", "named", "reprisals", "heard_how", "reasons", "member")
        ),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_triages"),
        *(
            sa.CheckConstraint(f"{name} IN ({values})", name=op.f(f"ck_triages_{name}"))
            for name, values in _FACTS.items()
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_triages_version")),
        _case("triages"),
    )
    op.create_table(
        "case_links",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("mark", "organisation_id", "case_id", "other_case_id", "kind")
        ),
        sa.Column("linked_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("mark", name="pk_case_links"),
        sa.CheckConstraint("kind IN ('duplicate', 'same_provider', 'related')", name=op.f("ck_case_links_kind")),
        sa.CheckConstraint("case_id <> other_case_id", name=op.f("ck_case_links_two_cases")),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= linked_on", name=op.f("ck_case_links_in_order")),
        _case("case_links"),
        _case("case_links", "other_case_id"),
    )
    op.create_index(
        "uq_case_links_standing",
        "case_links",
        ["case_id", "other_case_id"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )
    op.create_index("ix_case_links_other_case_id", "case_links", ["other_case_id"])
    op.create_table(
        "alarms",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "watch", "step")),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "watch", "step", "due", name="pk_alarms"),
        sa.CheckConstraint("watch IN ('acknowledge', 'feedback')", name=op.f("ck_alarms_watch")),
        sa.CheckConstraint(
            "step IN ('panel_early', 'panel', 'standby', 'ladder')",
            name=op.f("ck_alarms_step"),
        ),
        _case("alarms"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("alarms", "case_links", "triages"):
        op.drop_table(table)
    op.drop_index("ix_cases_without_feedback", "cases")


def _case(table: str, column: str = "case_id") -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_organisation_id_cases"
    return sa.ForeignKeyConstraint([column, "organisation_id"], ["cases.id", "cases.organisation_id"], name=name)
