"""The life of a case (01): states, what moves it, and what each state allows."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from .errors import IllegalTransition
from .organisations import Channel
from .texts import N_

REFERENCE_ALPHABET = "ABCDEFGHJKLMNPRSTUVXYZ23456789"  # pragma: allowlist secret
REFERENCE_BYTES = 16


class CaseState(enum.StrEnum):
    """received → acknowledged → assessed → under follow-up → feedback given → closed → locked."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ASSESSED = "assessed"
    UNDER_FOLLOW_UP = "under_follow_up"
    FEEDBACK_GIVEN = "feedback_given"
    CLOSED = "closed"
    LOCKED = "locked"


class SealedBy(enum.StrEnum):
    """Which of the two it was: in the source's browser, or by the server on arrival (promise 2)."""

    BROWSER = "browser"
    SERVER = "server"


class Outcome(enum.StrEnum):
    """How a case ended."""

    CONFIRMED = "confirmed"
    PARTLY_CONFIRMED = "partly_confirmed"
    UNFOUNDED = "unfounded"
    CANNOT_BE_INVESTIGATED = "cannot_be_investigated"
    NOT_COVERED = "not_covered"
    REFERRED = "referred"
    JUNK = "junk"


class AckException(enum.StrEnum):
    """Why receipt is not acknowledged (5 kap. 8 § p. 2): waived, or revealing the reporter; or nobody reported."""

    WAIVED = "waived"
    REVEALS = "reveals"
    NO_REPORTER = "no_reporter"


class Stream(enum.StrEnum):
    """The three chains of a case (protocol, section 4)."""

    GENESIS = "genesis"
    DIALOGUE = "dialogue"
    WORK = "work"


class RecordKind(enum.StrEnum):
    """What a record is; closed per stream."""

    GENESIS = "genesis"
    REPORT = "report"
    MESSAGE = "message"
    FEEDBACK = "feedback"
    FACTS = "facts"
    TITLE = "title"
    NOTE = "note"
    ASSESSMENT = "assessment"
    EPOCH = "epoch"
    NOTICE = "notice"
    FORM = "form"


STREAM_OF = {
    RecordKind.REPORT: Stream.DIALOGUE,
    RecordKind.MESSAGE: Stream.DIALOGUE,
    RecordKind.FEEDBACK: Stream.DIALOGUE,
    RecordKind.NOTICE: Stream.DIALOGUE,
    RecordKind.FACTS: Stream.WORK,
    RecordKind.TITLE: Stream.WORK,
    RecordKind.NOTE: Stream.WORK,
    RecordKind.ASSESSMENT: Stream.WORK,
}


class GrantKind(enum.StrEnum):
    """Why a holder has a key of an epoch."""

    PANEL = "panel"
    STANDBY = "standby"
    SOURCE = "source"
    TRUSTEE_SHARE = "trustee_share"


class EpochState(enum.StrEnum):
    """Writes are taken in an open epoch only."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """What the server knows about a case: no content, no instant of the source's acts."""

    id: str
    organisation_id: str
    authority_id: str
    reference: str
    channel: Channel
    state: CaseState
    sealed_by: SealedBy
    lookup_digest: bytes
    source_recipient: bytes
    source_verification_key: bytes
    genesis_hash: str | None
    submission_digest: bytes
    policy_version: int
    directory_version: int
    epoch: int
    received_on: date
    acknowledged_on: date | None
    feedback_on: date | None
    closed_on: date | None
    covered: bool | None
    outcome: Outcome | None
    ack_left_out: AckException | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """One period of a case's keys. ``opened_by`` is ``source``, ``server`` or an account id.

    ``server`` marks keys that the server has seen: they are replaced before anyone writes.
    """

    organisation_id: str
    case_id: str
    epoch: int
    work_recipient: bytes
    dialogue_recipient: bytes
    state: EpochState
    opened_by: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class Grant:
    """A sealed key to one holder. ``holder`` is an account id or ``source``; ``member`` its pseudonym in the case."""

    organisation_id: str
    case_id: str
    epoch: int
    holder: str
    kind: GrantKind
    member: str
    unit_id: str
    function_id: str
    file: bytes
    opened_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A sealed record with what orders it.

    ``author`` is ``source`` or a pseudonym; ``written_at`` (UTC seconds) is set only for handlers.
    """

    id: str
    organisation_id: str
    case_id: str
    stream: Stream
    kind: RecordKind
    epoch: int
    seq: int
    prev: bytes
    digest: bytes
    author: str
    written_on: date
    written_at: int | None
    file: bytes


def reference(random: bytes) -> str:
    """A case reference that is safe to say aloud: nine characters without look-alikes, as ``ABC-DEF-GHJ``.

    ``random``: 16 bytes or more. Raises ValueError on fewer, which would give references that are easily met again.
    """
    if len(random) < REFERENCE_BYTES:
        raise ValueError("too few random bytes for a reference")
    number = int.from_bytes(random[:REFERENCE_BYTES], "big")
    characters = []
    for _ in range(9):
        number, index = divmod(number, len(REFERENCE_ALPHABET))
        characters.append(REFERENCE_ALPHABET[index])
    text = "".join(characters)
    return f"{text[:3]}-{text[3:6]}-{text[6:]}"


def after_assessment(case: Case, *, covered: bool) -> CaseState:
    """State after "covered or not" is decided by two. Only reports are assessed, once, before follow-up begins."""
    if case.channel is not Channel.REPORT:
        raise IllegalTransition(N_("Bedömningen om lagen gäller görs bara för rapporter, inte för tips."))
    if case.state is not CaseState.ACKNOWLEDGED:
        raise IllegalTransition(N_("Ärendet är redan bedömt."))
    del covered
    return CaseState.ASSESSED


def after_follow_up_begun(case: Case) -> CaseState:
    """State after follow-up is begun: a report must be found covered first, a tip only received."""
    if case.channel is Channel.REPORT and not case.covered:
        raise IllegalTransition(N_("Uppföljningen kan börja när två har bedömt att rapporten omfattas av lagen."))
    before = CaseState.ASSESSED if case.channel is Channel.REPORT else CaseState.ACKNOWLEDGED
    if case.state is not before:
        raise IllegalTransition(N_("Uppföljningen kan inte börja i det här skedet."))
    return CaseState.UNDER_FOLLOW_UP


def after_feedback(case: Case) -> CaseState:
    """State after feedback is readable on the case page. Later feedback leaves a later state as it is."""
    if case.state in (CaseState.CLOSED, CaseState.LOCKED, CaseState.FEEDBACK_GIVEN):
        return case.state
    if case.channel is Channel.REPORT and case.covered is None:
        raise IllegalTransition(N_("Ge återkoppling när två har bedömt om rapporten omfattas av lagen."))
    return CaseState.FEEDBACK_GIVEN


def after_closing(case: Case, outcome: Outcome) -> CaseState:
    """State after closing by two. A report needs its feedback first; one that is not covered closes as exactly that."""
    if case.state in (CaseState.CLOSED, CaseState.LOCKED):
        raise IllegalTransition(N_("Ärendet är redan avslutat."))
    if case.channel is Channel.REPORT:
        if case.feedback_on is None:
            raise IllegalTransition(N_("Ge återkoppling innan ärendet avslutas."))
        if outcome is Outcome.JUNK:
            raise IllegalTransition(N_("Det utfallet gäller bara tips, inte rapporter."))
        # Not yet assessed (None) equals neither.
        if case.covered != (outcome is not Outcome.NOT_COVERED):
            raise IllegalTransition(N_("Utfallet stämmer inte med bedömningen av om rapporten omfattas av lagen."))
    elif outcome is Outcome.JUNK and case.state is CaseState.ACKNOWLEDGED:
        # Obvious junk is closed as it came, in batches, by two (04).
        return CaseState.CLOSED
    elif outcome is Outcome.NOT_COVERED:
        raise IllegalTransition(N_("Det utfallet gäller bara rapporter, inte tips."))
    elif case.state not in (CaseState.UNDER_FOLLOW_UP, CaseState.FEEDBACK_GIVEN):
        raise IllegalTransition(N_("Börja uppföljningen innan tipset avslutas."))
    return CaseState.CLOSED
