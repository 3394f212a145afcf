"""Operations on the register: strict reading, every fault at its operation, and all or nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tipportal.domain.accounts import Role
from tipportal.domain.changes.applying import apply
from tipportal.domain.changes.change import nearest_manager, why_not_together
from tipportal.domain.changes.operations import ALL, SOME, Operation, read_operations
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Function, Organisation, OrganisationKind, Person, Unit
from tipportal.domain.policies import register as seen

TODAY = date(2026, 11, 23)
DESIGNATE: dict[str, Any] = {
    "do": "designate", "id": "d1", "function": "f", "person": "anna", "ground": "employment", "rank": 1,
    "decision_number": "KS 1", "decided_on": "2026-01-02", "valid_from": "2026-02-01", "valid_to": None,
}  # fmt: skip
FIRM: dict[str, Any] = {
    "do": "set_firm", "organisation": "byra", "client": "f", "named_persons": ["sara"], "other_mandates": []
}  # fmt: skip
AGREEMENT: dict[str, Any] = {
    "do": "add_sharing_agreement", "id": "s", "organisation": "vik", "function": "f", "basis": "5:4",
    "decision_number": "KS 2", "decided_on": "2026-01-02", "valid_from": "2026-02-01", "valid_to": None,
}  # fmt: skip
ABSENCE: dict[str, Any] = {"do": "add_absence", "id": "a", "person": "anna", "first": "2026-12-02", "last": None}
COMPANY: dict[str, Any] = {
    "do": "add_organisation", "id": "ny", "slug": "ny", "name": "Ny", "kind": "company", "listed": True, "part_of": None
}  # fmt: skip
UNIT: dict[str, Any] = {
    "do": "add_unit", "id": "ny", "organisation": "vik", "name": "K", "external": False, "parent": None, "head": None
}  # fmt: skip
PERSON: dict[str, Any] = {
    "do": "add_person", "id": "ny", "organisation": "vik", "name": "Ny", "unit": "kansli", "elected": False,
    "auditor": False,
}  # fmt: skip


@pytest.fixture
def rows() -> RegisterRows:
    """A small municipality, an external firm, and an account that is an administrator's."""
    return RegisterRows(
        organisations={
            "vik": Organisation("vik", "vik", "Vik", OrganisationKind.MUNICIPALITY, listed=True),
            "byra": Organisation("byra", "byra", "Byrån", OrganisationKind.EXTERNAL, listed=False),
        },
        units={
            "kansli": Unit("kansli", "vik", "Kansliet", external=False, head_id="chef"),
            "under": Unit("under", "vik", "Under", external=False, parent_id="kansli"),
            "byran": Unit("byran", "byra", "Byrån", external=True),
        },
        functions={"f": Function("f", "vik", "Funktionen")},
        people={
            "chef": Person("chef", "vik", "Chefen", "kansli"),
            "vald": Person("vald", "vik", "Vald", "kansli", elected=True),
            "karin": Person("karin", "vik", "Karin", "kansli"),
            "sara": Person("sara", "byra", "Sara", "byran"),
        },
        employed={"anna": Person("anna", "vik", "Anna", "under")},
        roles={"anna": Role.HANDLER, "karin": Role.ADMINISTRATOR},
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({**COMPANY, "slug": "vik"}, "redan en organisation"),
        ({**COMPANY, "slug": "api"}, "Adressnamnet"),
        ({"do": "change_organisation", "id": "vik", "succeeded_by": "vik"}, "efterträda"),
        ({"do": "change_organisation", "id": "vik", "part_of": "vik"}, "cirkel"),
        ({**UNIT, "id": "kansli"}, "redan namn"),
        ({**UNIT, "external": True}, "extern"),
        ({**UNIT, "parent": "ingen"}, "Enheten ingen finns inte"),
        ({"do": "change_unit", "id": "kansli", "parent": "under"}, "cirkel"),
        ({"do": "change_unit", "id": "kansli", "head": "ingen"}, "Personen ingen finns inte"),
        ({**PERSON, "id": "anna"}, "redan namn"),
        ({**PERSON, "id": "nyare", "unit": "byran"}, "annan organisation"),
        ({**DESIGNATE, "person": "vald"}, "förtroendevald"),
        ({**DESIGNATE, "person": "karin"}, "administratör"),
        ({**DESIGNATE, "person": "ingen"}, "finns inte"),
        ({**DESIGNATE, "function": "ingen"}, "finns inte"),
        ({**DESIGNATE, "valid_to": "2026-01-31"}, "Slutdagen"),
        ({"do": "end_designation", "id": "ingen", "valid_to": "2026-12-01"}, "finns inte"),
        ({**ABSENCE, "last": "2026-12-01"}, "Slutdagen"),
        ({"do": "add_conflict", "id": "j", "person": "anna", "subject": "area:ingen"}, "finns inte"),
        ({**FIRM, "organisation": "vik"}, "ingen extern part"),
        ({**FIRM, "named_persons": ["anna"]}, "inte anställd"),
        ({"do": "end_firm", "organisation": "byra"}, "finns inte"),
        ({**AGREEMENT, "basis": "5:3"}, "50–249"),
    ],
)  # fmt: skip
def test_each_rule_is_told_at_its_operation(rows: RegisterRows, raw: dict[str, Any], said: str) -> None:
    result = apply(rows, [*read(PERSON), *read(raw)], TODAY)

    (fault,) = result.faults
    assert fault.operation == 1
    assert said in str(fault.what)


def test_what_is_new_can_be_used_by_what_comes_after_it(rows: RegisterRows) -> None:
    operations = read(
        {**UNIT, "id": "ny-enhet", "parent": "kansli"},
        {**PERSON, "unit": "ny-enhet"},
        {**DESIGNATE, "person": "ny"},
        {"do": "change_unit", "id": "ny-enhet", "head": "ny"},
        ABSENCE, FIRM, AGREEMENT,
        {"do": "end_designation", "id": "d1", "valid_to": "2026-12-31"},
        {"do": "change_person", "id": "anna", "elected": True},
    )  # fmt: skip

    result = apply(rows, operations, TODAY)

    assert result.faults == ()
    snapshot = snapshot_of(result.rows)
    assert [each.person for each in snapshot.designations] == ["ny"]
    assert [each.person for each in snapshot.absences] == ["anna"]
    assert [each.organisation for each in snapshot.firms] == ["byra"]
    assert next(each for each in snapshot.people if each.id == "anna").elected
    assert rows.designations == {}


def test_nobody_is_designated_twice_at_a_time(rows: RegisterRows) -> None:
    later = {**DESIGNATE, "id": "d3", "valid_from": "2027-01-01"}
    ended = read({**DESIGNATE, "valid_to": "2026-12-31"}, later)
    twice = read(DESIGNATE, later)

    assert apply(rows, ended, TODAY).faults == ()
    assert [fault.operation for fault in apply(rows, twice, TODAY).faults] == [1]


@pytest.mark.parametrize("do", sorted({*ALL, *SOME}))
def test_an_operation_is_read_strictly(do: str) -> None:
    brokens: tuple[dict[str, Any], ...] = ({"do": do}, {"do": do, "id": "x", "surprise": 1}, {"do": do, "id": "x"})
    for broken in brokens:
        assert [type(each) for each in read_operations([broken])] != [Operation]


@pytest.mark.parametrize("raw", [None, [], {}, "add_unit"])
def test_operations_are_a_list_that_somebody_can_answer_for(raw: Json) -> None:
    with pytest.raises(ValueError, match=r"\A\Z"):
        list(read_operations(raw))


@pytest.mark.parametrize(
    "raw",
    [7, {"do": "nothing"}, {**DESIGNATE, "valid_from": "i morgon"}, {**DESIGNATE, "rank": True},
     {**DESIGNATE, "id": "Å"}, {**PERSON, "name": " "}, {**PERSON, "name": "a\0"}, {**PERSON, "elected": 1},
     {**FIRM, "named_persons": ["sara", "sara"]}, {**DESIGNATE, "ground": "friendship"}],
    ids=str,
)  # fmt: skip
def test_values_of_another_kind_are_told(raw: Json) -> None:
    (read_as,) = read_operations([raw])

    assert not isinstance(read_as, Operation)


def test_the_nearest_manager_is_the_head_or_the_head_above() -> None:
    register = seen.Register(
        organisations=(),
        units=(
            seen.RegisteredUnit("a", "A", "vik", head="chef"),
            seen.RegisteredUnit("b", "B", "vik", parent="a", head="lina"),
            seen.RegisteredUnit("c", "C", "vik"),
        ),
        people=tuple(
            seen.Person(person, person, unit)
            for person, unit in (("chef", "a"), ("lina", "b"), ("olle", "b"), ("eva", "b"), ("udo", "c"))
        ),
        designations=(),
    )

    managers = {each: nearest_manager(register, each) for each in ("chef", "lina", "olle", "udo", "nobody")}

    assert managers == {"chef": None, "lina": "chef", "olle": "lina", "udo": None, "nobody": None}
    assert why_not_together(register, "olle", "eva") is not None
    assert why_not_together(register, "olle", "lina") is not None
    assert why_not_together(register, "olle", "olle") is not None
    assert why_not_together(register, "olle", "udo") is None
    assert why_not_together(register, "udo", "chef") is None


def read(*raw: dict[str, Any]) -> list[Operation]:
    """Operations that can be read."""
    found = list(read_operations(list(raw)))
    assert all(isinstance(each, Operation) for each in found), found
    return [each for each in found if isinstance(each, Operation)]
