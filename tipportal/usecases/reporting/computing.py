"""A report computed from entries: the same for a database that makes it and for whoever checks an export later.

What a public report hides depends on every publication before it (06). Each is known from the log alone, which says of
which report, as of which size, it was: so what it showed is computed again, at that size, on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.followup import building
from tipportal.domain.followup.facts import Folded, Publication
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, LogRange, Report, ReportKind
from tipportal.domain.followup.requests import Request
from tipportal.domain.suppression.families import Published

_NOTHING: Mapping[str, Published] = {}


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


@dataclass(frozen=True, slots=True)
class Computed:
    """A report, and what it is to later ones when it is published; None for one that nobody outside reads."""

    report: Report
    shown: Published | None


def sizes(wanted: Wanted, publications: Sequence[Publication], kept: Collection[str] = ()) -> list[int]:
    """At which sizes ``compute`` must look at the log: those of the publications before that are not kept, its own."""
    before = [one.size for one in _before(wanted, publications) if one.digest not in kept]
    return [*before, wanted.log.size]


def _before(wanted: Wanted, publications: Sequence[Publication]) -> list[Publication]:
    return [one for one in publications if one.size < wanted.log.size] if wanted.reckons else []


def compute(
    steps: Iterable[tuple[int, Folded]],
    wanted: Wanted,
    publications: Sequence[Publication],
    names: Mapping[str, str],
    kept: Mapping[str, Published] = _NOTHING,
) -> Computed:
    """The report. ``steps``: what the log said at each of ``sizes``. ``publications``: all that the log knows of.

    ``kept``: what publications showed, by their digests, where that need not be computed again.

    Raises Invalid as ``building.build``, OtherPublications, and ValueError for a publication of a kind or period that
    there is none of.
    """
    waiting = _before(wanted, publications)
    earlier: list[Published] = []
    for at, folded in steps:
        while waiting and (waiting[0].digest in kept or waiting[0].size <= at < wanted.log.size):
            one = waiting.pop(0)
            found = kept.get(one.digest)
            earlier.append(
                building.plan(folded, _as_published(one, wanted.log), earlier).published(one.digest)
                if found is None
                else found
            )
        if at < wanted.log.size:
            continue
        if wanted.reckons and [one.digest for one in folded.publications] != [one.id for one in earlier]:
            raise OtherPublications
        if folded.as_of is None:
            break
        request = Request(
            wanted.kind, wanted.period, wanted.scope, wanted.audience, folded.as_of, wanted.log, wanted.seed
        )
        report, plan = building.build(folded, request, names, earlier)
        return Computed(report, None if plan is None else plan.published(""))
    raise EOFError(0)


def _as_published(one: Publication, log: LogRange) -> Request:
    told = LogRange(log.origin, one.size, "")
    return Request(ReportKind(one.kind), Period.read(one.period), one.scope, Audience.PUBLIC, one.as_of, told)
