"""What each operation does, in a sentence with the names that people know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tipportal.domain.changes.operations import Operation
from tipportal.domain.changes.rows import RegisterRows
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

_UNTIL = N_("till och med %(day)s")
_ONWARDS = N_("tills vidare")
_YES, _NO = N_("ja"), N_("nej")
_VALUE, _AND = "%(what)s: %(value)s", "%(one)s, %(other)s"
_WRITTEN = frozenset({"name", "slug", "kind", "decision_number", "basis"})
_KINDS: Mapping[str, str] = {
    "municipality": N_("Kommun"),
    "committee": N_("Nämnd"),
    "department": N_("Förvaltning"),
    "company": N_("Bolag"),
    "federation": N_("Kommunalförbund"),
    "external": N_("Extern part"),
}
_CALLED: Mapping[str, str] = {
    "name": N_("namn"),
    "kind": N_("slag"),
    "listed": N_("visas för källor"),
    "part_of": N_("del av"),
    "succeeded_by": N_("efterträds av"),
    "ended_on": N_("upphör"),
    "parent": N_("överordnad enhet"),
    "head": N_("chef"),
    "unit": N_("enhet"),
    "elected": N_("förtroendevald"),
    "auditor": N_("revisor"),
}
_SENTENCES: Mapping[str, str] = {
    "add_organisation": N_("Ny organisation: %(name)s (%(slug)s)."),
    "change_organisation": N_("Organisationen %(thing)s ändras: %(values)s."),
    "add_unit": N_("Ny enhet i %(organisation)s: %(name)s."),
    "change_unit": N_("Enheten %(thing)s ändras: %(values)s."),
    "add_function": N_("Ny funktion hos %(organisation)s: %(name)s."),
    "change_function": N_("Funktionen %(thing)s ändras: %(values)s."),
    "add_person": N_("Ny person: %(name)s, %(unit)s."),
    "change_person": N_("Personen %(thing)s ändras: %(values)s."),
    "designate": N_(
        "%(person)s utses till %(function)s från %(valid_from)s, %(until)s. Beslut %(decision_number)s, %(decided_on)s."
    ),
    "end_designation": N_("Utseendet av %(thing)s upphör efter %(valid_to)s."),
    "add_absence": N_("%(person)s är borta från %(first)s, %(until)s."),
    "end_absence": N_("Frånvaron för %(thing)s slutar %(last)s."),
    "add_conflict": N_("%(person)s är jävig: %(subject)s."),
    "end_conflict": N_("Jävet för %(thing)s upphör %(ended_on)s."),
    "set_firm": N_("Avtal med %(organisation)s, åt %(client)s. Namngivna: %(named_persons)s."),
    "end_firm": N_("Avtalet med %(organisation)s upphör."),
    "add_sharing_agreement": N_(
        "%(organisation)s delar %(function)s enligt %(basis)s från %(valid_from)s, %(until)s. "
        "Beslut %(decision_number)s, %(decided_on)s."
    ),
    "end_sharing_agreement": N_("%(thing)s delar inte längre efter %(valid_to)s."),
}


def sentence(operation: Operation, rows: RegisterRows) -> Sentence:
    """What an operation does. ``rows`` are those after the whole change, so that what is new has its name."""
    values: dict[str, object] = {name: _named(name, value, rows) for name, value in operation.values.items()}
    values["values"] = _listed([(_CALLED[name], values[name]) for name in operation.values if name in _CALLED])
    if "id" in operation.values:
        values["thing"] = _thing(operation, rows)
    last = operation.values.get("valid_to", operation.values.get("last"))
    values["until"] = Sentence(_ONWARDS) if last is None else Sentence(_UNTIL, {"day": last})
    return Sentence(_SENTENCES[operation.do], values)


def name_of(row_id: str, rows: RegisterRows) -> str:
    """What an id stands for, by name; the id itself where nothing is known by it."""
    for table in (rows.organisations, rows.units, rows.functions):
        row = table.get(row_id)
        if row is not None:
            return row.name
    person = rows.person(row_id)
    return row_id if person is None else person.name


def _thing(operation: Operation, rows: RegisterRows) -> str:
    row_id = operation.text("id")
    if operation.do == "end_designation":
        row_id = rows.designations[row_id].account_id
    elif operation.do == "end_absence":
        row_id = rows.absences[row_id].person_id
    elif operation.do == "end_conflict":
        row_id = rows.conflicts[row_id].person_id
    elif operation.do == "end_sharing_agreement":
        row_id = rows.agreements[row_id].organisation_id
    return name_of(row_id, rows)


def _listed(values: list[tuple[str, object]]) -> Sentence | str:
    """What becomes of each: "namn Kansliet, chef Per Gran"."""
    told = [Sentence(_VALUE, {"what": Sentence(called), "value": _flag(value)}) for called, value in values]
    if not told:
        return "–"
    first, *others = told
    for each in others:
        first = Sentence(_AND, {"one": first, "other": each})
    return first


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return Sentence(_YES if value else _NO)
    if value in _KINDS:
        return Sentence(_KINDS[str(value)])
    return "–" if value is None or value == "" else value


def _named(name: str, value: object, rows: RegisterRows) -> object:
    # What somebody has written is never the id of something.
    return value if name in _WRITTEN else _shown(value, rows)


def _shown(value: object, rows: RegisterRows) -> object:
    if isinstance(value, tuple):
        return ", ".join(name_of(str(each), rows) for each in value) or "–"
    if isinstance(value, str):
        kind, _, named = value.partition(":")
        return f"{kind}:{name_of(named, rows)}" if named else name_of(value, rows)
    return value.isoformat() if isinstance(value, date) else value
