"""Risk areas by types of irregularities: for the weighing of risks (VoR) and the picture of the situation.

Irregularities count however they were found; how, is a table of its own.
"""

from __future__ import annotations

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import ALL
from tipportal.domain.texts import N_

from .breakdowns import AREAS, SUBJECT, TYPES
from .courses import areas, types, undue_words
from .grids import Line, Spot, Words, period_title, sparse_grid
from .receiving import origin, received_table, received_words
from .report import Head, Section, Table
from .view import View


def sections(view: View) -> list[Section]:
    """The counts for the weighing of risks."""
    return [
        Section(
            "received",
            Sentence(N_("Inkomna ärenden")),
            tuple(received_words(view)),
            (received_table(view), origin(view)),
        ),
        Section(
            "irregularities",
            Sentence(N_("Riskområden och typer")),
            tuple(undue_words(view)),
            (areas(view), types(view), area_types(view)),
        ),
    ]


def area_types(view: View) -> Table:
    """Each pair of a risk area and a type that some case has: one row a pair, so that it can be sorted and filtered."""
    words = Words(
        "area_types",
        Sentence(N_("Riskområde och typ tillsammans")),
        Sentence(N_("Riskområde och typ")),
        Sentence(
            N_(
                "Ärenden som kom in under perioden, efter område och typ tillsammans. Ett ärende med flera områden "
                "eller typer räknas i varje par, så raderna kan tillsammans bli fler än ärendena."
            )
        ),
    )
    lines = []
    spot = Spot("now", period_title(view.span), view.span)
    where = (view.scope or ALL, ALL, ALL)
    for area, type_ in sorted(view.cube.spread(SUBJECT, where, [AREAS, TYPES])):
        pair = Sentence(N_("%(area)s: %(type)s"), {"area": Sentence(AREAS[area]), "type": Sentence(TYPES[type_])})
        lines.append(Line(Head(f"{area}:{type_}", pair), (area, type_)))
    return sparse_grid(view, words, SUBJECT, lines, [spot])
