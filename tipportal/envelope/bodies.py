"""What a record says: the JSON bodies of each kind; `docs/protocol.md`, section 4. Read as strictly as headers are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from tipportal.envelope.canonical import Json, Members, canonical, require_text
from tipportal.envelope.genesis import Channel
from tipportal.envelope.records import Kind
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError

MAX_FIELDS: Final = 64
MAX_CHOICES: Final = 100
_FIELD_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_WORD_PATTERN: Final = re.compile(r"[a-z]{1,16}")
_NAME_PATTERN: Final = re.compile(r"[a-z_]{1,32}")
_LANGUAGE_PATTERN: Final = re.compile(r"[a-z]{2,3}")
_TEXT_KINDS: Final = frozenset({Kind.MESSAGE, Kind.FEEDBACK, Kind.TITLE, Kind.NOTE, Kind.ASSESSMENT})


@dataclass(frozen=True, slots=True)
class TextBody:
    """A message, feedback, title, note or assessment."""

    text: str = field(repr=False)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"text": self.text})


class NoticeKind(StrEnum):
    """What a source is told of an act by two."""

    IDENTITY_OPENED = "identity_opened"
    IDENTITY_DISCLOSED = "identity_disclosed"
    EXCLUSION_ENDS = "exclusion_ends"
    DIALOGUE_RESTRICTED = "dialogue_restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    MEMBER_CHANGED = "member_changed"
    RECLASSIFIED = "reclassified"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class NoticeBody:
    """What the members tell the source of something that they have decided, in their own words."""

    text: str = field(repr=False)
    notice: NoticeKind

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"text": self.text, "notice": self.notice.value})


@dataclass(frozen=True, slots=True)
class ReportBody:
    """What a source reported: answers by field name (`docs/contract.md`), unanswered fields left out."""

    answers: Mapping[str, str | tuple[str, ...]] = field(repr=False)
    form: Channel
    language: str

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"answers": self.answers, "form": self.form.value, "language": self.language})


@dataclass(frozen=True, slots=True)
class FormBody:
    """Something filled in: a measure, a checklist, minutes … ``form`` says which, and what the fields are called.

    What it says is the business of whoever reads the form: the reader below judges its shape alone.
    """

    form: str
    answers: Mapping[str, str | tuple[str, ...]] = field(repr=False)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"form": self.form, "answers": self.answers})


@dataclass(frozen=True, slots=True)
class FactsBody:
    """The routing facts as the source chose them; `concerns` are ``unit:<id>`` and ``function:<id>``."""

    area: str = field(repr=False)
    subject_role: str = field(repr=False)
    concerns: tuple[str, ...] = field(repr=False)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"area": self.area, "subject_role": self.subject_role, "concerns": self.concerns})


Body: TypeAlias = TextBody | NoticeBody | FormBody | ReportBody | FactsBody


def parse_body(kind: Kind, value: Json) -> Body:
    """Read the body of a record of this kind.

    :raises ShapeError: for other members or values.
    :raises RecordError: for genesis and epoch, which have readers of their own.
    """
    if kind in _TEXT_KINDS:
        return TextBody(Members(value, frozenset({"text"})).free_text("text"))
    if kind is Kind.NOTICE:
        return _parse_notice(Members(value, frozenset({"text", "notice"})))
    if kind is Kind.FORM:
        filled = Members(value, frozenset({"form", "answers"}))
        return FormBody(filled.text("form", _NAME_PATTERN), _parse_answers(filled))
    if kind is Kind.FACTS:
        members = Members(value, frozenset({"area", "subject_role", "concerns"}))
        return FactsBody(
            area=members.free_text("area"),
            subject_role=members.free_text("subject_role"),
            concerns=members.texts("concerns", most=MAX_CHOICES),
        )
    if kind is Kind.REPORT:
        return _parse_report(Members(value, frozenset({"answers", "form", "language"})))
    raise RecordError(Refusal.KIND)


def _parse_notice(members: Members) -> NoticeBody:
    try:
        notice = NoticeKind(members.text("notice", _NAME_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    return NoticeBody(members.free_text("text"), notice)


def _parse_answers(members: Members) -> dict[str, str | tuple[str, ...]]:
    answers = members.value("answers")
    if not isinstance(answers, dict) or len(answers) > MAX_FIELDS:
        raise ShapeError(Refusal.VALUE)
    if any(_FIELD_PATTERN.fullmatch(name) is None for name in answers):
        raise ShapeError(Refusal.MEMBERS)
    return {name: _parse_answer(answer) for name, answer in answers.items()}


def _parse_report(members: Members) -> ReportBody:
    answers = _parse_answers(members)
    try:
        form = Channel(members.text("form", _WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    return ReportBody(
        answers=answers,
        form=form,
        language=members.text("language", _LANGUAGE_PATTERN),
    )


def _parse_answer(value: Json) -> str | tuple[str, ...]:
    if not isinstance(value, list):
        return require_text(value)
    if len(value) > MAX_CHOICES:
        raise ShapeError(Refusal.VALUE)
    return tuple(require_text(item) for item in value)
