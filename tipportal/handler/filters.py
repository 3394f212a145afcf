"""The filters of a handler's list: GET parameters, shown as chips that are taken away one by one (07)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from flask_babel import gettext

from tipportal.domain.cases import CaseState
from tipportal.domain.errors import NotFound
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.pressing import SOON_DAYS
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.selection import Selection
from tipportal.domain.texts import N_
from tipportal.usecases.firstscreen import late_receipts, near_receipts

from . import wording
from .due import NEAR_DAYS

SHOWN_STATES = tuple(state for state in CaseState if state is not CaseState.RECEIVED)


class DueWithin(enum.StrEnum):
    """How near the case's own date is: acknowledgement or feedback."""

    LATE = "late"
    SOON = "soon"
    NEAR = "near"


WITHIN = {
    DueWithin.LATE: N_("Tiden har gått ut"),
    DueWithin.SOON: N_("Inom två dagar, eller försenat"),
    DueWithin.NEAR: N_("Inom två veckor, eller försenat"),
}
NAMES = {
    "state": N_("Status"),
    "channel": N_("Kanal"),
    "due": N_("Återkoppling"),
    "unread": N_("Olästa svar"),
    "organisation": N_("Organisation"),
    "area": N_("Riskområde"),
}
Word = TypeVar("Word", CaseState, Channel, DueWithin)


@dataclass(frozen=True, slots=True)
class Field:
    """One filter: its parameter, its name, what can be chosen as (value, words), and what is chosen."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    value: str

    @property
    def words(self) -> str:
        """What is chosen, in words."""
        return dict(self.choices).get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address of a list asks for."""

    state: CaseState | None
    channel: Channel | None
    due: DueWithin | None
    unread: bool
    organisation: Organisation | None
    area: str | None

    def asked(self, today: date) -> Selection:
        """The same for the storage, on the Stockholm date ``today``."""
        days = {DueWithin.SOON: SOON_DAYS, DueWithin.NEAR: NEAR_DAYS}
        received_by = None
        if self.due is DueWithin.LATE:
            received_by = late_receipts(today)
        elif self.due is not None:
            received_by = near_receipts(today + timedelta(days=days[self.due]))
        return Selection(
            state=self.state,
            channel=self.channel,
            unread=self.unread,
            organisation_id=None if self.organisation is None else self.organisation.id,
            area=self.area,
            received_by=received_by,
        )

    def kept(self, without: str = "") -> dict[str, str]:
        """The parameters of the address, but for one."""
        values = {
            "state": self.state or "",
            "channel": self.channel or "",
            "due": self.due or "",
            "unread": "1" if self.unread else "",
            "organisation": "" if self.organisation is None else self.organisation.slug,
            "area": self.area or "",
        }
        return {name: str(value) for name, value in values.items() if value and name != without}

    def fields(self, organisations: Sequence[Organisation]) -> list[Field]:
        """Every filter in the order of the form. With one organisation there is nothing to choose between."""
        kept = self.kept()
        offered: dict[str, Sequence[tuple[str, str]]] = {
            "channel": [(one.value, gettext(wording.CHANNELS[one])) for one in Channel],
            "state": [(one.value, gettext(wording.STATES[one])) for one in SHOWN_STATES],
            "due": [(one.value, gettext(words)) for one, words in WITHIN.items()],
            "unread": [("1", gettext("Bara med olästa svar"))],
            "organisation": [(one.slug, one.name) for one in organisations],
            "area": [(area.key, gettext(area.name_sv)) for area in RISK_AREAS],
        }
        return [
            Field(name, gettext(NAMES[name]), tuple(choices), kept.get(name, ""))
            for name, choices in offered.items()
            if len(choices) > 1 or name != "organisation"
        ]


def chosen(arguments: Mapping[str, str], organisations: Sequence[Organisation]) -> Chosen:
    """Read the parameters of an address. Raises NotFound for one that means nothing."""
    slug, area, unread = (arguments.get(name, "") for name in ("organisation", "area", "unread"))
    organisation = next((one for one in organisations if one.slug == slug), None)
    known = not area or any(one.key == area for one in RISK_AREAS)
    if (slug and organisation is None) or not known or unread not in {"", "1"}:
        raise _nothing()
    return Chosen(
        state=_word(CaseState, arguments.get("state", "")),
        channel=_word(Channel, arguments.get("channel", "")),
        due=_word(DueWithin, arguments.get("due", "")),
        unread=unread == "1",
        organisation=organisation,
        area=area or None,
    )


def after(arguments: Mapping[str, str]) -> tuple[date, str] | None:
    """The row before the page. Raises NotFound for what is none."""
    text = arguments.get("after")
    if text is None:
        return None
    day, _, reference = text.partition(".")
    try:
        return date.fromisoformat(day), reference
    except ValueError:
        raise _nothing() from None


def _word(kind: type[Word], text: str) -> Word | None:
    try:
        return kind(text) if text else None
    except ValueError:
        raise _nothing() from None


def _nothing() -> NotFound:
    return NotFound(N_("Sidan finns inte."))
