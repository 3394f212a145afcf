"""Figures as words inside a sentence: right for none, one and many, and for a figure that is not shown.

Each noun has a msgid of its own for each of these, so that no language has to build a plural out of parts. They stand
inside a sentence, never at its beginning.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

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
    TIPS = _Forms(N_("inget tips"), N_("ett tips"), N_("%(number)d tips"), N_("ett antal tips som inte visas"))
    REPORTS = _Forms(
        N_("ingen rapport"), N_("en rapport"), N_("%(number)d rapporter"), N_("ett antal rapporter som inte visas")
    )
    MEASURES = _Forms(
        N_("ingen åtgärd"), N_("en åtgärd"), N_("%(number)d åtgärder"), N_("ett antal åtgärder som inte visas")
    )
    POLICE_REPORTS = _Forms(
        N_("ingen polisanmälan"),
        N_("en polisanmälan"),
        N_("%(number)d polisanmälningar"),
        N_("ett antal polisanmälningar som inte visas"),
    )
    CLAIMS = _Forms(
        N_("inget återkrav"), N_("ett återkrav"), N_("%(number)d återkrav"), N_("ett antal återkrav som inte visas")
    )
    HANDOVERS = _Forms(
        N_("inget överlämnande"),
        N_("ett överlämnande"),
        N_("%(number)d överlämnanden"),
        N_("ett antal överlämnanden som inte visas"),
    )
    ANSWERS = _Forms(N_("inget svar"), N_("ett svar"), N_("%(number)d svar"), N_("ett antal svar som inte visas"))
    INVESTIGATIONS = _Forms(
        N_("ingen extern utredning"),
        N_("en extern utredning"),
        N_("%(number)d externa utredningar"),
        N_("ett antal externa utredningar som inte visas"),
    )
    TIMES = _Forms(N_("ingen gång"), N_("en gång"), N_("%(number)d gånger"), N_("ett antal gånger som inte visas"))
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
    YEARS = _Forms(N_("0 år"), N_("ett år"), N_("%(number)d år"), N_("ett antal år som inte visas"))
    KRONOR = _Forms(N_("0 kronor"), N_("en krona"), N_("%(number)d kronor"), N_("ett belopp som inte visas"))
    CASES_OPEN = _Forms(
        N_("inget öppet ärende"),
        N_("ett öppet ärende"),
        N_("%(number)d öppna ärenden"),
        N_("ett antal öppna ärenden som inte visas"),
    )


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


def percent(figure: Figure) -> Sentence:
    """A share of cases with what it is of: ``18 av 20 (90,0 procent)``, to stand inside a sentence."""
    if figure.value is None or figure.part is None or figure.base is None:
        return Sentence(N_("en andel som inte visas"))
    whole, tenth = divmod(figure.value, 10)
    values = {"part": figure.part, "base": figure.base, "whole": whole, "tenth": tenth}
    return Sentence(N_("%(part)d av %(base)d (%(whole)d,%(tenth)d procent)"), values)


def difference(now: Figure, before: Figure, year: int) -> Sentence | None:
    """What has changed since the year before, as a sentence of its own; None when either is not shown."""
    if now.value is None or before.value is None:
        return None
    more = now.value - before.value
    values = {"number": abs(more), "year": str(year)}
    if more == 0:
        return Sentence(N_("Det är lika många som %(year)s."), values)
    return Sentence(
        N_("Det är %(number)d fler än %(year)s.") if more > 0 else N_("Det är %(number)d färre än %(year)s."), values
    )


def enumerated(parts: Sequence[Sentence | str]) -> Sentence | str:
    """One, two or more, with commas and "och" before the last. Raises ValueError on none."""
    if not parts:
        raise ValueError("nothing to enumerate")
    *others, last = parts
    if not others:
        return last
    joined = others[0]
    for part in others[1:]:
        joined = Sentence(N_("%(first)s, %(second)s"), {"first": joined, "second": part})
    return Sentence(N_("%(first)s och %(second)s"), {"first": joined, "second": last})
