"""Who has left a case, who has stepped in, and what proposals about a case's members carry.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.guards import create_statements, drop_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MAX_IN_ROW = 65_536
_REASONS = "'separation', 'too_few_present', 'not_opened', 'unanswered', 'idle', 'date_near'"
_ONE_BEFORE = sa.text("state = 'open'")
_ONE = sa.text("state = 'open' AND kind <> 'exclude_member'")


def upgrade() -> None:
    op.create_table(
        "separations",
        *_texts("organisation_id", "case_id", "account_id", "member", "kind"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "account_id", name="pk_separations"),
        sa.CheckConstraint("kind IN ('recused', 'excluded')", name=op.f("ck_separations_kind")),
        sa.CheckConstraint(f"length(reasons) <= {_MAX_IN_ROW}", name=op.f("ck_separations_reasons_in_row")),
        _refers("separations", "account_id", "accounts.id"),
        _of_case("separations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_separations_account_id", "separations", ["account_id"])
    op.create_table(
        "releases",
        *_texts("organisation_id", "case_id", "account_id", "member"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        *_texts("reason"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "account_id", name="pk_releases"),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name=op.f("ck_releases_reason")),
        _refers("releases", "account_id", "accounts.id"),
        _of_case("releases"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ended_exclusions",
        *_texts("proposal_id", "organisation_id", "case_id", "party"),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_ended_exclusions"),
        _refers("ended_exclusions", "proposal_id", "proposals.id"),
        _of_case("ended_exclusions"),
        sa.UniqueConstraint("case_id", "party", name="uq_ended_exclusions_case_id_party"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deciders",
        *_texts("organisation_id", "proposal_id", "account_id"),
        sa.PrimaryKeyConstraint("proposal_id", "account_id", name="pk_deciders"),
        _refers("deciders", "organisation_id", "organisations.id"),
        _refers("deciders", "proposal_id", "proposals.id"),
        _refers("deciders", "account_id", "accounts.id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deciders_account_id", "deciders", ["account_id"])
    op.create_table(
        "reasons",
        *_texts("proposal_id", "organisation_id"),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_reasons"),
        _refers("reasons", "proposal_id", "proposals.id"),
        _refers("reasons", "organisation_id", "organisations.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "prepared_epochs",
        *_texts("proposal_id", "organisation_id"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("work_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("dialogue_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        *_texts("account_id", "member", "unit_id", "function_id"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_prepared_epochs"),
        _refers("prepared_epochs", "proposal_id", "proposals.id"),
        _refers("prepared_epochs", "organisation_id", "organisations.id"),
        _refers("prepared_epochs", "account_id", "accounts.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "prepared_grants",
        *_texts("proposal_id", "organisation_id"),
        sa.Column("epoch", sa.Integer(), nullable=False, autoincrement=False),
        *_texts("member", "kind"),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "epoch", "member", "kind", name="pk_prepared_grants"),
        sa.CheckConstraint(
            "kind IN ('panel', 'standby', 'source', 'trustee_share')", name=op.f("ck_prepared_grants_kind")
        ),
        sa.CheckConstraint(f"length(file) <= {_MAX_IN_ROW}", name=op.f("ck_prepared_grants_file_in_row")),
        _refers("prepared_grants", "proposal_id", "prepared_epochs.proposal_id"),
        _refers("prepared_grants", "organisation_id", "organisations.id"),
        sqlite_with_rowid=False,
    )
    _one_open(_ONE)
    for statement in create_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, revision):
        op.execute(statement)
    # Several proposals about colleagues may be open at once, which the older index does not allow.
    op.execute("UPDATE proposals SET state = 'expired', decided_at = expires_at"
               " WHERE state = 'open' AND kind = 'exclude_member'")  # fmt: skip
    _one_open(_ONE_BEFORE)
    for table in (
        "prepared_grants",
        "prepared_epochs",
        "reasons",
        "deciders",
        "ended_exclusions",
        "releases",
        "separations",
    ):
        op.drop_table(table)


def _one_open(which: sa.TextClause) -> None:
    op.drop_index("uq_proposals_one_open", "proposals")
    op.create_index(
        "uq_proposals_one_open",
        "proposals",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=which,
        postgresql_where=which,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}_{to.partition('.')[0]}")


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "organisation_id"],
        ["cases.id", "cases.organisation_id"],
        name=f"fk_{table}_case_id_organisation_id_cases",
    )
