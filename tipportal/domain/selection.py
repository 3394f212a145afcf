"""What a handler's list is narrowed to: nothing sensitive, and nobody who is accused (07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .cases import CaseState
from .organisations import Channel


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of a holder's cases. ``received_by``: by state, the latest day of receipt; other states are left out.

    ``area``: the key of a risk area that handlers have given the case.
    """

    state: CaseState | None = None
    channel: Channel | None = None
    unread: bool = False
    organisation_id: str | None = None
    area: str | None = None
    received_by: Mapping[CaseState, date] | None = None


EVERYTHING = Selection()
