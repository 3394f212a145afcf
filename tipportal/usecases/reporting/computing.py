"""A report computed from entries: the same for a database that makes it and for whoever checks an export later.

What a public report hides depends on every publication before it (06). Each is known from the log alone, which says of
which report, as of which size, it was: so what it showed is computed again, at that size, on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.followup import building
from tipportal.domain.followup.facts import Folded, Publication
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, LogRange, Report, ReportKind
from tipportal.domain.followup.requests import Request
from tipportal.domain.suppression.families import Published


class OtherPublications(ValueError):
    """The log says that something else was published than what was given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report: what it is asked for by, and the entries that it is computed from. See ``Request``."""

    kind: ReportKind
    period: Period
    scope: str | None
    audience: Audience
    log: LogRange
    seed: str | None = None

    @property
    def reckons(self) -> bool:
        """It hides small figures, with regard to all that was published before."""
        return self.audience is Audience.PUBLIC


def sizes(wanted: Wanted, publications: Sequence[Publication]) -> list[int]:
    """At which sizes ``compute`` must look at the log: those of the publications before, and its own."""
    before = [one.size for one in publications if one.size < wanted.log.size] if wanted.reckons else []
    return [*before, wanted.log.size]


def compute(
    steps: Iterable[tuple[int, Folded]],
    wanted: Wanted,
    publications: Sequence[Publication],
    names: Mapping[str, str],
) -> Report:
    """The report. ``steps``: what the log said at each of ``sizes``. ``publications``: all that the log knows of.

    Raises Invalid as ``building.build``, OtherPublications, and ValueError for a publication of a kind or period that
    there is none of.
    """
    known = {one.size: one for one in publications}
    earlier: list[Published] = []
    for at, folded in steps:
        if at < wanted.log.size:
            one = known[at]
            earlier.append(building.plan(folded, _as_published(one, wanted.log), earlier).published(one.digest))
            continue
        if wanted.reckons and [one.digest for one in folded.publications] != [one.id for one in earlier]:
            raise OtherPublications
        if folded.as_of is None:
            break
        request = Request(
            wanted.kind, wanted.period, wanted.scope, wanted.audience, folded.as_of, wanted.log, wanted.seed
        )
        return building.build(folded, request, names, earlier)
    raise EOFError(0)


def _as_published(one: Publication, log: LogRange) -> Request:
    told = LogRange(log.origin, one.size, "")
    return Request(ReportKind(one.kind), Period.read(one.period), one.scope, Audience.PUBLIC, one.as_of, told)
