"""METS.xml in the root of the package: what there is, with its size and SHA-256 (E-ARK CSIP 2.1.0 and SIP 2.1.0).

https://earkcsip.dilcis.eu and https://earksip.dilcis.eu. The structural map is the one that CSIP asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from .content import ArchivedCase
from .markup import Element, el, having, xml_document

PROFILE = "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml"
CONTENT_TYPE = "citserms_v2_1"
LOG_TYPE = "TIPPORTAL-LOG"
DATA = "rep1"
_NAMESPACES = {
    "xmlns": "http://www.loc.gov/METS/",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:csip": "https://DILCIS.eu/XML/METS/CSIPExtensionMETS",
    "xmlns:sip": "https://DILCIS.eu/XML/METS/SIPExtensionMETS",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it lies in the package. ``path``: from its root, with slashes."""

    path: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a package by what they are."""

    descriptive: Packed
    log: Packed
    documentation: Sequence[Packed]
    schemas: Sequence[Packed]
    data: Sequence[Packed]


def mets_document(case: ArchivedCase, contents: Contents, made_at: datetime, software: tuple[str, str]) -> bytes:
    """METS.xml. ``software``: name and version of what made the package, at ``made_at``.

    Every file is as old as the package: when a source's was kept is not told.
    """
    made = made_at.isoformat(timespec="seconds")
    root = el(
        "mets",
        _header(case, made, software),
        el("dmdSec", _reference(contents.descriptive, made, {"MDTYPE": "DC"}), ID="dmd-dc", CREATED=made,
           STATUS="CURRENT"),
        el(
            "amdSec",
            el(
                "digiprovMD",
                _reference(contents.log, made, {"MDTYPE": "OTHER", "OTHERMDTYPE": LOG_TYPE}),
                ID="amd-log",
                STATUS="CURRENT",
            ),
            ID="amd",
        ),
        el(
            "fileSec",
            _group("documentation", "Documentation", contents.documentation, made),
            _group("schemas", "Schemas", contents.schemas, made),
            _group(DATA, "Representations/rep1", contents.data, made),
            ID="files",
        ),
        _structure(case),
    )  # fmt: skip
    attributes = {
        **_NAMESPACES,
        "OBJID": case.package_id,
        "LABEL": case.title,
        "TYPE": "Other",
        "csip:OTHERTYPE": "Case file",
        "csip:CONTENTINFORMATIONTYPE": CONTENT_TYPE,
        "PROFILE": PROFILE,
    }
    return xml_document(having(root, attributes))


def _header(case: ArchivedCase, made: str, software: tuple[str, str]) -> Element:
    name, version = software
    maker = el(
        "agent",
        el("name", name),
        having(el("note", version), {"csip:NOTETYPE": "SOFTWARE VERSION"}),
        ROLE="CREATOR",
        TYPE="OTHER",
        OTHERTYPE="SOFTWARE",
    )
    owner = el(
        "agent",
        el("name", case.authority),
        having(el("note", case.installation), {"csip:NOTETYPE": "IDENTIFICATIONCODE"}),
        ROLE="ARCHIVIST",
        TYPE="ORGANIZATION",
    )
    return having(
        el("metsHdr", maker, owner, CREATEDATE=made, LASTMODDATE=made, RECORDSTATUS="NEW"),
        {"csip:OAISPACKAGETYPE": "SIP"},
    )


def _reference(file: Packed, made: str, kind: Mapping[str, str]) -> Element:
    return having(
        el("mdRef", LOCTYPE="URL"),
        {**_located(file), **kind, **_described(file, made)},
    )


def _group(key: str, use: str, files: Sequence[Packed], made: str) -> Element:
    group = el("fileGrp", *(_file(f"{key}-{number}", file, made) for number, file in enumerate(files)), ID=key, USE=use)
    # Named as another type for each group: the E-ARK validator 1.1.3 takes no other word here (its rule CSIP63). What
    # a reader goes by is the type of the whole package.
    kind = CONTENT_TYPE if key == DATA else key
    return having(group, {"csip:CONTENTINFORMATIONTYPE": "OTHER", "csip:OTHERCONTENTINFORMATIONTYPE": kind})


def _file(key: str, file: Packed, made: str) -> Element:
    place = having(el("FLocat", LOCTYPE="URL"), _located(file))
    return having(el("file", place, ID=key), _described(file, made))


def _located(file: Packed) -> dict[str, str]:
    return {"xlink:type": "simple", "xlink:href": quote(file.path)}


def _described(file: Packed, made: str) -> dict[str, str]:
    return {
        "MIMETYPE": file.media_type,
        "SIZE": str(file.size),
        "CREATED": made,
        "CHECKSUM": file.sha256,
        "CHECKSUMTYPE": "SHA-256",
    }


def _structure(case: ArchivedCase) -> Element:
    divisions = [
        el("div", ID="div-metadata", LABEL="Metadata", ADMID="amd-log", DMDID="dmd-dc"),
        *(
            el("div", el("fptr", FILEID=key), ID=f"div-{key}", LABEL=label)
            for key, label in (("documentation", "Documentation"), ("schemas", "Schemas"), (DATA, "Representations"))
        ),
    ]
    whole = el("div", *divisions, ID="div-package", LABEL=case.package_id)
    return el("structMap", whole, ID="structure", TYPE="PHYSICAL", LABEL="CSIP")
