"""A package on the disk: a folder of its own that only its maker reads, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path

from tipportal.domain.texts import N_

from .content import ArchivedCase, ArchivedFile, Say
from .erms import erms_document
from .markup import el, xml_document
from .mets import Contents, Packed, mets_document
from .readable import readable_html, readable_pdf

ERMS, PDF, LOG = "ERMS.xml", "case.pdf", "handling-log.json"
README = "LAS-MIG.txt"
SCHEMA = "erms-as-written.xsd"
_DATA = Path("representations", "rep1", "data")
_STEP = 1 << 20


class PackageExists(Exception):
    """There is a package of that name already: none is ever written over."""


class Room:
    """A package that is being made, in a folder that is put in its place when it is done."""

    def __init__(self, root: Path) -> None:
        """Take an empty folder."""
        self._root = root

    @property
    def data(self) -> Path:
        """Where documents and files go."""
        return self._root / _DATA

    def kept(self, path: str, name: str, media_type: str) -> ArchivedFile:
        """What stands of a file that has been written to the folder of data."""
        size, digest = _measured(self.data / path)
        return ArchivedFile(path, name, media_type, size, digest)

    def keep_text(self, path: str, name: str, text: str) -> ArchivedFile:
        """Write a document's text."""
        write_private(self.data / path, text.encode())
        return self.kept(path, name, "text/plain")

    def finish(self, case: ArchivedCase, say: Say, log: bytes, made_at: datetime, software: tuple[str, str]) -> None:
        """Write what describes the case, the PDF, and METS.xml last."""
        root = self._root
        write_private(self.data / ERMS, erms_document(case, say, made_at, " ".join(software)))
        write_private(self.data / PDF, readable_pdf(readable_html(case, say, made_at)))
        write_private(root / "metadata" / "preservation" / LOG, log)
        write_private(root / "metadata" / "descriptive" / "dc.xml", _dublin_core(case))
        write_private(root / "documentation" / README, _readme(say).encode())
        schema = resources.files(__package__).joinpath("schemas", SCHEMA).read_bytes()
        write_private(root / "schemas" / SCHEMA, schema)
        types = {file.path: file.media_type for file in _files(case)} | {ERMS: "text/xml", PDF: "application/pdf"}
        contents = Contents(
            descriptive=_packed(root, "metadata/descriptive/dc.xml", "text/xml"),
            log=_packed(root, f"metadata/preservation/{LOG}", "application/json"),
            documentation=[_packed(root, f"documentation/{README}", "text/plain")],
            schemas=[_packed(root, f"schemas/{SCHEMA}", "text/xml")],
            data=[_packed(root, f"{_DATA.as_posix()}/{path}", types[path]) for path in sorted(types)],
        )
        write_private(root / "METS.xml", mets_document(case, contents, made_at, software))


@contextmanager
def package_room(out: Path, name: str) -> Iterator[Room]:
    """A room for the package ``name`` inside ``out``, in its place when the block ends well, and gone when it does not.

    What is written on the way lies inside ``out`` too, readable by its owner only. Raises PackageExists, OSError.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    target, making = out / name, out / f".{name}.making"
    if target.exists():
        raise PackageExists(str(target))
    # Left over from an attempt that was cut off.
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    try:
        _private_folder(making / _DATA)
        yield Room(making)
        making.rename(target)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads, with the folders to it."""
    _private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _private_folder(path: Path) -> None:
    # Folders that are made on the way to one would have the usual rights.
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700)


def _files(case: ArchivedCase) -> Iterator[ArchivedFile]:
    for document in case.documents:
        if document.text is not None:
            yield document.text
        yield from document.files


def _packed(root: Path, path: str, media_type: str) -> Packed:
    size, digest = _measured(root / path)
    return Packed(path, media_type or "application/octet-stream", size, digest)


def _measured(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_STEP):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _dublin_core(case: ArchivedCase) -> bytes:
    """The package in Dublin Core, for catalogues that read nothing else (dublincore.org, elements 1.1)."""
    return xml_document(
        el(
            "dc",
            el("dc:identifier", case.package_id),
            el("dc:title", case.title),
            el("dc:creator", case.authority),
            el("dc:type", case.channel),
            el("dc:date", case.received_on.isoformat()),
            el("dc:language", case.language),
            **{"xmlns:dc": "http://purl.org/dc/elements/1.1/"},
        )
    )


def _readme(say: Say) -> str:
    paragraphs = (
        N_("Ett avslutat ärende ur tipportalen, som E-ARK SIP 2.1.0 (FGS Paketstruktur 2.0) med ERMS 2.1."),
        N_(
            "representations/rep1/data: ERMS.xml beskriver ärendet och dess handlingar, case.pdf är hela ärendet att "
            "läsa, övriga filer är handlingarnas text och bilagor som de kom in."
        ),
        N_(
            "Datum är dagar. Där formatet kräver en tidpunkt står midnatt utan tidszon; den säger inget om när på "
            "dagen något hände. Av tipslämnarens handlingar har bara dagen någonsin sparats."
        ),
        N_(
            "Tipslämnaren är skyddad uppgift och handläggare står med sin funktion. Det som tipslämnaren har lämnat om "
            "sig själv i identitetsvalvet ingår aldrig. Har två öppnat det och behövs uppgiften i arkivet, har de "
            "skrivit in den i ärendet."
        ),
        N_(
            "metadata/preservation/handling-log.json: ärendets poster i handläggningsloggen, byte för byte, var och en "
            "med beviset (RFC 9162) mot loggens huvud, och den senaste undertecknade kontrollpunkten."
        ),
        N_(
            "schemas: vad som skrivs av ERMS, med egna ord. Specifikationernas egna scheman finns på dilcis.eu och "
            "loc.gov/standards/mets."
        ),
    )
    return "\n\n".join(say(paragraph) for paragraph in paragraphs) + "\n"
