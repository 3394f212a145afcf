"""What acts by two are about: one payload for each kind; `docs/protocol.md`, section 5.

The act carries the digest of the payload's canonical JSON, so that both who sign have signed its every word.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from tipportal.envelope.canonical import Json, Members, canonical
from tipportal.envelope.genesis import MAX_MEMBERS, Member, parse_member
from tipportal.envelope.records import PSEUDONYM_PATTERN
from tipportal.envelope.refusals import Refusal, ShapeError

WORD_PATTERN: Final = re.compile(r"[a-z0-9_]{1,32}")
_NUMBER_PATTERN: Final = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_S = TypeVar("_S", bound=StrEnum)
GROUNDS: Final[Mapping[bool, frozenset[str]]] = MappingProxyType(
    {
        True: frozenset({"public_interest", "eu_law_breach"}),
        False: frozenset(
            {
                "not_work_related_person",
                "not_work_related_context",
                "no_public_interest",
                "own_employment_terms_only",
                "not_wrongdoing",
                "other_organisation",
                "security_classified",
                "too_vague",
                "complaint_or_question",
            }
        ),
    }
)
"""The ground of an assessment: a gate of lag 2021:890, 1 kap. 2 §, where the case is covered, else why it is not."""


class ActKind(StrEnum):
    """The acts on a case that take two people."""

    ASSESS = "assess"
    CLOSE = "close"
    EXCLUDE_MEMBER = "exclude_member"
    ADD_MEMBER = "add_member"
    END_EXCLUSION = "end_exclusion"
    OPEN_IDENTITY = "open_identity"
    DISCLOSE_IDENTITY = "disclose_identity"
    RESTRICT_DIALOGUE = "restrict_dialogue"
    LIFT_RESTRICTION = "lift_restriction"
    LIFT_QUARANTINE = "lift_quarantine"
    RECLASSIFY = "reclassify"
    HAND_OVER = "hand_over"
    EXPORT = "export"
    RETAIN = "retain"
    REOPEN = "reopen"


class Outcome(StrEnum):
    """How a case ended."""

    CONFIRMED = "confirmed"
    PARTLY_CONFIRMED = "partly_confirmed"
    UNFOUNDED = "unfounded"
    CANNOT_BE_INVESTIGATED = "cannot_be_investigated"
    NOT_COVERED = "not_covered"
    REFERRED = "referred"
    JUNK = "junk"


class DisclosedTo(StrEnum):
    """To whom the name of who reported is disclosed."""

    POLICE = "police"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    AUTHORITY = "authority"
    OTHER = "other"


class Notice(StrEnum):
    """Whether whoever reported is told before (lag 2021:890, 5 kap. 8 § p. 4)."""

    GIVEN = "given"
    WITHHELD = "withheld"


class HandoverNotice(StrEnum):
    """Whether whoever reported is told before what could identify them goes out; not needed where nothing could."""

    GIVEN = "given"
    WITHHELD = "withheld"
    NOT_NEEDED = "not_needed"


class Retention(StrEnum):
    """What becomes of a closed case."""

    PRESERVE = "preserve"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class AssessPayload:
    """Whether the case is covered by the act, and on which ground of `GROUNDS`.

    `reasons` is the hex digest of an assessment record's age file.
    """

    covered: bool
    ground: str
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"covered": self.covered, "ground": self.ground, "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class ClosePayload:
    """How the case ends; `reasons` is the hex digest of an assessment record's age file."""

    outcome: Outcome
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"outcome": self.outcome.value, "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class ExcludeMemberPayload:
    """Who is kept out, by pseudonym; `reasons` is the digest of an age file that only the deciders can open."""

    member: str
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"member": self.member, "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class AddMemberPayload:
    """Who is let in, under a new pseudonym and with the keys that two have compared with the directory."""

    member: Member
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"member": self.member.to_json(), "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class ReclassifyPayload:
    """A tip becomes a report with a panel that was drawn for it: those who come in, as ``AddMemberPayload`` has one."""

    panel: tuple[Member, ...]
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"panel": [member.to_json() for member in self.panel], "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class EndExclusionPayload:
    """Which party may be let in again: hex SHA-256 over salt ‖ ``unit:<id>``, as the sealed decision commits to it."""

    party: str
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"party": self.party, "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class ReasonsPayload:
    """An act that is nothing but its kind and its reasons."""

    kind: ActKind
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class DiscloseIdentityPayload:
    """To whom a name goes, and whether whoever reported is told before."""

    to: DisclosedTo
    notice: Notice
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"to": self.to.value, "notice": self.notice.value, "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class RestrictDialoguePayload:
    """The day on which the restriction is looked at again."""

    review_on: date
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical({"review_on": self.review_on.isoformat(), "reasons": self.reasons})


@dataclass(frozen=True, slots=True)
class HandOverPayload:
    """What goes to whom, on what basis; `content` is the hex digest of the age file of the form that says it.

    `recipient` and `basis` are words of the lists that the domain keeps.
    """

    recipient: str
    basis: str
    notice: HandoverNotice
    content: str
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical(
            {
                "recipient": self.recipient,
                "basis": self.basis,
                "notice": self.notice.value,
                "content": self.content,
                "reasons": self.reasons,
            }
        )


@dataclass(frozen=True, slots=True)
class RetainPayload:
    """Whether a closed case is preserved or disposed of, and by which decision (its registry number)."""

    decision: Retention
    decision_number: str
    reasons: str

    def encode(self) -> bytes:
        """Give the canonical bytes whose digest the act carries."""
        return canonical(
            {"decision": self.decision.value, "decision_number": self.decision_number, "reasons": self.reasons}
        )


Payload: TypeAlias = (
    AssessPayload
    | ClosePayload
    | ExcludeMemberPayload
    | AddMemberPayload
    | EndExclusionPayload
    | ReasonsPayload
    | ReclassifyPayload
    | DiscloseIdentityPayload
    | RestrictDialoguePayload
    | HandOverPayload
    | RetainPayload
)
_KINDS: Final[Mapping[type[Payload], ActKind]] = MappingProxyType(
    {
        AssessPayload: ActKind.ASSESS,
        ClosePayload: ActKind.CLOSE,
        ExcludeMemberPayload: ActKind.EXCLUDE_MEMBER,
        AddMemberPayload: ActKind.ADD_MEMBER,
        ReclassifyPayload: ActKind.RECLASSIFY,
        EndExclusionPayload: ActKind.END_EXCLUSION,
        DiscloseIdentityPayload: ActKind.DISCLOSE_IDENTITY,
        RestrictDialoguePayload: ActKind.RESTRICT_DIALOGUE,
        HandOverPayload: ActKind.HAND_OVER,
        RetainPayload: ActKind.RETAIN,
    }
)
_WITH_REASONS_ONLY: Final = frozenset(
    {
        ActKind.OPEN_IDENTITY,
        ActKind.LIFT_RESTRICTION,
        ActKind.LIFT_QUARANTINE,
        ActKind.RECLASSIFY,
        ActKind.EXPORT,
        ActKind.REOPEN,
    },
)


def kind_of(payload: Payload) -> ActKind:
    """Give the kind of act that a payload belongs to."""
    return payload.kind if isinstance(payload, ReasonsPayload) else _KINDS[type(payload)]


def parse_payload(kind: ActKind, value: Json) -> Payload:
    """Read the payload of an act of this kind; raises `ShapeError`."""
    if kind is ActKind.RECLASSIFY and isinstance(value, dict) and "panel" in value:
        members = Members(value, frozenset({"panel", "reasons"}))
        panel = tuple(parse_member(one) for one in members.items("panel", most=MAX_MEMBERS))
        if not panel:
            raise ShapeError(Refusal.VALUE)
        return ReclassifyPayload(panel, members.digest("reasons"))
    if kind in _WITH_REASONS_ONLY:
        return ReasonsPayload(kind, Members(value, frozenset({"reasons"})).digest("reasons"))
    names, read = _READERS[kind]
    return read(Members(value, frozenset({*names, "reasons"})))


def _word(kind: type[_S], members: Members, name: str) -> _S:
    try:
        return kind(members.text(name, WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None


def _assess(members: Members) -> Payload:
    covered, ground = members.flag("covered"), members.text("ground", WORD_PATTERN)
    if ground not in GROUNDS[covered]:
        raise ShapeError(Refusal.VALUE)
    return AssessPayload(covered, ground, members.digest("reasons"))


def _close(members: Members) -> Payload:
    return ClosePayload(_word(Outcome, members, "outcome"), members.digest("reasons"))


def _exclude_member(members: Members) -> Payload:
    return ExcludeMemberPayload(members.text("member", PSEUDONYM_PATTERN), members.digest("reasons"))


def _add_member(members: Members) -> Payload:
    return AddMemberPayload(parse_member(members.value("member")), members.digest("reasons"))


def _end_exclusion(members: Members) -> Payload:
    return EndExclusionPayload(members.digest("party"), members.digest("reasons"))


def _disclose_identity(members: Members) -> Payload:
    to, notice = _word(DisclosedTo, members, "to"), _word(Notice, members, "notice")
    return DiscloseIdentityPayload(to, notice, members.digest("reasons"))


def _restrict_dialogue(members: Members) -> Payload:
    return RestrictDialoguePayload(members.day("review_on"), members.digest("reasons"))


def _hand_over(members: Members) -> Payload:
    return HandOverPayload(
        recipient=members.text("recipient", WORD_PATTERN),
        basis=members.text("basis", WORD_PATTERN),
        notice=_word(HandoverNotice, members, "notice"),
        content=members.digest("content"),
        reasons=members.digest("reasons"),
    )


def _retain(members: Members) -> Payload:
    number = members.text("decision_number", _NUMBER_PATTERN)
    return RetainPayload(_word(Retention, members, "decision"), number, members.digest("reasons"))


_READERS: Final[Mapping[ActKind, tuple[tuple[str, ...], Callable[[Members], Payload]]]] = MappingProxyType(
    {
        ActKind.ASSESS: (("covered", "ground"), _assess),
        ActKind.CLOSE: (("outcome",), _close),
        ActKind.EXCLUDE_MEMBER: (("member",), _exclude_member),
        ActKind.ADD_MEMBER: (("member",), _add_member),
        ActKind.END_EXCLUSION: (("party",), _end_exclusion),
        ActKind.DISCLOSE_IDENTITY: (("to", "notice"), _disclose_identity),
        ActKind.RESTRICT_DIALOGUE: (("review_on",), _restrict_dialogue),
        ActKind.HAND_OVER: (("recipient", "basis", "notice", "content"), _hand_over),
        ActKind.RETAIN: (("decision", "decision_number"), _retain),
    }
)
