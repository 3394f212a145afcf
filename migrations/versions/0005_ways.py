"""Ways to a person's keys: the one sealed identity of each account becomes the first of several.

Revision ID: 0005
"""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_accounts = sa.table(
    "accounts", sa.column("id"), sa.column("organisation_id"), sa.column("identity_file", sa.LargeBinary())
)
_key_ways = sa.table(
    "key_ways",
    *[sa.column(name) for name in ("id", "organisation_id", "account_id", "kind", "label")],
    sa.column("place", sa.Integer()),
    sa.column("added_on", sa.Date()),
    sa.column("file", sa.LargeBinary()),
    sa.column("sign_count", sa.BigInteger()),
)


def upgrade() -> None:
    op.create_table(
        "key_ways",
        *_texts("id", "organisation_id", "account_id", "kind", "label"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_key_ways"),
        sa.UniqueConstraint("credential_id", name="uq_key_ways_credential_id"),
        sa.CheckConstraint("kind IN ('passphrase', 'passkey')", name=op.f("ck_key_ways_kind")),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential_id IS NOT NULL AND public_key IS NOT NULL AND salt IS NOT NULL)",
            name=op.f("ck_key_ways_passkey_is_whole"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_key_ways_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_key_ways_organisation_id_organisations"
        ),
    )
    op.create_index("ix_key_ways_account_id", "key_ways", ["account_id"])
    op.create_table(
        "spent_challenges",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_challenges"),
    )
    op.add_column("sessions", sa.Column("confirmed_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("invitations", sa.Column("founding", sa.Boolean(), nullable=False, server_default=sa.false()))
    _move_identities()
    op.drop_column("accounts", "identity_file")


def downgrade() -> None:
    # The oldest passphrase becomes the only way again; passkeys meant nothing to what comes before.
    op.add_column("accounts", sa.Column("identity_file", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    oldest_first = sa.select(_key_ways.c.account_id, _key_ways.c.file).where(_key_ways.c.kind == "passphrase")
    kept: dict[str, bytes] = {}
    for account_id, file in connection.execute(oldest_first.order_by(_key_ways.c.place, _key_ways.c.id)):
        kept.setdefault(account_id, file)
    for account_id, file in kept.items():
        connection.execute(sa.update(_accounts).where(_accounts.c.id == account_id).values(identity_file=file))
    op.drop_column("invitations", "founding")
    op.drop_column("sessions", "confirmed_at")
    op.drop_table("spent_challenges")
    op.drop_table("key_ways")


def _move_identities() -> None:
    connection = op.get_bind()
    held = sa.select(_accounts.c.id, _accounts.c.organisation_id, _accounts.c.identity_file).where(
        _accounts.c.identity_file.is_not(None)
    )
    today = datetime.now(tz=ZoneInfo("Europe/Stockholm")).date()
    for account_id, organisation_id, file in connection.execute(held).all():
        connection.execute(
            sa.insert(_key_ways).values(
                id=secrets.token_hex(16),
                organisation_id=organisation_id,
                account_id=account_id,
                kind="passphrase",
                label="Lösenfras",
                place=1,
                added_on=today,
                file=file,
                sign_count=0,
            )
        )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
