"""Checkpoints of the handling log: kept, mailed, acknowledged.

Revision ID: 0013
"""

from __future__ import annotations

from tipportal.storage.closed_sets import change_check

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RECORDS = "'genesis', 'report', 'message', 'feedback', 'facts', 'title', 'note', 'assessment', 'epoch', 'notice'"
_ACTS = (
    "'assess', 'close', 'exclude_member', 'add_member', 'end_exclusion', 'open_identity', 'disclose_identity', "
    "'restrict_dialogue', 'lift_restriction', 'lift_quarantine'"
)
# Of each table: the CHECK, its column, and the values before and after.
_GROWN = (
    ("records", "kind", _RECORDS, f"{_RECORDS}, 'form'"),
    ("proposals", "kind", _ACTS, f"{_ACTS}, 'reclassify', 'hand_over', 'export', 'retain', 'reopen'"),
)


def upgrade() -> None:
    for table, column, before, after in _GROWN:
        change_check(table, column, before, after)


def downgrade() -> None:
    for table, column, before, after in _GROWN:
        change_check(table, column, after, before)
