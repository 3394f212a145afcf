"""Alarms before a closed case is locked are kept as the others are.

Revision ID: 0021
"""

from __future__ import annotations

from alembic import op

from tipportal.storage.closed_sets import change_check

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BEFORE = "'acknowledge', 'feedback'"
_AFTER = "'acknowledge', 'feedback', 'retention'"


def upgrade() -> None:
    change_check("alarms", "watch", _BEFORE, _AFTER)


def downgrade() -> None:
    # That it was raised stands in the log; without its row it is raised once more.
    op.execute("DELETE FROM alarms WHERE watch = 'retention'")
    change_check("alarms", "watch", _AFTER, _BEFORE)
