"""Reads payloads of changes strictly: what is missing, unknown or of another kind is a fault of the whole change."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from tipportal.domain.changes.faults import faulty
from tipportal.domain.handlinglog import Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .effect import Payload

_LONGEST = 200
_CONTROL, _NUL = re.compile("[\x00-\x1f\x7f]"), re.compile("\x00")


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that a change carries: whose, under which registry number, on which day."""

    organisation_id: str
    number: str
    decided_on: date


def exactly(payload: Payload, names: Collection[str]) -> None:
    """Raise FaultyChange unless the payload has these members and no others."""
    for name in {*payload} ^ {*names}:
        raise faulty(N_("Fältet %(name)s saknas eller är okänt."), name=name[:40])


def text(payload: Payload, name: str, longest: int = _LONGEST) -> str:
    """A text that says something, on one line unless it may be a whole file. Raises FaultyChange."""
    value = payload.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise wrong(name)
    if (_CONTROL if longest == _LONGEST else _NUL).search(value):
        raise wrong(name)
    return value.strip()


def flag(payload: Payload, name: str) -> bool:
    """True or false. Raises FaultyChange."""
    value = payload.get(name)
    if not isinstance(value, bool):
        raise wrong(name)
    return value


def day(payload: Payload, name: str) -> date:
    """A date. Raises FaultyChange."""
    value = payload.get(name)
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise wrong(name) from None


def wrong(name: str) -> Exception:
    """The refusal of a member that is not as it should be."""
    return faulty(N_("Fältet %(name)s är inte ifyllt på rätt sätt."), name=name)


def decided(payload: Payload, organisations: Collection[str], *, required: bool) -> Decided | None:
    """The decision of the affected organisation, one of ``organisations`` (ids). Raises FaultyChange."""
    raw: Json = payload.get("decision")
    if raw is None and not required:
        return None
    if not isinstance(raw, Mapping):
        raise faulty(N_("Ange den berörda organisationens beslut: organisation, diarienummer och datum."))
    exactly(raw, {"organisation", "number", "decided_on"})
    found = Decided(text(raw, "organisation"), text(raw, "number"), day(raw, "decided_on"))
    if found.organisation_id not in organisations:
        raise faulty(N_("Organisationen %(id)s finns inte."), id=found.organisation_id[:64])
    return found


def must_exist(uow: UnitOfWork, organisation_id: str) -> None:
    """Raise FaultyChange unless the organisation is in the register."""
    if uow.register.organisation_by_id(organisation_id) is None:
        raise faulty(N_("Organisationen %(id)s finns inte."), id=organisation_id[:64])
