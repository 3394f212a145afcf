"""The breakdowns of the follow-up: what each of them counts, and where a case stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from tipportal.domain.cases import AckException, Outcome
from tipportal.domain.deadlines import acknowledge_by, feedback_by
from tipportal.domain.handovers import ASK_MONTHS
from tipportal.domain.irregularities import TYPE_NAMES, UNDUE_INFLUENCE, IrregularityType
from tipportal.domain.measures import MeasureKind
from tipportal.domain.organisations import Channel
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.suppression.families import Coordinate, Told
from tipportal.domain.texts import N_
from tipportal.domain.triage import ORIGIN_OF, Named

from . import labels
from .counting import BOTH, Breakdown, Category
from .facts import CaseFacts, Measured
from .periods import half_of

UNDUE = tuple(one.value for one in IrregularityType if one in UNDUE_INFLUENCE)
AREAS: Mapping[str, str] = {area.key: area.name_sv for area in RISK_AREAS}
TYPES: Mapping[str, str] = {one.value: name for one, name in TYPE_NAMES.items()}
MONTHS: Mapping[str, str] = {
    "3": N_("3 månader"), "6": N_("6 månader"), "12": N_("12 månader"), "24": N_("24 månader"),
}  # fmt: skip
if tuple(int(key) for key in MONTHS) != ASK_MONTHS:  # a slip here would drop answers in silence
    raise TypeError(MONTHS)
_SET_ASIDE = frozenset({Outcome.NOT_COVERED, Outcome.JUNK})
_WAIVED = frozenset({AckException.WAIVED, AckException.REVEALS})


def measures_of(case: CaseFacts) -> list[Measured]:
    """The measures that count: those that were not withdrawn."""
    return [measure for measure in case.measures.values() if not measure.withdrawn]


def areas_of(case: CaseFacts) -> tuple[str, ...]:
    """The risk areas of a case: those of its facts, else the one that it came with, if it is an area."""
    if case.triage is not None:
        return case.triage.areas
    return (case.area,) if case.area in AREAS else ()


def standing(case: CaseFacts) -> str:
    """Where a case stands: a key of ``labels.STANDINGS``.

    A report that is not covered by the act, and a tip that is obvious junk, are set aside, for their first reason.
    """
    reason = case.not_covered_reason if case.covered is False else None
    if (case.channel is Channel.REPORT and case.covered is False) or case.outcome in _SET_ASIDE:
        told = [one.value for spell in case.spells for one in spell.reasons]
        told += [one.value for one in case.triage.reasons] if case.triage is not None else []
        key = f"{labels.ASIDE}:{reason or next(iter(told), labels.NO_REASON)}"
        return key if key in labels.STANDINGS else f"{labels.ASIDE}:{labels.NO_REASON}"
    if case.outcome is not None:
        return case.outcome.value
    assessed = case.covered is not None if case.channel is Channel.REPORT else case.triage is not None
    return labels.FOLLOWED_UP if assessed else labels.AWAITING


def acknowledgement(case: CaseFacts, as_of: date) -> str:
    """Whether receipt was acknowledged in time, by the law's strict date (5 kap. 8 § p. 2)."""
    due = acknowledge_by(case.received).strict
    if case.acknowledged is not None:
        return "in_time" if case.acknowledged <= due else "late"
    if case.not_acknowledged is not None:
        return "exception"
    return "late" if as_of > due else "not_due"


def feedback(case: CaseFacts, as_of: date) -> str:
    """Whether feedback was given in time, by the law's strict date (5 kap. 8 § p. 3)."""
    due = feedback_due(case)
    if case.feedback is not None:
        return "in_time" if case.feedback <= due else "late"
    if case.not_acknowledged is AckException.NO_REPORTER:
        return "not_due"
    return "late" if as_of > due else "not_due"


def feedback_due(case: CaseFacts) -> date:
    """The strict date of a case's feedback."""
    acknowledged = case.acknowledged
    if acknowledged is not None and acknowledged < case.received:
        acknowledged = case.received
    return feedback_by(case.received, acknowledged, waived=case.not_acknowledged in _WAIVED).strict


def _received(_case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return ()


def _standing(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return (standing(case),)


def _subject(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    types = frozenset(one.value for one in case.triage.types) if case.triage is not None else frozenset()
    return frozenset(areas_of(case)), types


def _course(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return frozenset(areas_of(case)), standing(case)


def _origin(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    told = case.triage.origin if case.triage is not None else case.origin
    return ((told or ORIGIN_OF[case.came_as or case.channel]).value,)


def _relation(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return ("not_told" if case.triage is None else case.triage.relation.value,)


def _named(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    anonymous = case.triage is not None and case.triage.named is Named.ANONYMOUS
    return ("anonymous" if anonymous else "other",)


def _reprisals(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return ("unknown" if case.triage is None else case.triage.reprisals.value,)


def _heard(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return ("unknown" if case.triage is None else case.triage.heard_how.value,)


def _dialogue(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    return ("dialogue" if case.messages_in and case.messages_out else "silent",)


def _acknowledged(case: CaseFacts, as_of: date) -> tuple[Coordinate, ...]:
    return (acknowledgement(case, as_of),)


def _fed_back(case: CaseFacts, as_of: date) -> tuple[Coordinate, ...]:
    return (feedback(case, as_of),)


_NOTHING: tuple[Coordinate, ...] = (frozenset(),)


def _dated(found: Iterable[tuple[str, date]]) -> tuple[Coordinate, ...]:
    return (frozenset(f"{key}@{half_of(day)}" for key, day in found),)


def events_of(case: CaseFacts) -> list[tuple[str, date]]:
    """What has happened in a case besides measures: keys of ``labels.EVENTS`` and days."""
    found = [("recusal", day) for day in case.recusals]
    found += [("standby", day) for day in case.standby]
    found += [("reprisal", day) for day in case.reprisals]
    found += [("after_care", day) for day in case.after_care]
    found += [("identity_opened", day) for day in case.identity_opened]
    found += [("identity_disclosed", day) for day in case.identity_disclosed]
    found += [("reopened", spell.reopened) for spell in case.spells if spell.reopened is not None]
    if case.reclassified is not None:
        found.append(("reclassified", case.reclassified))
    return found


def _events(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    found = events_of(case)
    return _dated(found) if found else _NOTHING


def measured(measure: Measured) -> str:
    """The key of a measure: its kind, for a sanction with its step, for none with the reason."""
    if measure.step is not None:
        return f"{measure.kind}:{measure.step}"
    return f"{measure.kind}:{measure.reason}" if measure.reason is not None else measure.kind.value


def _measures(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    if not case.measures:
        return _NOTHING
    # A handover is counted by its recipient: in a second family the same cases could be subtracted.
    return _dated(
        (measured(measure), measure.recorded)
        for measure in measures_of(case)
        if measure.kind is not MeasureKind.HANDED_OVER
    )


def _recipients(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    if not case.handovers:
        return _NOTHING
    return _dated((handed.recipient.value, handed.on) for handed in case.handovers.values())


def _results(case: CaseFacts, _as_of: date) -> tuple[Coordinate, ...]:
    if not case.handovers:
        return _NOTHING
    return _dated(
        (f"{months}:{result}", on)
        for handed in case.handovers.values()
        for months, (on, result) in handed.answers.items()
    )


_STEPPED = {f"{MeasureKind.SANCTION}:{step}": name for step, name in labels.STEPS.items()}
_REASONED = {f"{MeasureKind.NO_MEASURE}:{reason}": name for reason, name in labels.NO_MEASURE.items()}
_APART = frozenset({MeasureKind.SANCTION, MeasureKind.NO_MEASURE, MeasureKind.HANDED_OVER})
_PLAIN = {kind: name for kind, name in labels.MEASURES.items() if kind not in _APART}
_REPORTS = (Channel.REPORT,)
AREA = Category("area", AREAS, told=Told.ANY)
TYPE = Category("type", TYPES, {"undue_influence": UNDUE}, told=Told.ANY)
_STOOD = Category("standing", labels.STANDINGS, labels.STANDING_GROUPS)
_MEASURED = Category(
    "measure",
    {**_PLAIN, **_STEPPED, **_REASONED},
    {MeasureKind.SANCTION.value: tuple(_STEPPED), MeasureKind.NO_MEASURE.value: tuple(_REASONED)},
)
_RESULT = Category(
    "result",
    {f"{months}:{result}": name for months in MONTHS for result, name in labels.RESULTS.items()},
    {result: tuple(f"{months}:{result}" for months in MONTHS) for result in labels.RESULTS},
)

RECEIVED = Breakdown("received", (), _received)
"""Cases by what the public register says of them, and nothing else."""
STANDING = Breakdown("standing", (_STOOD,), _standing)
SUBJECT = Breakdown("subject", (AREA, TYPE), _subject)
COURSE = Breakdown("course", (AREA, _STOOD), _course)
"""Not for the public: what it would show follows from the two before, which hiding could not see."""
ORIGIN = Breakdown("origin", (Category("origin", labels.ORIGINS),), _origin)
RELATION = Breakdown("relation", (Category("relation", labels.RELATIONS),), _relation, _REPORTS)
NAMED = Breakdown("named", (Category("named", labels.NAMED),), _named)
REPRISALS = Breakdown("reprisals", (Category("reprisals", labels.REPRISALS),), _reprisals, _REPORTS)
HEARD = Breakdown("heard", (Category("heard", labels.HEARD),), _heard)
DIALOGUE = Breakdown("dialogue", (Category("dialogue", labels.DIALOGUE),), _dialogue)
ACKNOWLEDGED = Breakdown("acknowledged", (Category("acknowledged", labels.ACKNOWLEDGED),), _acknowledged, _REPORTS)
FED_BACK = Breakdown("feedback", (Category("feedback", labels.FED_BACK),), _fed_back, _REPORTS)
EVENTS = Breakdown("events", (Category("event", labels.EVENTS),), _events, BOTH, dated=True)
MEASURES = Breakdown("measures", (_MEASURED,), _measures, BOTH, dated=True)
RECIPIENTS = Breakdown("recipients", (Category("recipient", labels.RECIPIENTS),), _recipients, BOTH, dated=True)
RESULTS = Breakdown("results", (_RESULT,), _results, BOTH, dated=True)


def _coarser(of: Breakdown, names: Mapping[str, str], into: Mapping[str, str]) -> Breakdown:
    """A breakdown with fewer categories: what is nearly always empty would make hiding hide everything beside it."""

    def place(case: CaseFacts, as_of: date) -> tuple[Coordinate, ...]:
        (found,) = of.place(case, as_of)
        return (into.get(str(found), "other"),)

    return Breakdown(f"{of.id}_public", (Category(f"{of.categories[0].name}_public", names),), place, of.channels)


_IN_TIME = {"in_time": "in_time"}
_PUBLIC: Mapping[str, Breakdown] = {
    STANDING.id: _coarser(STANDING, labels.PUBLIC_STANDINGS, {
        **dict.fromkeys(labels.ASIDE_REASONS, labels.ASIDE),
        **dict.fromkeys(labels.STANDING_GROUPS[labels.CONFIRMED], labels.CONFIRMED),
    }),
    RELATION.id: _coarser(RELATION, labels.PUBLIC_RELATIONS, {"active": "active"}),
    ORIGIN.id: _coarser(ORIGIN, labels.PUBLIC_ORIGINS, {"report": "form", "tip": "form"}),
    REPRISALS.id: _coarser(REPRISALS, labels.PUBLIC_REPRISALS, {"feared": "concern", "happening": "concern"}),
    ACKNOWLEDGED.id: _coarser(ACKNOWLEDGED, labels.PUBLIC_TIMES, _IN_TIME),
    FED_BACK.id: _coarser(FED_BACK, labels.PUBLIC_TIMES, _IN_TIME),
}  # fmt: skip


def for_audience(breakdown: Breakdown, *, public: bool) -> Breakdown:
    """The breakdown that an audience sees: the public one with fewer categories, where there is one."""
    return _PUBLIC.get(breakdown.id, breakdown) if public else breakdown


EVERY: tuple[Breakdown, ...] = (
    RECEIVED, STANDING, SUBJECT, COURSE, ORIGIN, RELATION, NAMED, REPRISALS, HEARD, DIALOGUE, ACKNOWLEDGED, FED_BACK,
    EVENTS, MEASURES, RECIPIENTS, RESULTS,
)  # fmt: skip
