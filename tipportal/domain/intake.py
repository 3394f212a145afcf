"""What staff enter for somebody who does not use the forms, and what the function found or was told itself (07).

Oral, written and in-person reports (lag 2021:890, 5 kap. 8 § p. 1 and 8 kap. 1-3 §§), own control, other authorities.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from .cases import AckException
from .errors import Invalid
from .organisations import Channel
from .texts import N_
from .triage import Origin

OLDEST_DAYS = 366
"""How far back a true date of receipt may lie. What lay longer than a year is a mistake, or a matter of its own."""
ENTERED = frozenset({Origin.ORAL, Origin.WRITTEN, Origin.OWN_CONTROL, Origin.OTHER_AUTHORITY})
"""The origins of what staff enter; the others come by their forms."""
WITHOUT_SOURCE = frozenset({Origin.OWN_CONTROL, Origin.OTHER_AUTHORITY})
"""Origins where nobody has reported: no code, no acknowledgement, and never under the act's regime."""


class Documented(enum.StrEnum):
    """How an oral report is documented: a recording with consent, or minutes (8 kap. 1 and 2 §§)."""

    RECORDING = "recording"
    MINUTES = "minutes"


class Code(enum.StrEnum):
    """What became of the code that staff's browser made: handed over, not wanted, or replaced by the source's own."""

    GIVEN = "given"
    NOT_WANTED = "not_wanted"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What whoever enters a case states of how it came, beside what is sealed. Dates are Stockholm dates.

    ``acknowledged_on`` is when receipt was acknowledged, orally or on paper; else ``ack_left_out`` says why not.
    ``documented`` of oral reports alone.
    """

    origin: Origin
    received_on: date
    acknowledged_on: date | None
    ack_left_out: AckException | None
    documented: Documented | None
    code: Code


@dataclass(frozen=True, slots=True)
class Intake:
    """How a case that staff entered came. ``entered_by`` is the account that typed; it gets no key by that."""

    case_id: str
    organisation_id: str
    origin: Origin
    documented: Documented | None
    code: Code
    entered_by: str
    entered_on: date
    replaced_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReplacedCode:
    """The source's keys from ``epoch`` on, by a code of their own. ``past``: what opens the older, sealed to them."""

    case_id: str
    organisation_id: str
    epoch: int
    recipient: bytes
    verification_key: bytes
    past: bytes


def check_stated(stated: Stated, channel: Channel, today: date) -> None:
    """Raise Invalid naming the field that cannot be as it was stated."""
    if stated.origin not in ENTERED:
        raise Invalid(N_("Välj hur uppgifterna kom in."), field="origin")
    _check_received(stated.received_on, today)
    nobody = stated.origin in WITHOUT_SOURCE
    if nobody and channel is Channel.REPORT:
        raise Invalid(N_("Utan rapportör är det inte en rapport enligt visselblåsarlagen."), field="channel")
    if (stated.documented is None) == (stated.origin is Origin.ORAL):
        raise Invalid(N_("Ange om samtalet spelades in eller dokumenteras i protokoll."), field="documented")
    no_reporter = stated.ack_left_out is AckException.NO_REPORTER
    if (stated.acknowledged_on is None) == (stated.ack_left_out is None) or no_reporter != nobody:
        raise Invalid(N_("Ange när mottagandet bekräftades, eller varför det inte görs."), field="acknowledged_on")
    if stated.acknowledged_on is not None and not stated.received_on <= stated.acknowledged_on <= today:
        raise Invalid(N_("Bekräftelsen kan inte vara före mottagandet eller i framtiden."), field="acknowledged_on")
    if stated.code is Code.REPLACED or (nobody and stated.code is not Code.NOT_WANTED):
        raise Invalid(N_("Välj ett av alternativen."), field="code")


def may_approve_minutes(intake: Intake | None) -> bool:
    """Whether minutes may be approved with the case's code: not with one that staff have seen."""
    return intake is None or intake.code is Code.REPLACED


def _check_received(received_on: date, today: date) -> None:
    if received_on > today:
        raise Invalid(N_("Datumet kan inte ligga i framtiden."), field="received_on")
    if received_on < today - timedelta(days=OLDEST_DAYS):
        raise Invalid(N_("Datumet ligger mer än ett år tillbaka."), field="received_on")
