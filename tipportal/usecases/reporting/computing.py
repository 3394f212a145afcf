"""A report computed from entries: the same for a database that makes it and for whoever checks an export later.

What a public report hides depends on every publication before it (06). Each is known from the log alone, which says of
which report, as of which size, it was: so what it showed is computed again, at that size, on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tipportal.domain.followup import building
from tipportal.domain.followup.facts import Folded, Publication
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, LogRange, Report, ReportKind
from tipportal.domain.followup.requests import Request
from tipportal.domain.suppression.families import Plan, Published

_NOTHING: Mapping[str, Published] = {}


class OtherPublications(ValueError):
    """The log says that something else was published than what was given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report: what it is asked for by, and the entries that it is computed from. See ``Request``.

    ``together``: its small figures are hidden together with those of the whole and of every organisation.
    """

    kind: ReportKind
    period: Period
    scope: str | None
    audience: Audience
    log: LogRange
    seed: str | None = None
    together: bool = False

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
) -> list[Computed]:
    """The report; where it is computed together with others all of them, the whole's first.

    ``steps``: what the log said at each of ``sizes``. ``publications``: all that the log knows of. ``kept``: what
    publications showed, by their digests, where that need not be computed again.

    Raises Invalid as ``building.build``, OtherPublications, and ValueError for a publication of a kind or period that
    there is none of.
    """
    before = _Before(_before(wanted, publications), wanted.log, kept)
    for at, folded in steps:
        before.take(at, folded)
        if at < wanted.log.size:
            continue
        if wanted.reckons and [one.digest for one in folded.publications] != [one.id for one in before.shown]:
            raise OtherPublications
        if folded.as_of is None:
            break
        request = Request(
            wanted.kind, wanted.period, wanted.scope, wanted.audience, folded.as_of, wanted.log, wanted.seed
        )
        if wanted.together:
            every = _of_all(folded, request)
            built = building.build_together(folded, every, names, before.shown)
            return [Computed(report, plan.published("")) for report, plan in built]
        report, plan = building.build(folded, request, names, before.shown)
        return [Computed(report, None if plan is None else plan.published(""))]
    raise EOFError(0)


@dataclass(slots=True)
class _Before:
    """What publications showed, in their order, as far as the log has been read."""

    waiting: list[Publication]
    log: LogRange
    kept: Mapping[str, Published]
    shown: list[Published] = field(default_factory=list)
    _together: tuple[Request, dict[str | None, Plan]] | None = None

    def take(self, at: int, folded: Folded) -> None:
        """Those that were published of a log that had ``at`` entries then."""
        while self.waiting and (self.waiting[0].digest in self.kept or self.waiting[0].size <= at < self.log.size):
            one = self.waiting.pop(0)
            self.shown.append(self.kept.get(one.digest) or self._plan(one, folded).published(one.digest))

    def _plan(self, one: Publication, folded: Folded) -> Plan:
        request = Request(
            ReportKind(one.kind),
            Period.read(one.period),
            one.scope,
            Audience.PUBLIC,
            one.as_of,
            LogRange(self.log.origin, one.size, ""),
        )
        if not one.together:
            return building.plan(folded, request, self.shown)
        whole = replace(request, scope=None)
        if self._together is None or self._together[0] != whole:
            # Those published with it come next: what they showed of the same log is decided once.
            every = _of_all(folded, request)
            plans = building.plan_together(folded, every, self.shown)
            self._together = whole, {each.scope: plan for each, plan in zip(every, plans, strict=True)}
        return self._together[1][one.scope]


def _of_all(folded: Folded, request: Request) -> list[Request]:
    return [replace(request, scope=scope) for scope in building.scopes_of(folded, request.period)]
