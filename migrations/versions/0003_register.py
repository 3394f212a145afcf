"""The whole register: lines of command, people, absences, conflicts, firms, sharing agreements; closed sets grow.

Revision ID: 0003
"""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
