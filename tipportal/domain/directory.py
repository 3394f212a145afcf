"""The handler directory as the server keeps it: what is published, how long it holds, and what differs from the last.

The documents themselves, which clients verify, are `tipportal.envelope.snapshots` and `tipportal.envelope.roots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .organisations import OrganisationKind
from .policies.explaining import Sentence
from .policies.register import Register
from .texts import N_

VALID_DAYS = 35
"""How long a snapshot may hold (03): who holds back a newer one gains no more than this."""
WARN_DAYS = 10
"""How long before the end administrators are told to sign the next one."""


@dataclass(frozen=True, slots=True)
class PublishedRoot:
    """A version of the root. ``document``: the signed root in canonical JSON; instants are UTC seconds."""

    version: int
    digest: str
    document: bytes = field(repr=False)
    published_at: int = 0


@dataclass(frozen=True, slots=True)
class DirectoryHead:
    """What is asked of the newest snapshot by every offer: its version, digest, root, and first and last day."""

    version: int
    root_version: int
    digest: str
    issued: date
    expires: date

    def in_force(self, today: date) -> bool:
        """Whether it holds on the Stockholm date ``today``."""
        return self.issued <= today <= self.expires


@dataclass(frozen=True, slots=True)
class PublishedSnapshot:
    """A version of the directory. ``document``: snapshot, act and signatures in canonical JSON, as clients get it."""

    version: int
    root_version: int
    digest: str
    previous: str
    issued: date
    expires: date
    change_id: str
    document: bytes = field(repr=False)
    published_at: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A designation of a handler as the directory has it. ``party``: the organisation whose tree the unit is in."""

    function: str
    unit: str
    party: str
    external: bool
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in the directory. ``keys``: recipient hash and verification key, in hex."""

    account: str
    keys: tuple[str, str]
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the things that have ids in a directory."""

    people: Mapping[str, str]
    functions: Mapping[str, str]
    units: Mapping[str, str]


def entries_of(register: Register, keys: Mapping[str, tuple[str, str]]) -> tuple[Entry, ...]:
    """Give the handlers of a register with their designations, past and coming ones too.

    ``keys``: recipient hash and verification key, in hex, of those who have an active account. The elected and auditors
    are left out: they are never on a panel.
    """
    above = {each.id: each.part_of for each in register.organisations}
    external = {each.id for each in register.organisations if each.kind is OrganisationKind.EXTERNAL}
    employers = {unit.id: unit.organisation for unit in register.units}
    found = []
    for person in register.people:
        if person.id not in keys or person.elected or person.auditor:
            continue
        employer = employers[person.unit]
        party = employer
        while (whole := above[party]) is not None:
            party = whole
        listings = tuple(
            Listing(each.function, person.unit, party, employer in external, each.valid_from, each.valid_to)
            for each in register.designations
            if each.person == person.id
        )
        if listings:
            found.append(Entry(person.id, keys[person.id], listings))
    return tuple(found)


def carried(before: Sequence[Entry], now: Sequence[Entry], today: date) -> tuple[Entry, ...]:
    """Give everybody for the next snapshot: those of now, and those who stood in the last one, ended at ``today``.

    Whoever has stood there stays, so that the members of an old case can still be checked. The same pair of keys never
    stands twice: those of now win, and keep what they had of other places.
    """
    current = {entry.keys: entry for entry in now}
    kept = []
    for entry in before:
        held = current.get(entry.keys)
        old = tuple(_ended(listing, today) for listing in entry.listings if listing.first <= today)
        if held is None:
            kept.append(Entry(entry.account, entry.keys, old))
            continue
        places = {(one.function, one.unit, one.first) for one in held.listings}
        gone = tuple(one for one in old if (one.function, one.unit, one.first) not in places)
        current[entry.keys] = Entry(held.account, held.keys, (*held.listings, *gone))
    return (*current.values(), *kept)


def differences(before: Sequence[Entry], after: Sequence[Entry], names: Names) -> tuple[Sentence, ...]:
    """Say in sentences what the next snapshot changes, for whoever signs it."""
    old = {entry.keys: entry for entry in before}
    new = {entry.keys: entry for entry in after}
    told: list[Sentence] = []
    for keys, entry in new.items():
        who = names.people.get(entry.account, entry.account)
        was = old.get(keys)
        if was is None:
            known = any(entry.account == other.account for other in before)
            told.append(Sentence(_NEW_KEYS if known else _NEW, {"name": who}))
        listed = frozenset() if was is None else frozenset(was.listings)
        told += [_told(one, who, names) for one in entry.listings if one not in listed]
    return tuple(told) or (Sentence(_SAME),)


def _ended(listing: Listing, today: date) -> Listing:
    last = today if listing.last is None else min(listing.last, today)
    return Listing(listing.function, listing.unit, listing.party, listing.external, listing.first, last)


def _told(one: Listing, who: str, names: Names) -> Sentence:
    values: dict[str, object] = {
        "name": who,
        "function": names.functions.get(one.function, one.function),
        "unit": names.units.get(one.unit, one.unit),
        "first": one.first.isoformat(),
        "last": "" if one.last is None else one.last.isoformat(),
    }
    return Sentence(_LISTED if one.last is None else _LISTED_UNTIL, values)


def next_expiry(issued: date) -> date:
    """Give the last day of a snapshot that is issued on a day."""
    return issued + timedelta(days=VALID_DAYS)


_SAME = N_("Inget annat ändras än hur länge katalogen gäller.")
_NEW = N_("%(name)s är ny i katalogen.")
_NEW_KEYS = N_("%(name)s har nya nycklar.")
_LISTED = N_("%(name)s: %(function)s, %(unit)s, från %(first)s tills vidare.")
_LISTED_UNTIL = N_("%(name)s: %(function)s, %(unit)s, från %(first)s till och med %(last)s.")
