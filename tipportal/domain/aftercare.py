"""Reprisals that a source fears or meets (lag 2021:890, 3 kap.), and the after-care of such a case.

Three, six and twelve months after closing somebody asks how it goes (ISO 37002, 8.4.2).
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from .deadlines import add_months
from .errors import IllegalTransition
from .texts import N_

AFTER_CARE_MONTHS = (3, 6, 12)


class Phase(enum.StrEnum):
    """Whether reprisals are feared or happen."""

    FEARED = "feared"
    HAPPENING = "happening"


class Found(enum.StrEnum):
    """What after-care found: nothing, reprisals, or no answer."""

    NOTHING = "nothing"
    REPRISALS = "reprisals"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Reprisal:
    """A concern noted on a case by a member. What it is about is followed in a case of its own, linked to this one."""

    id: str
    organisation_id: str
    case_id: str
    phase: Phase
    noted_on: date
    member: str


@dataclass(frozen=True, slots=True)
class AfterCare:
    """After-care that was done: that of so many months after closing."""

    organisation_id: str
    case_id: str
    months: int
    done_on: date
    found: Found
    member: str


@dataclass(frozen=True, slots=True)
class Due:
    """After-care that is to be done: of so many months, from the day ``due_on``."""

    months: int
    due_on: date


def after_care_of(closed_on: date) -> tuple[Due, ...]:
    """The three days of after-care of a case that was closed on ``closed_on``."""
    return tuple(Due(months, add_months(closed_on, months)) for months in AFTER_CARE_MONTHS)


def still_due(closed_on: date, done: Collection[int], today: date) -> tuple[Due, ...]:
    """What has come due by ``today`` and has not been done, oldest first; ``done`` are months."""
    return tuple(due for due in after_care_of(closed_on) if due.due_on <= today and due.months not in done)


def check_after_care(closed_on: date | None, months: int, done: Collection[int], today: date) -> None:
    """Raise IllegalTransition unless this after-care has come due and is left to do."""
    if closed_on is None:
        raise IllegalTransition(N_("Eftervården börjar när ärendet har avslutats."))
    if months in done:
        raise IllegalTransition(N_("Den här eftervården är redan gjord."))
    if months not in {due.months for due in still_due(closed_on, done, today)}:
        raise IllegalTransition(N_("Det är inte dags för den här eftervården än."))
