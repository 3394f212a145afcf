"""How those who told had heard of the function: whether the channels are known where they should be."""

from __future__ import annotations

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import ALL
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import HEARD
from .grids import Line, Spot, Words, grid, lines_of, sparse_grid, years_of
from .receiving import TOTAL, by_organisation, organisations, received_words, series
from .report import Head, Paragraph, Section
from .view import View

_COUNTED = N_("Ärenden som kom in under perioden, efter hur den som hörde av sig hade fått veta att kanalen finns.")
_KNOWN = tuple(key for key in labels.HEARD if key != "unknown")


def heard(view: View) -> Section:
    """How they had heard of it."""
    words = Words("heard", Sentence(N_("Så hade de hört talas om kanalen")), Sentence(N_("Sätt")), Sentence(_COUNTED))
    table = grid(view, words, HEARD, [*lines_of(labels.HEARD), Line(TOTAL)], years_of(view))
    return Section("heard", Sentence(N_("Kännedom om kanalerna")), (), (table,))


def sections(view: View) -> list[Section]:
    """The report on awareness: how they had heard, and how much comes in, per organisation."""
    received = [Paragraph(one.id, one.words) for one in received_words(view)]
    tables = [series(view)]
    if view.scope is None and len(organisations(view)) > 1:
        tables.append(by_organisation(view))
    found = [heard(view), Section("received", Sentence(N_("Inkomna ärenden")), tuple(received), tuple(tables))]
    if not view.is_public and view.scope is None:
        found.append(_per_organisation(view))
    return found


def _per_organisation(view: View) -> Section:
    words = Words(
        "heard_by_organisation",
        Sentence(N_("Så hade de hört talas om kanalen, per organisation")),
        Sentence(N_("Organisation")),
        Sentence(_COUNTED),
    )
    lines = [Line(Head(one.id, name=view.name(one.id)), scope=one.id) for one in organisations(view)]
    spots = [Spot(key, Sentence(labels.HEARD[key]), view.span, (key,)) for key in labels.HEARD]
    spots.append(Spot("total", Sentence(N_("Summa")), view.span, (ALL,)))
    table = sparse_grid(view, words, HEARD, lines, spots)
    return Section("heard_by_organisation", Sentence(N_("Per organisation")), (), (table,))
