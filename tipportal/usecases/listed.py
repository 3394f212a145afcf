"""What the newest directory says, for every draw and every submission. Below `context`, which boards stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from tipportal.domain.directory import DirectoryHead
from tipportal.domain.errors import NoPanel
from tipportal.domain.policies.register import Register
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import HandlerKeys
from tipportal.domain.texts import N_
from tipportal.domain.trustees import TrusteeSet
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import VerificationKey, recipient_hash
from tipportal.envelope.snapshots import SignedSnapshot, parse_signed_snapshot

MAX_DOCUMENT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Current:
    """The newest directory: what the database asks, and what was signed."""

    head: DirectoryHead
    signed: SignedSnapshot


def version(uow: UnitOfWork) -> int:
    """The newest directory's version, 0 before the first."""
    head = uow.directory.head()
    return 0 if head is None else head.version


def current(uow: UnitOfWork) -> Current | None:
    """The newest directory, in force or not, or None before the first."""
    head = uow.directory.head()
    published = None if head is None else uow.directory.snapshot(head.version)
    if head is None or published is None:
        return None
    return Current(head, read_snapshot(published.document))


@lru_cache(maxsize=4)
def read_snapshot(document: bytes) -> SignedSnapshot:
    """Read a kept snapshot; raises `ShapeError` for one that was damaged."""
    return parse_signed_snapshot(parse_canonical(document, max_size=MAX_DOCUMENT))


def must_be_in_force(head: DirectoryHead | None, today: date) -> None:
    """Raise NoPanel unless the newest directory is in force: without one no client seals anything."""
    if head is None or not head.in_force(today):
        raise NoPanel(N_("Katalogen över handläggare gäller inte just nu, så inget kan tas emot. Försök igen senare."))


def only_listed(uow: UnitOfWork, register: Register, keys: Sequence[HandlerKeys], today: date) -> Register:
    """Give the register in which only those are ready to whom clients would seal today.

    Whoever the directory does not list with their present keys is drawn when the next snapshot is published, not
    before: every client would refuse the panel. A directory that has expired lists nobody. Before the first there is
    nothing to go by, and clients refuse all.
    """
    found = current(uow)
    if found is None:
        return register
    listed: dict[tuple[str, VerificationKey], set[tuple[str, str]]] = {}
    if found.head.in_force(today):
        for handler in found.signed.snapshot.handlers:
            listed[handler.recipient, handler.verification_key] = {
                (one.function, one.unit)
                for one in handler.designations
                if one.first <= today and (one.last is None or today <= one.last)
            }
    places = {each.account_id: listed.get(_pair(each.recipient, each.verification_key), set()) for each in keys}
    units = {person.id: person.unit for person in register.people}
    return replace(
        register,
        designations=tuple(
            each
            for each in register.designations
            if not each.active(today) or (each.function, units[each.person]) in places.get(each.person, set())
        ),
    )


def trustees(uow: UnitOfWork) -> TrusteeSet | None:
    """The newest acknowledged set that the newest directory lists: clients seal to no others."""
    directory, found = current(uow), uow.trustees.current()
    if directory is None:
        return found
    snapshot = directory.signed.snapshot
    wanted = {(one.recipient, one.verification_key.raw) for one in snapshot.trustees}
    for number in range(0 if found is None else found.version, 0, -1):
        found = uow.trustees.set_of(number)
        if found is None or found.acknowledged_on is None or found.threshold != snapshot.threshold:
            continue
        if {(hashlib.sha256(one.recipient).hexdigest(), one.verification_key) for one in found.trustees} == wanted:
            return found
    return None


@lru_cache(maxsize=1024)
def _pair(recipient: bytes, verification_key: bytes) -> tuple[str, VerificationKey]:
    return recipient_hash(HybridRecipient(recipient)), VerificationKey(verification_key)
