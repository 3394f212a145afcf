"""What still points to something that ends, told by what to end or move first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tipportal.domain.changes.applying import apply
from tipportal.domain.changes.ending import policy_faults
from tipportal.domain.changes.operations import Operation
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.organisations import (
    Channel,
    DeclaredConflict,
    Firm,
    Function,
    Organisation,
    OrganisationKind,
    Person,
    SharingAgreement,
    SharingBasis,
    Unit,
)
from tipportal.domain.policies.policy import AuthorityRow, Policy, Route, Rule, When

TODAY = date(2026, 11, 23)
MUNICIPALITY, COMPANY, EXTERNAL = OrganisationKind.MUNICIPALITY, OrganisationKind.COMPANY, OrganisationKind.EXTERNAL


@pytest.fixture
def rows() -> RegisterRows:
    """A municipality with a company of its own, a neighbour that shares its function, and a firm."""
    kinds = {"vik": MUNICIPALITY, "bolag": COMPANY, "granne": MUNICIPALITY, "byra": EXTERNAL}
    found = {each: Organisation(each, each, each.title(), kind, listed=False) for each, kind in kinds.items()}
    return RegisterRows(
        organisations={**found, "bolag": replace(found["bolag"], part_of="vik")},
        units={
            "kansli": Unit("kansli", "vik", "Kansliet", external=False, head_id="chef"),
            "under": Unit("under", "vik", "Under", external=False, parent_id="kansli"),
            "byran": Unit("byran", "byra", "Byrån", external=True),
        },
        functions={"f": Function("f", "vik", "Funktionen")},
        people={"chef": Person("chef", "vik", "Chefen", "under")},
        conflicts={"j": DeclaredConflict("j", "vik", "chef", "organisation:granne", TODAY)},
        firms={"byra": Firm("byra", "f", (), ("granne",))},
        agreements={"s": SharingAgreement("s", "granne", "f", SharingBasis.CH5_S4, "KS 1", TODAY, TODAY, TODAY)},
    )


def end(table: str, row_id: str) -> Operation:
    return Operation(f"change_{table}", {"id": row_id, "ended_on": TODAY})


@pytest.mark.parametrize(
    ("table", "row_id", "said"),
    [
        ("organisation", "vik", ["avtal med Byra", "del av den: Bolag", "enheter: Kansliet, Under"]),
        ("organisation", "byra", ["avtalet med den gäller", "enheter: Byrån"]),
        ("organisation", "granne", ["avtalet med Byra"]),
        ("unit", "kansli", ["under den: Under"]),
        ("unit", "under", ["människor hör till den: Chefen"]),
        ("person", "chef", ["chef för Kansliet"]),
        ("function", "f", ["avtal med Byra"]),
    ],
)  # fmt: skip
def test_whatever_is_used_does_not_end(rows: RegisterRows, table: str, row_id: str, said: list[str]) -> None:
    faults = apply(rows, [end("organisation", "bolag"), end(table, row_id)], TODAY).faults
    alone = apply(rows, [end(table, row_id)], TODAY).faults

    assert all(fault.operation == 1 for fault in faults)
    told = sorted(str(fault.what) for fault in alone)
    assert len(told) == len(said)
    assert all(any(part in line for line in told) for part in said)


def test_an_agreement_that_goes_on_is_ended_before_either_party(rows: RegisterRows) -> None:
    going_on = replace(rows, agreements={"s": replace(rows.agreements["s"], valid_to=None)}, firms={})

    for table, row_id in (("organisation", "granne"), ("function", "f")):
        assert not apply(replace(rows, firms={}), [end(table, row_id)], TODAY).faults
        (fault,) = apply(going_on, [end(table, row_id)], TODAY).faults
        assert "dela en funktion gäller: Funktionen" in str(fault.what)


def test_nothing_is_seen_any_more_of_what_is_about_something_that_has_ended(rows: RegisterRows) -> None:
    after = apply(replace(rows, firms={}), [end("organisation", "granne")], TODAY).rows

    seen = snapshot_of(after)

    assert (seen.conflicts, seen.sharings) == ((), ())


def test_many_are_counted_after_the_first(rows: RegisterRows) -> None:
    people = {str(number): Person(str(number), "vik", f"P{number}", "under") for number in range(7)}

    (fault,) = apply(replace(rows, people={**rows.people, **people}), [end("unit", "under")], TODAY).faults

    assert "Chefen, P0, P1, P2, P3 och 3 till." in str(fault.what)


@pytest.mark.parametrize("named", ["organisation:granne", "unit:under", "function:f"])
def test_what_a_policy_asks_about_does_not_end_while_it_is_in_force(rows: RegisterRows, named: str) -> None:
    route = Route(("g",), "x")
    policy = Policy(
        organisations=("bolag",),
        functions=(),
        authorities=(AuthorityRow("bolag"),),
        defaults=dict.fromkeys(Channel, route),
        ladder=(("g",),),
        rules=(Rule(When(concerns=(named,)), route),),
    )
    kind, _, row_id = named.partition(":")
    free = replace(rows, firms={}, people={})
    after = apply(free, [end(kind, row_id)], TODAY).rows
    both = apply(free, [end(kind, row_id), end("organisation", "bolag")], TODAY).rows

    (fault,) = policy_faults(free, after, {"bolag": policy})

    assert "policyn för Bolag" in str(fault.what)
    assert not [*policy_faults(after, after, {"bolag": policy})]
    # Whoever has ended goes by no policy any more.
    assert not [*policy_faults(free, both, {"bolag": policy})]
