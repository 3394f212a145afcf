"""Cases taken in by staff, meetings, minutes, what the source has read.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LEFT_OUT = "ack_left_out IN ('waived', 'reveals', 'no_reporter')"
_TABLES = ("after_cares", "intakes", "readings", "reprisals", "subject_rights", "replaced_codes", "forms", "meetings")


def upgrade() -> None:
    # Both databases take the check with its column, and let it go with it.
    op.execute(f"ALTER TABLE cases ADD COLUMN ack_left_out TEXT CONSTRAINT ck_cases_ack_left_out CHECK ({_LEFT_OUT})")
    op.create_table(
        "after_cares",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.CheckConstraint("found IN ('nothing', 'reprisals', 'no_answer')", name=op.f("ck_after_cares_found")),
        sa.CheckConstraint("months IN (3, 6, 12)", name=op.f("ck_after_cares_months")),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_after_cares_case_id_organisation_id_cases",
        ),
        sa.PrimaryKeyConstraint("case_id", "months", name="pk_after_cares"),
    )
    op.create_table(
        "intakes",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("documented", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(code = 'replaced') = (replaced_on IS NOT NULL)", name=op.f("ck_intakes_replaced")),
        sa.CheckConstraint("(documented IS NOT NULL) = (origin = 'oral')", name=op.f("ck_intakes_oral_is_documented")),
        sa.CheckConstraint("code IN ('given', 'not_wanted', 'replaced')", name=op.f("ck_intakes_code")),
        sa.CheckConstraint("documented IN ('recording', 'minutes')", name=op.f("ck_intakes_documented")),
        sa.CheckConstraint(
            "origin IN ('report', 'tip', 'oral', 'written', 'own_control', 'other_authority')",
            name=op.f("ck_intakes_origin"),
        ),
        sa.CheckConstraint("origin NOT IN ('report', 'tip')", name=op.f("ck_intakes_entered")),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_intakes_case_id_organisation_id_cases",
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name="fk_intakes_entered_by_accounts"),
        sa.PrimaryKeyConstraint("case_id", name="pk_intakes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "readings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("reader IN ('source', 'group')", name=op.f("ck_readings_reader")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_readings_seq")),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_readings_case_id_organisation_id_cases",
        ),
        sa.PrimaryKeyConstraint("case_id", "reader", "seq", name="pk_readings"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_readings_unsettled",
        "readings",
        ["read_on"],
        unique=False,
        sqlite_where=sa.text("settled = 0"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.create_table(
        "reprisals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.CheckConstraint("phase IN ('feared', 'happening')", name=op.f("ck_reprisals_phase")),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_reprisals_case_id_organisation_id_cases",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reprisals"),
    )
    op.create_index(op.f("ix_reprisals_case_id"), "reprisals", ["case_id"], unique=False)
    op.create_table(
        "subject_rights",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("handled_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(decision = 'deferred') = (review_on IS NOT NULL)", name=op.f("ck_subject_rights_deferred_is_reviewed")
        ),
        sa.CheckConstraint(
            "decision IN ('given', 'deferred', 'partly', 'refused', 'noted')", name=op.f("ck_subject_rights_decision")
        ),
        sa.CheckConstraint(
            "kind IN ('information', 'access', 'comment', 'correction')", name=op.f("ck_subject_rights_kind")
        ),
        sa.CheckConstraint("length(record) = 32", name=op.f("ck_subject_rights_record")),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_subject_rights_case_id_organisation_id_cases",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subject_rights"),
    )
    op.create_index(op.f("ix_subject_rights_case_id"), "subject_rights", ["case_id"], unique=False)
    op.create_table(
        "replaced_codes",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("verification_key", sa.LargeBinary(), nullable=False),
        sa.Column("past", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("epoch > 0", name=op.f("ck_replaced_codes_epoch")),
        sa.ForeignKeyConstraint(
            ["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"], name="fk_replaced_codes_case_id_epoch_epochs"
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_replaced_codes_case_id_organisation_id_cases",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["intakes.case_id"], name="fk_replaced_codes_case_id_intakes"),
        sa.PrimaryKeyConstraint("case_id", name="pk_replaced_codes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forms",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(form IN ('minutes_answer', 'slot_choice')) = (answers IS NOT NULL)"
            " AND (answers IS NULL) = (verdict IS NULL)",
            name=op.f("ck_forms_answers"),
        ),
        sa.CheckConstraint("(mode IS NOT NULL) = (form = 'slots')", name=op.f("ck_forms_slots_have_a_mode")),
        sa.CheckConstraint("form IN ('minutes', 'slots', 'minutes_answer', 'slot_choice')", name=op.f("ck_forms_form")),
        sa.CheckConstraint("mode IN ('physical', 'phone', 'video', 'call_back')", name=op.f("ck_forms_mode")),
        sa.CheckConstraint("stream = 'dialogue'", name=op.f("ck_forms_stream")),
        sa.CheckConstraint(
            "verdict IN ('approved', 'corrected', 'chosen', 'none_suits')", name=op.f("ck_forms_verdict")
        ),
        sa.ForeignKeyConstraint(["case_id", "answers"], ["forms.case_id", "forms.seq"], name="fk_forms_answered"),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_forms_case_id_organisation_id_cases",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "stream", "seq"],
            ["records.case_id", "records.stream", "records.seq"],
            name="fk_forms_case_id_stream_seq_records",
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_forms"),
        sa.UniqueConstraint("case_id", "answers", name="uq_forms_case_id_answers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("offer", sa.Integer(), nullable=True),
        sa.CheckConstraint("mode IN ('physical', 'phone', 'video', 'call_back')", name=op.f("ck_meetings_mode")),
        sa.ForeignKeyConstraint(
            ["case_id", "offer"], ["forms.case_id", "forms.seq"], name="fk_meetings_case_id_offer_forms"
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "organisation_id"],
            ["cases.id", "cases.organisation_id"],
            name="fk_meetings_case_id_organisation_id_cases",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
    )
    op.create_index(op.f("ix_meetings_case_id"), "meetings", ["case_id"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("cases", "ack_left_out")
