"""Filled-in forms of the dialogue, and what has been read of it: what the server may know of either.

Minutes and meeting times are sealed records of kind ``form``. Beside each stands what it is, so that the rules hold:
one answer to each, by the source alone. Never what it says.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import Invalid
from .texts import N_

EARLIEST_MEETING_DAYS = 366


class FormName(enum.StrEnum):
    """The forms of the dialogue. The source answers with the two last ones, each once for what it answers."""

    MINUTES = "minutes"
    SLOTS = "slots"
    MINUTES_ANSWER = "minutes_answer"
    SLOT_CHOICE = "slot_choice"


ANSWER_TO = {FormName.MINUTES_ANSWER: FormName.MINUTES, FormName.SLOT_CHOICE: FormName.SLOTS}
"""The form that each answer of the source is to."""


class MeetingMode(enum.StrEnum):
    """How to meet: a physical meeting is a right on request (lag 2021:890, 5 kap. 8 § p. 1)."""

    PHYSICAL = "physical"
    PHONE = "phone"
    VIDEO = "video"
    CALL_BACK = "call_back"


class Verdict(enum.StrEnum):
    """What the source found of minutes (8 kap. 1-3 §§: check, correct, and sign), or of offered times."""

    APPROVED = "approved"
    CORRECTED = "corrected"
    CHOSEN = "chosen"
    NONE_SUITS = "none_suits"


VERDICTS = {
    FormName.MINUTES_ANSWER: frozenset({Verdict.APPROVED, Verdict.CORRECTED}),
    FormName.SLOT_CHOICE: frozenset({Verdict.CHOSEN, Verdict.NONE_SUITS}),
}


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form in the dialogue at ``seq``; ``answers`` is the seq of what it answers. ``mode`` of meeting times only."""

    organisation_id: str
    case_id: str
    seq: int
    form: FormName
    filled_on: date
    mode: MeetingMode | None = None
    answers: int | None = None
    verdict: Verdict | None = None


class Reader(enum.StrEnum):
    """Who has opened the dialogue."""

    SOURCE = "source"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Reading:
    """``reader`` had the dialogue up to ``seq`` open on the day ``read_on``. A day, never an instant."""

    organisation_id: str
    case_id: str
    reader: Reader
    seq: int
    read_on: date


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that was held, on the times offered at ``offer`` or without an offer."""

    id: str
    organisation_id: str
    case_id: str
    mode: MeetingMode
    held_on: date
    member: str
    offer: int | None = None


def check_answer(form: FormName, verdict: Verdict) -> None:
    """Raise Invalid unless the verdict is one of the form's."""
    if verdict not in VERDICTS.get(form, frozenset()):
        raise Invalid(N_("Välj ett av alternativen."), field="verdict")


def check_held(held_on: date, received_on: date, today: date) -> None:
    """Raise Invalid for a meeting in the future, or long before the case came in."""
    if not received_on - timedelta(days=EARLIEST_MEETING_DAYS) <= held_on <= today:
        raise Invalid(N_("Datumet kan inte ligga i framtiden eller långt före ärendet."), field="held_on")


def read_on(seq: int, readings: tuple[Reading, ...], reader: Reader) -> date | None:
    """The day on which ``reader`` first had the record at ``seq`` open, None before."""
    days = [one.read_on for one in readings if one.reader is reader and one.seq >= seq]
    return min(days, default=None)
