"""What one entry tells, read strictly: a fact that is missing or of the wrong kind is an error and never nought."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from tipportal.domain.deadlines import stockholm_date

_E = TypeVar("_E", bound=enum.StrEnum)


class UnreadableFacts(ValueError):
    """The facts of an entry are not those of its kind. Its text says which one."""


@dataclass(slots=True)
class Told:
    """An entry: its facts, its Swedish day, who did it, and of which organisation and case it is (or empty)."""

    facts: Mapping[str, object]
    day: date
    actor: str
    organisation: str
    case: str

    def text(self, name: str) -> str:
        """A fact that is text."""
        value = self.facts.get(name)
        if not isinstance(value, str):
            raise UnreadableFacts(f"{name} is no text")
        return value

    def optional(self, name: str) -> str | None:
        """A fact that is text, null or not there."""
        return None if self.facts.get(name) is None else self.text(name)

    def word(self, of: type[_E], name: str) -> _E:
        """A fact of a closed set."""
        value = self.text(name)
        try:
            return of(value)
        except ValueError:
            raise UnreadableFacts(f"{name} is {value!r}, which is not known") from None

    def optional_word(self, of: type[_E], name: str) -> _E | None:
        """A fact of a closed set, null or not there."""
        return None if self.facts.get(name) is None else self.word(of, name)

    def number(self, name: str) -> int:
        """A fact that is a whole number, 0 or more."""
        value = self.facts.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnreadableFacts(f"{name} is no number")
        return value

    def flag(self, name: str) -> bool:
        """A fact that is true or false; not there is false."""
        value = self.facts.get(name, False)
        if not isinstance(value, bool):
            raise UnreadableFacts(f"{name} is neither true nor false")
        return value

    def dated(self, name: str) -> date:
        """A fact that is a date."""
        value = self.text(name)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise UnreadableFacts(f"{name} is no date") from None

    def optional_dated(self, name: str) -> date | None:
        """A fact that is a date, null or not there."""
        return None if self.facts.get(name) is None else self.dated(name)

    def numbers(self, name: str) -> dict[str, int]:
        """A fact that has whole numbers by name; not there is none."""
        value = self.facts.get(name, {})
        if not isinstance(value, Mapping):
            raise UnreadableFacts(f"{name} is no table")
        for each in value.values():
            if not isinstance(each, int) or isinstance(each, bool) or each < 0:
                raise UnreadableFacts(f"{name} has what is no number")
        return {str(key): each for key, each in value.items()}

    def texts(self, name: str) -> tuple[str, ...]:
        """A fact that is a list of texts."""
        found = self._list(name)
        if not all(isinstance(each, str) for each in found):
            raise UnreadableFacts(f"{name} has what is no text")
        return tuple(str(each) for each in found)

    def tables(self, name: str) -> Iterator[Told]:
        """A fact that is a list of tables, each to be read as the facts of this entry are."""
        for each in self._list(name):
            if not isinstance(each, Mapping):
                raise UnreadableFacts(f"{name} has what is no table")
            yield replace(self, facts=each)

    def table(self, name: str) -> Told | None:
        """A fact that is a table, to be read as the facts of this entry are; None where it is not there."""
        value = self.facts.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise UnreadableFacts(f"{name} is no table")
        return replace(self, facts=value)

    def _list(self, name: str) -> Sequence[object]:
        value = self.facts.get(name)
        if not isinstance(value, list | tuple):
            raise UnreadableFacts(f"{name} is no list")
        return value


def swedish_day(time: str) -> date:
    """The Swedish date of an entry: of an instant in UTC, or as it stands. Raises ValueError."""
    if time.endswith("Z"):
        return stockholm_date(int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()))
    return date.fromisoformat(time)
