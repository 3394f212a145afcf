"""Who leaves a case, who steps in, and who may decide about a colleague (04): pure rules over the seats of a case.

A seat is a person's place in the present epoch. Whoever leaves does so at once and for good; what follows goes to keys
that they never had (03).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

LEAST_PEOPLE = 2
LEAST_UNITS = 2
PARTY_DAYS = 7
"""The source is told, and only after as many days is somebody let in from a party whose exclusion two have ended."""


class Ground(enum.StrEnum):
    """Why somebody leaves a case by their own word (förvaltningslagen 16 §; a threat and line of command: 04)."""

    CONCERNED = "concerned"
    CLOSE_PERSON = "close_person"
    REPRESENTATIVE = "representative"
    EARLIER_HANDLING = "earlier_handling"
    LINE_OF_COMMAND = "line_of_command"
    THREAT = "threat"
    OTHER = "other"


class SeparationKind(enum.StrEnum):
    """Whether a person left by their own word or by that of two others."""

    RECUSED = "recused"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Separation:
    """Somebody who has left a case, for good. ``at`` in UTC seconds, ``epoch`` the last that they could read.

    ``reasons``: the ground of a recusal, sealed to that epoch's work recipient; None where two others decided, whose
    reasons only they can open.
    """

    organisation_id: str
    case_id: str
    account_id: str
    member: str
    kind: SeparationKind
    epoch: int
    at: int
    reasons: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A seat whose holder has left the installation: others may let the same person in again, under a new pseudonym.

    ``at`` in UTC seconds, ``epoch`` the last that they could read.
    """

    organisation_id: str
    case_id: str
    account_id: str
    member: str
    epoch: int
    at: int


@dataclass(frozen=True, slots=True)
class EndedExclusion:
    """A party that the case's decision excluded and two have let in again, from ``holds_from`` on.

    ``party`` is a salted digest in hex: only the case's members know which party it is.
    """

    proposal_id: str
    organisation_id: str
    case_id: str
    party: str
    holds_from: date


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a case's present epoch, in the order of the draw.

    ``panel``: reads from the beginning of the epoch; otherwise standby. ``released``: a standby who has stepped in.
    ``first_standby``: stood by in genesis, so may join the panel without anybody's signature. ``here``: the account is
    active. ``present``: here, and not absent today. ``opened``: has opened the case.
    """

    holder: str
    member: str
    unit_id: str
    function_id: str
    panel: bool
    released: bool
    first_standby: bool
    here: bool = True
    present: bool = True
    opened: bool = False

    @property
    def acts(self) -> bool:
        """Whether the person reads and decides now."""
        return self.panel or self.released


def suffices(seats: Sequence[Seat]) -> bool:
    """Whether these people are two from two units (invariant 1)."""
    return len(seats) >= LEAST_PEOPLE and len({seat.unit_id for seat in seats}) >= LEAST_UNITS


def to_release(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """The standbys who step in when one is needed: the next in order, and more until two from two units are present.

    Absent ones only when nobody else is left.
    """
    acting = [seat for seat in seats if seat.acts and seat.present]
    waiting = [seat for seat in seats if not seat.acts and seat.here]
    # Stable: within each half the order of the draw.
    waiting.sort(key=lambda seat: not seat.present)
    chosen: list[Seat] = []
    for seat in waiting:
        if chosen and suffices(acting):
            break
        chosen.append(seat)
        acting.append(seat)
    return tuple(chosen)


def next_members(seats: Sequence[Seat]) -> tuple[Seat, ...] | None:
    """Who the next epoch has if one alone begins it; None where fewer than two people from two units would be left.

    Exactly what ``envelope.epochs.verify_epoch`` allows without signatures: nobody new, and standbys of genesis who
    have stepped in are on the panel.
    """
    here = [seat for seat in seats if seat.here]
    staying = tuple(replace(seat, panel=seat.panel or (seat.released and seat.first_standby)) for seat in here)
    return staying if suffices([seat for seat in staying if seat.panel]) else None


def deciders(seats: Sequence[Seat], concerned: str) -> tuple[Seat, ...] | None:
    """Who may decide whether ``concerned`` (a pseudonym) is kept out; None where that is fewer than two people.

    The others who act in the case; where only one of them is left, the first standby decides with them.
    """
    others = [seat for seat in seats if seat.acts and seat.here and seat.member != concerned]
    if len(others) < LEAST_PEOPLE:
        others += [seat for seat in seats if not seat.acts and seat.here and seat.member != concerned][:1]
    return tuple(others) if len(others) >= LEAST_PEOPLE else None


def pseudonym_number(member: str) -> int:
    """The number in a pseudonym: 3 of ``h3``."""
    return int(member.removeprefix("h"))


def next_pseudonym(known: Sequence[str]) -> str:
    """The pseudonym of somebody who is let in: one that nobody in the case has had."""
    return f"h{max(map(pseudonym_number, known), default=0) + 1}"


def party_from(ended_on: date) -> date:
    """The first day on which somebody may be let in after two have ended an exclusion on the day ``ended_on``."""
    return ended_on + timedelta(days=PARTY_DAYS)
