"""The tables. Only storage and the migrations know them; everything above sees the domain's values.

SQLite keeps a table in the order of its rowid, which is the order of insertion. The tables that a source's act writes
have none (``sqlite_with_rowid=False``): they are ordered by their random keys, so that the file does not tell who came
before whom.
"""

from __future__ import annotations

from .acts import approvals, log_entries, log_nodes, pending_entries, proposals
from .base import metadata
from .cases import attachments, cases, epochs, grants, holdings, reads, records
from .changes import change_approvals, changes, clock_watch, decisions, openings, reviews, trustee_approvals
from .checkpoints import checkpoint_acknowledgements, checkpoint_mailings, checkpoints
from .directory import directory_roots, directory_snapshots
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
from .register import absences, conflicts, firms, people, proofs, sharing_agreements
from .separations import (
    deciders,
    ended_exclusions,
    hidden_cases,
    prepared_epochs,
    prepared_grants,
    reasons,
    releases,
    separations,
    vacancies,
)
from .trustees import case_trustees, drills, recoveries, renewed_shares, trustee_sets, trustees
from .vaults import lent_shares, vault_shares, vaults
from .ways import key_ways, spent_challenges

__all__ = [
    "absences",
    "accounts",
    "approvals",
    "attachments",
    "case_trustees",
    "cases",
    "change_approvals",
    "changes",
    "checkpoint_acknowledgements",
    "checkpoint_mailings",
    "checkpoints",
    "clock_watch",
    "conflicts",
    "deciders",
    "decisions",
    "designations",
    "directory_roots",
    "directory_snapshots",
    "drills",
    "duties",
    "ended_exclusions",
    "epochs",
    "firms",
    "functions",
    "grants",
    "hidden_cases",
    "holdings",
    "installation",
    "invitations",
    "key_ways",
    "lent_shares",
    "log_entries",
    "log_nodes",
    "metadata",
    "openings",
    "organisations",
    "pending_entries",
    "people",
    "policies",
    "prepared_epochs",
    "prepared_grants",
    "proofs",
    "proposals",
    "reads",
    "reasons",
    "records",
    "recoveries",
    "releases",
    "renewed_shares",
    "restrictions",
    "reviews",
    "separations",
    "sessions",
    "sharing_agreements",
    "source_sessions",
    "spent_challenges",
    "trustee_approvals",
    "trustee_sets",
    "trustees",
    "units",
    "vacancies",
    "vault_shares",
    "vaults",
]
