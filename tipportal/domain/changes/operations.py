"""The operations of a register change, read strictly from JSON: which there are, and what each must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Ground, OrganisationKind, SharingBasis
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

MOST_OPERATIONS = 20_000
LONGEST = 200
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_SUBJECT = re.compile(r"(person|unit|organisation|area):[a-z0-9][a-z0-9_-]{0,63}\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

Value: TypeAlias = "str | int | bool | date | tuple[str, ...] | None"
_Reader: TypeAlias = Callable[[Json], Value]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with its typed values. A change holds only those that it names."""

    do: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A value that is always text."""
        return str(self.values[name])

    def optional(self, name: str) -> str | None:
        """A value that is text or nothing."""
        value = self.values[name]
        return None if value is None else str(value)

    def day(self, name: str) -> date:
        """A value that is always a date. Raises TypeError when it is not: the table of operations says which are."""
        value = self.values[name]
        if not isinstance(value, date):
            raise TypeError(name)
        return value

    def optional_day(self, name: str) -> date | None:
        """A value that is a date or nothing."""
        value = self.values[name]
        return value if isinstance(value, date) else None

    def many(self, name: str) -> tuple[str, ...]:
        """A value that is a list of ids."""
        value = self.values[name]
        return value if isinstance(value, tuple) else ()


def _id(value: Json) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise ValueError
    return value


def _subject(value: Json) -> str:
    if not isinstance(value, str) or not _SUBJECT.match(value):
        raise ValueError
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST or _CONTROL.search(value):
        raise ValueError
    return value.strip()


def _day(value: Json) -> date:
    if not isinstance(value, str) or len(value) != len("2026-01-31"):
        raise ValueError
    return date.fromisoformat(value)


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - one error for whatever cannot be read
    return value


def _rank(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 99:  # noqa: PLR2004 - two digits
        raise ValueError
    return value


def _ids(value: Json) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError  # noqa: TRY004 - as above
    read = tuple(_id(each) for each in value)
    if len(set(read)) != len(read):
        raise ValueError
    return read


def _word(kind: type[OrganisationKind | Ground | SharingBasis]) -> _Reader:
    return lambda value: kind(value).value if isinstance(value, str) else _text(None)


def _or_null(reader: _Reader) -> _Reader:
    return lambda value: None if value is None else reader(value)


_ENDED: Mapping[str, _Reader] = {"ended_on": _or_null(_day)}
_ORGANISATION: Mapping[str, _Reader] = {
    "name": _text, "kind": _word(OrganisationKind), "listed": _flag, "part_of": _or_null(_id),
}  # fmt: skip
_UNIT: Mapping[str, _Reader] = {"name": _text, "parent": _or_null(_id), "head": _or_null(_id)}
_PERSON: Mapping[str, _Reader] = {"name": _text, "unit": _id, "elected": _flag, "auditor": _flag}
_HELD: Mapping[str, _Reader] = {
    "decision_number": _text, "decided_on": _day, "valid_from": _day, "valid_to": _or_null(_day),
}  # fmt: skip

ALL: Mapping[str, Mapping[str, _Reader]] = {
    "add_organisation": {"id": _id, "slug": _text, **_ORGANISATION},
    "add_unit": {"id": _id, "organisation": _id, "external": _flag, **_UNIT},
    "add_function": {"id": _id, "organisation": _id, "name": _text},
    "add_person": {"id": _id, "organisation": _id, **_PERSON},
    "designate": {"id": _id, "function": _id, "person": _id, "ground": _word(Ground), "rank": _rank, **_HELD},
    "end_designation": {"id": _id, "valid_to": _day},
    "add_absence": {"id": _id, "person": _id, "first": _day, "last": _or_null(_day)},
    "end_absence": {"id": _id, "last": _day},
    "add_conflict": {"id": _id, "person": _id, "subject": _subject},
    "end_conflict": {"id": _id, "ended_on": _day},
    "set_firm": {"organisation": _id, "client": _id, "named_persons": _ids, "other_mandates": _ids},
    "end_firm": {"organisation": _id},
    "add_sharing_agreement": {
        "id": _id, "organisation": _id, "function": _id, "basis": _word(SharingBasis), **_HELD,
    },
    "end_sharing_agreement": {"id": _id, "valid_to": _day},
}  # fmt: skip
SOME: Mapping[str, Mapping[str, _Reader]] = {
    "change_organisation": {**_ORGANISATION, "succeeded_by": _or_null(_id), **_ENDED},
    "change_unit": {**_UNIT, **_ENDED},
    "change_function": {"name": _text, **_ENDED},
    "change_person": {**_PERSON, **_ENDED},
}
"""Beside the id: at least one of these. ``ALL`` has those of which every member must be there."""
NEED_DECISION = frozenset({"end_designation", "set_firm", "end_firm"})
"""Operations that change who may receive cases without a registry number of their own."""

Read: TypeAlias = "Operation | Sentence"


def read_operations(raw: Json) -> Iterator[Read]:
    """Each operation, or what is wrong with it. Raises ValueError when there is no list of operations at all."""
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 0 < len(raw) <= MOST_OPERATIONS:
        raise ValueError
    for each in raw:
        yield _operation(each)


def _operation(raw: Json) -> Read:
    if not isinstance(raw, Mapping):
        return Sentence(N_("Åtgärden går inte att läsa."))
    do = raw.get("do")
    if not isinstance(do, str) or (do not in ALL and do not in SOME):
        return Sentence(N_("Åtgärden finns inte: %(name)s."), {"name": str(do)[:40]})
    given = {name: value for name, value in raw.items() if name != "do"}
    readers = ALL[do] if do in ALL else {"id": _id, **SOME[do]}
    needed = readers.keys() if do in ALL else {"id"}
    for name in [*(each for each in needed if each not in given), *(each for each in given if each not in readers)]:
        return Sentence(N_("Fältet %(name)s saknas eller är okänt."), {"name": name[:40]})
    if len(given) == 1 and do in SOME:
        return Sentence(N_("Åtgärden ändrar ingenting."))
    values: dict[str, Value] = {}
    for name, value in given.items():
        try:
            values[name] = readers[name](value)
        except ValueError:
            return Sentence(N_("Fältet %(name)s är inte ifyllt på rätt sätt."), {"name": name})
    return Operation(do, values)
