"""Changes by two administrators, decisions, openings of channels.

Revision ID: 0004
"""

from __future__ import annotations

import tomllib

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = (
    "'register', 'policy', 'channel', 'decision', 'invite', 'keys', 'account', 'trustees', 'ceremony', 'directory', "
    "'clock', 'recover_case', 'restore'"
)
_SUBJECTS = "'guidelines', 'delegation', 'information_plan', 'dpia', 'processor_agreement', 'trial'"


def upgrade() -> None:
    op.create_table(
        "changes",
        *_texts("id", "kind", "nonce", "proposer", "state"),
        *_texts("organisation_id", "declined_by", null=True),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("proposer_signature", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_changes_kind")),
        sa.CheckConstraint("state IN ('open', 'approved', 'declined', 'expired')", name=op.f("ck_changes_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_changes_decided")),
        sa.CheckConstraint("declined_by IS NULL OR state = 'declined'", name=op.f("ck_changes_declined")),
        _refers("changes", "proposer", "accounts.id"),
        _refers("changes", "declined_by", "accounts.id"),
        sa.UniqueConstraint("nonce", name="uq_changes_nonce"),
        sa.UniqueConstraint("id", "proposer", name="uq_changes_id_proposer"),
    )
    op.create_index("ix_changes_state_proposed_at", "changes", ["state", "proposed_at"])
    op.create_table(
        "change_approvals",
        *_texts("change_id", "proposer", "approver"),
        *_texts("organisation_id", null=True),
        sa.Column("approver_signature", sa.LargeBinary(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_change_approvals"),
        sa.CheckConstraint("approver <> proposer", name=op.f("ck_change_approvals_two_people")),
        _refers("change_approvals", "approver", "accounts.id"),
        sa.ForeignKeyConstraint(
            ["change_id", "proposer"], ["changes.id", "changes.proposer"],
            name="fk_change_approvals_change_id_proposer_changes",
        ),
    )  # fmt: skip
    op.create_table(
        "decisions",
        *_texts("change_id", "organisation_id", "subject", "number"),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_decisions"),
        sa.CheckConstraint(f"subject IN ({_SUBJECTS})", name=op.f("ck_decisions_subject")),
        _refers("decisions", "change_id", "change_approvals.change_id"),
        _refers("decisions", "organisation_id", "organisations.id"),
    )
    op.create_index("ix_decisions_organisation_id_subject", "decisions", ["organisation_id", "subject"])
    op.create_table(
        "openings",
        *_texts("organisation_id", "channel"),
        *_texts("change_id", null=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "channel", name="pk_openings"),
        sa.CheckConstraint("channel IN ('tip', 'report')", name=op.f("ck_openings_channel")),
        sa.CheckConstraint("open OR NOT trial", name=op.f("ck_openings_trial")),
        _refers("openings", "organisation_id", "organisations.id"),
        _refers("openings", "change_id", "change_approvals.change_id"),
    )
    op.create_table(
        "clock_watch",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *_texts("organisation_id", null=True),
        sa.Column("last_tick", sa.BigInteger(), nullable=False),
        sa.Column("doubted_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clock_watch"),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_watch_one_row")),
    )
    op.create_table(
        "reviews",
        *_texts("id", "organisation_id", "account_id", "done_by"),
        *_texts("reviewed_by", null=True),
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
    _open_what_was_open()


def downgrade() -> None:
    for table in ("reviews", "clock_watch", "openings", "decisions", "change_approvals", "changes"):
        op.drop_table(table)


def _open_what_was_open() -> None:
    """A channel that a policy of the days before received in is open: nothing closes silently."""
    bind = op.get_bind()
    newest: dict[str, tuple[str, int]] = {}
    query = sa.text("SELECT organisation_id, document, activated_at FROM policies ORDER BY organisation_id, version")
    for organisation_id, document, activated_at in bind.execute(query):
        newest[organisation_id] = (document, activated_at)
    rows = [
        {"organisation": organisation_id, "channel": channel, "at": activated_at}
        for organisation_id, (document, activated_at) in newest.items()
        for channel in tomllib.loads(document)["policy"]["default"]
    ]
    if rows:
        bind.execute(
            sa.text(
                "INSERT INTO openings (organisation_id, channel, open, trial, changed_at)"
                " VALUES (:organisation, :channel, true, false, :at)"
            ),
            rows,
        )


def _texts(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}_{to.partition('.')[0]}")
