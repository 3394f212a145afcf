"""What a file of the right shape can still get wrong: names of nobody, contradictions, circles, dates gone by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from tipportal.domain.organisations import OrganisationKind
from tipportal.domain.riskareas import KEYS
from tipportal.domain.texts import N_

from .explaining import Sentence
from .policy import Policy, Route
from .positions import Path
from .register import Register

Fault = tuple[Path, Sentence]


def soundness_faults(policy: Policy, register: Register, today: date) -> Iterator[Fault]:
    """Every contradiction between and within the two, as the path to it and what it is."""
    names = _Names(policy, register)
    yield from names.repeated()
    yield from _references(policy, register, names)
    yield from _circles("unit", {unit.id: unit.parent for unit in register.units})
    yield from _circles("organisation", {each.id: each.part_of for each in register.organisations})
    yield from _authorities(policy)
    yield from _rules(policy)
    yield from _panel_sizes(policy, register, today)
    yield from _designations(policy, register, today)
    for index, absence in enumerate(register.absences):
        if absence.last is not None and absence.last < absence.first:
            yield ("register", "absence", index, "last"), Sentence(N_("Slutdagen ligger före första dagen."))


class _Names:
    """The ids that each kind of thing goes by."""

    def __init__(self, policy: Policy, register: Register) -> None:
        self._listed = {
            ("policy", "function"): [function.id for function in policy.functions],
            ("register", "organisation"): [organisation.id for organisation in register.organisations],
            ("register", "unit"): [unit.id for unit in register.units],
            ("register", "person"): [person.id for person in register.people],
        }
        self._known = {kind: frozenset(ids) for (_, kind), ids in self._listed.items()} | {"area": KEYS}

    def repeated(self) -> Iterator[Fault]:
        for (part, kind), ids in self._listed.items():
            seen: set[str] = set()
            for index, id_ in enumerate(ids):
                if id_ in seen:
                    yield (part, kind, index), Sentence(N_("%(id)s är redan namn på något annat."), {"id": id_})
                seen.add(id_)

    def unknown(self, kind: str, ids: Iterable[str | None], path: Path, *, indexed: bool = True) -> Iterator[Fault]:
        for index, id_ in enumerate(ids):
            if id_ is not None and id_ not in self._known[kind]:
                at = (*path, index) if indexed else path
                yield at, Sentence(_UNKNOWN[kind], {"id": id_})

    def unknown_parties(self, parties: Iterable[str], path: Path) -> Iterator[Fault]:
        for index, party in enumerate(parties):
            kind, _, id_ = party.partition(":")
            yield from self.unknown(kind, [id_], (*path, index), indexed=False)


_UNKNOWN: Mapping[str, str] = {
    "function": N_("Funktionen %(id)s finns inte."),
    "organisation": N_("Organisationen %(id)s finns inte."),
    "unit": N_("Enheten %(id)s finns inte."),
    "person": N_("Personen %(id)s finns inte."),
    "area": N_("Området %(id)s finns inte."),
}


def _references(policy: Policy, register: Register, names: _Names) -> Iterator[Fault]:
    at: Path = ("policy",)
    yield from names.unknown("organisation", policy.organisations, (*at, "organisations"))
    for index, function in enumerate(policy.functions):
        here: Path = (*at, "function", index)
        yield from names.unknown("organisation", [function.authority], (*here, "authority"), indexed=False)
        yield from names.unknown("person", function.members, (*here, "members"))
    for index, row in enumerate(policy.authorities):
        here = (*at, "authority", index)
        yield from names.unknown("organisation", [row.authority], (*here, "authority"), indexed=False)
        yield from names.unknown("organisation", row.organisations, (*here, "organisation"))
    for index, rung in enumerate(policy.ladder):
        yield from names.unknown("function", rung, (*at, "ladder", index))
    for path, route in _routes(policy):
        yield from names.unknown("function", route.to, (*path, "to"))
        yield from names.unknown("organisation", route.excludes, (*path, "excludes"))
    for index, rule in enumerate(policy.rules):
        here = (*at, "rule", index, "when")
        yield from names.unknown("organisation", rule.when.organisations, (*here, "organisation"))
        yield from names.unknown_parties(rule.when.concerns, (*here, "concerns"))
    yield from _register_references(register, names)


def _register_references(register: Register, names: _Names) -> Iterator[Fault]:
    single: list[tuple[str, str, str, list[str | None]]] = [
        ("organisation", "part_of", "organisation", [each.part_of for each in register.organisations]),
        ("unit", "organisation", "organisation", [unit.organisation for unit in register.units]),
        ("unit", "parent", "unit", [unit.parent for unit in register.units]),
        ("unit", "head", "person", [unit.head for unit in register.units]),
        ("person", "unit", "unit", [person.unit for person in register.people]),
        ("designation", "person", "person", [each.person for each in register.designations]),
        ("designation", "function", "function", [each.function for each in register.designations]),
        ("absence", "person", "person", [absence.person for absence in register.absences]),
        ("conflict", "person", "person", [conflict.person for conflict in register.conflicts]),
        ("firm", "organisation", "organisation", [firm.organisation for firm in register.firms]),
        ("firm", "client", "function", [firm.client for firm in register.firms]),
        ("sharing", "organisation", "organisation", [each.organisation for each in register.sharings]),
        ("sharing", "function", "function", [each.function for each in register.sharings]),
    ]
    for table, key, kind, ids in single:
        for index, id_ in enumerate(ids):
            yield from names.unknown(kind, [id_], ("register", table, index, key), indexed=False)
    for index, conflict in enumerate(register.conflicts):
        yield from names.unknown_parties(conflict.subjects, ("register", "conflict", index, "subjects"))
    externals = {each.id for each in register.organisations if each.kind is OrganisationKind.EXTERNAL}
    home = {unit.id: unit.organisation for unit in register.units}
    employer = {person.id: home.get(person.unit) for person in register.people}
    told = Counter(firm.organisation for firm in register.firms)
    for index, firm in enumerate(register.firms):
        here: Path = ("register", "firm", index)
        if told[firm.organisation] > 1:
            yield here, Sentence(N_("%(id)s är redan namn på något annat."), {"id": firm.organisation})
        yield from names.unknown("organisation", firm.other_mandates, (*here, "other_mandates"))
        if firm.organisation not in externals:
            yield (*here, "organisation"), Sentence(N_("%(id)s är ingen extern part."), {"id": firm.organisation})
        for position, person in enumerate(firm.named_persons):
            if employer.get(person) != firm.organisation:
                values = {"id": person, "firm": firm.organisation}
                at = (*here, "named_persons", position)
                yield at, Sentence(N_("%(id)s är inte anställd hos %(firm)s."), values)


def _circles(kind: str, above: Mapping[str, str | None]) -> Iterator[Fault]:
    clear: set[str] = set()
    for index, start in enumerate(above):
        walked: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in clear and at not in walked:
            walked[at] = None
            at = above.get(at)
        if at is not None and at in walked and at == start:
            values = {"chain": " → ".join([*walked, start])}
            yield ("register", kind, index), Sentence(N_("Kedjan går i en cirkel: %(chain)s."), values)
        elif at is None or at in clear:
            clear.update(walked)


def _authorities(policy: Policy) -> Iterator[Fault]:
    for index, organisation in enumerate(policy.organisations):
        for channel in policy.defaults:
            whole = any(
                not row.areas
                and (not row.channels or channel in row.channels)
                and (not row.organisations or organisation in row.organisations)
                for row in policy.authorities
            )
            if not whole:
                values = {"organisation": organisation, "channel": channel.value}
                yield (
                    ("policy", "organisations", index),
                    Sentence(N_("Mottagande myndighet saknas för %(organisation)s, kanalen %(channel)s."), values),
                )


def _rules(policy: Policy) -> Iterator[Fault]:
    for index, rule in enumerate(policy.rules):
        path: Path = ("policy", "rule", index)
        if not any(rule.when.parts()):
            yield path, Sentence(N_("Regeln har inget villkor. Det som gäller annars hör hemma i default."))
            continue
        outside = [each for each in rule.when.organisations if each not in policy.organisations]
        if outside:
            values = {"id": outside[0]}
            yield path, Sentence(N_("Regeln gäller %(id)s, som inte omfattas av policyn."), values)
        earlier = next(
            (number for number, other in enumerate(policy.rules[:index], 1) if other.when.covers(rule.when)), 0
        )
        if earlier:
            same = policy.rules[earlier - 1].when == rule.when
            text = (
                N_("Regeln motsäger regel %(number)d, som har samma villkor.")
                if same
                else N_("Regeln används aldrig, eftersom regel %(number)d redan gäller i alla dess fall.")
            )
            yield path, Sentence(text, {"number": earlier})


def _panel_sizes(policy: Policy, register: Register, today: date) -> Iterator[Fault]:
    active = {(each.person, each.function) for each in register.designations if each.active(today)}
    members = {
        function.id: {person for person in function.members if (person, function.id) in active}
        for function in policy.functions
    }
    ladder = {function for rung in policy.ladder for function in rung}
    for path, route in _routes(policy):
        there = set().union(*(members.get(function, set()) for function in {*route.to, *ladder}))
        if len(there) < route.panel_size:
            values = {"size": route.panel_size, "count": len(there)}
            yield (
                (*path, "panel_size"),
                Sentence(N_("En ärendegrupp på %(size)d går inte att fylla: %(count)d är utsedda."), values),
            )


def _designations(policy: Policy, register: Register, today: date) -> Iterator[Fault]:
    barred = {person.id for person in register.people if person.elected or person.auditor}
    members = {(person, function.id) for function in policy.functions for person in function.members}
    repeated = Counter((each.person, each.function, each.valid_from) for each in register.designations)
    for index, each in enumerate(register.designations):
        path: Path = ("register", "designation", index)
        values = {"person": each.person, "function": each.function, "day": each.valid_to}
        if each.valid_to is not None and each.valid_to < each.valid_from:
            yield (*path, "valid_to"), Sentence(N_("Slutdagen ligger före första dagen."))
        elif each.valid_to is not None and each.valid_to < today:
            yield (*path, "valid_to"), Sentence(N_("Utseendet av %(person)s gick ut %(day)s."), values)
        if each.person in barred:
            yield path, Sentence(N_("%(person)s är förtroendevald eller revisor och kan inte utses."), values)
        if (each.person, each.function) not in members:
            yield path, Sentence(N_("%(person)s är utsedd men inte medlem i %(function)s."), values)
        if repeated[each.person, each.function, each.valid_from] > 1:
            yield path, Sentence(N_("Utseendet av %(person)s till %(function)s står två gånger."), values)
    designated = {(each.person, each.function) for each in register.designations}
    for index, function in enumerate(policy.functions):
        for position, person in enumerate(function.members):
            if (person, function.id) not in designated:
                values = {"person": person, "function": function.id}
                at: Path = ("policy", "function", index, "members", position)
                yield at, Sentence(N_("%(person)s är medlem i %(function)s utan beslut om utseende."), values)


def _routes(policy: Policy) -> Iterator[tuple[Path, Route]]:
    for channel, route in policy.defaults.items():
        yield ("policy", "default", channel.value), route
    for index, rule in enumerate(policy.rules):
        yield ("policy", "rule", index), rule.route
