"""Where things stand in a TOML text: the line of every key, table and element of an array.

``tomllib`` says the line of a broken text, but not of a value in a sound one. This reads only as much grammar as it
takes to find the lines, and only texts that ``tomllib`` has accepted.
"""

from __future__ import annotations

import bisect
import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BETWEEN = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_KEY = re.compile(r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[ \t]*\.[ \t]*)+""")
_BARE = re.compile(r"[A-Za-z0-9_.-]+\Z")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of every path of keys and indices in a TOML text that ``tomllib`` accepts."""
    return _Reader(text).lines


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._counts: dict[Path, int] = {}
        self.lines: dict[Path, int] = {}
        self._read()

    def _read(self) -> None:
        table: Path = ()
        at = self._skip(_BLANK, 0)
        while at < len(self._text):
            if self._text.startswith("[", at):
                table, at = self._header(at)
            else:
                at = self._assignment(at, table)
            at = self._skip(_BLANK, at)

    def _header(self, at: int) -> tuple[Path, int]:
        is_array = self._text.startswith("[[", at)
        keys, after = self._key(self._skip(_BLANK, at + 1 + is_array))
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if is_array and position == len(keys) - 1:
                self.lines.setdefault(path, self._line(at))
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        self._mark(path, at)
        return path, self._skip(_BLANK, after) + 1 + is_array

    def _assignment(self, at: int, table: Path) -> int:
        keys, after = self._key(at)
        for depth in range(1, len(keys) + 1):
            self._mark((*table, *keys[:depth]), at)
        equals = self._skip(_BLANK, after)
        return self._value(self._skip(_BLANK, equals + 1), (*table, *keys))

    def _value(self, at: int, path: Path) -> int:
        first = self._text[at]
        if first == "[":
            return self._array(at, path)
        if first == "{":
            at = self._skip(_BETWEEN, at + 1)
            while self._text[at] != "}":
                at = self._skip(_BETWEEN, self._assignment(at, path))
            return at + 1
        for pattern in _STRINGS if first in "\"'" else ():
            if match := pattern.match(self._text, at):
                return match.end()
        return self._skip(_SCALAR, at)

    def _array(self, at: int, path: Path) -> int:
        at = self._skip(_BETWEEN, at + 1)
        index = 0
        while self._text[at] != "]":
            self._mark((*path, index), at)
            at = self._skip(_BETWEEN, self._value(at, (*path, index)))
            index += 1
        return at + 1

    def _key(self, at: int) -> tuple[tuple[str, ...], int]:
        end = self._skip(_KEY, at)
        raw = self._text[at:end].strip()
        if _BARE.match(raw):
            return tuple(raw.split(".")), end
        value: object = tomllib.loads(f"{raw} = 0")
        keys: list[str] = []
        while isinstance(value, dict):
            ((key, value),) = value.items()
            keys.append(key)
        return tuple(keys), end

    def _mark(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, self._line(at))

    def _line(self, at: int) -> int:
        return bisect.bisect_left(self._breaks, at) + 1

    def _skip(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self._text, at)
        return at if match is None else match.end()
