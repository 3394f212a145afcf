"""The weak places of a proof, one by one, as the handling log keeps them: of what kind, where, and nobody's name.

The program tells administrators the same with the people in it (``words.py``). The log outlives whoever is named, and
leaves the house: here a unit or a person stands as the organisation that they belong to, and people as their number.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tipportal.domain.handlinglog import Json
from tipportal.domain.listed import Listed, first
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.register import Register
from tipportal.domain.routing import UNKNOWN, SubjectRole

from .findings import Counterexample, How, Missing, Outage, Proven, Refuted, Situation, WeakPlace

MOST_LINES = 20
"""Places of one proof that the log tells, the worst first; the others are counted by kind."""
MOST_NAMED = 6
"""Functions and parties that one line names."""


class Lack(enum.StrEnum):
    """What a place lacks, the worst first. The enumeration only grows: the log names it."""

    PANEL = "panel"
    """The policy does not hold: there is no panel."""
    STANDBY = "standby"
    """The policy does not hold: there is no standby where one is demanded."""
    OUTSIDE = "outside"
    """The policy does not hold: the ladder does not end outside the organisation."""
    NO_STANDBY = "no_standby"
    """A weak place: a panel, but no standby."""
    ONE_MORE = "one_more"
    """A weak place: when one person more is out there is a panel, but no standby."""


MISSING: Mapping[Missing, Lack] = {
    Missing.PANEL: Lack.PANEL, Missing.STANDBY: Lack.STANDBY, Missing.OUTSIDE: Lack.OUTSIDE,
}  # fmt: skip
_ORDER = tuple(Lack)


class Party(enum.StrEnum):
    """Who is out. Of a unit or a person only the organisation is told."""

    UNIT = "unit"
    FUNCTION = "function"
    ORGANISATION = "organisation"
    PERSON = "person"
    INTERNALS = "internals"


@dataclass(frozen=True, slots=True)
class Out:
    """One thing that keeps handlers out; ``of``: the function, or the organisation; empty for all internals."""

    how: How
    party: Party
    of: str

    def __str__(self) -> str:
        return f"{self.how}:{self.party}:{self.of}"


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """Situations that look alike from outside, ``number`` of them. The facts stand for all that lead to the same.

    ``to``: the functions that receive. ``people``: how many there are, any one of whom out leaves no standby.
    """

    what: Lack
    channel: Channel
    organisation: str
    to: tuple[str, ...]
    out: tuple[Out, ...]
    area: str | None = None
    role: SubjectRole | None = None
    people: int = 0
    number: int = 1

    def to_json(self) -> dict[str, Json]:
        """The place as it stands in the log: what is not known or has its usual value is left out."""
        told: dict[str, Json] = {
            "what": self.what.value,
            "channel": self.channel.value,
            "organisation": self.organisation,
            "to": list(self.to),
            "out": [str(each) for each in self.out],
        }
        if self.area is not None:
            told["area"] = self.area
        if self.role is not None:
            told["role"] = self.role.value
        if self.people:
            told["people"] = self.people
        if self.number > 1:
            told["number"] = self.number
        return told


def places(found: Proven | Refuted, register: Register) -> Listed[ListedPlace]:
    """The weak places of a proof, or where it does not hold: the worst first, those that look alike counted."""
    told = _Places(register)
    if isinstance(found, Proven):
        counted = Counter(told.weak(each) for each in found.weak_places)
    else:
        counted = Counter(told.broken(each) for each in found.counterexamples)
    lines = [replace(place, number=number) for place, number in counted.items()]
    return first(sorted(lines, key=lambda one: (_ORDER.index(one.what), one.people)), MOST_LINES)


class _Places:
    def __init__(self, register: Register) -> None:
        self._unit = {unit.id: unit.organisation for unit in register.units}
        self._person = {person.id: self._unit[person.unit] for person in register.people}

    def weak(self, weak: WeakPlace) -> ListedPlace:
        what = Lack.ONE_MORE if weak.people else Lack.NO_STANDBY
        return replace(self._place(what, weak.situation), people=len(weak.people))

    def broken(self, found: Counterexample) -> ListedPlace:
        return self._place(MISSING[found.missing], found.situation)

    def _place(self, what: Lack, situation: Situation) -> ListedPlace:
        facts = situation.facts
        out = dict.fromkeys(each for outage in situation.outages for each in self._out(outage))
        return ListedPlace(
            what=what,
            channel=facts.channel,
            organisation=facts.organisation,
            to=situation.route.to[:MOST_NAMED],
            out=tuple(out)[:MOST_NAMED],
            area=None if facts.area == UNKNOWN else facts.area,
            role=None if facts.subject_role is SubjectRole.UNKNOWN else facts.subject_role,
        )

    def _out(self, outage: Outage) -> list[Out]:
        if outage.how is How.INTERNALS:
            return [Out(outage.how, Party.INTERNALS, "")]
        found = []
        # A rule may pass over several organisations: they are written with commas between.
        for each in outage.what.split(","):
            kind, _, named = each.partition(":")
            party = Party(kind)
            homes = {Party.UNIT: self._unit, Party.PERSON: self._person}.get(party)
            found.append(Out(outage.how, party, named if homes is None else homes[named]))
        return found
