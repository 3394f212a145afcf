"""Refusals: one family of errors, each with a stable code that clients and tests rely on."""

from __future__ import annotations


class Refusal(Exception):
    """An act that the rules refuse.

    ``code`` is stable (docs/protocol.md), ``reason`` is Swedish plain text that may be shown (a catalogue msgid),
    ``field`` names the input concerned, ``status`` is the HTTP status that the web layer answers with.
    """

    code = "refused"
    status = 409

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class NotFound(Refusal):
    """Unknown, disposed of, foreign or excluded: all the same answer (04, invariant 2)."""

    code = "not_found"
    status = 404


class CaseNotFound(NotFound):
    """No case answers to this code."""

    code = "case_not_found"


class FileNotFound(NotFound):
    """The case has no such attached file, or it is gone."""

    code = "file_not_found"


class Invalid(Refusal):
    """Input that cannot be taken: ``field`` says which."""

    code = "invalid_request"
    status = 422


class MalformedAgeFile(Invalid):
    """An uploaded file is not an age file of the one kind that is taken."""

    code = "malformed_age_file"


class GrantsMismatch(Invalid):
    """The grants do not name exactly the holders of the panel."""

    code = "grants_mismatch"


class NoPanel(Refusal):
    """Nobody unconcerned remains who could receive the case."""

    code = "no_panel"


class PanelChanged(Refusal):
    """The policy or a designation changed since the panel was fetched."""

    code = "panel_changed"


class CaseExists(Refusal):
    """The code already leads to a case with other content."""

    code = "case_exists"


class CaseUnreadable(Refusal):
    """What the server keeps of the case does not hold together: it has been altered or damaged."""

    code = "case_unreadable"


class SequenceConflict(Refusal):
    """Somebody else wrote first: fetch, seal again, send again."""

    code = "sequence_conflict"
    status = 412


class CasesLeft(Refusal):
    """A person who is leaving still has keys to cases: ``left`` says to how many."""

    code = "cases_left"

    def __init__(self, reason: str, *, field: str | None = None, left: int = 0) -> None:
        super().__init__(reason, field=field)
        self.left = left


class EpochClosed(Refusal):
    """The keys that the record is sealed to are no longer in use."""

    code = "epoch_closed"


class EpochExists(Refusal):
    """Another member has already begun this epoch."""

    code = "epoch_exists"


class CaseLocked(Refusal):
    """The case takes no more records, and is not handed out any more."""

    code = "case_locked"


class DialogueRestricted(Refusal):
    """The members have restricted the dialogue: text is taken, files are not."""

    code = "dialogue_restricted"


class Quarantined(Refusal):
    """The case is in quarantine: nobody is handed its dialogue until two have lifted it."""

    code = "quarantined"


class IllegalTransition(Refusal):
    """The case's state does not allow the act."""

    code = "illegal_transition"


class NotEntitled(Refusal):
    """The person may not do this; the reason says why."""

    code = "not_entitled"
    status = 403


class TriageChanged(Refusal):
    """Somebody else has entered other facts meanwhile: compare, and send again with the newest version."""

    code = "triage_changed"


class AlreadyDecided(Refusal):
    """The proposal has been approved, declined or has expired."""

    code = "already_decided"


class ProposalOpen(Refusal):
    """A proposal of the same kind already waits for approval."""

    code = "proposal_open"


class BadSignature(Refusal):
    """A signature does not verify against the key that genesis names."""

    code = "bad_signature"
    status = 422


class SignInRefused(Refusal):
    """Unknown e-mail, wrong password or wrong one-time code: never told apart."""

    code = "sign_in_refused"
    status = 403


class Locked(Refusal):
    """The handler identity has to be unlocked again."""

    code = "locked"


class ConfirmFirst(Refusal):
    """Too long ago that the person of this session showed who they are, for what they ask now."""

    code = "confirm_first"
    status = 403


class EnrolmentRefused(Refusal):
    """The enrolment link is unknown, used or expired."""

    code = "enrolment_refused"
    status = 403


class TokenExpired(Refusal):
    """The form or ticket is too old; what was written is kept, a new token continues."""

    code = "token_expired"
    status = 403


class Conflict(Refusal):
    """Something with this name or address exists already."""

    code = "conflict"


class LogDisagrees(Conflict):
    """The handling log is not the one that its newest kept checkpoint was signed for: nothing more is signed."""

    code = "log_disagrees"


class Busy(Refusal):
    """Too much is going on; nothing was lost, try again shortly."""

    code = "busy"
    status = 503


class FileTooLarge(Refusal):
    """One file is larger than the installation takes."""

    code = "file_too_large"
    status = 413


class FileEmpty(Refusal):
    """A file without a single byte: most likely something went wrong when it was chosen."""

    code = "file_empty"
    status = 422


class TooManyFiles(Refusal):
    """More files than one record may have."""

    code = "too_many_files"
    status = 422


class PartMissing(Refusal):
    """A part begins after what has been received: ask where to go on."""

    code = "part_missing"


class PartDiffers(Refusal):
    """A part was received before with other content."""

    code = "part_differs"


class UploadUnknown(Refusal):
    """An upload is not there, or not whole: send it again."""

    code = "upload_unknown"
    status = 422


class CaseFull(Refusal):
    """The case's files take as much room as one case may."""

    code = "case_full"
    status = 413


class StorageFull(Refusal):
    """There is no room on the server now; what was written is kept in the page."""

    code = "storage_full"
    status = 507
