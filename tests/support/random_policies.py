"""Small policies and registers at random: sound, and about as often good as bad."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tipportal.domain.organisations import Channel, Ground, OrganisationKind
from tipportal.domain.policies.policy import AuthorityRow, Policy, PolicyFunction, Route, Rule, When
from tipportal.domain.policies.register import (
    Absence,
    DeclaredConflict,
    Firm,
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
)
from tipportal.domain.routing import SubjectRole

TODAY = date(2026, 11, 22)
AREAS = ["unknown", "inkop"]
ROLES = ["unknown", "senior_position"]
DAY = timedelta(days=1)


def random_policy(seed: int) -> tuple[Policy, Register]:
    """A policy of two or three functions for a municipality with helpers, and its register.

    Trouble comes seldom or often: were it always the same, nearly all policies would be bad by several faults at once.
    """
    rnd = Random(seed)  # noqa: S311 - made-up policies are no secret
    trouble = rnd.choice([0.1, 0.1, 0.1, 1.0])
    organisations = [
        RegisteredOrganisation("own", "Kommunen", OrganisationKind.MUNICIPALITY),
        RegisteredOrganisation("firm", "Byrån", OrganisationKind.EXTERNAL),
        RegisteredOrganisation("next", "Grannen", OrganisationKind.MUNICIPALITY),
    ]
    if rnd.random() < 0.4:
        organisations.append(RegisteredOrganisation("company", "Bolaget", OrganisationKind.COMPANY, part_of="own"))
    homes = {"own": ["top", "own-1", "own-2"], "firm": ["firm", "firm-2"], "next": ["next-1", "next-2"]}
    if len(organisations) > 3:
        homes["company"] = ["company"]
    people = [
        Person(f"p{number}", f"P{number}", rnd.choice(units))
        for number, units in enumerate(_places(rnd, homes, trouble))
    ]
    people = [_barred(rnd, person, trouble) for person in people]
    if rnd.random() < 0.6:
        people.append(Person("chief", "Chefen", "top"))
    units = [_unit(rnd, unit, home, people) for home, places in homes.items() for unit in places]
    by_home = {unit.id: unit.organisation for unit in units}
    # Now and then the neighbour hosts the function, and is no longer outside.
    host = rnd.choice(["own", "own", "own", "next"])
    outside = [person.id for person in people if by_home[person.unit] in {"firm", "next"} - {host}]
    everybody = [person.id for person in people if person.id != "chief"]
    functions = [
        PolicyFunction("main", "Main", host, tuple(_some(rnd, everybody, 1 - 0.1 * trouble))),
        PolicyFunction(
            "out",
            "Out",
            host,
            tuple(_some(rnd, outside if rnd.random() > 0.05 * trouble else everybody, 1 - 0.05 * trouble)),
        ),
    ]
    if rnd.random() < 0.4:
        authority = rnd.choice([host, "own", "next"])
        functions.append(PolicyFunction("third", "Third", authority, tuple(_some(rnd, everybody, 0.8))))
    served = ("own", *(["company"] if len(organisations) > 3 and rnd.random() < 0.7 else []))
    rows = [AuthorityRow(host)]
    if rnd.random() < 0.2 * trouble:
        rows.insert(0, AuthorityRow("next", areas=("inkop",)))
    policy = Policy(
        organisations=served,
        functions=tuple(functions),
        authorities=tuple(rows),
        defaults={channel: _route(rnd, functions, ["main"], trouble) for channel in Channel},
        ladder=(("main",), ("out",)) if rnd.random() < 0.3 else (("out",),),
        rules=tuple(_rule(rnd, functions, served, trouble) for _ in range(rnd.choice([0, 0, 1, 1, 2]))),
    )
    return policy, Register(
        tuple(organisations),
        tuple(units),
        tuple(people),
        tuple(_designation(rnd, person, function.id, trouble) for function in functions for person in function.members),
        absences=_absences(rnd, everybody, trouble),
        conflicts=_conflicts(rnd, everybody, trouble),
        firms=_firms(rnd, people, by_home, trouble),
    )


def _places(rnd: Random, homes: dict[str, list[str]], trouble: float) -> list[list[str]]:
    """The units to choose from, for each person."""
    least = 1 if trouble == 1 else 2
    counts = {"own": rnd.randint(least, 3), "firm": rnd.randint(least - 1, 4), "next": rnd.choice([0, 1, 2, 3])}
    counts["company"] = rnd.randint(0, 1) if "company" in homes else 0
    return [homes[home] for home, count in counts.items() for _ in range(count)]


def _barred(rnd: Random, person: Person, trouble: float) -> Person:
    draw = rnd.random() / trouble
    return replace(person, elected=draw < 0.03, auditor=0.03 < draw < 0.06, ready=not 0.06 < draw < 0.09)


def _unit(rnd: Random, unit: str, home: str, people: list[Person]) -> RegisteredUnit:
    parent = "top" if unit in {"own-1", "own-2", "company"} and rnd.random() < 0.7 else None
    inside = [person.id for person in people if person.unit == unit]
    head = rnd.choice(inside) if inside and home != "firm" and rnd.random() < 0.4 else None
    return RegisteredUnit(unit, unit, home, parent, head)


def _some(rnd: Random, people: list[str], share: float) -> list[str]:
    return [person for person in people if rnd.random() < share]


def _route(rnd: Random, functions: list[PolicyFunction], to: list[str], trouble: float) -> Route:
    if rnd.random() < 0.2 * trouble:
        to = [rnd.choice(functions).id]
    excludes = (rnd.choice(["own", "own", "company", "next"]),) if rnd.random() < 0.2 else ()
    excludes = ("own",) if excludes == ("company",) else excludes
    return Route(tuple(to), "because", 3 if rnd.random() < 0.2 * trouble else 2, excludes)


def _rule(rnd: Random, functions: list[PolicyFunction], served: tuple[str, ...], trouble: float) -> Rule:
    when = rnd.choice([
        When(channels=(Channel.TIP,)),
        When(areas=("inkop",)),
        When(subject_roles=(SubjectRole.SENIOR_POSITION,)),
        When(organisations=(served[-1],)),
        When(concerns=("unit:own-1", "function:main")),
        When(areas=("inkop",), concerns=("organisation:own",)),
    ])  # fmt: skip
    return Rule(
        when,
        _route(
            rnd,
            functions,
            rnd.choice([["out"], ["main", "out"], ["main"], ["out", *{functions[-1].id} - {"out"}]]),
            trouble,
        ),
    )


def _designation(rnd: Random, person: str, function: str, trouble: float) -> RegisteredDesignation:
    draw = rnd.random() / trouble
    first = TODAY + DAY if draw < 0.02 else TODAY - 300 * DAY
    last = TODAY - DAY if 0.02 <= draw < 0.05 else TODAY if draw < 0.1 else None
    return RegisteredDesignation(person, function, Ground.EMPLOYMENT, "KS 1", first, last, int(draw * 1000) % 3)


def _absences(rnd: Random, people: list[str], trouble: float) -> tuple[Absence, ...]:
    if not people or rnd.random() > 0.3 * trouble:
        return ()
    lengths = [None, 29, 30, 31]
    length = rnd.choice(lengths)
    first = TODAY - rnd.choice([0, 5, 40]) * DAY
    return (Absence(rnd.choice(people), first, None if length is None else first + length * DAY),)


def _conflicts(rnd: Random, people: list[str], trouble: float) -> tuple[DeclaredConflict, ...]:
    subjects = ["area:inkop", "organisation:own", "organisation:next", "unit:own-1", "unit:next-1", *_persons(people)]
    count = rnd.choice([0, 0, 1, 2]) if people and rnd.random() < 2 * trouble else 0
    return tuple(DeclaredConflict(rnd.choice(people), (rnd.choice(subjects),)) for _ in range(count))


def _persons(people: list[str]) -> list[str]:
    return [f"person:{person}" for person in people]


def _firms(rnd: Random, people: list[Person], by_home: dict[str, str], trouble: float) -> tuple[Firm, ...]:
    named = [person.id for person in people if by_home[person.unit] == "firm"]
    if not named or rnd.random() < 0.3 * trouble:
        return ()
    client = "out" if rnd.random() > 0.4 * trouble else "main"
    mandates: tuple[str, ...] = ()
    if rnd.random() < 0.8 * trouble:
        mandates = (rnd.choice(["own", "next", "company" if "company" in by_home.values() else "firm"]),)
    return (Firm("firm", client, tuple(named if rnd.random() < 0.85 else named[:2]), mandates),)
