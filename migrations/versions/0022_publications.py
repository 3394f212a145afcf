"""Reports of the follow-up: drafts, what two have published, and its files.

Revision ID: 0022
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from tipportal.storage.closed_sets import change_check
from tipportal.storage.guards import create_statements, drop_statements

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_CHANGES = (
    "'register', 'policy', 'channel', 'decision', 'invite', 'keys', 'account', 'trustees', 'ceremony', 'directory', "
    "'clock', 'recover_case', 'restore'"
)
_KINDS = "kind IN ('annual', 'half_year', 'bra', 'awareness', 'sample', 'indicators', 'situation')"


def _report() -> list[sa.Column[Any]]:
    return [
        sa.Column("organisation_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    ]


def upgrade() -> None:
    change_check("changes", "kind", _CHANGES, f"{_CHANGES}, 'publish'")
    op.create_table(
        "report_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        *_report(),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Text()),
        sa.Column("based_on", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_report_drafts"),
        sa.UniqueConstraint("first", name="uq_report_drafts_first"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_report_drafts_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_report_drafts_made_by_accounts"),
        sa.CheckConstraint(_KINDS, name=op.f("ck_report_drafts_kind")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_report_drafts_digest")),
        sa.CheckConstraint("(first IS NULL) <> (based_on IS NULL)", name=op.f("ck_report_drafts_first_or_edited")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_report(),
        sa.Column("registry_number", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("position", name="uq_publications_position"),
        sa.UniqueConstraint("digest", name="uq_publications_digest"),
        sa.UniqueConstraint("change_id", name="uq_publications_change_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_publications_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_publications_change_id_changes"),
        sa.CheckConstraint(_KINDS, name=op.f("ck_publications_kind")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_publications_digest")),
        sa.CheckConstraint("registry_number <> ''", name=op.f("ck_publications_registry_number")),
    )
    op.create_table(
        "publication_files",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "format", "language", name="pk_publication_files"),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_publication_files_publication_id_publications"
        ),
    )
    for statement in create_statements(op.get_bind().dialect.name, since="0022"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, since="0022"):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("publication_files")
    op.drop_table("publications")
    op.drop_table("report_drafts")
    # What was published stays in the log; the change that did it has nothing to stand on here.
    op.execute("DELETE FROM change_approvals WHERE change_id IN (SELECT id FROM changes WHERE kind = 'publish')")
    op.execute("DELETE FROM changes WHERE kind = 'publish'")
    change_check("changes", "kind", f"{_CHANGES}, 'publish'", _CHANGES)
