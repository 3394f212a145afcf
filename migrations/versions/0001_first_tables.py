"""The first tables: installation, organisations, people, cases, acts by two, and the handling log with its guard.

Frozen: later tables and columns come with later revisions, and the names of constraints are written out as they were.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from tipportal.storage.guards import create_statements, drop_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def columns(kind: sa.types.TypeEngine[Any], names: tuple[str, ...], *, null: bool) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null, autoincrement=False) for name in names]


def text(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.Text(), names, null=null)


def blob(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.LargeBinary(), names, null=null)


def day(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.Date(), names, null=null)


def flag(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.Boolean(), names, null=null)


def number(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.Integer(), names, null=null)


def long(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return columns(sa.BigInteger(), names, null=null)


def position(*names: str) -> list[sa.Column[Any]]:
    return columns(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), names, null=False)


def primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def foreign_key(
    table: str, columns: list[str], target: str, targets: list[str], name: str | None = None
) -> sa.ForeignKeyConstraint:
    named = name or f"fk_{table}_{'_'.join(columns)}_{target}"
    return sa.ForeignKeyConstraint(columns, [f"{target}.{column}" for column in targets], name=named)


def create(table: str, *items: sa.schema.SchemaItem, rowid: bool = True) -> None:
    op.create_table(table, *items, sqlite_with_rowid=rowid)


def index(name: str, table: str, *columns: str, unique: bool = False, where: tuple[str, str] | None = None) -> None:
    sqlite, postgresql = (None, None) if where is None else (sa.text(where[0]), sa.text(where[1]))
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=sqlite, postgresql_where=postgresql)


def upgrade() -> None:
    create(
        "log_entries",
        *position("position"),
        *text("organisation_id", "case_reference", null=True),
        *blob("leaf", "data"),
        primary_key("log_entries", "position"),
        check("ck_log_entries_leaf", "length(leaf) = 32"),
        check("ck_log_entries_position", "position >= 0"),
    )
    index("ix_log_entries_case_reference_position", "log_entries", "case_reference", "position")
    create(
        "log_nodes",
        *number("level"),
        *long("position"),
        *text("organisation_id", null=True),
        *blob("hash"),
        primary_key("log_nodes", "level", "position"),
        check("ck_log_nodes_hash", "length(hash) = 32"),
        check("ck_log_nodes_level", "level >= 1"),
        check("ck_log_nodes_position", "position >= 0"),
        rowid=False,
    )
    create(
        "organisations",
        *text("id", "organisation_id", "slug", "name", "kind"),
        *flag("listed"),
        primary_key("organisations", "id"),
        check(
            "ck_organisations_kind",
            "kind IN ('municipality', 'committee', 'department', 'company', 'federation', 'external')",
        ),
        check("ck_organisations_own_id", "organisation_id = id"),
        unique("organisations", "slug"),
    )
    create(
        "pending_entries",
        *text("case_reference", "id"),
        *text("organisation_id", null=True),
        *day("on_date"),
        *blob("data"),
        primary_key("pending_entries", "case_reference", "id"),
        rowid=False,
    )
    create(
        "functions",
        *text("id", "organisation_id", "name"),
        primary_key("functions", "id"),
        foreign_key("functions", ["organisation_id"], "organisations", ["id"]),
    )
    index("ix_functions_organisation_id", "functions", "organisation_id")
    create(
        "installation",
        *number("id"),
        *text("organisation_id", null=True),
        *blob("installation_id"),
        *long("founded_at"),
        primary_key("installation", "id"),
        check("ck_installation_installation_id_16", "length(installation_id) = 16"),
        check("ck_installation_one_row", "id = 1"),
        foreign_key("installation", ["organisation_id"], "organisations", ["id"]),
    )
    create(
        "policies",
        *text("organisation_id"),
        *number("version"),
        *text("document"),
        *long("activated_at"),
        primary_key("policies", "organisation_id", "version"),
        check("ck_policies_version", "version >= 0"),
        foreign_key("policies", ["organisation_id"], "organisations", ["id"]),
    )
    create(
        "units",
        *text("id", "organisation_id", "name"),
        *flag("external"),
        primary_key("units", "id"),
        foreign_key("units", ["organisation_id"], "organisations", ["id"]),
    )
    index("ix_units_organisation_id", "units", "organisation_id")
    create(
        "accounts",
        *text("id", "organisation_id", "role", "name", "email", "state"),
        *text("unit_id", "password_hash", null=True),
        *blob("totp_sealed", null=True),
        *long("totp_counter"),
        *blob("recipient", "verification_key", "identity_file", null=True),
        primary_key("accounts", "id"),
        check(
            "ck_accounts_active_has_credentials",
            "state <> 'active' OR (password_hash IS NOT NULL AND totp_sealed IS NOT NULL)",
        ),
        check("ck_accounts_role", "role IN ('handler', 'administrator', 'auditor')"),
        check("ck_accounts_state", "state IN ('invited', 'active', 'suspended')"),
        foreign_key("accounts", ["organisation_id"], "organisations", ["id"]),
        foreign_key("accounts", ["unit_id"], "units", ["id"]),
        unique("accounts", "email"),
    )
    create(
        "cases",
        *text("id", "organisation_id", "authority_id", "reference", "channel", "state", "sealed_by"),
        *blob("lookup_digest", "source_recipient", "source_verification_key"),
        *text("genesis_hash", null=True),
        *blob("submission_digest"),
        *number("policy_version", "directory_version", "epoch"),
        *day("received_on"),
        *day("acknowledged_on", "feedback_on", "closed_on", null=True),
        *flag("covered", null=True),
        *text("outcome", null=True),
        *flag("settled"),
        primary_key("cases", "id"),
        check("ck_cases_channel", "channel IN ('tip', 'report')"),
        check("ck_cases_epoch", "epoch >= 0"),
        check(
            "ck_cases_outcome",
            "outcome IN ('confirmed', 'partly_confirmed', 'unfounded', 'cannot_be_investigated', "
            "'not_covered', 'referred')",
        ),
        check("ck_cases_sealed_by", "sealed_by IN ('browser', 'server')"),
        check(
            "ck_cases_state",
            "state IN ('received', 'acknowledged', 'assessed', 'under_follow_up', 'feedback_given', "
            "'closed', 'locked')",
        ),
        foreign_key("cases", ["authority_id"], "organisations", ["id"]),
        foreign_key("cases", ["organisation_id"], "organisations", ["id"]),
        foreign_key("cases", ["organisation_id", "policy_version"], "policies", ["organisation_id", "version"]),
        unique("cases", "id", "organisation_id"),
        unique("cases", "lookup_digest"),
        unique("cases", "reference"),
        rowid=False,
    )
    create(
        "designations",
        *text("id", "organisation_id", "function_id", "account_id", "unit_id", "ground", "decision_number"),
        *day("decided_on", "valid_from"),
        *day("valid_to", null=True),
        *number("rank"),
        primary_key("designations", "id"),
        check("ck_designations_ground", "ground IN ('employment', 'contract_5_5', 'assignment_osl_2_1')"),
        check("ck_designations_valid_in_order", "valid_to IS NULL OR valid_to >= valid_from"),
        foreign_key("designations", ["account_id"], "accounts", ["id"]),
        foreign_key("designations", ["function_id"], "functions", ["id"]),
        foreign_key("designations", ["organisation_id"], "organisations", ["id"]),
        foreign_key("designations", ["unit_id"], "units", ["id"]),
    )
    index("ix_designations_account_id", "designations", "account_id")
    index("ix_designations_function_id", "designations", "function_id")
    create(
        "epochs",
        *text("organisation_id", "case_id"),
        *number("epoch"),
        *blob("work_recipient", "dialogue_recipient"),
        *text("state", "opened_by"),
        *day("opened_on"),
        *flag("settled"),
        primary_key("epochs", "case_id", "epoch"),
        check("ck_epochs_epoch", "epoch >= 0"),
        check("ck_epochs_state", "state IN ('open', 'closed')"),
        foreign_key("epochs", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        rowid=False,
    )
    index("uq_epochs_one_open", "epochs", "case_id", unique=True, where=("state = 'open'", "state = 'open'"))
    create(
        "holdings",
        *text("organisation_id", "case_id", "account_id"),
        *day("received_on"),
        *text("reference", "channel", "state"),
        *flag("unread"),
        primary_key("holdings", "case_id", "account_id"),
        check("ck_holdings_channel", "channel IN ('tip', 'report')"),
        check(
            "ck_holdings_state",
            "state IN ('received', 'acknowledged', 'assessed', 'under_follow_up', 'feedback_given', "
            "'closed', 'locked')",
        ),
        foreign_key("holdings", ["account_id"], "accounts", ["id"]),
        foreign_key("holdings", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        rowid=False,
    )
    index("ix_holdings_by_date", "holdings", "account_id", "received_on", "reference")
    index("ix_holdings_by_state", "holdings", "account_id", "state", "received_on", "reference", "unread")
    create(
        "invitations",
        *blob("token_digest"),
        *text("organisation_id", "account_id"),
        *long("expires_at"),
        *blob("totp_sealed"),
        *long("used_at", null=True),
        primary_key("invitations", "token_digest"),
        foreign_key("invitations", ["account_id"], "accounts", ["id"]),
        foreign_key("invitations", ["organisation_id"], "organisations", ["id"]),
    )
    create(
        "reads",
        *text("organisation_id", "case_id", "account_id"),
        *number("seq"),
        primary_key("reads", "case_id", "account_id"),
        foreign_key("reads", ["account_id"], "accounts", ["id"]),
        foreign_key("reads", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        rowid=False,
    )
    create(
        "sessions",
        *blob("id_digest"),
        *text("organisation_id", "account_id"),
        *long("created_at"),
        *blob("storage_key", null=True),
        *long("unlocked_until"),
        primary_key("sessions", "id_digest"),
        foreign_key("sessions", ["account_id"], "accounts", ["id"]),
        foreign_key("sessions", ["organisation_id"], "organisations", ["id"]),
    )
    index("ix_sessions_created_at", "sessions", "created_at")
    create(
        "source_sessions",
        *blob("id_digest"),
        *text("organisation_id", "case_id"),
        *blob("sealed"),
        *number("expires_quarter"),
        primary_key("source_sessions", "id_digest"),
        foreign_key("source_sessions", ["case_id"], "cases", ["id"]),
        foreign_key("source_sessions", ["organisation_id"], "organisations", ["id"]),
        rowid=False,
    )
    create(
        "grants",
        *text("organisation_id", "case_id"),
        *number("epoch"),
        *text("holder", "kind", "member", "unit_id", "function_id"),
        *flag("released"),
        *day("opened_on", null=True),
        *blob("file"),
        primary_key("grants", "case_id", "epoch", "holder", "kind"),
        check("ck_grants_file_in_row", "length(file) <= 65536"),
        check("ck_grants_kind", "kind IN ('panel', 'standby', 'source', 'trustee_share')"),
        check("ck_grants_released", "released OR kind NOT IN ('panel', 'source')"),
        check("ck_grants_source_is_source", "(holder = 'source') = (kind = 'source')"),
        foreign_key("grants", ["case_id", "epoch"], "epochs", ["case_id", "epoch"]),
        foreign_key("grants", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        unique("grants", "case_id", "epoch", "member", "kind"),
        rowid=False,
    )
    create(
        "proposals",
        *text("id", "organisation_id", "case_id"),
        *number("epoch"),
        *text("kind"),
        *blob("act", "payload"),
        *text("nonce", "proposer", "proposer_member"),
        *blob("proposer_signature"),
        *long("proposed_at", "expires_at"),
        *text("state"),
        *text("declined_by", "declined_member", null=True),
        *long("decided_at", null=True),
        primary_key("proposals", "id"),
        check("ck_proposals_decided", "(state = 'open') = (decided_at IS NULL)"),
        check("ck_proposals_declined", "declined_by IS NULL OR state = 'declined'"),
        check("ck_proposals_kind", "kind IN ('assess', 'close')"),
        check("ck_proposals_state", "state IN ('open', 'approved', 'declined', 'expired')"),
        foreign_key("proposals", ["case_id", "epoch"], "epochs", ["case_id", "epoch"]),
        foreign_key("proposals", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        foreign_key("proposals", ["declined_by"], "accounts", ["id"]),
        foreign_key("proposals", ["proposer"], "accounts", ["id"]),
        unique("proposals", "id", "proposer"),
        unique("proposals", "nonce"),
    )
    index("ix_proposals_case_id", "proposals", "case_id")
    index(
        "uq_proposals_one_open", "proposals", "case_id", "kind", unique=True, where=("state = 'open'", "state = 'open'")
    )
    create(
        "records",
        *text("id", "organisation_id", "case_id", "stream"),
        *number("seq"),
        *text("kind"),
        *number("epoch"),
        *blob("digest", "prev"),
        *text("prev_stream", null=True),
        *number("prev_seq", null=True),
        *text("author"),
        *day("written_on"),
        *long("written_at", null=True),
        *flag("settled"),
        *text("blob_id", null=True),
        *blob("body", null=True),
        primary_key("records", "case_id", "stream", "seq"),
        check("ck_records_body_in_row", "length(body) <= 65536"),
        check("ck_records_body_or_blob", "(body IS NULL) <> (blob_id IS NULL)"),
        check(
            "ck_records_chain",
            "(stream = 'genesis' AND seq = 0 AND prev_stream IS NULL AND prev_seq IS NULL) OR (stream <> "
            "'genesis' AND seq = 0 AND prev_stream = 'genesis' AND prev_seq = 0 AND prev_stream IS NOT NULL "
            "AND prev_seq IS NOT NULL) OR (stream <> 'genesis' AND seq > 0 AND prev_stream = stream AND "
            "prev_seq = seq - 1 AND prev_stream IS NOT NULL AND prev_seq IS NOT NULL)",
        ),
        check("ck_records_digests", "length(digest) = 32 AND length(prev) = 32"),
        check(
            "ck_records_kind",
            "kind IN ('genesis', 'report', 'message', 'feedback', 'facts', 'title', 'note', 'assessment', 'epoch')",
        ),
        check("ck_records_source_without_instant", "author <> 'source' OR written_at IS NULL"),
        check("ck_records_stream", "stream IN ('genesis', 'dialogue', 'work')"),
        foreign_key("records", ["case_id", "epoch"], "epochs", ["case_id", "epoch"]),
        foreign_key("records", ["case_id", "organisation_id"], "cases", ["id", "organisation_id"]),
        foreign_key(
            "records",
            ["case_id", "prev_stream", "prev_seq", "prev"],
            "records",
            ["case_id", "stream", "seq", "digest"],
            name="fk_records_chain",
        ),
        unique("records", "case_id", "stream", "seq", "digest"),
        rowid=False,
    )
    index("ix_records_unsettled", "records", "written_on", where=("settled = 0", "NOT settled"))
    index("uq_records_blob_id", "records", "blob_id", unique=True, where=("blob_id IS NOT NULL", "blob_id IS NOT NULL"))
    create(
        "approvals",
        *text("proposal_id", "organisation_id", "proposer", "approver", "approver_member"),
        *blob("approver_signature"),
        *long("approved_at"),
        primary_key("approvals", "proposal_id"),
        check("ck_approvals_two_people", "approver <> proposer"),
        foreign_key("approvals", ["approver"], "accounts", ["id"]),
        foreign_key("approvals", ["organisation_id"], "organisations", ["id"]),
        foreign_key("approvals", ["proposal_id", "proposer"], "proposals", ["id", "proposer"]),
    )

    for statement in create_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)
    # Those that refer to others first.
    for table in (
        "approvals", "records", "proposals", "grants", "source_sessions", "sessions", "reads", "invitations",
        "holdings", "epochs", "designations", "cases", "accounts", "units", "policies", "installation", "functions",
        "pending_entries", "organisations", "log_nodes", "log_entries",
    ):  # fmt: skip
        op.drop_table(table)
