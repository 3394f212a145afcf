"""The tables. Only storage and the migrations know them; everything above sees the domain's values.

SQLite keeps a table in the order of its rowid, which is the order of insertion. The tables that a source's act writes
have none (``sqlite_with_rowid=False``): they are ordered by their random keys, so that the file does not tell who came
before whom.
"""

from __future__ import annotations

from .acts import approvals, log_entries, log_nodes, pending_entries, proposals
from .base import metadata
from .care import after_cares, reprisals, subject_rights
from .cases import attachments, cases, epochs, grants, holdings, reads, records
from .changes import change_approvals, changes, clock_watch, decisions, openings, reviews, trustee_approvals
from .checkpoints import checkpoint_acknowledgements, checkpoint_mailings, checkpoints
from .conversations import forms, meetings, readings
from .directory import directory_roots, directory_snapshots
from .duties import duties, restrictions
from .handovers import handover_asks, handover_reports, handovers
from .intakes import intakes, replaced_codes
from .measures import declined_reopenings, measures, worklists
from .notices import outbox
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
    without_shortcuts,
)
from .publications import publication_files, publications, report_drafts
from .register import absences, conflicts, firms, people, proofs, sharing_agreements
from .registration import diary_days, diary_entries, disclosures
from .retention import archive_openings, disposal_rules, disposed_cases, disposed_without, keepings
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
from .triage import alarms, case_links, triages
from .trustees import case_trustees, drills, recoveries, renewed_shares, trustee_sets, trustees
from .vaults import lent_shares, vault_shares, vaults
from .ways import key_ways, spent_challenges

__all__ = [
    "absences",
    "accounts",
    "after_cares",
    "alarms",
    "approvals",
    "archive_openings",
    "attachments",
    "case_links",
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
    "declined_reopenings",
    "designations",
    "diary_days",
    "diary_entries",
    "directory_roots",
    "directory_snapshots",
    "disclosures",
    "disposal_rules",
    "disposed_cases",
    "disposed_without",
    "drills",
    "duties",
    "ended_exclusions",
    "epochs",
    "firms",
    "forms",
    "functions",
    "grants",
    "handover_asks",
    "handover_reports",
    "handovers",
    "hidden_cases",
    "holdings",
    "installation",
    "intakes",
    "invitations",
    "keepings",
    "key_ways",
    "lent_shares",
    "log_entries",
    "log_nodes",
    "measures",
    "meetings",
    "metadata",
    "openings",
    "organisations",
    "outbox",
    "pending_entries",
    "people",
    "policies",
    "prepared_epochs",
    "prepared_grants",
    "proofs",
    "proposals",
    "publication_files",
    "publications",
    "readings",
    "reads",
    "reasons",
    "records",
    "recoveries",
    "releases",
    "renewed_shares",
    "replaced_codes",
    "report_drafts",
    "reprisals",
    "restrictions",
    "reviews",
    "separations",
    "sessions",
    "sharing_agreements",
    "source_sessions",
    "spent_challenges",
    "subject_rights",
    "triages",
    "trustee_approvals",
    "trustee_sets",
    "trustees",
    "units",
    "vacancies",
    "vault_shares",
    "vaults",
    "without_shortcuts",
    "worklists",
]
