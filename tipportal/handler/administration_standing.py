"""Forms about what the go-live checklist asks for: channels, decisions, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import Field, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.standing import SUBJECTS, DecisionSubject
from tipportal.domain.organisations import Channel
from tipportal.domain.retention import DISPOSAL_SUBJECTS, MOST_MONTHS, DisposalSubject
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import instant_text

from . import wording
from .administration_fields import AdministrationForm, Operation, choose, day_field, later, pick, text_field

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

_ORGANISATION = N_("Välj organisation.")
_STOCKHOLM = ZoneInfo("Europe/Stockholm")


class StandingForm(AdministrationForm):
    """A form of a change that is not about the register."""

    kind: ClassVar[ChangeKind]

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:
        """The payload of the change."""
        raise NotImplementedError


class SetChannel(StandingForm):
    """A channel opens or closes."""

    kind = ChangeKind.CHANNEL
    heading = N_("Öppna eller stäng en kanal")
    decision = ("decision_number", "decided_on")
    lead = N_(
        "En kanal öppnas när allt på dess checklista är klart. För ett provärende räcker allt utom själva provet. "
        "Då syns den ingenstans i portalen."
    )

    organisation = pick(N_("Organisation"), _ORGANISATION)
    channel = pick(N_("Kanal"), N_("Välj kanal."))
    open = pick(N_("Kanalen ska"), N_("Välj om kanalen ska öppnas eller stängas."))
    decision_number = text_field(N_("Beslutets diarienummer"), N_("Skriv beslutets diarienummer."))
    decided_on = day_field(N_("Beslutsdatum"), N_("Skriv beslutets datum."))

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002 - the form's own shape
        """Listed organisations, and both channels."""
        listed = {each.id for each in survey.organisations if each.listed}
        choose(self.organisation, [option for option in survey.organisation_options() if option[0] in listed])
        choose(self.channel, [(channel.value, gettext(wording.CHANNELS[channel])) for channel in Channel])
        ways = (("yes", N_("öppnas")), ("trial", N_("öppnas för ett provärende")), ("no", N_("stängas")))
        choose(self.open, [(way, gettext(label)) for way, label in ways])

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``channel``."""
        # A channel that is open for its trial alone is shown to nobody who does not know its address.
        trial: Operation = {"trial": True} if self.open.data == "trial" else {}
        return {
            **trial,
            "organisation": self.organisation.data,
            "channel": self.channel.data,
            "open": self.open.data != "no",
            "decision": {
                "organisation": self.organisation.data,
                "number": self.decision_number.data,
                "decided_on": self.decided_on.data,
            },
        }


class RecordDecision(StandingForm):
    """A decision that the checklist asks for has been taken."""

    kind = ChangeKind.DECISION
    heading = N_("Anteckna beslut")
    lead = N_("Beslut som ska finnas innan en kanal öppnar. Provärendets referens skrivs i stället för diarienummer.")

    organisation = pick(N_("Organisation"), _ORGANISATION)
    subject = pick(N_("Vad beslutet gäller"), N_("Välj vad beslutet gäller."))
    number = text_field(N_("Diarienummer eller provärendets referens"), N_("Skriv diarienummer eller referens."))
    decided_on = day_field(N_("Datum"), N_("Skriv datum."))
    months = IntegerField(
        later(N_("Månader från avslutandet tills ett ärende får gallras")),
        [Optional(), NumberRange(0, MOST_MONTHS, later(N_("Ange tiden i hela månader, högst 1 200.")))],
        description=later(N_("Bara för gallringsbeslut. Utan ett sådant bevaras alla ärenden.")),
        render_kw={"inputmode": "numeric", "width": "4"},
    )

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Organisations, what the checklist asks for, and what disposal of cases takes."""
        choose(self.organisation, survey.organisation_options())
        asked = [(each.value, gettext(SUBJECTS[each])) for each in DecisionSubject]
        disposal = [(each.value, gettext(DISPOSAL_SUBJECTS[each])) for each in DisposalSubject]
        choose(self.subject, [*asked, *disposal])

    def validate_months(self, field: Field) -> None:
        """A time exactly where it decides something."""
        if (self.subject.data in set(DisposalSubject)) is not (field.data is not None):
            raise ValidationError(gettext(N_("Skriv antalet månader för ett gallringsbeslut, annars ingenting.")))

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``decision``."""
        return {
            "subject": self.subject.data,
            "organisation": self.organisation.data,
            "number": self.number.data,
            "decided_on": self.decided_on.data,
            **({} if self.months.data is None else {"months": self.months.data}),
        }


class ConfirmClock(StandingForm):
    """The server's clock is right although it moved."""

    kind = ChangeKind.CLOCK
    heading = N_("Bekräfta klockan")
    lead = N_(
        "Serverns klocka har hoppat mer än 36 timmar. Inga ersättare går in förrän två administratörer har bekräftat "
        "att den går rätt."
    )

    day = day_field(N_("Dagens datum enligt en annan klocka"), N_("Skriv dagens datum."))
    time = text_field(
        N_("Klockslag"), N_("Skriv klockslaget som 14:30."), N_("Svensk tid, till exempel 14:30."), width="5"
    )

    def validate_time(self, field: Field) -> None:
        """Hours and minutes that exist."""
        try:
            datetime.strptime(field.data, "%H:%M")  # noqa: DTZ007 - only its shape is looked at
        except ValueError:
            raise ValidationError(gettext(N_("Skriv klockslaget som 14:30."))) from None

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``clock``."""
        return {"now": instant_text(self._instant())}

    def _instant(self) -> datetime:
        local = datetime.strptime(f"{self.day.data} {self.time.data}", "%Y-%m-%d %H:%M").replace(tzinfo=_STOCKHOLM)
        return local.astimezone(UTC)
