"""From the folded log to a report, in one call; for the public by way of hiding (06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tipportal.domain.errors import Invalid
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import Plan, Published
from tipportal.domain.suppression.hiding import hide
from tipportal.domain.texts import N_

from .counting import Cube
from .edges import edges, method
from .facts import Folded
from .grids import period_words
from .kinds import sections, title
from .report import Audience, Report, ReportKind, Section
from .requests import Request
from .view import View


def check(folded: Folded, request: Request) -> None:
    """Raise Invalid, naming the field, when there can be no such report."""
    if request.kind is ReportKind.SAMPLE and request.audience is Audience.PUBLIC:
        raise Invalid(N_("Stickprovet är bara för dem som får läsa loggen."), field="audience")
    if request.scope is not None and request.scope not in folded.organisations:
        raise Invalid(N_("Organisationen finns inte i loggen."), field="organisation")


def plan(folded: Folded, request: Request, earlier: Sequence[Published] = ()) -> Plan:
    """What a public report may show, given what earlier publications have shown. Raises as ``build``.

    ``plan(...).published(id)`` is what this publication is to later ones.
    """
    check(folded, request)
    cube = Cube(folded, request.as_of, request.period)
    return _planned(cube, request, earlier)


def build(
    folded: Folded, request: Request, names: Mapping[str, str] | None = None, earlier: Sequence[Published] = ()
) -> tuple[Report, Plan | None]:
    """A report as its audience may see it, and what was hidden, if anything had to be.

    ``names``: labels of organisations and functions by id.

    The same entries, request, names and earlier publications give the same report. Raises Invalid for a sample in
    public and for an organisation that the log doesn't know.
    """
    check(folded, request)
    cube = Cube(folded, request.as_of, request.period)
    planned = _planned(cube, request, earlier) if request.audience is Audience.PUBLIC else None
    view = View(cube, request, names or {}, planned)
    limits = edges(view)
    about = [Section("about", Sentence(N_("Att tänka på")), tuple(limits))] if limits else []
    proven = (function for proof in folded.proofs for function in proof.dependence)
    used = {*cube.organisations, *folded.functions, *proven}
    report = Report(
        kind=request.kind,
        period=request.period,
        scope=request.scope,
        audience=request.audience,
        as_of=request.as_of,
        log=request.log,
        title=title(view, period_words(view.span)),
        sections=(*about, *sections(view), method(view)),
        names={key: name for key, name in sorted((names or {}).items()) if key in used},
        earlier=tuple(one.id for one in earlier),
        seed=(request.seed or request.log.root) if request.kind is ReportKind.SAMPLE else None,
    )
    return report, planned


def _planned(cube: Cube, request: Request, earlier: Sequence[Published]) -> Plan:
    noted = View(cube, request, {})
    sections(noted)
    return hide(noted.families(), earlier, noted.moneys())
