"""How long a case is kept, and by whose decision it goes (01; lag 2021:890, 7 kap. 8 § and 8 kap. 4 §).

The law ends the panel's use of personal data two years after closing. It ends no public record: that is preserved until
the authority has decided otherwise, so nothing here ever disposes of anything by itself.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .approvals import ActKind
from .cases import Case, CaseState
from .deadlines import add_months
from .errors import CaseLocked, IllegalTransition, Invalid
from .organisations import Channel, OrganisationKind
from .texts import N_

FIRST_ALARM_MONTHS = 18
SECOND_ALARM_MONTHS = 22
LOCK_MONTHS = 24
MOST_MONTHS = 1200
MOST_NUMBER = 100
OPENED_DAYS = 7
"""How long a locked case stays open to its panel for the archive's sake, the day of the second yes included."""


class Keeping(enum.StrEnum):
    """What is decided about a closed case; the same words as in the act that two sign."""

    PRESERVE = "preserve"
    DISPOSE = "dispose"


LEFT = frozenset({
    ActKind.RETAIN, ActKind.EXPORT, ActKind.LIFT_QUARANTINE,
    ActKind.EXCLUDE_MEMBER, ActKind.ADD_MEMBER, ActKind.END_EXCLUSION,
})  # fmt: skip
"""What two may still do in a locked case: what ends it, and what it takes that two unconcerned people can."""


class Profile(enum.StrEnum):
    """What stands while nobody has decided."""

    PRESERVE = "preserve"
    """An authority's records are preserved until a disposal decision exists."""
    ASK = "ask"
    """A municipal company: the act says at most two years, the law of archives says preserve. Locked, and asked for."""


class Stage(enum.StrEnum):
    """How near the end of the two years a case is."""

    RUNNING = "running"
    FIRST_ALARM = "first_alarm"
    SECOND_ALARM = "second_alarm"
    OVER = "over"


class Purpose(enum.StrEnum):
    """For what a locked case may be opened again, by two: no other use is left."""

    RETENTION = "retention"
    EXPORT = "export"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class DisposalRule:
    """A disposal decision: what may be disposed of, how many months after closing, and since when it is decided."""

    organisation_id: str
    channel: Channel
    number: str
    decided_on: date
    months: int


class DisposalSubject(enum.StrEnum):
    """What a disposal decision is about, beside what the go-live checklist asks for: one for each channel."""

    TIPS = "disposal_tip"
    REPORTS = "disposal_report"

    @property
    def channel(self) -> Channel:
        """The channel whose cases it covers."""
        return Channel.TIP if self is DisposalSubject.TIPS else Channel.REPORT


DISPOSAL_SUBJECTS = {
    DisposalSubject.TIPS: N_("gallring av tips"),
    DisposalSubject.REPORTS: N_("gallring av rapporter enligt lag (2021:890)"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What two have decided about a case."""

    case_id: str
    organisation_id: str
    decision: Keeping
    decision_number: str
    decided_on: date
    proposal_id: str


@dataclass(frozen=True, slots=True)
class Stub:
    """What is left of a case that has been disposed of. Nothing of its content, nor of who was on its panel."""

    reference: str
    organisation_id: str
    authority_id: str
    channel: Channel
    received_on: date
    closed_on: date
    disposed_on: date
    decision_number: str
    proposal_id: str


@dataclass(frozen=True, slots=True)
class ArchiveOpening:
    """A locked case opened for one purpose: asked for by one member, allowed by another, until and with a day."""

    id: str
    organisation_id: str
    case_id: str
    purpose: Purpose
    asked_by: str
    asked_on: date
    allowed_by: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The dates of a closed case: both alarms, and the first day on which the panel has no access."""

    first_alarm: date
    second_alarm: date
    ends: date


def clock_of(closed_on: date) -> Clock:
    """The dates that follow from the day of closing: each ends on the same day number, else the month's last day."""
    first, second, end = (
        add_months(closed_on, months) for months in (FIRST_ALARM_MONTHS, SECOND_ALARM_MONTHS, LOCK_MONTHS)
    )
    return Clock(first, second, end)


def alarmed_by(today: date) -> date:
    """No case closed later than this can have reached its first alarm; one closed until then need not have."""
    return add_months(today, -FIRST_ALARM_MONTHS) + timedelta(days=3)


def stage_of(closed_on: date, today: date) -> Stage:
    """How far the two years have run on the Stockholm date ``today``."""
    clock = clock_of(closed_on)
    if today >= clock.ends:
        return Stage.OVER
    if today >= clock.second_alarm:
        return Stage.SECOND_ALARM
    return Stage.FIRST_ALARM if today >= clock.first_alarm else Stage.RUNNING


def is_over(closed_on: date, today: date) -> bool:
    """Whether the panel's access has ended: from the first moment of the day on which the two years end.

    The strict reading: a day earlier than the last one that the law could mean, never a day later (promise 8).
    """
    return today >= clock_of(closed_on).ends


def has_ended(case: Case, today: date) -> bool:
    """Whether a case's two years are over: by the date, whether it has been locked already or not."""
    over = case.state is CaseState.CLOSED and case.closed_on is not None and is_over(case.closed_on, today)
    return case.state is CaseState.LOCKED or over


def may_write(case: Case, today: date) -> None:
    """Dialogue and notes stay open until the lock (01). Raises CaseLocked."""
    if has_ended(case, today):
        raise CaseLocked(N_("Ärendet är låst och tar inte emot fler meddelanden."))


def may_act(case: Case, kind: ActKind, today: date) -> None:
    """Raise CaseLocked for an act by two that is no use left of a case whose two years are over, opened or not."""
    if has_ended(case, today) and kind not in LEFT:
        raise CaseLocked(N_("Ärendet är låst. Det som återstår är att bevara, gallra eller exportera det."))


def must_be_open_to_source(case: Case, today: date) -> None:
    """Raise CaseLocked when a source is no longer handed what their case holds: that is use of personal data too.

    Whoever has the code knows that the case exists, so it is said why, and what to do instead.
    """
    if has_ended(case, today):
        raise CaseLocked(
            N_(
                "Ärendet är avslutat och låst. När två år har gått sedan ett ärende avslutades visas det inte längre, "
                "varken för dig eller för ärendegruppen. Har något nytt hänt kan du lämna ett nytt tips eller en ny "
                "rapport."
            )
        )


def profile_of(kind: OrganisationKind) -> Profile:
    """What stands for an organisation while nobody has decided."""
    return Profile.ASK if kind is OrganisationKind.COMPANY else Profile.PRESERVE


def rule_of(rules: Sequence[DisposalRule], organisation_id: str, channel: Channel, number: str) -> DisposalRule | None:
    """The disposal decision with a number for what a case is; None when there is none."""
    for rule in rules:
        if (rule.organisation_id, rule.channel, rule.number) == (organisation_id, channel, number):
            return rule
    return None


def may_keep(case: Case) -> None:
    """Raise IllegalTransition unless a case is closed: only then is decided what becomes of it."""
    if case.state not in (CaseState.CLOSED, CaseState.LOCKED) or case.closed_on is None:
        raise IllegalTransition(
            N_("Ärendet är inte avslutat. Avsluta det innan ni beslutar om bevarande eller gallring.")
        )


def may_dispose(case: Case, rule: DisposalRule | None, today: date) -> None:
    """Raise unless a recorded disposal decision covers the case and its time has run out.

    Raises Invalid (no such decision), IllegalTransition.
    """
    may_keep(case)
    if rule is None:
        raise Invalid(
            N_("Det finns inget gallringsbeslut med det numret för sådana ärenden. Utan beslut bevaras ärendet."),
            field="decision_number",
        )
    if case.closed_on is None or today < add_months(case.closed_on, rule.months):
        raise IllegalTransition(N_("Tiden i gallringsbeslutet har inte gått ut än."))


def check_rule(rule: DisposalRule, today: date) -> None:
    """Raise Invalid for a decision of the future or a time that is none."""
    if not 1 <= len(rule.number) <= MOST_NUMBER:
        raise Invalid(N_("Ange beslutets nummer."), field="number")
    if rule.decided_on > today:
        raise Invalid(N_("Datumet ligger i framtiden."), field="decided_on")
    if not 0 <= rule.months <= MOST_MONTHS:
        raise Invalid(N_("Ange tiden i hela månader, högst 1 200."), field="months")


def opened_until(allowed_on: date) -> date:
    """The last day on which a locked case stays open for the archive's sake."""
    return allowed_on + timedelta(days=OPENED_DAYS - 1)


def is_open(opening: ArchiveOpening, today: date) -> bool:
    """Whether two have opened a locked case, and its days have not run out."""
    return opening.until is not None and today <= opening.until


def complete_on(disposed_on: date, backup_days: int) -> date:
    """The day from which no backup holds a disposed case either. ``backup_days``: how long a backup is kept."""
    return disposed_on + timedelta(days=backup_days)
