"""The diary feed: what the registrar of a receiving authority is told of each case and message (OSL 5 kap. 1–5 §§).

A register shows date, designation, sender or recipient, and in short what it is about; the last two are left out where
they would tell a secret (5 kap. 2 § tredje stycket). Nothing here is taken from what anybody wrote.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .cases import REFERENCE_ALPHABET
from .deadlines import is_working_day
from .errors import IllegalTransition, Invalid
from .organisations import Channel
from .texts import N_

NUMBER_BYTES = 16
WITHHELD = "skyddad uppgift"
_REGISTRY_NUMBER = re.compile(r"[0-9A-Za-zÅÄÖåäö][0-9A-Za-zÅÄÖåäö ./:_-]{0,39}")
_SUBJECTS = {Channel.REPORT: "Rapport enligt lag (2021:890)", Channel.TIP: "Tips om felaktig utbetalning"}
_PROVISIONS = {Channel.REPORT: "17 kap. 3 b § och 32 kap. 3 b § offentlighets- och sekretesslagen (2009:400)"}


class Direction(enum.StrEnum):
    """Which way a document went."""

    IN = "in"
    OUT = "out"


class Document(enum.StrEnum):
    """What is registered: the case with what began it, or a message in its dialogue."""

    CASE = "case"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One line of the register. ``number`` is the feed's own random designation, ``case_number`` that of its case.

    ``reference`` and ``seq`` tie it to the record and never leave the database. ``fed_on`` is the working day whose
    file it stands in.
    """

    number: str
    case_number: str
    organisation_id: str
    authority_id: str
    channel: Channel
    document: Document
    direction: Direction
    dated: date
    fed_on: date
    reference: str
    seq: int
    registry_number: str | None = None


def number_of(random: bytes) -> str:
    """A designation that says nothing and is safe to say aloud: ``TP-`` and ten characters without look-alikes.

    ``random``: 16 bytes. Raises ValueError on another length.
    """
    if len(random) != NUMBER_BYTES:
        raise ValueError("a number takes 16 random bytes")
    value, made = int.from_bytes(random, "big"), ""
    for _ in range(10):
        value, index = divmod(value, len(REFERENCE_ALPHABET))
        made += REFERENCE_ALPHABET[index]
    return f"TP-{made[:5]}-{made[5:]}"


def is_feed_day(today: date) -> bool:
    """Whether a file is made on a Stockholm date: on working days, of the days that are over."""
    return is_working_day(today)


def subject_of(channel: Channel, document: Document) -> str:
    """What the matter is about, in the same words for all of its kind."""
    subject = _SUBJECTS[channel]
    return subject if document is Document.CASE else f"Meddelande: {subject}"


def provision_of(channel: Channel) -> str:
    """The provision of the secrecy marking; empty for a tip, which is public unless a rule of its authority applies."""
    return _PROVISIONS.get(channel, "")


def line_of(entry: DiaryEntry, authority: str) -> Mapping[str, str]:
    """An entry as it stands in the files; ``authority`` is the receiving authority's name."""
    provision = provision_of(entry.channel)
    secret = bool(provision)
    return {
        "number": entry.number,
        "case_number": entry.case_number,
        "date": entry.dated.isoformat(),
        "direction": entry.direction.value,
        "sender": WITHHELD if entry.direction is Direction.IN else authority,
        "recipient": authority if entry.direction is Direction.IN else WITHHELD,
        "subject": subject_of(entry.channel, entry.document),
        "secrecy_provision": provision,
        "secrecy_date": entry.dated.isoformat() if secret else "",
        "secrecy_authority": authority if secret else "",
        "responsible_authority": authority,
    }


def registry_number_of(text: str) -> str:
    """A registry number as somebody typed it, trimmed. Raises Invalid for anything that is no such number."""
    number = " ".join(text.split())
    if not _REGISTRY_NUMBER.fullmatch(number):
        raise Invalid(
            N_("Ett diarienummer har högst 40 tecken: bokstäver, siffror, mellanslag och . / : _ -"),
            field="registry_number",
        )
    return number


def must_be_registered(newest: date | None, fed_upto: date | None) -> None:
    """Raise IllegalTransition while a document is in no diary file yet: what is gone can be registered no more.

    ``newest``: the day of a case's newest document. ``fed_upto``: the last day that is in a file (OSL 5 kap. 1 §).
    """
    if newest is not None and (fed_upto is None or newest > fed_upto):
        raise IllegalTransition(
            N_("Ärendets handlingar har inte lämnats till diariet än. Det sker nästa arbetsdag. Gallra sedan.")
        )
