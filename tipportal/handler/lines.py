"""A row of a handler's list: what the server knows of a case, its one due chip, and why it is there, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext

from tipportal.domain.alarms import Alarm, AlarmStep
from tipportal.domain.cases import Case
from tipportal.domain.ports import Row
from tipportal.domain.pressing import Claim, Why, in_order, nearest
from tipportal.usecases.firstscreen import Listed

from . import triage_words
from .due import Due, claimed, due_of

PLACES = {
    Why.UNREAD: "dialog",
    Why.APPROVAL: "cards",
    Why.REVIEW: "duties-heading",
    Why.REOPENING: "step-reopen",
    Why.RELEASE: "step-masking",
    Why.RETENTION: "step-retain",
    Why.RESTRICTION: "step-restrict_dialogue",
    Why.DEFERRED: "step-subject",
    Why.AFTER_CARE: "after-care",
    Why.HANDOVER: "handovers-heading",
}
"""Where on a case's page that stands which asks for somebody."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: what the server knows, with its one due chip and why it is there, in words.

    ``place``: what on the case's page the first reason is about.
    """

    row: Row
    due: Due | None
    why: tuple[str, ...] = ()
    place: str = ""

    @property
    def case(self) -> Case:
        """The case of the row."""
        return self.row.case


def line_of(one: Listed, today: date) -> Line:
    """A row as a page shows it on the Stockholm date ``today``."""
    due = due_of(one.row.case, today, one.claims)
    pressing = in_order([claim for claim in one.claims if claim.presses(today)])
    told = nearest(one.claims)
    said = tuple(_said(claim, one, today) for claim in pressing if claim is not told)
    place = next((PLACES[claim.why] for claim in pressing if claim.why in PLACES), "")
    return Line(one.row, due, tuple(text for text in said if text), place)


def _said(claim: Claim, one: Listed, today: date) -> str:
    """Why a case needs somebody, and by when, beside what its chip says."""
    if claim.why is Why.UNREAD:
        return gettext("Nytt svar från tipslämnaren")
    if claim.why is Why.ALARM:
        return _alarm(one.alarms, due_of(one.row.case, today))
    if claim.why is Why.APPROVAL and claim.by is not None:
        return gettext("Väntar på ditt godkännande, senast %(day)s", day=format_date(claim.by, "d MMM yyyy"))
    due = due_of(one.row.case, today) if claim.why is Why.CLOCK else claimed(claim, today)
    return "" if due is None else due.words


def _alarm(raised: Sequence[Alarm], due: Due | None) -> str:
    """The last step that was reached for the date that is due now, in words."""
    steps = [alarm for alarm in raised if due is not None and alarm.due == due.target]
    if not steps:
        return ""
    order = list(AlarmStep)
    last = max(steps, key=lambda alarm: order.index(alarm.step))
    return gettext(triage_words.ALARMS[last.watch, last.step])
