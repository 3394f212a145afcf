"""What goes into a package: an opened case in the words that people read, with nothing that tells who the source is."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

Say: TypeAlias = Callable[[str], str]
"""Gives a Swedish text in the language of the package."""
Progress: TypeAlias = Callable[[str], None]


class Direction(enum.StrEnum):
    """Which way a document went."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of the package. ``path``: inside its folder of data; ``name``: what the sender called it."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Document:
    """One record of the case. ``agent``: the function that wrote it, or that the source did; never a person's name.

    ``sections`` are what it says, label and text. ``fault``: why it cannot be trusted; nothing of it stands here then.
    """

    id: str
    number: int
    title: str
    on: date | None
    direction: Direction
    agent: str
    by_source: bool
    sections: tuple[tuple[str, str], ...] = field(repr=False)
    text: ArchivedFile | None
    files: tuple[ArchivedFile, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the case's part of the log in words. ``when``: an instant, or of a source's act a date."""

    index: int
    when: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class LogProof:
    """What has been found of the log: the proofs that stand, and what they stand against."""

    size: int
    root: str
    signed: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Disposal:
    """What two have decided of the case: preserved, or disposed of by a decision."""

    preserved: bool
    number: str
    on: date


@dataclass(frozen=True, slots=True)
class ArchivedCase:
    """An opened case. ``facts`` are its particulars, label and text, as they are shown first."""

    reference: str
    installation: str
    language: str
    title: str
    channel: str
    is_report: bool
    organisation: str
    authority: str
    registry_number: str | None
    received_on: date
    closed_on: date | None
    outcome: str
    functions: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    documents: tuple[Document, ...]
    log: tuple[LogLine, ...]
    proof: LogProof
    disposal: Disposal | None

    @property
    def package_id(self) -> str:
        """What the package is called; the same for the same case."""
        return f"tipportal-{self.reference}"

    def uuid(self, *parts: str) -> str:
        """A UUID of something in the case, the same each time (CITS ERMS wants one for each aggregation and record)."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("tipportal", self.installation, self.reference, *parts))))
