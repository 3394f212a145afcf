"""The proof's weak places one by one: which cases, who is concerned, and what is missing then (04).

In public a place that hangs on one person, or on few, is told by its kind alone: whoever reads of it else knows whom to
put out of the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tipportal.domain.independence.findings import How
from tipportal.domain.independence.listing import Lack, ListedPlace, Out, Party
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.describing import ROLES
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import SMALL
from tipportal.domain.texts import N_

from .breakdowns import AREAS
from .counting import Span
from .facts import Proved
from .report import Column, Figure, Head, Mark, Table, Unit
from .view import View

_NAMED = frozenset({Party.FUNCTION, Party.ORGANISATION, Party.INTERNALS})
"""Parties that a public report names: roles and houses, which everybody knows of."""
_CASES: Mapping[Channel, str] = {
    Channel.TIP: N_("Tips till %(name)s, till %(functions)s"),
    Channel.REPORT: N_("Rapporter till %(name)s, till %(functions)s"),
}
_BROKEN: Mapping[Lack, str] = {
    Lack.PANEL: N_("Då finns ingen ärendegrupp. Policyn håller inte."),
    Lack.STANDBY: N_("Då finns en ärendegrupp men ingen ersättare. Policyn håller inte."),
    Lack.OUTSIDE: N_("Stegen slutar inte utanför organisationen. Policyn håller inte."),
    Lack.NO_STANDBY: N_("Då finns en ärendegrupp men ingen ersättare."),
    Lack.ONE_MORE: N_("Är dessutom någon till borta finns en ärendegrupp men ingen ersättare."),
}
_OUT: Mapping[tuple[How, Party], str] = {
    (How.CONCERNED, Party.UNIT): N_("En enhet i %(name)s berörs, med sin linje av chefer."),
    (How.CONCERNED, Party.FUNCTION): N_("Funktionen %(name)s berörs."),
    (How.CONCERNED, Party.ORGANISATION): N_("Hela %(name)s berörs."),
    (How.CONCERNED, Party.PERSON): N_("En person i %(name)s berörs, med chefer och underställda."),
    (How.OUT, Party.PERSON): N_("En person i %(name)s är borta, berörs eller har slutat."),
    (How.PASSED_OVER, Party.ORGANISATION): N_("Regeln håller %(name)s utanför."),
    (How.INTERNALS, Party.INTERNALS): N_("Alla egna handläggare är borta eller berörs."),
}
_SOMEBODY = N_("En enhet eller en person i ledningen berörs, eller en person är borta.")
"""Both in one: of a house with one unit each of them alone would be a person."""
_KINDS: Mapping[Party, str] = {
    Party.UNIT: _SOMEBODY,
    Party.PERSON: _SOMEBODY,
    Party.FUNCTION: N_("En hel funktion berörs."),
    Party.ORGANISATION: N_("En hel organisation berörs."),
    Party.INTERNALS: _OUT[How.INTERNALS, Party.INTERNALS],
}
_SAYS_NO_MORE = N_("Loggen säger inte vilka de är, bara hur många.")


@dataclass(frozen=True, slots=True)
class _Row:
    cases: Sentence
    out: Sentence
    lack: Sentence
    counted: bool = True


def listed_places(view: View) -> Table:
    """Every place that the newest proofs list, those that look alike as one."""
    rows: Counter[_Row] = Counter()
    for proof in listings(view, view.span):
        rows.update(dict(_rows(view, proof)))
    return Table(
        "weak_place_list",
        Sentence(N_("Vilka de svaga ställena är")),
        Sentence(N_("Ärenden")),
        (
            Column("out", Sentence(N_("Situation")), Unit.TEXT),
            Column("lack", Sentence(N_("Följd")), Unit.TEXT),
            Column("number", Sentence(N_("Antal ställen")), Unit.ACTS),
        ),
        tuple(Head(f"place_{number}", row.cases) for number, row in enumerate(rows, 1)),
        tuple(
            (
                Figure(mark=Mark.BAND, text=row.out),
                Figure(mark=Mark.BAND, text=row.lack),
                Figure(count) if row.counted else Figure(mark=Mark.HIDDEN),
            )
            for row, count in rows.items()
        ),
        Sentence(
            N_(
                "Ur det senaste beviset för varje policy före periodens slut, de svåraste först. Ärendena är exempel: "
                "andra uppgifter kan leda till samma sak. Personer och enheter står inte i loggen, bara vilken "
                "organisation de hör till."
            )
        ),
        (Sentence(N_("Ställen som hänger på en enda person eller på få står bara efter sitt slag.")),)
        if view.is_public
        else (),
    )


def listings(view: View, span: Span) -> Iterator[Proved]:
    """The newest proofs in scope, one for each policy: organisations that share one have the same list."""
    seen: list[object] = []
    known = {one.organisation for one in view.cube.folded.proofs}
    for organisation in sorted(known, key=lambda one: (view.name(one), one)):
        proof = proof_at(view, organisation, span)
        if proof is None or view.scope not in {None, organisation}:
            continue
        if proof.places is not None and proof.places in seen:
            continue
        seen.append(proof.places)
        yield proof


def proof_at(view: View, organisation: str, span: Span) -> Proved | None:
    """The newest proof of an organisation's policy up to the end of a span."""
    found = [one for one in view.cube.folded.proofs if one.organisation == organisation and one.on <= span.last]
    return found[-1] if found else None


def _rows(view: View, proof: Proved) -> Iterator[tuple[_Row, int]]:
    home = Sentence("%(name)s", {"name": view.name(proof.organisation)})
    if proof.places is None:
        if proof.weak_places:
            yield _Row(home, Sentence(_SAYS_NO_MORE), Sentence(_BROKEN[Lack.NO_STANDBY])), proof.weak_places
        return
    rows: Counter[_Row] = Counter()
    for place in proof.places.lines:
        rows[_row(view, place)] += place.number
    yield from rows.items()
    for what, number in proof.places.rest.items():
        more = Sentence(N_("Fler ställen, som loggen bara räknar."))
        yield _Row(home, more, Sentence(_BROKEN[Lack(what)])), number


def _row(view: View, place: ListedPlace) -> _Row:
    if view.is_public and not _may_leave(place):
        out = dict.fromkeys(_KINDS[each.party] for each in place.out)
        cases = Sentence("%(name)s", {"name": view.name(place.organisation)})
        return _Row(cases, _joined([Sentence(each) for each in out]), Sentence(_BROKEN[place.what]), counted=False)
    return _Row(_cases(view, place), _joined([_out(view, each) for each in place.out]), _lack(view, place))


def _may_leave(place: ListedPlace) -> bool:
    """Whether nobody can be read out of it: no unit, no person, and nobody in particular whose absence is needed."""
    return all(each.party in _NAMED for each in place.out) and (place.people == 0 or place.people > SMALL)


def _cases(view: View, place: ListedPlace) -> Sentence:
    functions = ", ".join(view.name(each) for each in place.to)
    told = Sentence(_CASES[place.channel], {"name": view.name(place.organisation), "functions": functions})
    area = AREAS.get(place.area or "")
    if area is not None:
        told = Sentence(N_("%(cases)s; området är %(area)s"), {"cases": told, "area": Sentence(area)})
    if place.role is not None and not view.is_public:
        role = Sentence(ROLES[place.role])
        told = Sentence(N_("%(cases)s; den som berörs är %(role)s"), {"cases": told, "role": role})
    return told


def _out(view: View, out: Out) -> Sentence:
    return Sentence(_OUT[out.how, out.party], {"name": view.name(out.of)})


def _lack(view: View, place: ListedPlace) -> Sentence:
    if place.what is not Lack.ONE_MORE or view.is_public:
        return Sentence(_BROKEN[place.what])
    if place.people == 1:
        return Sentence(N_("Är dessutom en viss person borta finns en ärendegrupp men ingen ersättare."))
    text = N_("Är dessutom någon av %(number)d personer borta finns en ärendegrupp men ingen ersättare.")
    return Sentence(text, {"number": place.people})


def _joined(parts: list[Sentence]) -> Sentence:
    whole = parts[0]
    for part in parts[1:]:
        whole = Sentence("%(one)s %(other)s", {"one": whole, "other": part})
    return whole
