"""JSON bodies, read strictly: what is unknown, repeated, of the wrong type or oversized is refused by name."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NoReturn, TypeGuard, TypeVar

from flask import g, request

from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_

_Choice = TypeVar("_Choice", bound=StrEnum)
_HEX = re.compile(r"[0-9a-f]*\Z")
MAX_DEPTH = 8
MAX_INTEGER = (1 << 53) - 1
WRONG = N_("Ett fält i begäran saknas, är okänt eller har fel form.")
_LONGEST_WORD = 64


def json_members() -> dict[str, Any]:
    """The members of this request's JSON object, parsed once. Raises Invalid."""
    if "json_members" not in g:
        g.json_members = parsed(request.get_data(cache=False))
    return g.json_members  # type: ignore[no-any-return]  # assigned above


def body() -> Members:
    """A reader over this request's JSON object, without the token that the guard has already judged."""
    return Members({name: value for name, value in json_members().items() if name != "csrf_token"})


class Members:
    """Takes the members of a JSON object one by one; each must be there. ``done`` refuses what is left over.

    All methods raise Invalid with ``field`` set to the member's name. Sizes are in what each docstring says.
    """

    def __init__(self, members: Mapping[str, Any], path: str = "") -> None:
        self._left = dict(members)
        self._path = path

    def has(self, name: str) -> bool:
        """Whether an optional member is there and not null."""
        if self._left.get(name, ...) is None:
            del self._left[name]
        return name in self._left

    def text(self, name: str, longest: int = 200) -> str:
        """A string of at most ``longest`` characters."""
        value = self._take(name)
        if not _is_text(value, longest):
            self._refuse(name)
        return value

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """A word of a closed set."""
        word = self.text(name, _LONGEST_WORD)
        try:
            return kind(word)
        except ValueError:
            self._refuse(name, N_("Välj ett av alternativen."))

    def day(self, name: str) -> date:
        """A date as ``YYYY-MM-DD``."""
        text = self.text(name, 10)
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        # One day, one spelling.
        if found is None or found.isoformat() != text:
            self._refuse(name, N_("Skriv datumet som år, månad och dag: 2026-11-22."))
        return found

    def integer(self, name: str) -> int:
        """A whole number from 0 to 2**53 - 1."""
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
            self._refuse(name)
        return value

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            self._refuse(name)
        return value

    def b64(self, name: str, size: int | None = None) -> bytes:
        """Canonical base64 with padding; ``size`` in bytes when it must be exact."""
        value = self._take(name)
        try:
            raw = base64.b64decode(value, validate=True) if isinstance(value, str) else None
        except (binascii.Error, ValueError):
            raw = None
        # Decoding forgives stray low bits in the last character; one value has one spelling here.
        if raw is None or base64.b64encode(raw).decode() != value or size not in {None, len(raw)}:
            self._refuse(name)
        return raw

    def hex(self, name: str, size: int) -> bytes:
        """Lower-case hex of exactly ``size`` bytes."""
        value = self._take(name)
        if not isinstance(value, str) or len(value) != 2 * size or not _HEX.match(value):
            self._refuse(name)
        return bytes.fromhex(value)

    def texts(self, name: str, most: int = 50, longest: int = 200) -> list[str]:
        """A list of at most ``most`` strings of at most ``longest`` characters."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most:
            self._refuse(name)
        if not all(_is_text(item, longest) for item in value):
            self._refuse(name)
        return value

    def object(self, name: str) -> Members:
        """An object, to be read in the same way."""
        value = self._take(name)
        if not isinstance(value, dict):
            self._refuse(name)
        return Members(value, f"{self._path}{name}.")

    def objects(self, name: str, most: int = 200) -> list[Members]:
        """A list of at most ``most`` objects."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most or not all(isinstance(item, dict) for item in value):
            self._refuse(name)
        return [Members(item, f"{self._path}{name}.{index}.") for index, item in enumerate(value)]

    def raw(self, name: str) -> dict[str, Any]:
        """An object as it is, for a reader of its own."""
        value = self._take(name)
        if not isinstance(value, dict):
            self._refuse(name)
        return value

    def done(self) -> None:
        """Refuse any member that nobody asked for."""
        for name in self._left:
            self._refuse(name)

    def _take(self, name: str) -> Any:  # noqa: ANN401 - any JSON value; the caller says which it must be
        if name not in self._left:
            self._refuse(name)
        return self._left.pop(name)

    def _refuse(self, name: str, reason: str = WRONG) -> NoReturn:
        # The name may be the sender's own: cut, and ASCII only, before it is shown in an answer.
        shown = (self._path + name)[:80].encode("ascii", "replace").decode()
        raise Invalid(reason, field=shown)


def _is_text(value: object, longest: int) -> TypeGuard[str]:
    # A zero byte is valid JSON, and no text that PostgreSQL takes.
    return isinstance(value, str) and len(value) <= longest and "\0" not in value


def parsed(raw: bytes) -> dict[str, Any]:
    """Read bytes as one JSON object of text that UTF-8 can hold. Raises Invalid, and nothing else."""
    refused = Invalid(N_("Begäran är inte giltig JSON."))
    try:
        text = raw.decode("utf-8")
        value = _DECODER.decode(text)
        # A lone surrogate is valid JSON but no text: it would fail wherever it is written later. UTF-8 holds none, so
        # that only an escape can bring one.
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise refused from None
    if not isinstance(value, dict) or _is_deep(value):
        raise refused
    return value


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(object_pairs_hook=_unrepeated, parse_constant=_refuse_constant)


def _is_deep(value: dict[str, Any]) -> bool:
    """Whether a value has more than ``MAX_DEPTH`` objects and lists inside one another."""
    containers: list[dict[str, Any] | list[Any]] = [value]
    for _ in range(MAX_DEPTH):
        containers = [
            inner
            for outer in containers
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(containers)
