"""The one due chip of a case: which date comes next, in words, in colour and as a date. Colours follow ``target``."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext, ngettext

from tipportal.domain.cases import Case, CaseState
from tipportal.domain.deadlines import Deadline, acknowledge_by, feedback_by
from tipportal.usecases.desk import SOON_DAYS

NEAR_DAYS = 14


class Tone(enum.StrEnum):
    """How pressing a date is; each has its own colour beside its own words."""

    LATE = "late"
    SOON = "soon"
    NEAR = "near"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next in a case. ``strict`` is the law's date, ``target`` the last working day on or before it."""

    strict: date
    target: date
    tone: Tone
    words: str

    def as_json(self) -> dict[str, str]:
        """The chip as the case page's script puts it in place."""
        return {
            "strict": self.strict.isoformat(),
            "target": self.target.isoformat(),
            "tone": self.tone.value,
            "words": self.words,
        }


def due_of(case: Case, today: date) -> Due | None:
    """What comes next in the case on the Stockholm date ``today``; None when the law asks for nothing more."""
    if case.state in (CaseState.CLOSED, CaseState.LOCKED) or case.feedback_on is not None:
        return None
    if case.acknowledged_on is None:
        return _due(acknowledge_by(case.received_on), today, gettext("Bekräfta mottagandet"))
    return _due(feedback_by(case.received_on, case.acknowledged_on), today, gettext("Återkoppling"))


def _due(deadline: Deadline, today: date, what: str) -> Due:
    left = (deadline.target - today).days
    tone = _tone(deadline, today, left)
    when = format_date(deadline.target, "d MMM yyyy")
    if tone is Tone.LATE:
        late = (today - deadline.strict).days
        days = ngettext("%(num)d dag försenad", "%(num)d dagar försenad", late)
        words = gettext("%(what)s: %(days)s", what=what, days=days)
    elif left <= 0:
        words = gettext("%(what)s senast i dag", what=what)
    else:
        days = ngettext("%(num)d dag kvar", "%(num)d dagar kvar", left)
        words = gettext("%(what)s senast %(when)s, %(days)s", what=what, when=when, days=days)
    return Due(deadline.strict, deadline.target, tone, words)


def _tone(deadline: Deadline, today: date, left: int) -> Tone:
    if today > deadline.strict:
        return Tone.LATE
    if left <= SOON_DAYS:
        return Tone.SOON
    return Tone.NEAR if left <= NEAR_DAYS else Tone.QUIET
