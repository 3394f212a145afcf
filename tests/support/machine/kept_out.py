"""Whom a submission keeps out, from the words of 04: the concerned, those above and below them, declared conflicts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .seen import Seen


def kept_out(
    seen: Seen, organisation: str, area: str, concerns: Collection[str], members: dict[str, set[str]]
) -> set[str]:
    """The people (ids) whom the facts of a submission exclude. ``members``: of each function of the policy."""
    out = _declared(seen, {f"organisation:{organisation}", f"area:{area}"})
    for concern in concerns:
        kind, _, about = concern.partition(":")
        units = _units(seen, kind, about)
        owners = {seen.by_id("units")[unit]["organisation_id"] for unit in units}
        if kind == "organisation":
            owners |= _parts(seen, about)
        concerned = set(members.get(about, ())) if kind == "function" else set()
        concerned |= {person for person in _everybody(seen) if seen.place(person) in units}
        concerned |= {str(head) for unit in units if (head := seen.by_id("units")[unit]["head_id"]) is not None}
        out |= _declared(seen, {f"unit:{unit}" for unit in units} | {f"organisation:{owner}" for owner in owners})
        for person in concerned:
            out |= {person} | _declared(seen, {f"person:{person}"})
            out |= {other for other in _everybody(seen) if _leads(seen, other, person) or _leads(seen, person, other)}
    return out


def nearest_manager(seen: Seen, person: str) -> str | None:
    """Who leads the unit, or for whoever leads it themselves the one above."""
    at = seen.place(person)
    for unit in () if at is None else _upwards(seen, at):
        head = seen.by_id("units")[unit]["head_id"]
        if head is not None and head != person:
            return str(head)
    return None


def _everybody(seen: Seen) -> set[str]:
    return {*seen.by_id("people"), *seen.by_id("accounts")}


def _declared(seen: Seen, subjects: set[str]) -> set[str]:
    return {
        row["person_id"] for row in seen.rows["conflicts"] if row["ended_on"] is None and row["subject"] in subjects
    }


def _units(seen: Seen, kind: str, about: str) -> set[str]:
    every = seen.by_id("units")
    if kind == "unit":
        return {unit for unit in every if about in _upwards(seen, unit)}
    if kind == "organisation":
        return {unit for unit, row in every.items() if row["organisation_id"] in _parts(seen, about)}
    return set()


def _parts(seen: Seen, whole: str) -> set[str]:
    found = {whole}
    for _ in seen.rows["organisations"]:
        found |= {row["id"] for row in seen.rows["organisations"] if row["part_of"] in found}
    return found


def _upwards(seen: Seen, unit: str) -> Iterator[str]:
    at: str | None = unit
    while at is not None:
        yield at
        at = seen.by_id("units")[at]["parent_id"]


def _leads(seen: Seen, one: str, other: str) -> bool:
    """Whether one leads a unit in or under which the other works or leads."""
    if one == other:
        return False
    led = {row["id"] for row in seen.rows["units"] if row["head_id"] == one}
    places = {seen.place(other), *(row["id"] for row in seen.rows["units"] if row["head_id"] == other)} - {None}
    return any(unit in led for place in places for unit in _upwards(seen, str(place)))
