"""Attached files: how large, how many, under which names, and where a sealed one hangs in a case."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from .cases import RecordKind, Stream
from .errors import TooManyFiles, UploadUnknown
from .texts import N_

MEBIBYTE = 1 << 20
PART_SIZE = 4 * MEBIBYTE
"""Bytes of each part in which a sealed file is sent; only the last has fewer."""
MAX_FILES = 20
"""Files of one record."""
MAX_NAME = 150
"""Code points of a name that is shown or saved."""
FILE_KINDS = frozenset({RecordKind.REPORT, RecordKind.MESSAGE, RecordKind.FEEDBACK, RecordKind.NOTE})
"""The records that files may hang on."""

_MAX_EXTENSION = 16
_NAMELESS = "fil"
_JOINER = "\u200d"
# Control, format, surrogate, line and paragraph: nothing that shows, and what turns a name round or breaks it.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_FORBIDDEN = frozenset('<>:"|?*')
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL"} | {f"{port}{n}" for port in ("COM", "LPT") for n in range(10)})


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What an installation takes, in bytes.

    ``max_file``: plaintext of one file; ``case_quota``: sealed bytes kept for one case; ``uploads_quota``: sealed bytes
    of all uploads that wait to be handed in.
    """

    max_file: int = 100 * MEBIBYTE
    case_quota: int = 1024 * MEBIBYTE
    uploads_quota: int = 4096 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Upload:
    """A waiting upload as a record names it: 32 lower-case hex digits, and the bytes of the whole sealed file.

    Whoever knows the id can remove the upload, so it is not shown.
    """

    id: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A sealed file of a record: its place, the blob that holds it, and its sealed size in bytes."""

    organisation_id: str
    case_id: str
    stream: Stream
    seq: int
    position: int
    blob_id: str
    size: int


def check_count(files: int) -> None:
    """Raise TooManyFiles for more files than one record may have."""
    if files > MAX_FILES:
        raise TooManyFiles(N_("Du kan bifoga högst 20 filer på en gång."), field="files")


def upload_unknown() -> UploadUnknown:
    """The refusal for an upload that is not there, or not whole."""
    return UploadUnknown(N_("En fil kom inte fram i sin helhet. Skicka den igen."), field="files")


def safe_name(name: str) -> str:
    """A name that can be shown and saved anywhere, from whatever a stranger's system called the file.

    No folders, no invisible or turning characters, nothing that Windows keeps for itself, at most ``MAX_NAME`` code
    points with a short extension kept; never empty. Letters of every language and emoji stay. Idempotent.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        " " if category == "Zs" else "_" if character in _FORBIDDEN else character
        for character in last
        if (category := unicodedata.category(character)) not in _DROPPED or character == _JOINER
    )
    # What was dropped may have stood between a letter and its accent.
    clean = unicodedata.normalize("NFC", " ".join(part for part in kept.split(" ") if part)).strip(" .")
    if clean.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        clean = f"_{clean}"
    return _shortened(clean) or _NAMELESS


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    stem, _, extension = name.rpartition(".")
    if stem and 0 < len(extension) <= _MAX_EXTENSION:
        return f"{stem[: MAX_NAME - 1 - len(extension)]}.{extension}"
    return name[:MAX_NAME].strip(" .")
