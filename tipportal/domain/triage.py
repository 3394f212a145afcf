"""What the follow-up counts of each case, as typed facts (design 06), and the grounds of the assessment by two.

Closed sets only, and coarse: the facts stand in the handling log, which is a public record, and must bear release.
Free-text motives are sealed records and never stand here.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from . import riskareas
from .errors import Invalid
from .handlinglog import Json
from .irregularities import IrregularityType
from .organisations import Channel
from .texts import N_

_E = TypeVar("_E", bound=enum.StrEnum)
_AREAS = tuple(area.key for area in riskareas.RISK_AREAS)
MOST_AREAS = 10
MOST_TYPES = 10


class Origin(enum.StrEnum):
    """How the function learnt of the irregularity: the follow-up counts them however found (design 01)."""

    REPORT = "report"
    TIP = "tip"
    ORAL = "oral"
    WRITTEN = "written"
    OWN_CONTROL = "own_control"
    OTHER_AUTHORITY = "other_authority"


ORIGIN_OF = {Channel.REPORT: Origin.REPORT, Channel.TIP: Origin.TIP}
"""The origin of a case that came by a form of its channel."""


class RelationGroup(enum.StrEnum):
    """Who told, in groups so large that none of them points at anybody (lag 2021:890, 1 kap. 8 § p. 2 a-i)."""

    ACTIVE = "active"
    CONTRACTOR = "contractor"
    BEFORE_OR_AFTER = "before_or_after"
    OUTSIDE = "outside"
    NOT_TOLD = "not_told"


RELATION_GROUPS: Mapping[str, RelationGroup] = {
    "employee": RelationGroup.ACTIVE,
    "volunteer": RelationGroup.ACTIVE,
    "trainee": RelationGroup.ACTIVE,
    "under_direction": RelationGroup.ACTIVE,
    "board": RelationGroup.ACTIVE,
    "shareholder": RelationGroup.ACTIVE,
    "contractor": RelationGroup.CONTRACTOR,
    "applicant": RelationGroup.BEFORE_OR_AFTER,
    "former": RelationGroup.BEFORE_OR_AFTER,
    "none": RelationGroup.OUTSIDE,
    "prefer_not": RelationGroup.NOT_TOLD,
}
"""The group of each answer to the form's question ``relation``: for filling the facts in from an opened report."""


class Named(enum.StrEnum):
    """Whether the function knows who told."""

    ANONYMOUS = "anonymous"
    NAMED = "named"


class ReprisalConcern(enum.StrEnum):
    """Whether whoever told fears or has met reprisals; the keys are those of the form's question ``reprisals``."""

    NO = "no"
    FEARED = "feared"
    HAPPENING = "happening"
    UNKNOWN = "unknown"


class HeardHow(enum.StrEnum):
    """How whoever told had heard of the function; the keys are those of the form's question ``heard_how``."""

    WEBSITE = "website"
    INTRANET = "intranet"
    POSTER = "poster"
    PERSON = "person"
    NEWS = "news"
    OTHER = "other"
    UNKNOWN = "unknown"


class Reason(enum.StrEnum):
    """Why a report is not covered by the act, or a tip is not taken further: closed, and the follow-up counts them."""

    NOT_WORK_RELATED_PERSON = "not_work_related_person"
    NOT_WORK_RELATED_CONTEXT = "not_work_related_context"
    NO_PUBLIC_INTEREST = "no_public_interest"
    OWN_EMPLOYMENT_TERMS_ONLY = "own_employment_terms_only"
    NOT_WRONGDOING = "not_wrongdoing"
    OTHER_ORGANISATION = "other_organisation"
    SECURITY_CLASSIFIED = "security_classified"
    TOO_VAGUE = "too_vague"
    ALREADY_HANDLED = "already_handled"
    COMPLAINT_OR_QUESTION = "complaint_or_question"


NOT_COVERED_REASONS: frozenset[Reason] = frozenset(Reason) - {Reason.ALREADY_HANDLED}
"""Reasons that can carry "not covered by the act". That a thing is known already does not take it out of the act."""


class CoveredGround(enum.StrEnum):
    """The two gates of lag 2021:890, 1 kap. 2 §: each is enough."""

    PUBLIC_INTEREST = "public_interest"
    EU_LAW_BREACH = "eu_law_breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The typed facts of one case, complete: a correction is a new set, and the newest counts.

    ``areas`` are keys of the risk areas. ``reasons`` is empty for a case that is taken further.
    """

    origin: Origin
    types: tuple[IrregularityType, ...]
    areas: tuple[str, ...]
    relation: RelationGroup
    named: Named
    reprisals: ReprisalConcern
    heard_how: HeardHow
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """The facts as they stand in the log and in answers, lists in the order of their sets."""
        return {
            "origin": self.origin.value,
            "types": [one.value for one in self.types],
            "areas": list(self.areas),
            "relation": self.relation.value,
            "named": self.named.value,
            "reprisals": self.reprisals.value,
            "heard_how": self.heard_how.value,
            "reasons": [one.value for one in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Triage:
    """A case's facts in their newest version, from 1. ``member`` entered them at ``entered_at`` (UTC seconds)."""

    case_id: str
    organisation_id: str
    version: int
    facts: Facts
    member: str
    entered_at: int


def read_facts(raw: Mapping[str, object]) -> Facts:
    """Facts from names and keys, as ``as_json`` gives them. Raises Invalid naming the field that is wrong.

    At least one type, without which a case would count nowhere; an area is not known for all.
    """
    types = tuple(_several(IrregularityType, raw, "types", MOST_TYPES))
    if not types:
        raise Invalid(N_("Välj minst en typ."), field="types")
    areas = _texts(raw, "areas", MOST_AREAS)
    if not set(areas) <= riskareas.KEYS:
        raise Invalid(N_("Välj ett område i listan."), field="areas")
    return Facts(
        origin=_one(Origin, raw, "origin"),
        types=types,
        areas=tuple(key for key in _AREAS if key in areas),
        relation=_one(RelationGroup, raw, "relation"),
        named=_one(Named, raw, "named"),
        reprisals=_one(ReprisalConcern, raw, "reprisals"),
        heard_how=_one(HeardHow, raw, "heard_how"),
        reasons=tuple(_several(Reason, raw, "reasons", len(Reason))),
    )


def check_origin(origin: Origin, channel: Channel, entered_as: Origin | None) -> None:
    """Raise Invalid when the facts contradict how the case came.

    ``entered_as``: the origin that staff gave when they entered it themselves; None for a case that came by a form. A
    tip that was changed into a report may still have come as a tip.
    """
    if entered_as is not None:
        allowed = {entered_as}
    else:
        allowed = {Origin.REPORT, Origin.TIP} if channel is Channel.REPORT else {Origin.TIP}
    if origin not in allowed:
        raise Invalid(N_("Ursprunget stämmer inte med hur ärendet kom in."), field="origin")


def _one(of: type[_E], raw: Mapping[str, object], field: str) -> _E:
    try:
        return of(str(raw[field]))
    except (KeyError, ValueError):
        raise Invalid(N_("Välj ett av alternativen."), field=field) from None


def _several(of: type[_E], raw: Mapping[str, object], field: str, most: int) -> list[_E]:
    chosen = _texts(raw, field, most)
    if not chosen:
        return []
    members = _members(of)
    # Members are equal to their names, in sets too.
    if not chosen <= members.keys():
        raise Invalid(N_("Välj bland alternativen i listan."), field=field)
    return [one for one in members.values() if one in chosen]


@functools.cache
def _members(of: type[_E]) -> Mapping[str, _E]:
    """A set's members by name, in its order: looking through one of forty anew for each case takes long."""
    return {one.value: one for one in of}


def _texts(raw: Mapping[str, object], field: str, most: int) -> frozenset[str]:
    value = raw.get(field)
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > most:
        raise Invalid(N_("Välj bland alternativen i listan."), field=field)
    return frozenset(str(one) for one in value)
