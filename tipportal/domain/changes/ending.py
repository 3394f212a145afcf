"""What still points to a row that ends: told with what to end or move first, since a draw finds nothing of it (04).

Functions and designations of what has ended may stay: those who hold its open cases go on with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import FUNCTION, ORGANISATION, UNIT, Policy
from tipportal.domain.texts import N_

from .faults import ChangeFault
from .rows import RegisterRows

MOST_NAMED = 5
_Ends: TypeAlias = tuple[str, str]
"""The table and the id of a row that has ended."""
_Pointer: TypeAlias = tuple[str, str, str, str]
"""Why something points, to which table and id, and the name of what points."""

_FIRST: Mapping[str, str] = {
    "part_of": N_(
        "%(thing)s kan inte upphöra medan andra är del av den: %(names)s. Flytta dem eller låt dem upphöra först."
    ),
    "organisation": N_("%(thing)s kan inte upphöra medan den har enheter: %(names)s. Låt dem upphöra först."),
    "parent": N_(
        "%(thing)s kan inte upphöra medan enheter ligger under den: %(names)s. Flytta dem eller låt dem upphöra först."
    ),
    "unit": N_(
        "%(thing)s kan inte upphöra medan människor hör till den: %(names)s. "
        "Flytta dem till en annan enhet eller låt dem upphöra först."
    ),
    "head": N_("%(thing)s kan inte upphöra som chef för %(names)s. Välj en annan chef först."),
    "firm": N_("%(thing)s kan inte upphöra medan avtalet med den gäller. Avsluta avtalet först."),
    "client": N_("%(thing)s kan inte upphöra medan den har avtal med %(names)s. Ändra eller avsluta avtalet först."),
    "mandate": N_("%(thing)s kan inte upphöra medan den står i avtalet med %(names)s. Ändra avtalet först."),
    "agreement": N_(
        "%(thing)s kan inte upphöra medan ett avtal om att dela en funktion gäller: %(names)s. Avsluta avtalet först."
    ),
    "policy": N_(
        "%(thing)s kan inte upphöra medan policyn för %(names)s använder den. Aktivera en annan policy först."
    ),
}
_MORE = N_("%(names)s och %(count)d till")


def ending_faults(
    before: RegisterRows, after: RegisterRows, today: date, touched: Mapping[str, int]
) -> Iterator[ChangeFault]:
    """What a change leaves pointing to something that has ended. ``touched``: the operation that each id is in."""
    left = _pointing(after, today)
    # What was so before is not this change's fault.
    known = _pointing(before, today) if left else {}
    for (why, table, row_id), names in left.items():
        if known.get((why, table, row_id)) != names:
            yield ChangeFault(_told(why, _name(after, table, row_id), names), touched.get(row_id))


def policy_faults(before: RegisterRows, after: RegisterRows, policies: Mapping[str, Policy]) -> Iterator[ChangeFault]:
    """What a change ends that a policy in force needs. ``policies``: those of every organisation, by its id."""
    ended = _ended(after) - _ended(before)
    users: defaultdict[_Ends, list[str]] = defaultdict(list)
    for organisation_id, policy in policies.items():
        owner = after.organisations[organisation_id]
        if owner.ended_on is None:
            for each in ended & _named(policy):
                users[each].append(owner.name)
    for (table, row_id), names in sorted(users.items()):
        yield ChangeFault(_told("policy", _name(after, table, row_id), names))


def _named(policy: Policy) -> set[_Ends]:
    """Everything that a policy names whose end would leave it without an answer."""
    routes = [*policy.defaults.values(), *(rule.route for rule in policy.rules)]
    organisations = {
        *policy.organisations,
        *(function.authority for function in policy.functions),
        *(row.authority for row in policy.authorities),
        *(each for row in policy.authorities for each in row.organisations),
        *(each for route in routes for each in route.excludes),
        *(each for rule in policy.rules for each in rule.when.organisations),
    }
    concerns = [each for rule in policy.rules for each in rule.when.concerns]
    tables = {UNIT: "units", FUNCTION: "functions", ORGANISATION: "organisations"}
    return {
        *(("organisations", each) for each in organisations),
        *(("functions", function.id) for function in policy.functions),
        *(
            (table, each.removeprefix(kind))
            for kind, table in tables.items()
            for each in concerns
            if each.startswith(kind)
        ),
    }


def _ended(rows: RegisterRows) -> set[_Ends]:
    return {
        (table, row_id)
        for table in ("organisations", "units", "functions", "people")
        for row_id, row in getattr(rows, table).items()
        if row.ended_on is not None
    }


def _pointing(rows: RegisterRows, today: date) -> dict[tuple[str, str, str], list[str]]:
    """By why, table and id of what has ended: the names of what points to it."""
    ended = _ended(rows)
    found: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    if not ended:
        return found
    for why, table, row_id, name in _pointers(rows, today):
        if (table, row_id) in ended:
            found[why, table, row_id].append(name)
    return found


def _pointers(rows: RegisterRows, today: date) -> Iterable[_Pointer]:
    for organisation in rows.organisations.values():
        if organisation.ended_on is None and organisation.part_of is not None:
            yield "part_of", "organisations", organisation.part_of, organisation.name
    for unit in rows.units.values():
        if unit.ended_on is None:
            yield "organisation", "organisations", unit.organisation_id, unit.name
            yield from (("parent", "units", each, unit.name) for each in [unit.parent_id] if each is not None)
            yield from (("head", "people", each, unit.name) for each in [unit.head_id] if each is not None)
    for person in {**rows.employed, **rows.people}.values():
        if person.ended_on is None:
            yield "unit", "units", person.unit_id, person.name
    yield from _contracts(rows, today)


def _contracts(rows: RegisterRows, today: date) -> Iterable[_Pointer]:
    for firm in rows.firms.values():
        if firm.ended_on is None:
            name = _name(rows, "organisations", firm.organisation_id)
            yield "firm", "organisations", firm.organisation_id, name
            yield "client", "functions", firm.client_function_id, name
            yield "client", "organisations", _owner(rows, firm.client_function_id), name
            yield from (("mandate", "organisations", each, name) for each in firm.other_mandates)
    for agreement in rows.agreements.values():
        # One that ends today is over with what it was about.
        if agreement.valid_to is None or agreement.valid_to > today:
            function = _name(rows, "functions", agreement.function_id)
            yield "agreement", "organisations", agreement.organisation_id, function
            yield "agreement", "functions", agreement.function_id, function
            if (owner := _owner(rows, agreement.function_id)) != agreement.organisation_id:
                yield "agreement", "organisations", owner, function


def _name(rows: RegisterRows, table: str, row_id: str) -> str:
    row = getattr(rows, table).get(row_id)
    return row_id if row is None else str(row.name)


def _owner(rows: RegisterRows, function_id: str) -> str:
    function = rows.functions.get(function_id)
    return "" if function is None else function.organisation_id


def _told(why: str, thing: str, names: list[str]) -> Sentence:
    said: object = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        said = Sentence(_MORE, {"names": said, "count": len(names) - MOST_NAMED})
    return Sentence(_FIRST[why], {"thing": thing, "names": said})
