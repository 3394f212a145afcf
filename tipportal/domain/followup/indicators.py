"""Indicators: a flat list of keys and values for the systems that committees follow their work in.

Keys never change their meaning. One table for each unit, so that every value of a column is of the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tipportal.domain.measures import Amount, MeasureKind
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import ALL
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import ACKNOWLEDGED, EVENTS, FED_BACK, MEASURES, RECEIVED, RECIPIENTS, STANDING, SUBJECT
from .counting import ANY, BOTH, Breakdown, Span
from .grids import period_title
from .receiving import anonymous, dialogue
from .report import Column, Figure, Head, Mark, Section, Table, Unit
from .timing import in_time, median_of, to_acknowledgement, to_feedback, to_opening
from .view import View

_Of: TypeAlias = Callable[[View, Span], Figure]
_REPORTS = (Channel.REPORT,)


def _counted(breakdown: Breakdown, *labels_: str, channel: Channel | None = None) -> _Of:
    return lambda view, span: view.told(view.ref(view.seen(breakdown), *labels_, channel=channel, span=span))


def _inside(of: _Of) -> _Of:
    # Beside what the public's outcomes show these would be known to be few, or would hide them.
    return lambda view, span: Figure(mark=Mark.HIDDEN) if view.is_public else of(view, span)


_CASES: tuple[tuple[str, str, _Of], ...] = (
    ("received_tips", N_("Inkomna tips"), _counted(RECEIVED, channel=Channel.TIP)),
    ("received_reports", N_("Inkomna rapporter"), _counted(RECEIVED, channel=Channel.REPORT)),
    (
        "reports_not_covered",
        N_("Rapporter som inte omfattas av lagen"),
        _inside(_counted(STANDING, labels.ASIDE, channel=Channel.REPORT)),
    ),
    ("cases_confirmed", N_("Ärenden som har bekräftats helt eller delvis"), _counted(STANDING, labels.CONFIRMED)),
    ("cases_open", N_("Ärenden som inte är avslutade"), _inside(_counted(STANDING, labels.OPEN))),
    ("undue_influence", N_("Ärenden om otillåten påverkan"), _counted(SUBJECT, ALL, "undue_influence")),
    (
        "police_reports",
        N_("Ärenden med polisanmälan"),
        lambda view, span: view.told(view.ref(MEASURES, MeasureKind.POLICE_REPORT.value, span=span)),
    ),
    (
        "handed_over",
        N_("Ärenden ur vilka uppgifter har lämnats över"),
        lambda view, span: view.told(view.ref(RECIPIENTS, ANY, span=span)),
    ),
    (
        "reprisal_concerns",
        N_("Ärenden med antecknad oro för repressalier"),
        lambda view, span: view.told(view.ref(EVENTS, "reprisal", span=span)),
    ),
)
_SHARES: tuple[tuple[str, str, _Of], ...] = (
    ("acknowledged_in_time", N_("Bekräftade i tid"), lambda view, span: in_time(view, ACKNOWLEDGED, span)),
    ("feedback_in_time", N_("Återkoppling i tid"), lambda view, span: in_time(view, FED_BACK, span)),
    ("anonymous", N_("Anonyma ärenden"), anonymous),
    ("dialogue", N_("Ärenden med dialog"), dialogue),
)
_DAYS: tuple[tuple[str, str, _Of], ...] = (
    (
        "days_to_acknowledgement",
        N_("Dagar till bekräftelse, median"),
        lambda view, span: median_of(view, to_acknowledgement, span, _REPORTS),
    ),
    (
        "days_to_feedback",
        N_("Dagar till återkoppling, median"),
        lambda view, span: median_of(view, to_feedback, span, _REPORTS),
    ),
    (
        "days_to_opening",
        N_("Dagar tills en människa öppnar, median"),
        lambda view, span: median_of(view, to_opening, span, BOTH),
    ),
)
_KRONOR: tuple[tuple[str, str, _Of], ...] = (
    ("kronor_claimed", labels.AMOUNTS[Amount.CLAIMED], lambda view, span: view.money(Amount.CLAIMED, span)),
    ("kronor_recovered", labels.AMOUNTS[Amount.RECOVERED], lambda view, span: view.money(Amount.RECOVERED, span)),
    ("kronor_stopped", labels.AMOUNTS[Amount.STOPPED], lambda view, span: view.money(Amount.STOPPED, span)),
    ("kronor_cost", labels.AMOUNTS[Amount.COST], lambda view, span: view.money(Amount.COST, span)),
)


def sections(view: View) -> list[Section]:
    """The indicators of the period and of the same a year before."""
    tables = (
        _table(view, "cases", N_("Antal ärenden"), Unit.CASES, _CASES),
        _table(view, "shares", N_("Andelar"), Unit.SHARE, _SHARES),
        _table(view, "days", N_("Dagar"), Unit.DAYS, _DAYS),
        _table(view, "kronor", N_("Belopp, kronor"), Unit.KRONOR, _KRONOR),
    )
    return [Section("indicators", Sentence(N_("Indikatorer")), (), tables)]


def _table(view: View, name: str, title: str, unit: Unit, rows: tuple[tuple[str, str, _Of], ...]) -> Table:
    return Table(
        name,
        Sentence(title),
        Sentence(N_("Indikator")),
        (Column("now", period_title(view.span), unit), Column("before", period_title(view.before), unit)),
        tuple(Head(key, Sentence(words)) for key, words, _ in rows),
        tuple((of(view, view.span), of(view, view.before)) for _, _, of in rows),
        Sentence(
            N_(
                "Samma siffror som i den årliga uppföljningen, med samma definitioner. Varje rad har en nyckel som "
                "inte ändras, i filerna för maskiner."
            )
        ),
    )
