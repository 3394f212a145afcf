"""Links between cases of one receiving authority: duplicates, and cases about the same provider (design 06)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from .cases import Case
from .errors import Invalid
from .texts import N_


class LinkKind(enum.StrEnum):
    """What two cases have to do with each other."""

    DUPLICATE = "duplicate"
    SAME_PROVIDER = "same_provider"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands at one of its two cases. ``mark`` is what that case's log calls it, and no other log."""

    mark: str
    organisation_id: str
    case_id: str
    other_case_id: str
    kind: LinkKind
    linked_on: date
    ended_on: date | None = None


def check_link(case: Case, other: Case) -> None:
    """Raise Invalid unless these are two cases, of one receiving authority."""
    if case.id == other.id or case.authority_id != other.authority_id:
        raise Invalid(N_("Välj ett annat ärende hos samma myndighet."), field="other")
