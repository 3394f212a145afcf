"""Measures, checklists, handovers and what their recipients report.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MEASURES = (
    "police_report", "wrongful_payment_notice", "tax_agency_registration", "tax_agency_tax",
    "social_insurance_notice", "inspectorate_notice", "disclosure_act_2024_307", "disclosure_osl_10_15a",
    "recovery_claim", "stopped_payment", "sanction", "contract_ended", "hr_measure", "changed_control",
    "external_investigation", "handed_over", "concern_for_child", "lex_sarah", "lex_maria", "no_measure",
)  # fmt: skip
_STEPS = ("action_plan", "warning", "local_step", "deauthorisation")
_REASONS = ("unfounded", "not_provable", "already_handled", "not_ours", "too_old", "minor", "other")
_RECIPIENTS = (
    "police", "prosecutor", "ekobrottsmyndigheten", "tax_agency", "forsakringskassan", "ivo", "arbetsformedlingen",
    "bolagsverket", "csn", "ehalsomyndigheten", "kronofogden", "migrationsverket", "pensionsmyndigheten",
    "unemployment_fund", "other_authority", "committee", "municipal_company", "head_of_hr", "head_of_security",
    "chief_executive", "executive_committee_chair", "council_presidium", "auditors",
)  # fmt: skip
_BASES = (
    "act_5_10", "act_5_10_osl_10_28", "osl_10_24", "osl_10_27", "osl_10_28", "osl_10_15a", "act_2024_307",
    "act_2008_206", "benefit_crime_act_6", "result_only", "no_secrecy",
)  # fmt: skip
_RESULTS = ("none", "ongoing", "police_report", "recovery_claim", "stopped_payment", "sanction", "other")
_KRONOR = ("claimed", "recovered", "stopped", "cost")
_MONTHS = "months IN (3, 6, 12, 24)"


def text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def closed(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def held(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "organisation_id"],
        ["cases.id", "cases.organisation_id"],
        name=f"fk_{table}_case_id_organisation_id_cases",
    )


def of_account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=f"fk_{table}_{column}_accounts")


def upgrade() -> None:
    _measures()
    _handovers()


def _measures() -> None:
    op.create_table(
        "measures",
        *text("id", "organisation_id", "case_id", "kind"),
        sa.Column("taken_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in _KRONOR),
        *text("step", "reason", nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        *text("recorded_by", "member"),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        *text("corrects", nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        *text("handover", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_measures"),
        closed("measures", "kind", _MEASURES),
        closed("measures", "step", _STEPS),
        closed("measures", "reason", _REASONS),
        *(held("measures", name, f"{name} >= 0 AND {name} <= 1000000000000") for name in _KRONOR),
        held(
            "measures",
            "amounts",
            "(kind = 'recovery_claim') = (claimed IS NOT NULL) AND (kind = 'recovery_claim') = (recovered IS NOT NULL)"
            " AND (kind = 'stopped_payment') = (stopped IS NOT NULL)"
            " AND (kind = 'external_investigation') = (cost IS NOT NULL)",
        ),
        held("measures", "sanction", "(kind = 'sanction') = (step IS NOT NULL)"),
        held("measures", "no_measure", "(kind = 'no_measure') = (reason IS NOT NULL)"),
        held("measures", "handed_over", "(kind = 'handed_over') = (handover IS NOT NULL)"),
        held("measures", "corrects_another", "corrects <> id"),
        held("measures", "record", "length(record) = 32"),
        sa.UniqueConstraint("corrects", name="uq_measures_corrects"),
        sa.ForeignKeyConstraint(["corrects"], ["measures.id"], name="fk_measures_corrects_measures"),
        of_account("measures", "recorded_by"),
        of_case("measures"),
    )
    op.create_index("ix_measures_case_id", "measures", ["case_id"])
    op.create_table(
        "worklists",
        *text("organisation_id", "case_id", "worklist"),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        *text("updated_by"),
        sa.Column("updated_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "worklist", name="pk_worklists"),
        held("worklists", "done", 'done >= 0 AND done <= "of"'),
        held("worklists", "record", "length(record) = 32"),
        of_account("worklists", "updated_by"),
        of_case("worklists"),
    )
    op.create_table(
        "declined_reopenings",
        *text("organisation_id", "case_id"),
        sa.Column("upto_seq", sa.Integer(), autoincrement=False, nullable=False),
        *text("declined_by", "member"),
        sa.Column("declined_on", sa.Date(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "upto_seq", name="pk_declined_reopenings"),
        held("declined_reopenings", "upto_seq", "upto_seq >= 0"),
        held("declined_reopenings", "record", "length(record) = 32"),
        of_account("declined_reopenings", "declined_by"),
        of_case("declined_reopenings"),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        *text("id", "organisation_id", "case_id", "proposal_id", "recipient", "basis", "notice"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        closed("handovers", "recipient", _RECIPIENTS),
        closed("handovers", "basis", _BASES),
        closed("handovers", "notice", ("given", "withheld", "not_needed")),
        held("handovers", "content", "length(content) = 32"),
        sa.UniqueConstraint("proposal_id", name="uq_handovers_proposal_id"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_handovers_proposal_id_proposals"),
        of_case("handovers"),
    )
    op.create_index("ix_handovers_case_id", "handovers", ["case_id"])
    op.create_index("ix_handovers_handed_on_id", "handovers", ["handed_on", "id"])
    op.create_table(
        "handover_asks",
        *text("organisation_id", "case_id", "handover_id"),
        sa.Column("months", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", "months", name="pk_handover_asks"),
        held("handover_asks", "months", _MONTHS),
        held("handover_asks", "token_digest", "length(token_digest) = 32"),
        held("handover_asks", "link", "(token_digest IS NULL) = (epoch IS NULL)"),
        sa.UniqueConstraint("token_digest", name="uq_handover_asks_token_digest"),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name="fk_handover_asks_handover_id_handovers"),
        of_case("handover_asks"),
    )
    op.create_index("ix_handover_asks_case_id", "handover_asks", ["case_id"])
    op.create_table(
        "handover_reports",
        *text("organisation_id", "case_id", "handover_id"),
        sa.Column("months", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        *text("result"),
        sa.Column("kronor", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", "months", name="pk_handover_reports"),
        closed("handover_reports", "result", _RESULTS),
        held("handover_reports", "months", _MONTHS),
        held("handover_reports", "kronor", "kronor >= 0 AND kronor <= 1000000000000"),
        held("handover_reports", "file_in_row", "length(file) <= 65536"),
        sa.ForeignKeyConstraint(
            ["handover_id", "months"],
            ["handover_asks.handover_id", "handover_asks.months"],
            name="fk_handover_reports_handover_id_months_handover_asks",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"], name="fk_handover_reports_case_id_epoch_epochs"
        ),
        of_case("handover_reports"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_handover_reports_case_id", "handover_reports", ["case_id"])


def downgrade() -> None:
    for table in ("handover_reports", "handover_asks", "handovers", "declined_reopenings", "worklists", "measures"):
        op.drop_table(table)
