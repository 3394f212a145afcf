"""Canonical JSON (RFC 8785) and the strict reading of it; `docs/protocol.md`, section 1."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final, NoReturn, TypeAlias

from tipportal.envelope.refusals import Refusal, ShapeError

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

# Bounds of ours, not of the RFC: whoever sends JSON must not decide what reading it costs.
MAX_SIZE: Final = 1024 * 1024
MAX_DEPTH: Final = 16
MAX_INTEGER: Final = 2**53 - 1

DIGEST_PATTERN: Final = re.compile(r"[0-9a-f]{64}")
_KEY_PATTERN: Final = re.compile(r"[ -~]+")
_DATE_PATTERN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT_PATTERN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Without floats and with keys in ASCII this is what RFC 8785 writes: it escapes what JSON must, and nothing else.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical(value: object) -> bytes:
    """Give the one byte string that stands for this JSON value.

    :param value: strings, integers of at most 53 bits, booleans, None, lists and mappings with keys of
        printable ASCII.
    :raises ShapeError: for anything else: floats, lone surrogates, too deep a nesting.
    """
    try:
        return _ENCODER.encode(_checked(value, 0)).encode()
    except UnicodeEncodeError:
        raise ShapeError(Refusal.JSON) from None


def parse_canonical(data: bytes, *, max_size: int = MAX_SIZE) -> Json:
    """Read JSON that must be canonical, so that one value has one digest and one signature.

    :param max_size: the most bytes that are looked at.
    :raises ShapeError: unless the value re-serialises to exactly these bytes (which excludes doubled keys, spare
        white space, other escapes and ``-0``), or if it has a float, a key outside ASCII, or is too large or deep.
    """
    if len(data) > max_size:
        raise ShapeError(Refusal.TOO_LARGE)
    try:
        # Decoded here: json.loads would guess UTF-16 and UTF-32 from bytes.
        value = json.loads(data.decode("utf-8"), parse_float=_no_number, parse_constant=_no_number)
    except ShapeError:
        raise
    except ValueError:
        raise ShapeError(Refusal.JSON) from None
    except RecursionError:
        raise ShapeError(Refusal.TOO_DEEP) from None
    checked = _checked(value, 0)
    if canonical(checked) != data:
        raise ShapeError(Refusal.NOT_CANONICAL)
    return checked


def digest(content: bytes) -> str:
    """Give the SHA-256 of the bytes in lower-case hex, as digests stand in the protocol's JSON."""
    return sha256(content).hexdigest()


def instant_text(moment: datetime) -> str:
    """Give an instant as JSON has it, in whole seconds of UTC; raises `ShapeError` for one without time zone."""
    if moment.tzinfo is None:
        raise ShapeError(Refusal.VALUE)
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read_instant(text: str) -> datetime:
    """Give the instant, with time zone, that stands as ``YYYY-MM-DDThh:mm:ssZ``; raises `ShapeError`."""
    # Parsing alone would take a day or an hour of one digit: one instant has one spelling.
    if _INSTANT_PATTERN.fullmatch(text) is None:
        raise ShapeError(Refusal.VALUE)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None


def encode_b64(content: bytes) -> str:
    """Give standard base64 with padding."""
    return base64.b64encode(content).decode("ascii")


def decode_b64(text: str) -> bytes:
    """Read base64 that must be exactly what `encode_b64` writes; raises `ShapeError`."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ShapeError(Refusal.VALUE) from None
    if encode_b64(content) != text:
        raise ShapeError(Refusal.VALUE)
    return content


class Members:
    """The members of one JSON object, read strictly: all of them required, no others, each with its type.

    Every reading method raises `ShapeError` (reason ``value``) for another type or form.
    """

    def __init__(self, value: Json, names: frozenset[str]) -> None:
        """Take the object; raises `ShapeError` (reason ``members``) unless it has exactly these names."""
        if not isinstance(value, dict) or value.keys() != names:
            raise ShapeError(Refusal.MEMBERS)
        self._value = value

    def text(self, name: str, pattern: re.Pattern[str]) -> str:
        """Give a string that matches the pattern from end to end."""
        value = self._value[name]
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise ShapeError(Refusal.VALUE)
        return value

    def free_text(self, name: str) -> str:
        """Give any string."""
        value = self._value[name]
        if not isinstance(value, str):
            raise ShapeError(Refusal.VALUE)
        return value

    def digest(self, name: str) -> str:
        """Give a SHA-256 digest in hex."""
        return self.text(name, DIGEST_PATTERN)

    def day(self, name: str) -> date:
        """Give a date that stands as ``YYYY-MM-DD``."""
        text = self.text(name, _DATE_PATTERN)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ShapeError(Refusal.VALUE) from None

    def instant(self, name: str) -> datetime:
        """Give an instant in whole seconds that stands as ``YYYY-MM-DDThh:mm:ssZ``."""
        return read_instant(self.free_text(name))

    def integer(self, name: str, *, most: int = MAX_INTEGER) -> int:
        """Give an integer from 0 to `most`."""
        value = self._value[name]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ShapeError(Refusal.VALUE)
        return value

    def flag(self, name: str) -> bool:
        """Give a boolean."""
        value = self._value[name]
        if not isinstance(value, bool):
            raise ShapeError(Refusal.VALUE)
        return value

    def octets(self, name: str, size: int) -> bytes:
        """Give base64 of exactly `size` bytes."""
        content = decode_b64(self.free_text(name))
        if len(content) != size:
            raise ShapeError(Refusal.VALUE)
        return content

    def value(self, name: str) -> Json:
        """Give whatever stands there, for a reader of its own."""
        return self._value[name]

    def items(self, name: str, *, most: int) -> list[Json]:
        """Give a list of at most `most` items."""
        value = self._value[name]
        if not isinstance(value, list) or len(value) > most:
            raise ShapeError(Refusal.VALUE)
        return value

    def texts(self, name: str, *, most: int) -> tuple[str, ...]:
        """Give a list of at most `most` strings."""
        return tuple(require_text(item) for item in self.items(name, most=most))


def require_text(value: Json) -> str:
    """Give the value if it is a string; raises `ShapeError` otherwise."""
    if not isinstance(value, str):
        raise ShapeError(Refusal.VALUE)
    return value


def _no_number(_text: str) -> NoReturn:
    raise ShapeError(Refusal.JSON)


def _checked(value: object, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise ShapeError(Refusal.TOO_DEEP)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ShapeError(Refusal.JSON)
        return value
    if isinstance(value, Mapping):
        return {_checked_key(key): _checked(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_checked(item, depth + 1) for item in value]
    raise ShapeError(Refusal.JSON)


def _checked_key(key: object) -> str:
    # Within ASCII the order by UTF-16 code units, which RFC 8785 wants, is the order everywhere.
    if not isinstance(key, str) or _KEY_PATTERN.fullmatch(key) is None:
        raise ShapeError(Refusal.JSON)
    return key
