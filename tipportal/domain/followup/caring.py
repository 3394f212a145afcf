"""Concerns of reprisals, after-care, and how often the identity of a reporter was opened or disclosed."""

from __future__ import annotations

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import EVENTS, REPRISALS
from .grids import Line, Words, grid, keyed_lines, lines_of, period_words, years_of
from .phrases import Noun, is_shown, stated
from .receiving import TOTAL
from .report import Paragraph, Section
from .view import View

_CARE = ("reprisal", "after_care", "identity_opened", "identity_disclosed")


def protection(view: View) -> Section:
    """How those who told were protected."""
    concerns = Words(
        "reprisals",
        Sentence(N_("Oro för repressalier")),
        Sentence(N_("Svar")),
        Sentence(N_("Rapporter som kom in under perioden, efter vad handläggarna har antecknat om repressalier.")),
    )
    care = Words(
        "care",
        Sentence(N_("Skydd och eftervård")),
        Sentence(N_("Vad")),
        Sentence(N_("Antal ärenden där det har hänt under perioden, när ärendet än kom in.")),
    )
    of = view.seen(REPRISALS)
    tables = (
        grid(view, concerns, of, [*keyed_lines(of), Line(TOTAL)], years_of(view)),
        grid(view, care, EVENTS, lines_of({key: labels.EVENTS[key] for key in _CARE}), years_of(view)),
    )
    found = []
    values = {"period": period_words(view.span)}
    noted = view.told(view.ref(EVENTS, "reprisal"))
    if is_shown(noted):
        none = N_("Under %(period)s antecknades ingen oro för repressalier.")
        some = N_("Under %(period)s antecknades oro för repressalier i %(number)s.")
        found.append(Paragraph("reprisals", stated(noted, none, some, values, Noun.CASES)))
    disclosed = view.told(view.ref(EVENTS, "identity_disclosed"))
    if is_shown(disclosed):
        none = N_("Under %(period)s lämnades det inte i något ärende ut vem rapportören är.")
        some = N_("Under %(period)s lämnades det ut vem rapportören är i %(number)s, efter beslut av två.")
        found.append(Paragraph("identity_disclosed", stated(disclosed, none, some, values, Noun.CASES)))
    return Section("protection", Sentence(N_("Skydd för dem som rapporterar")), tuple(found), tables)
