"""The age conformance vectors of C2SP's CCTV, read from the npm package ``cctv-age`` without Node."""

import base64
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[2] / "frontend" / "node_modules" / "cctv-age" / "index.js"
_ENTRY = re.compile(r'^var (\w+)_default = __toBinary\("([A-Za-z0-9+/=]*)"\);$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector: the file, what should happen to it, and the keys to try (one scenario each)."""

    name: str
    expect: str
    armored: bool
    payload_sha256: str | None
    file_key: bytes
    identities: tuple[str, ...]
    passphrases: tuple[str, ...]
    file: bytes


def vectors() -> list[Vector]:
    """Give all vectors by name; an unknown key or encoding is an error, not a vector less."""
    source = _PACKAGE.read_text(encoding="ascii")
    return [_parse(name, base64.b64decode(coded, validate=True)) for name, coded in sorted(_ENTRY.findall(source))]


def _parse(name: str, raw: bytes) -> Vector:
    head, _, file = raw.partition(b"\n\n")
    fields: dict[str, list[str]] = {
        "expect": [],
        "payload": [],
        "file key": [],
        "identity": [],
        "passphrase": [],
        "armored": [],
        "compressed": [],
        "comment": [],
    }
    for line in head.decode("ascii").split("\n"):
        key, _, value = line.partition(": ")
        fields[key].append(value)
    match fields["compressed"]:
        case []:
            pass
        case ["zlib"]:
            file = zlib.decompress(file)
        case other:
            raise ValueError(other)
    (expect,) = fields["expect"]
    (file_key,) = fields["file key"]
    return Vector(
        name=name,
        expect=expect,
        armored=fields["armored"] == ["yes"],
        payload_sha256=next(iter(fields["payload"]), None),
        file_key=bytes.fromhex(file_key),
        identities=tuple(fields["identity"]),
        passphrases=tuple(fields["passphrase"]),
        file=file,
    )
