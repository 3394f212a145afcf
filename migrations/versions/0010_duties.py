"""What was done at once and its review; restrictions of cases; tips that are obviously junk.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.closed_sets import change_check

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_CASE = ("id", "organisation_id", "case_id", "kind")


OUTCOMES = "'confirmed', 'partly_confirmed', 'unfounded', 'cannot_be_investigated', 'not_covered', 'referred'"
WITH_JUNK = f"{OUTCOMES}, 'junk'"


def upgrade() -> None:
    change_check("cases", "outcome", OUTCOMES, WITH_JUNK)
    op.create_table(
        "duties",
        *(sa.Column(name, sa.Text(), nullable=False) for name in OF_CASE),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("record", sa.LargeBinary()),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("reviewed_member", sa.Text()),
        sa.Column("reviewed_at", sa.BigInteger()),
        sa.Column("verdict", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
        sa.CheckConstraint(
            "kind IN ('acute_danger', 'concern_for_child', 'lex_sarah', 'lex_maria', 'quarantine', 'recusal',"
            " 'release_without_secrecy')",
            name=op.f("ck_duties_kind"),
        ),
        sa.CheckConstraint("verdict IN ('upheld', 'objected')", name=op.f("ck_duties_verdict")),
        sa.CheckConstraint("reviewed_by <> done_by", name=op.f("ck_duties_two_people")),
        sa.CheckConstraint(
            "(verdict IS NULL) = (reviewed_by IS NULL) AND (verdict IS NULL) = (reviewed_at IS NULL)",
            name=op.f("ck_duties_reviewed"),
        ),
        sa.CheckConstraint("record IS NULL OR length(record) = 32", name=op.f("ck_duties_record")),
        sa.ForeignKeyConstraint(["done_by"], ["accounts.id"], name="fk_duties_done_by_accounts"),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name="fk_duties_reviewed_by_accounts"),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_duties_case_id_organisation_id_cases",
        ),
    )
    op.create_index("ix_duties_case_id", "duties", ["case_id"])
    op.create_table(
        "restrictions",
        *(sa.Column(name, sa.Text(), nullable=False) for name in OF_CASE),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_restrictions"),
        sa.CheckConstraint("kind IN ('dialogue', 'quarantine')", name=op.f("ck_restrictions_kind")),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= begun_on", name=op.f("ck_restrictions_in_order")),
        sa.CheckConstraint(
            "kind <> 'dialogue' OR review_on IS NOT NULL", name=op.f("ck_restrictions_dialogue_is_reviewed")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_restrictions_case_id_organisation_id_cases",
        ),
    )
    in_force = sa.text("ended_on IS NULL")
    op.create_index(
        "uq_restrictions_in_force",
        "restrictions",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def downgrade() -> None:
    junk = op.get_bind().exec_driver_sql("SELECT count(*) FROM cases WHERE outcome = 'junk'").scalar_one()
    if junk:
        raise RuntimeError("cases holds rows that revision 0009 does not know")
    change_check("cases", "outcome", WITH_JUNK, OUTCOMES)
    op.drop_table("restrictions")
    op.drop_table("duties")
