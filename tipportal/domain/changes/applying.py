"""Applies operations to the register's rows, purely: all or nothing, with every fault told at its operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NoReturn, TypeAlias

from tipportal.domain.accounts import Role
from tipportal.domain.organisations import (
    Absence,
    DeclaredConflict,
    Designation,
    Firm,
    Function,
    Ground,
    Organisation,
    OrganisationKind,
    Person,
    SharingAgreement,
    SharingBasis,
    Unit,
    valid_slug,
)
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.riskareas import KEYS
from tipportal.domain.texts import N_

from .ending import ending_faults
from .faults import ChangeFault
from .operations import SOME, Operation
from .rows import RegisterRows

_UNKNOWN: Mapping[str, str] = {
    "organisations": N_("Organisationen %(id)s finns inte."),
    "units": N_("Enheten %(id)s finns inte."),
    "functions": N_("Funktionen %(id)s finns inte."),
    "people": N_("Personen %(id)s finns inte."),
    "designations": N_("Utseendet %(id)s finns inte."),
    "absences": N_("Frånvaron %(id)s finns inte."),
    "conflicts": N_("Jävsanmälan %(id)s finns inte."),
    "firms": N_("Avtalet med %(id)s finns inte."),
    "agreements": N_("Avtalet %(id)s finns inte."),
    "area": N_("Området %(id)s finns inte."),
}
_SHARED_BY_COMPANIES = frozenset({OrganisationKind.COMPANY, OrganisationKind.EXTERNAL})


class _Wrong(Exception):
    def __init__(self, what: Sentence) -> None:
        super().__init__()
        self.what = what


@dataclass(frozen=True, slots=True)
class Result:
    """The rows after the operations. With any fault they are worth nothing."""

    rows: RegisterRows
    faults: tuple[ChangeFault, ...]


def apply(rows: RegisterRows, operations: Iterable[Operation], today: date) -> Result:
    """The rows after all operations, in their order, on the Stockholm date ``today``."""
    before = rows
    faults: list[ChangeFault] = []
    touched: dict[str, int] = {}
    for index, operation in enumerate(operations):
        try:
            _no_end_ahead(operation, today)
            rows = _APPLY[operation.do](rows, operation, today)
        except _Wrong as wrong:
            faults.append(ChangeFault(wrong.what, index))
        if "id" in operation.values:
            touched[operation.text("id")] = index
    above = (
        {unit.id: unit.parent_id for unit in rows.units.values()},
        {each.id: each.part_of for each in rows.organisations.values()},
    )
    faults.extend(_circle(chain, touched) for each in above for chain in _circles(each))
    if not faults:
        faults.extend(ending_faults(before, rows, today, touched))
    return Result(rows, tuple(faults))


_Apply: TypeAlias = Callable[[RegisterRows, Operation, date], RegisterRows]


def _add_organisation(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "organisations", op)
    slug = op.text("slug")
    if not valid_slug(slug):
        _wrong(N_("Adressnamnet får bara ha a–z, 0–9 och bindestreck, och får inte vara upptaget av portalen."))
    if any(each.slug == slug for each in rows.organisations.values()):
        _wrong(N_("Det finns redan en organisation med den adressen."))
    _there(rows, "organisations", op.optional("part_of"))
    made = Organisation(
        id=op.text("id"),
        slug=slug,
        name=op.text("name"),
        kind=OrganisationKind(op.text("kind")),
        listed=bool(op.values["listed"]),
        part_of=op.optional("part_of"),
    )
    return rows.having("organisations", made.id, made)


def _change_organisation(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: Organisation = _known(rows, "organisations", op.text("id"))
    values = _given(op)
    if "kind" in values:
        values["kind"] = OrganisationKind(op.text("kind"))
    for name in ("part_of", "succeeded_by"):
        _there(rows, "organisations", op.optional(name) if name in values else None)
    if values.get("succeeded_by") == was.id:
        _wrong(N_("En organisation kan inte efterträda sig själv."))
    return rows.having("organisations", was.id, replace(was, **values))


def _add_unit(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "units", op)
    owner: Organisation = _known(rows, "organisations", op.text("organisation"))
    external = bool(op.values["external"])
    if external is not (owner.kind is OrganisationKind.EXTERNAL):
        _wrong(N_("En extern enhet hör till en extern part, och bara till den."))
    made = Unit(op.text("id"), owner.id, op.text("name"), external, op.optional("parent"), op.optional("head"))
    _check_unit(rows, made)
    return rows.having("units", made.id, made)


def _change_unit(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: Unit = _known(rows, "units", op.text("id"))
    made = replace(was, **_given(op, parent="parent_id", head="head_id"))
    _check_unit(rows, made)
    return rows.having("units", made.id, made)


def _check_unit(rows: RegisterRows, unit: Unit) -> None:
    _there(rows, "units", unit.parent_id)
    if unit.head_id is not None:
        _person(rows, unit.head_id)


def _add_function(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "functions", op)
    owner: Organisation = _known(rows, "organisations", op.text("organisation"))
    return rows.having("functions", op.text("id"), Function(op.text("id"), owner.id, op.text("name")))


def _change_function(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: Function = _known(rows, "functions", op.text("id"))
    return rows.having("functions", was.id, replace(was, **_given(op)))


def _add_person(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "people", op)
    unit: Unit = _known(rows, "units", op.text("unit"))
    if unit.organisation_id != op.text("organisation"):
        _wrong(N_("Enheten hör till en annan organisation."))
    made = Person(
        id=op.text("id"),
        organisation_id=unit.organisation_id,
        name=op.text("name"),
        unit_id=unit.id,
        elected=bool(op.values["elected"]),
        auditor=bool(op.values["auditor"]),
    )
    return rows.having("people", made.id, made)


def _change_person(rows: RegisterRows, op: Operation, today: date) -> RegisterRows:
    was = _person(rows, op.text("id"))
    made = replace(was, **_given(op, unit="unit_id"))
    unit: Unit = _known(rows, "units", made.unit_id)
    made = replace(made, organisation_id=unit.organisation_id)
    designated = any(
        each.account_id == made.id and (each.valid_to is None or each.valid_to >= today)
        for each in rows.designations.values()
    )
    if designated and (made.elected or made.auditor):
        _wrong(N_("%(person)s är förtroendevald eller revisor och kan inte utses."), person=made.name)
    return rows.having("people", made.id, made)


def _designate(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "designations", op)
    function: Function = _known(rows, "functions", op.text("function"))
    person = _person(rows, op.text("person"))
    if person.elected or person.auditor:
        _wrong(N_("%(person)s är förtroendevald eller revisor och kan inte utses."), person=person.name)
    if rows.roles.get(person.id, Role.HANDLER) is not Role.HANDLER:
        _wrong(N_("%(person)s är administratör eller revisor och kan inte utses."), person=person.name)
    made = Designation(
        id=op.text("id"),
        organisation_id=function.organisation_id,
        function_id=function.id,
        account_id=person.id,
        unit_id=person.unit_id,
        ground=Ground(op.text("ground")),
        decision_number=op.text("decision_number"),
        decided_on=op.day("decided_on"),
        valid_from=op.day("valid_from"),
        valid_to=op.optional_day("valid_to"),
        rank=int(op.text("rank")),
    )
    _in_order(made.valid_from, made.valid_to)
    for other in rows.designations.values():
        if (other.account_id, other.function_id) == (person.id, function.id) and _overlap(made, other):
            _wrong(N_("%(person)s är redan utsedd till funktionen under den tiden."), person=person.name)
    return rows.having("designations", made.id, made)


def _end_designation(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: Designation = _known(rows, "designations", op.text("id"))
    _in_order(was.valid_from, op.day("valid_to"))
    return rows.having("designations", was.id, replace(was, valid_to=op.day("valid_to")))


def _add_absence(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "absences", op)
    person = _person(rows, op.text("person"))
    _in_order(op.day("first"), op.optional_day("last"))
    made = Absence(op.text("id"), person.organisation_id, person.id, op.day("first"), op.optional_day("last"))
    return rows.having("absences", made.id, made)


def _end_absence(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: Absence = _known(rows, "absences", op.text("id"))
    _in_order(was.first, op.day("last"))
    return rows.having("absences", was.id, replace(was, last=op.day("last")))


def _add_conflict(rows: RegisterRows, op: Operation, today: date) -> RegisterRows:
    _new(rows, "conflicts", op)
    person = _person(rows, op.text("person"))
    check_subject(rows, op.text("subject"))
    made = DeclaredConflict(op.text("id"), person.organisation_id, person.id, op.text("subject"), today)
    return rows.having("conflicts", made.id, made)


def _end_conflict(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: DeclaredConflict = _known(rows, "conflicts", op.text("id"))
    _in_order(was.declared_on, op.day("ended_on"))
    return rows.having("conflicts", was.id, replace(was, ended_on=op.day("ended_on")))


def _set_firm(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    firm: Organisation = _known(rows, "organisations", op.text("organisation"))
    if firm.kind is not OrganisationKind.EXTERNAL:
        _wrong(N_("%(id)s är ingen extern part."), id=firm.name)
    _known(rows, "functions", op.text("client"))
    for named in op.many("named_persons"):
        person = rows.person(named)
        if person is None or person.organisation_id != firm.id:
            _wrong(N_("%(id)s är inte anställd hos %(firm)s."), id=named, firm=firm.name)
    for mandate in op.many("other_mandates"):
        _there(rows, "organisations", mandate)
    made = Firm(firm.id, op.text("client"), op.many("named_persons"), op.many("other_mandates"))
    return rows.having("firms", firm.id, made)


def _end_firm(rows: RegisterRows, op: Operation, today: date) -> RegisterRows:
    was: Firm = _known(rows, "firms", op.text("organisation"))
    return rows.having("firms", was.organisation_id, replace(was, ended_on=today))


def _add_agreement(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    _new(rows, "agreements", op)
    owner: Organisation = _known(rows, "organisations", op.text("organisation"))
    _known(rows, "functions", op.text("function"))
    basis = SharingBasis(op.text("basis"))
    if basis is SharingBasis.CH5_S3 and owner.kind not in _SHARED_BY_COMPANIES:
        _wrong(N_("Bara privata bolag med 50–249 arbetstagare delar enligt 5 kap. 3 §. Kommuner delar enligt 4 §."))
    made = SharingAgreement(
        id=op.text("id"),
        organisation_id=owner.id,
        function_id=op.text("function"),
        basis=basis,
        decision_number=op.text("decision_number"),
        decided_on=op.day("decided_on"),
        valid_from=op.day("valid_from"),
        valid_to=op.optional_day("valid_to"),
    )
    _in_order(made.valid_from, made.valid_to)
    return rows.having("agreements", made.id, made)


def _end_agreement(rows: RegisterRows, op: Operation, _: date) -> RegisterRows:
    was: SharingAgreement = _known(rows, "agreements", op.text("id"))
    _in_order(was.valid_from, op.day("valid_to"))
    return rows.having("agreements", was.id, replace(was, valid_to=op.day("valid_to")))


_APPLY: Mapping[str, _Apply] = {
    "add_organisation": _add_organisation,
    "change_organisation": _change_organisation,
    "add_unit": _add_unit,
    "change_unit": _change_unit,
    "add_function": _add_function,
    "change_function": _change_function,
    "add_person": _add_person,
    "change_person": _change_person,
    "designate": _designate,
    "end_designation": _end_designation,
    "add_absence": _add_absence,
    "end_absence": _end_absence,
    "add_conflict": _add_conflict,
    "end_conflict": _end_conflict,
    "set_firm": _set_firm,
    "end_firm": _end_firm,
    "add_sharing_agreement": _add_agreement,
    "end_sharing_agreement": _end_agreement,
}


def check_subject(rows: RegisterRows, subject: str) -> None:
    """Raise when a conflict's subject names nothing that there is (``_Wrong``, told as a fault)."""
    kind, _, named = subject.partition(":")
    known: Mapping[str, tuple[str, bool]] = {
        "person": ("people", rows.person(named) is not None),
        "unit": ("units", named in rows.units),
        "organisation": ("organisations", named in rows.organisations),
        "area": ("area", named in KEYS),
    }
    if kind not in known:
        _wrong(N_("Fältet %(name)s är inte ifyllt på rätt sätt."), name="subject")
    table, is_there = known[kind]
    if not is_there:
        _wrong(_UNKNOWN[table], id=named[:64])


def why_not_subject(rows: RegisterRows, subject: str) -> Sentence | None:
    """What is wrong with a conflict's subject; None when it names something that there is."""
    try:
        check_subject(rows, subject)
    except _Wrong as wrong:
        return wrong.what
    return None


def _given(op: Operation, **names: str) -> dict[str, Any]:
    """An operation's values by the names of the row's fields."""
    return {names.get(name, name): value for name, value in op.values.items() if name != "id"}


def _known(rows: RegisterRows, table: str, row_id: str) -> Any:  # noqa: ANN401 - the table's own kind of row
    row = getattr(rows, table).get(row_id)
    if row is None or getattr(row, "ended_on", None) is not None:
        _wrong(_UNKNOWN[table], id=row_id)
    return row


def _person(rows: RegisterRows, person_id: str) -> Person:
    found = rows.person(person_id)
    if found is None:
        _wrong(_UNKNOWN["people"], id=person_id)
    return found


def _there(rows: RegisterRows, table: str, row_id: str | None) -> None:
    if row_id is not None:
        _known(rows, table, row_id)


def _new(rows: RegisterRows, table: str, op: Operation) -> None:
    taken = op.text("id") in getattr(rows, table) or (table == "people" and op.text("id") in rows.employed)
    if taken:
        _wrong(N_("%(id)s är redan namn på något annat."), id=op.text("id"))


def _overlap(one: Designation, other: Designation) -> bool:
    begins_in_time = other.valid_to is None or one.valid_from <= other.valid_to
    return begins_in_time and (one.valid_to is None or other.valid_from <= one.valid_to)


def _in_order(first: date, last: date | None) -> None:
    if last is not None and last < first:
        _wrong(N_("Slutdagen ligger före första dagen."))


def _no_end_ahead(op: Operation, today: date) -> None:
    """Whatever has a last day has ended, for every draw from now on: a day to come would say what is not so."""
    ended = op.optional_day("ended_on") if op.do in SOME and "ended_on" in op.values else None
    if ended is not None and ended > today:
        said = N_("Det kan inte upphöra %(day)s, som inte har kommit än: det upphör så snart två har sagt ja.")
        _wrong(said, day=ended.isoformat())


def _circles(above: Mapping[str, str | None]) -> Iterable[list[str]]:
    clear: set[str] = set()
    for start in above:
        walked: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in clear and at not in walked:
            walked[at] = None
            at = above.get(at)
        if at is not None and at in walked:
            chain = list(walked)
            yield chain[chain.index(at) :]
        clear.update(walked)


def _circle(chain: list[str], touched: Mapping[str, int]) -> ChangeFault:
    at = max((touched[each] for each in chain if each in touched), default=None)
    return ChangeFault(
        Sentence(N_("Kedjan går i en cirkel: %(chain)s."), {"chain": " → ".join([*chain, chain[0]])}), at
    )


def _wrong(msgid: str, **values: object) -> NoReturn:
    raise _Wrong(Sentence(msgid, values))
