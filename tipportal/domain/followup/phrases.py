"""Figures as words inside a sentence: right for none, one and many, and for a figure that is not shown.

Each noun has a msgid of its own for each of these, so that no language has to build a plural out of parts. They stand
inside a sentence, never at its beginning.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .periods import Period
from .report import Figure, Mark


@dataclass(frozen=True, slots=True)
class _Forms:
    none: str
    one: str
    many: str
    hidden: str


class Noun(enum.Enum):
    """What is counted in a sentence."""

    CASES = _Forms(
        N_("inget ärende"), N_("ett ärende"), N_("%(number)d ärenden"), N_("ett antal ärenden som inte visas")
    )
    CASES_OPEN = _Forms(
        N_("inget öppet ärende"),
        N_("ett öppet ärende"),
        N_("%(number)d öppna ärenden"),
        N_("ett antal öppna ärenden som inte visas"),
    )
    TIPS = _Forms(N_("inget tips"), N_("ett tips"), N_("%(number)d tips"), N_("ett antal tips som inte visas"))
    REPORTS = _Forms(
        N_("ingen rapport"), N_("en rapport"), N_("%(number)d rapporter"), N_("ett antal rapporter som inte visas")
    )
    MEASURES = _Forms(
        N_("ingen åtgärd"), N_("en åtgärd"), N_("%(number)d åtgärder"), N_("ett antal åtgärder som inte visas")
    )
    PLACES = _Forms(
        N_("inget svagt ställe"),
        N_("ett svagt ställe"),
        N_("%(number)d svaga ställen"),
        N_("ett antal svaga ställen som inte visas"),
    )
    PEOPLE = _Forms(
        N_("ingen person"), N_("en person"), N_("%(number)d personer"), N_("ett antal personer som inte visas")
    )
    DAYS = _Forms(N_("0 dagar"), N_("en dag"), N_("%(number)d dagar"), N_("ett antal dagar som inte visas"))
    KRONOR = _Forms(N_("0 kronor"), N_("en krona"), N_("%(number)d kronor"), N_("ett belopp som inte visas"))


def said(noun: Noun, figure: Figure | int) -> Sentence:
    """So many of something, to stand inside a sentence."""
    forms: _Forms = noun.value
    number = figure if isinstance(figure, int) else figure.value
    if number is None:
        return Sentence(forms.hidden)
    if number == 0:
        return Sentence(forms.none)
    return Sentence(forms.one) if number == 1 else Sentence(forms.many, {"number": number})


def is_shown(*figures: Figure) -> bool:
    """All of them have a number."""
    return all(figure.mark is Mark.SHOWN and figure.value is not None for figure in figures)


def stated(figure: Figure, none: str, some: str, values: Mapping[str, object], noun: Noun) -> Sentence:
    """A sentence of its own for none, else one with so many (``%(number)s``) in it."""
    if figure.value == 0:
        return Sentence(none, values)
    return Sentence(some, {**values, "number": said(noun, figure)})


def percent(figure: Figure, channel: Channel | None = None) -> Sentence:
    """A share of cases, or of reports, with what it is of: ``18 av 20 ärenden (90,0 procent)``; inside a sentence."""
    if figure.value is None or figure.part is None or figure.base is None:
        return Sentence(N_("en andel som inte visas"))
    whole, tenth = divmod(figure.value, 10)
    values = {"part": figure.part, "base": figure.base, "whole": whole, "tenth": tenth}
    if channel is Channel.REPORT and figure.base == 1:
        return Sentence(N_("%(part)d av %(base)d rapport (%(whole)d,%(tenth)d procent)"), values)
    if channel is Channel.REPORT:
        return Sentence(N_("%(part)d av %(base)d rapporter (%(whole)d,%(tenth)d procent)"), values)
    if figure.base == 1:
        return Sentence(N_("%(part)d av %(base)d ärende (%(whole)d,%(tenth)d procent)"), values)
    return Sentence(N_("%(part)d av %(base)d ärenden (%(whole)d,%(tenth)d procent)"), values)


def difference(now: Figure, before: Figure, period: Period) -> Sentence | None:
    """What has changed since the same ``period`` a year before, in a sentence; None when either is not shown."""
    if now.value is None or before.value is None:
        return None
    more = now.value - before.value
    values = {"number": abs(more), "year": str(period.year)}
    if more == 0:
        text = (
            N_("Det är lika många som samma halvår %(year)s.") if period.half else N_("Det är lika många som %(year)s.")
        )
    elif more == 1:
        text = N_("Det är ett mer än samma halvår %(year)s.") if period.half else N_("Det är ett mer än %(year)s.")
    elif more == -1:
        text = (
            N_("Det är ett mindre än samma halvår %(year)s.") if period.half else N_("Det är ett mindre än %(year)s.")
        )
    elif more > 0:
        text = (
            N_("Det är %(number)d fler än samma halvår %(year)s.")
            if period.half
            else N_("Det är %(number)d fler än %(year)s.")
        )
    else:
        text = (
            N_("Det är %(number)d färre än samma halvår %(year)s.")
            if period.half
            else N_("Det är %(number)d färre än %(year)s.")
        )
    return Sentence(text, values)
