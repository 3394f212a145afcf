"""The proof for a county's worth of organisations, and the draw for one submission. In CPU seconds.

50 organisations with 47 areas and 7 roles, rules that tell all organisations and many areas and roles apart, and all
pairs of people out. The baseline is the same policy read from its TOML text, which any check begins with.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import islice, product

from tipportal.domain.independence.board import Board
from tipportal.domain.independence.choosing import AREAS, Chooser
from tipportal.domain.independence.drawing import draw
from tipportal.domain.independence.findings import Proven
from tipportal.domain.independence.proof import prove
from tipportal.domain.organisations import Channel, Ground, OrganisationKind
from tipportal.domain.policies.policy import AuthorityRow, Facts, Policy, PolicyFunction, Route, Rule, When
from tipportal.domain.policies.reading import read
from tipportal.domain.policies.register import (
    Firm,
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
)
from tipportal.domain.policies.writing import write_policy, write_register
from tipportal.domain.routing import SubjectRole

TODAY = date(2026, 11, 22)
ORGANISATIONS, UNITS = 50, 4
GROWTH = (10, 20, 50, 100)
SUBMISSIONS = 2_000


def main() -> None:
    """Print the proof's cost as the handlers grow, and the cost of one choice."""
    for handlers in GROWTH:
        policy, register = county(handlers)
        text = write_policy(policy) + write_register(register)
        read_in, _ = _cpu(partial(read, [("county.toml", text)], TODAY))
        for k in (1, 2):
            seconds, result = _cpu(partial(prove, policy, register, k, TODAY))
            answer = "proven" if isinstance(result, Proven) else "refuted"
            print(f"{handlers} handlers, any {k} out: {seconds:.2f} s ({answer}); reading the text: {read_in:.2f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest memory of the process: {memory:.0f} MB")
    _choices()


def county(handlers: int) -> tuple[Policy, Register]:
    """50 organisations of one municipality's group, and its neighbours and a firm, with so many handlers."""
    group = [RegisteredOrganisation("org-0", "Kommunen", OrganisationKind.MUNICIPALITY)]
    group += [
        RegisteredOrganisation(f"org-{n}", f"Organisation {n}", OrganisationKind.COMPANY, part_of="org-0")
        for n in range(1, ORGANISATIONS)
    ]
    outside = [RegisteredOrganisation(f"next-{n}", f"Granne {n}", OrganisationKind.MUNICIPALITY) for n in range(3)]
    firm = RegisteredOrganisation("firm", "Byrån", OrganisationKind.EXTERNAL)
    units = [RegisteredUnit("top", "Ledningen", "org-0", head="chief")]
    units += [
        RegisteredUnit(f"{org.id}-u{n}", f"Enhet {n}", org.id, parent="top" if org in group else None, head=None)
        for org in (*group, *outside)
        for n in range(UNITS)
    ]
    units.append(RegisteredUnit("firm", "Byrån", "firm"))
    people = [Person("chief", "Chefen", "top")]
    own_units = [unit.id for unit in units if unit.organisation.startswith("org-") and unit.id != "top"]
    next_units = [unit.id for unit in units if unit.organisation.startswith("next-")]
    for number in range(handlers):
        place = (own_units, own_units, next_units, ["firm"])[number % 4]
        people.append(Person(f"p{number}", f"Person {number}", place[number * 7 % len(place)]))
    members = [person.id for person in people[1:]]
    external = [person.id for person in people[1:] if not person.unit.startswith("org-")]
    own = [person for person in members if person not in external]
    functions = [
        PolicyFunction("main", "Main", "org-0", (*own, *external[::2])),
        PolicyFunction("counsel", "Counsel", "org-0", tuple(external[1::2])),
        *(
            PolicyFunction(f"f{n}", f"F{n}", "org-0", (*own[n % 5 :: 2], *external[2 * (n % 3) :: 2]))
            for n in range(20)
        ),
    ]
    because = "because"
    rules = [
        Rule(
            When(subject_roles=(SubjectRole.SENIOR_POSITION, SubjectRole.ELECTED_OFFICIAL)),
            Route(("counsel",), because, excludes=("org-0",)),
        ),
        *(
            Rule(
                When(organisations=(f"org-{n}",), areas=(AREAS[1 + n % 47],)),
                Route((f"f{n % 20}", "main") if n % 2 else (f"f{n % 20}",), because),
            )
            for n in range(ORGANISATIONS)
        ),
        *(Rule(When(areas=(area,), subject_roles=(SubjectRole.MANAGER,)), Route((f"f{n % 20}",), because))
          for n, area in enumerate(AREAS[1:])),
        *(Rule(When(organisations=(f"org-{n}",)), Route((f"f{n % 20}",), because)) for n in range(ORGANISATIONS)),
    ]  # fmt: skip
    policy = Policy(
        organisations=tuple(org.id for org in group),
        functions=tuple(functions),
        authorities=(AuthorityRow("org-0"),),
        defaults={channel: Route(("main",), because) for channel in Channel},
        ladder=(("counsel",),),
        rules=tuple(rules),
    )
    designations = tuple(
        RegisteredDesignation(person, function.id, Ground.EMPLOYMENT, "KS 1", date(2026, 1, 1))
        for function in functions
        for person in function.members
    )
    named = tuple(person.id for person in people if person.unit == "firm")
    register = Register(
        (*group, *outside, firm),
        tuple(units),
        tuple(people),
        designations,
        firms=(Firm("firm", "counsel", named),),
    )
    return policy, register


def _choices() -> None:
    """One submission: the rule that decides, who can be asked, and the draw among them. Laying out the board apart."""
    policy, register = county(GROWTH[-1])
    laid_out, chooser = _cpu(lambda: Chooser(policy, Board(policy, register, TODAY)))
    assert isinstance(chooser, Chooser)  # noqa: S101 - what was just made
    combinations = product(policy.organisations, AREAS, SubjectRole, Channel)
    times = []
    for organisation, area, role, channel in islice(combinations, SUBMISSIONS):
        facts = Facts(channel, organisation, area, role, frozenset({f"unit:{organisation}-u1"}))
        started = time.process_time()
        draw(chooser, facts, b"s" * 32)
        times.append(time.process_time() - started)
    worst = statistics.quantiles(times, n=100)[-1]
    print(f"laying out the board, once for each change of the register: {laid_out * 1000:.1f} ms")
    print(f"one submission: median {statistics.median(times) * 1000:.2f} ms, 99 in 100 below {worst * 1000:.2f} ms")


def _cpu(work: Callable[[], object]) -> tuple[float, object]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


if __name__ == "__main__":
    main()
