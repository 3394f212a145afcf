"""The tables. Only storage and the migrations know them; everything above sees the domain's values.

SQLite keeps a table in the order of its rowid, which is the order of insertion. The tables that a source's act writes
have none (``sqlite_with_rowid=False``): they are ordered by their random keys, so that the file does not tell who came
before whom.
"""

from __future__ import annotations

from .acts import approvals, log_entries, log_nodes, pending_entries, proposals
from .base import metadata
from .cases import attachments, cases, epochs, grants, holdings, reads, records
from .changes import change_approvals, changes, clock_watch, decisions, openings, reviews
from .duties import duties, restrictions
from .duties import duties, restrictions
from .people import (
    accounts,
    designations,
    functions,
    installation,
    invitations,
    organisations,
    policies,
    sessions,
    source_sessions,
    units,
)

__all__ = [
    "accounts",
    "approvals",
    "attachments",
    "cases",
    "change_approvals",
    "changes",
    "clock_watch",
    "decisions",
    "designations",
    "duties",
    "duties",
    "epochs",
    "functions",
    "grants",
    "holdings",
    "installation",
    "invitations",
    "log_entries",
    "log_nodes",
    "metadata",
    "openings",
    "organisations",
    "pending_entries",
    "policies",
    "proposals",
    "reads",
    "records",
    "restrictions",
    "restrictions",
    "reviews",
    "sessions",
    "source_sessions",
    "units",
]
