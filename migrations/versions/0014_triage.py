"""What the follow-up counts of each case, links between cases, origins.

Revision ID: 0014
"""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
