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
    values: dict[str, object] = {name: _shown(value, rows) for name, value in operation.values.items()}
    values["values"] = ", ".join(
        f"{name} = {_shown(value, rows) or '–'}" for name, value in operation.values.items() if name != "id"
    )
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


def _shown(value: object, rows: RegisterRows) -> object:
    if isinstance(value, tuple):
        return ", ".join(name_of(str(each), rows) for each in value) or "–"
    if isinstance(value, str):
        kind, _, named = value.partition(":")
        return f"{kind}:{name_of(named, rows)}" if named else name_of(value, rows)
    return value.isoformat() if isinstance(value, date) else value
