"""Reports of a set are drafted, and published by one change, together.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tipportal.storage.guards import create_statements, drop_statements

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('annual', 'half_year', 'bra', 'awareness', 'sample', 'indicators', 'situation')"
_COLUMNS = (
    "id, position, organisation_id, kind, period, size, as_of, document, shown, digest, registry_number, change_id, "
    "published_at"
)
_FILES = "publication_id, format, language, organisation_id, data, made_at"


def upgrade() -> None:
    op.add_column("report_drafts", sa.Column("set_id", sa.Text()))
    if op.get_bind().dialect.name == "sqlite":
        _without_guards()
        _build_anew(together=True)
        _with_guards()
    else:
        op.drop_constraint(op.f("uq_publications_change_id"), "publications")
        op.add_column("publications", sa.Column("together", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column("publications", "together", server_default=None)
    # What waits for a second administrator was signed in another shape, and is proposed anew.
    op.execute("DELETE FROM changes WHERE kind = 'publish' AND state = 'open'")


def downgrade() -> None:
    _without_guards()
    # A change had one report. Places have no gap: what was published after a set leaves with it. It stays in the log.
    first = "(SELECT min(position) FROM publications WHERE together)"
    gone = f"SELECT id FROM publications WHERE position >= {first}"  # noqa: S608 # nosec B608 - our own words
    op.execute(f"DELETE FROM publication_files WHERE publication_id IN ({gone})")  # noqa: S608 # nosec B608 - our own words
    op.execute(f"DELETE FROM publications WHERE position >= {first}")  # noqa: S608 # nosec B608 - our own words
    op.execute("DELETE FROM report_drafts WHERE set_id IS NOT NULL")
    unpublished = "kind = 'publish' AND id NOT IN (SELECT change_id FROM publications)"
    op.execute(f"DELETE FROM change_approvals WHERE change_id IN (SELECT id FROM changes WHERE {unpublished})")  # noqa: S608 # nosec B608 - our own words
    op.execute(f"DELETE FROM changes WHERE {unpublished}")  # noqa: S608 # nosec B608 - our own words
    if op.get_bind().dialect.name == "sqlite":
        _build_anew(together=False)
    else:
        op.drop_column("publications", "together")
        op.create_unique_constraint(op.f("uq_publications_change_id"), "publications", ["change_id"])
    op.drop_column("report_drafts", "set_id")
    _with_guards()


def _without_guards() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, since="0022"):
        op.get_bind().exec_driver_sql(statement)


def _with_guards() -> None:
    for statement in create_statements(op.get_bind().dialect.name, since="0022"):
        op.get_bind().exec_driver_sql(statement)


def _build_anew(*, together: bool) -> None:
    """Copy publications and their files into new tables: SQLite keeps a unique constraint as long as its table."""
    op.create_table(
        "publications_anew",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("registry_number", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        *([sa.Column("together", sa.Boolean(), nullable=False)] if together else []),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("position", name="uq_publications_position"),
        sa.UniqueConstraint("digest", name="uq_publications_digest"),
        *([] if together else [sa.UniqueConstraint("change_id", name="uq_publications_change_id")]),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_publications_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name="fk_publications_change_id_changes"),
        sa.CheckConstraint(_KINDS, name=op.f("ck_publications_kind")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_publications_digest")),
        sa.CheckConstraint("registry_number <> ''", name=op.f("ck_publications_registry_number")),
    )
    op.create_table(
        "publication_files_anew",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "format", "language", name="pk_publication_files"),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications_anew.id"], name="fk_publication_files_publication_id_publications"
        ),
    )
    names, values = (f"{_COLUMNS}, together", f"{_COLUMNS}, 0") if together else (_COLUMNS, _COLUMNS)
    op.execute(f"INSERT INTO publications_anew ({names}) SELECT {values} FROM publications")  # noqa: S608 # nosec B608 - our own words
    op.execute(f"INSERT INTO publication_files_anew ({_FILES}) SELECT {_FILES} FROM publication_files")  # noqa: S608 # nosec B608 - our own words
    # Nothing refers to the former ones when they leave, and what refers to a renamed one follows it.
    op.drop_table("publication_files")
    op.drop_table("publications")
    op.rename_table("publications_anew", "publications")
    op.rename_table("publication_files_anew", "publication_files")
