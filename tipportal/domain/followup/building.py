"""From the folded log to a report, in one call; for the public by way of hiding (06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tipportal.domain.errors import Invalid
from tipportal.domain.organisations import OrganisationKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import Plan, Published, Wish
from tipportal.domain.suppression.hiding import hide_together
from tipportal.domain.texts import N_

from .counting import Cube
from .edges import edges, method
from .facts import Folded
from .grids import period_words
from .kinds import sections, title
from .periods import Period
from .report import Audience, Report, ReportKind, Section
from .requests import Request
from .view import View


def check(folded: Folded, request: Request) -> None:
    """Raise Invalid, naming the field, when there can be no such report."""
    if request.kind is ReportKind.SAMPLE and request.audience is Audience.PUBLIC:
        raise Invalid(N_("Stickprovet är bara för dem som får läsa loggen."), field="audience")
    if request.scope is not None and request.scope not in folded.organisations:
        raise Invalid(N_("Organisationen finns inte i loggen."), field="organisation")


def scopes_of(folded: Folded, period: Period) -> list[str | None]:
    """Whose reports are decided together: the whole's (None), and every organisation's that was there in the period.

    But for those outside (a law firm that receives for others): they have no channels of their own.
    """
    found = [
        one.id
        for one in folded.organisations.values()
        if one.kind != OrganisationKind.EXTERNAL
        and one.added <= period.last
        and (one.ended is None or one.ended >= period.first)
    ]
    return [None, *sorted(found)]


def plan(folded: Folded, request: Request, earlier: Sequence[Published] = ()) -> Plan:
    """What a public report may show, given what earlier publications have shown. Raises as ``build``.

    ``plan(...).published(id)`` is what this publication is to later ones.
    """
    return plan_together(folded, [request], earlier)[0]


def plan_together(folded: Folded, requests: Sequence[Request], earlier: Sequence[Published] = ()) -> list[Plan]:
    """What each of several public reports may show: of one period, of several organisations, the whole's first."""
    return hide_together(wishes(folded, requests), earlier)


def wishes(folded: Folded, requests: Sequence[Request]) -> list[Wish]:
    """What each of several public reports of one period would show, if nothing were hidden. Raises as ``build``."""
    return _wishes(_cube(folded, requests), requests)


def build(
    folded: Folded, request: Request, names: Mapping[str, str] | None = None, earlier: Sequence[Published] = ()
) -> tuple[Report, Plan | None]:
    """A report as its audience may see it, and what was hidden, if anything had to be.

    ``names``: labels of organisations and functions by id.

    The same entries, request, names and earlier publications give the same report. Raises Invalid for a sample in
    public and for an organisation that the log doesn't know.
    """
    cube = _cube(folded, [request])
    planned = hide_together(_wishes(cube, [request]), earlier)[0] if request.audience is Audience.PUBLIC else None
    return _report(View(cube, request, names or {}, planned), earlier), planned


def build_together(
    folded: Folded, requests: Sequence[Request], names: Mapping[str, str], earlier: Sequence[Published] = ()
) -> list[tuple[Report, Plan]]:
    """Public reports of one period, whose small figures are hidden together. See ``build``."""
    cube = _cube(folded, requests)
    return [
        (replace(_report(View(cube, request, names, planned), earlier), together=True), planned)
        for request, planned in zip(requests, hide_together(_wishes(cube, requests), earlier), strict=True)
    ]


def _cube(folded: Folded, requests: Sequence[Request]) -> Cube:
    for request in requests:
        check(folded, request)
    return Cube(folded, requests[0].as_of, requests[0].period)


def _report(view: View, earlier: Sequence[Published]) -> Report:
    folded, request, names = view.cube.folded, view.request, view.names
    limits = edges(view)
    about = [Section("about", Sentence(N_("Att tänka på")), tuple(limits))] if limits else []
    proven = (function for proof in folded.proofs for function in proof.dependence)
    used = {*view.cube.organisations, *folded.functions, *proven}
    return Report(
        kind=request.kind,
        period=request.period,
        scope=request.scope,
        audience=request.audience,
        as_of=request.as_of,
        log=request.log,
        title=title(view, period_words(view.span)),
        sections=(*about, *sections(view), method(view)),
        names={key: name for key, name in sorted(names.items()) if key in used},
        earlier=tuple(one.id for one in earlier),
        seed=(request.seed or request.log.root) if request.kind is ReportKind.SAMPLE else None,
    )


def _wishes(cube: Cube, requests: Sequence[Request]) -> list[Wish]:
    found = []
    for request in requests:
        noted = View(cube, request, {})
        sections(noted)
        found.append(Wish(noted.families(), noted.moneys()))
    return found
