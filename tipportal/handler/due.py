"""The one due chip of a case: the nearest of all its dates, in words, in colour and as a date, and what it is from."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext, ngettext

from tipportal.domain.alarms import Watch, clock_of
from tipportal.domain.approvals import VALID_DAYS
from tipportal.domain.cases import Case
from tipportal.domain.deadlines import Deadline, Start, feedback_start
from tipportal.domain.organisations import Channel
from tipportal.domain.pressing import FROM_DAY, SOON_DAYS, Claim, Why, nearest
from tipportal.domain.texts import N_

from .duty_words import DUTY_NAMES

NEAR_DAYS = 14
NAMES = {
    Why.APPROVAL: N_("Beslut om förslag"),
    Why.REVIEW: N_("Granskning"),
    Why.REOPENING: N_("Beslut om att öppna igen"),
    Why.RELEASE: N_("Svar på begäran om utlämnande"),
    Why.RETENTION: N_("Beslut om bevarande eller gallring"),
    Why.RESTRICTION: N_("Ny prövning av begränsningen"),
    Why.DEFERRED: N_("Ny prövning av informationen"),
    Why.AFTER_CARE: N_("Eftervård"),
    Why.HANDOVER: N_("Fråga mottagaren"),
}
"""What a date is for, besides the two clocks."""
COUNTED = {
    Why.APPROVAL: N_("Räknat från förslaget: det gäller i %(days)s dagar."),
    Why.REVIEW: N_("Räknat från den dag då det gjordes, %(day)s: två arbetsdagar."),
    Why.REOPENING: N_("Räknat från meddelandet %(day)s: sju dagar."),
    Why.RELEASE: N_("Räknat från den dag då begäran kom in, %(day)s: nästa arbetsdag."),
    Why.RETENTION: N_("Räknat från avslutet %(day)s: två år. Därefter låses innehållet."),
    Why.AFTER_CARE: N_("Räknat från avslutet %(day)s: %(months)s månader."),
    Why.HANDOVER: N_("Räknat från överlämnandet %(day)s: %(months)s månader."),
}
DECIDED = N_("Dagen sattes i beslutet %(day)s.")
"""What a date is counted from."""


class Tone(enum.StrEnum):
    """How pressing a date is; each has its own colour beside its own words."""

    LATE = "late"
    SOON = "soon"
    NEAR = "near"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next in a case. ``strict`` is the law's date, ``target`` the last working day on or before it.

    ``reason``: what it is counted from. ``readings``: the dates in their three readings, for whoever wants to know.
    """

    strict: date
    target: date
    tone: Tone
    words: str
    reason: str
    readings: str

    def as_json(self) -> dict[str, str]:
        """The chip as the case page's script puts it in place."""
        return {
            "strict": self.strict.isoformat(),
            "target": self.target.isoformat(),
            "tone": self.tone.value,
            "words": self.words,
            "reason": self.reason,
            "readings": self.readings,
        }


def due_of(case: Case, today: date, claims: Sequence[Claim] = ()) -> Due | None:
    """What comes next in the case on the Stockholm date ``today``; None when nothing more is asked for.

    ``claims``: all that the case asks of the reader; without any, its own clock alone is told.
    """
    first = nearest(claims)
    return _clock_of(case, today) if first is None or first.why is Why.CLOCK else claimed(first, today)


def claimed(claim: Claim, today: date) -> Due | None:
    """The date of a claim that is no clock of the case; None for one without a date."""
    if claim.by is None:
        return None
    what = _named(claim)
    deadline = Deadline(claim.by, claim.by, claim.by)
    if claim.why in FROM_DAY:
        begun = claim.by <= today
        day = _short(claim.by)
        words = gettext("%(what)s sedan %(day)s", what=what, day=day) if begun else ""
        words = words or gettext("%(what)s från %(day)s", what=what, day=day)
        tone = Tone.SOON if begun else Tone.QUIET
    else:
        tone = _tone(deadline, today)
        words = _words(what, deadline, today, tone)
    return Due(claim.by, claim.by, tone, words, _counted_from(claim), readings="")


def _named(claim: Claim) -> str:
    """What a date is for. A review names what was done, so that it is known what there is to look at."""
    if claim.duty is None:
        return gettext(NAMES[claim.why])
    return gettext("Granskning (%(done)s)", done=gettext(DUTY_NAMES[claim.duty]))


def _counted_from(claim: Claim) -> str:
    since = "" if claim.since is None else _day(claim.since)
    return gettext(COUNTED.get(claim.why, DECIDED), day=since, months=claim.months, days=VALID_DAYS)


def _clock_of(case: Case, today: date) -> Due | None:
    """The clock that the law sets for a report. Of a tip both dates are aims: the law sets none."""
    clock = clock_of(case)
    if clock is None:
        return None
    watch, deadline = clock
    is_report = case.channel is Channel.REPORT
    tone = _tone(deadline, today)
    return Due(
        strict=deadline.strict,
        target=deadline.target,
        tone=tone,
        words=_words(_what(watch, is_report=is_report), deadline, today, tone),
        reason=_reason(case, watch, is_report=is_report),
        readings=_readings(deadline, is_report=is_report),
    )


def _what(watch: Watch, *, is_report: bool) -> str:
    if watch is Watch.ACKNOWLEDGE:
        return gettext("Bekräfta mottagandet") if is_report else gettext("Mål för bekräftelse")
    return gettext("Återkoppling") if is_report else gettext("Mål för återkoppling")


def _words(what: str, deadline: Deadline, today: date, tone: Tone) -> str:
    left = (deadline.target - today).days
    if tone is Tone.LATE:
        late = (today - deadline.strict).days
        days = ngettext("%(num)d dag försenad", "%(num)d dagar försenad", late)
        return gettext("%(what)s: %(days)s", what=what, days=days)
    if left <= 0:
        return gettext("%(what)s senast i dag", what=what)
    days = ngettext("%(num)d dag kvar", "%(num)d dagar kvar", left)
    return gettext("%(what)s senast %(when)s, %(days)s", what=what, when=_short(deadline.target), days=days)


def _reason(case: Case, watch: Watch, *, is_report: bool) -> str:
    received = _day(case.received_on)
    if watch is Watch.ACKNOWLEDGE:
        counted = gettext("Räknat från den dag då det kom in, %(day)s: sju dagar.", day=received)
    else:
        start, day = feedback_start(case.received_on, case.acknowledged_on, waived=case.ack_left_out is not None)
        counted = {
            Start.ACKNOWLEDGEMENT: gettext("Räknat från bekräftelsen %(day)s: tre månader.", day=_day(day)),
            Start.SEVEN_DAYS: gettext(
                "Mottagandet är inte bekräftat. Räknat från sju dagar efter att det kom in, %(day)s: tre månader.",
                day=_day(day),
            ),
            Start.RECEIPT: gettext(
                "Mottagandet bekräftas inte. Räknat från den dag då det kom in, %(day)s: tre månader.", day=received
            ),
        }[start]
    aim = "" if is_report else " " + gettext("För tips är det ett mål. Lagen sätter ingen tid.")
    return counted + aim


def _readings(deadline: Deadline, *, is_report: bool) -> str:
    values = {
        "strict": _day(deadline.strict),
        "target": _day(deadline.target),
        "law1930": _day(deadline.law1930),
    }
    if not is_report:
        return gettext("Målets datum: %(strict)s. Sista arbetsdagen dessförinnan: %(target)s.", **values)
    return gettext(
        "Lagens datum: %(strict)s. Sista arbetsdagen dessförinnan: %(target)s. Om lag 1930:173 förlänger tiden: "
        "%(law1930)s.",
        **values,
    )


def _short(day: date) -> str:
    return format_date(day, "d MMM yyyy")


def _day(day: date) -> str:
    return format_date(day, "d MMMM yyyy")


def _tone(deadline: Deadline, today: date) -> Tone:
    left = (deadline.target - today).days
    if today > deadline.strict:
        return Tone.LATE
    if left <= SOON_DAYS:
        return Tone.SOON
    return Tone.NEAR if left <= NEAR_DAYS else Tone.QUIET
