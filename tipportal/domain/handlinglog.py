"""The handling log (05): closed kinds, canonical bytes and the Merkle tree of RFC 6962."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

import rfc8785

ENTRY_VERSION = 1
Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


class EntryKind(enum.StrEnum):
    """What may stand in the log. Append-only: an entry written years ago still decodes."""

    INSTALLATION_FOUNDED = "installation_founded"
    ORGANISATION_ADDED = "organisation_added"
    UNIT_ADDED = "unit_added"
    FUNCTION_ADDED = "function_added"
    ACCOUNT_INVITED = "account_invited"
    ACCOUNT_ENROLLED = "account_enrolled"
    DESIGNATION_MADE = "designation_made"
    POLICY_ACTIVATED = "policy_activated"
    POLICY_REFUSED = "policy_refused"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    IDENTITY_UNLOCKED = "identity_unlocked"
    ENROLMENT_REFUSED = "enrolment_refused"
    CASE_RECEIVED = "case_received"
    CASE_ACKNOWLEDGED = "case_acknowledged"
    SOURCE_MESSAGE_RECEIVED = "source_message_received"
    OPENED = "opened"
    FILE_OPENED = "file_opened"
    ACCESS_REFUSED = "access_refused"
    EPOCH_BEGUN = "epoch_begun"
    MESSAGE_SENT = "message_sent"
    FEEDBACK_GIVEN = "feedback_given"
    NOTE_ADDED = "note_added"
    TITLE_SET = "title_set"
    FOLLOW_UP_BEGUN = "follow_up_begun"
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    APPROVAL_REFUSED = "approval_refused"
    CASE_ASSESSED = "case_assessed"
    CASE_CLOSED = "case_closed"
    REGISTER_CHANGED = "register_changed"
    DESIGNATION_ENDED = "designation_ended"
    ABSENCE_RECORDED = "absence_recorded"
    ABSENCE_ENDED = "absence_ended"
    CONFLICT_DECLARED = "conflict_declared"
    CONFLICT_ENDED = "conflict_ended"
    DECISION_RECORDED = "decision_recorded"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_APPROVED = "change_approved"
    CHANGE_DECLINED = "change_declined"
    CHANGE_REFUSED = "change_refused"
    PROOF_HELD = "proof_held"
    PROOF_LAPSED = "proof_lapsed"
    CHANNEL_OPENED = "channel_opened"
    CHANNEL_CLOSED = "channel_closed"
    CLOCK_CONFIRMED = "clock_confirmed"
    CLOCK_DOUBTED = "clock_doubted"
    KEYS_CONFIRMED = "keys_confirmed"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_RESTORED = "account_restored"
    ACCOUNT_CLOSED = "account_closed"
    KEY_WAY_ADDED = "key_way_added"
    KEY_WAY_REMOVED = "key_way_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # nosec B105 # pragma: allowlist secret
    SESSION_REVOKED = "session_revoked"
    TRUSTEES_CHANGED = "trustees_changed"
    CEREMONY_ACKNOWLEDGED = "ceremony_acknowledged"
    DRILL_DONE = "drill_done"
    DIRECTORY_ROOT_PUBLISHED = "directory_root_published"
    DIRECTORY_PUBLISHED = "directory_published"
    RECUSED = "recused"
    MEMBER_EXCLUDED = "member_excluded"
    MEMBER_ADDED = "member_added"
    STANDBY_RELEASED = "standby_released"
    SEAT_VACATED = "seat_vacated"
    EXCLUSION_ENDING = "exclusion_ending"
    SHARES_RENEWED = "shares_renewed"
    TRUSTEES_LEFT = "trustees_left"
    RECOVERY_BEGUN = "recovery_begun"
    CASE_RECOVERED = "case_recovered"
    IDENTITY_OPENED = "identity_opened"
    IDENTITY_DISCLOSED = "identity_disclosed"
    VAULT_RESPLIT = "vault_resplit"
    DIALOGUE_RESTRICTED = "dialogue_restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    QUARANTINED = "quarantined"
    QUARANTINE_LIFTED = "quarantine_lifted"
    DUTY_DONE = "duty_done"
    DUTY_REVIEWED = "duty_reviewed"
    SUSPENSION_LIFTED = "suspension_lifted"
    SUSPENSION_LAPSED = "suspension_lapsed"
    ABSENCE_WITHDRAWN = "absence_withdrawn"
    REVIEW_OVERDUE = "review_overdue"
    CASE_TRIAGED = "case_triaged"
    CASE_RECLASSIFIED = "case_reclassified"
    CASES_LINKED = "cases_linked"
    CASES_UNLINKED = "cases_unlinked"
    ACKNOWLEDGEMENT_LEFT_OUT = "acknowledgement_left_out"
    FEEDBACK_READ = "feedback_read"
    CODE_REPLACED = "code_replaced"
    MEETING_OFFERED = "meeting_offered"
    MEETING_CHOSEN = "meeting_chosen"
    MEETING_HELD = "meeting_held"
    MINUTES_OFFERED = "minutes_offered"
    MINUTES_ANSWERED = "minutes_answered"
    REPRISAL_REPORTED = "reprisal_reported"
    AFTER_CARE_DONE = "after_care_done"
    SUBJECT_RIGHT_HANDLED = "subject_right_handled"
    CHECKLIST_UPDATED = "checklist_updated"
    MEASURE_RECORDED = "measure_recorded"
    MEASURE_CORRECTED = "measure_corrected"
    HANDED_OVER = "handed_over"
    HANDOVER_ASKED = "handover_asked"
    HANDOVER_REPORTED = "handover_reported"
    HANDOVER_LINK_MADE = "handover_link_made"
    CASE_REOPENED = "case_reopened"
    REOPENING_DECLINED = "reopening_declined"
    REGISTERED = "registered"
    REGISTRY_NUMBER_SET = "registry_number_set"
    RELEASE_REQUESTED = "release_requested"
    RELEASE_DECIDED = "release_decided"
    RETENTION_DECIDED = "retention_decided"
    CASE_LOCKED = "case_locked"
    CASE_EXPORTED = "case_exported"
    CASE_DISPOSED = "case_disposed"
    ALARM_RAISED = "alarm_raised"
    CHECKPOINT_MAILED = "checkpoint_mailed"
    CHECKPOINT_ACKNOWLEDGED = "checkpoint_acknowledged"
    LOG_KEY_SET = "log_key_set"
    ARCHIVE_OPENING_ASKED = "archive_opening_asked"
    CASE_OPENED_FOR_ARCHIVE = "case_opened_for_archive"
    REPORT_DRAFTED = "report_drafted"
    REPORT_PUBLISHED = "report_published"
    ORGANISATION_CHANGED = "organisation_changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry before it has an index.

    ``time`` is UTC seconds for acts of handlers, administrators and the system, a Stockholm date for everything that a
    source's act started. ``actor`` is an account id, ``source``, ``staff_for_source``, ``recipient`` (of a handover) or
    ``system``. ``facts`` are the typed facts of the kind; never text from a case, never network data.
    """

    kind: EntryKind
    time: int | date
    actor: str
    organisation_id: str | None
    case: str | None
    facts: Mapping[str, Json]
    policy_version: int | None = None
    directory_version: int | None = None
    signatures: tuple[Mapping[str, Json], ...] = ()

    def body(self) -> dict[str, Json]:
        """The entry's members without its index."""
        when = self.time.isoformat() if isinstance(self.time, date) else instant(self.time)
        return {
            "v": ENTRY_VERSION,
            "kind": self.kind.value,
            "time": when,
            "actor": self.actor,
            "organisation": self.organisation_id,
            "case": self.case,
            "facts": dict(self.facts),
            "policy": self.policy_version,
            "directory": self.directory_version,
            "signatures": [dict(signature) for signature in self.signatures],
        }


@dataclass(frozen=True, slots=True)
class LoggedChunk:
    """Entries side by side as they are stored: index, leaf hash and bytes of each, in the order of their indices."""

    indices: Sequence[int]
    leaves: Sequence[bytes]
    entries: Sequence[bytes]


def instant(seconds: int) -> str:
    """UTC seconds as an RFC 3339 text with a Z."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pending_bytes(entry: Entry) -> bytes:
    """JSON of an entry that waits for its index (05: pending rows). What is hashed is written by ``entry_bytes`` then.

    The same bytes as RFC 8785 would give: names are ASCII, numbers are whole, and the escapes are the same.
    """
    text = json.dumps(entry.body(), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def entry_bytes(body: Mapping[str, Json], index: int) -> bytes:
    """Canonical bytes (RFC 8785) of the entry at ``index``: what the leaf hash covers."""
    return rfc8785.dumps({**body, "index": index})


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962, section 2.1: SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, section 2.1: SHA-256 over 0x01, left and right."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_completed_by(index: int, leaf: bytes, node: Callable[[int, int], bytes]) -> list[tuple[int, int, bytes]]:
    """The complete subtrees that appending leaf ``index`` finishes, as (level, position, hash), level 0 being the leaf.

    ``node(level, position)`` gives a stored complete subtree. At most log2(index) + 1 of them: appending costs the same
    at ten million entries as at ten, and no stored node ever changes.
    """
    made = [(0, index, leaf)]
    level, position, current = 0, index, leaf
    while position & 1:
        current = node_hash(node(level, position - 1), current)
        level, position = level + 1, position >> 1
        made.append((level, position, current))
    return made


def peaks_of(size: int, node: Callable[[int, int], bytes]) -> tuple[bytes, ...]:
    """The complete subtrees that the first ``size`` leaves make up, the largest first."""
    peaks = []
    position = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            peaks.append(node(level, position >> level))
            position += 1 << level
    return tuple(peaks)


def root_of(size: int, node: Callable[[int, int], bytes]) -> bytes:
    """The tree head of the first ``size`` leaves from complete subtrees; of the empty tree, SHA-256 of nothing."""
    if size == 0:
        return hashlib.sha256(b"").digest()
    peaks = [*peaks_of(size, node)]
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def root_of_leaves(leaves: Iterable[bytes]) -> bytes:
    """The tree head recomputed from leaf hashes alone: what ``log verify`` compares the stored tree with."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        level, current = 0, leaf
        while stack and stack[-1][0] == level:
            current = node_hash(stack.pop()[1], current)
            level += 1
        stack.append((level, current))
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root
