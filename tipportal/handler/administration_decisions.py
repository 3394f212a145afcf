"""Forms about what is decided of people and firms: designations, absences, conflicts, contracts, agreements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import gettext
from wtforms import IntegerField
from wtforms.validators import NumberRange

from tipportal.domain.organisations import Ground
from tipportal.domain.texts import N_

from .administration_fields import Operation, RegisterForm, choose, day, day_field, later, pick, several, text_field
from .administration_words import BASES, GROUNDS

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

_NUMBER = N_("Skriv beslutets diarienummer.")
_DECIDED = N_("Skriv beslutets datum.")
_LAST = N_("Sista dagen")
_OPEN_END = N_("Lämna tomt om det gäller tills vidare.")


class DecidedForm(RegisterForm):
    """An operation that changes who may receive cases: it has the organisation's decision behind it."""

    decision_number = text_field(N_("Beslutets diarienummer"), _NUMBER)
    decided_on = day_field(N_("Beslutsdatum"), _DECIDED)


class Designate(DecidedForm):
    """A person becomes a member of a function."""

    heading = N_("Utse handläggare")
    section = "handler.administration_people"
    lead = N_("Ett beslut gör en person till medlem i en funktion. Utan ett utseende som gäller når ingen ett ärende.")

    person = pick(N_("Person"), N_("Välj person."))
    function = pick(N_("Funktion"), N_("Välj funktion."))
    ground = pick(N_("Grund"), N_("Välj grund."))
    valid_from = day_field(N_("Första dagen"), N_("Skriv den första dagen."))
    valid_to = day_field(_LAST, hint=_OPEN_END)
    rank = IntegerField(
        later(N_("Turordning")),
        [NumberRange(1, 99, later(N_("Skriv ett tal mellan 1 och 99.")))],
        default=1,
        description=later(
            N_("1 tillfrågas först. Ge ett högre tal åt den som ska tillfrågas sist, till exempel en byrå.")
        ),
        render_kw={"inputmode": "numeric", "width": "3"},
    )

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002 - the form's own shape
        """Handlers with an account, functions and grounds."""
        choose(self.person, survey.handler_options())
        choose(self.function, survey.function_options())
        choose(self.ground, [(ground.value, gettext(GROUNDS[ground])) for ground in Ground])

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``designate``."""
        return {
            "do": "designate",
            "id": new_id(),
            "function": self.function.data,
            "person": self.person.data,
            "ground": self.ground.data,
            "decision_number": self.decision_number.data,
            "decided_on": self.decided_on.data,
            "valid_from": self.valid_from.data,
            "valid_to": day(self.valid_to.data),
            "rank": self.rank.data,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The receiving authority's decision."""
        return survey.function(self.function.data).organisation_id if self.function.data else None


class EndDesignation(DecidedForm):
    """A designation ends."""

    heading = N_("Avsluta utseende")
    section = "handler.administration_people"
    needs_subject = True

    valid_to = day_field(_LAST, N_("Skriv den sista dagen."), N_("Åtkomsten upphör vid midnatt efter den dagen."))

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the designation must be there."""
        survey.designation(subject)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``end_designation``."""
        return {"do": "end_designation", "id": subject, "valid_to": self.valid_to.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The receiving authority's decision."""
        return survey.function(survey.designation(subject).function_id).organisation_id


class AddAbsence(RegisterForm):
    """Somebody is going to be away."""

    heading = N_("Anteckna kommande frånvaro")
    section = "handler.administration_people"
    lead = N_("Den som är borta från i dag antecknas direkt, utan ett förslag, på sidan med personer.")

    person = pick(N_("Person"), N_("Välj person."))
    first = day_field(N_("Första dagen"), N_("Skriv den första dagen."))
    last = day_field(_LAST, hint=_OPEN_END)

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """People."""
        choose(self.person, survey.person_options())

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_absence``."""
        return {
            "do": "add_absence",
            "id": new_id(),
            "person": self.person.data,
            "first": self.first.data,
            "last": day(self.last.data),
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The person's."""
        return survey.person(self.person.data).organisation_id if self.person.data else None


class EndAbsence(RegisterForm):
    """Somebody comes back."""

    heading = N_("Avsluta frånvaro")
    section = "handler.administration_people"
    needs_subject = True
    lead = N_("Den som har varit borta i mer än 30 dagar får åter ärenden när två administratörer har sagt ja.")

    last = day_field(N_("Frånvarons sista dag"), N_("Skriv den sista dagen."))

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the absence must be there."""
        survey.absence(subject)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``end_absence``."""
        return {"do": "end_absence", "id": subject, "last": self.last.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The person's."""
        return survey.person(survey.absence(subject).person_id).organisation_id


class EndConflict(RegisterForm):
    """A declared conflict of interest does not hold any more."""

    heading = N_("Avsluta jävsanmälan")
    section = "handler.administration_people"
    needs_subject = True

    ended_on = day_field(N_("Sista dagen som den gäller"), N_("Skriv den sista dagen."))

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the declaration must be there."""
        survey.conflict(subject)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``end_conflict``."""
        return {"do": "end_conflict", "id": subject, "ended_on": self.ended_on.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The person's."""
        return survey.person(survey.conflict(subject).person_id).organisation_id


class SetFirm(DecidedForm):
    """What the contract with an external firm says."""

    heading = N_("Avtal med byrå")
    lead = N_(
        "En byrå får vara hela ärendegruppen först när avtalet namnger minst tre personer, funktionen är dess klient "
        "och den inte har andra uppdrag åt kommunen."
    )

    firm = pick(N_("Byrå"), N_("Välj byrå."))
    client = pick(N_("Klient"), N_("Välj funktion."), N_("Funktionen som byrån arbetar åt."))
    named_persons = several(N_("Personer som avtalet namnger"))
    other_mandates = several(N_("Andra uppdrag åt"), N_("Organisationer som byrån också arbetar åt."))

    def offer(self, survey: Survey, subject: str) -> None:
        """External organisations, functions, the firm's people, and organisations."""
        choose(self.firm, survey.external_options())
        choose(self.client, survey.function_options())
        choose(self.named_persons, survey.external_person_options())
        choose(self.other_mandates, survey.organisation_options())
        if subject:
            survey.firm(subject)

    def fill(self, survey: Survey, subject: str) -> None:
        """As the contract stands."""
        if subject:
            found = survey.firm(subject)
            self.firm.data, self.client.data = found.organisation_id, found.client_function_id
            self.named_persons.data = list(found.named_persons)
            self.other_mandates.data = list(found.other_mandates)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``set_firm``."""
        return {
            "do": "set_firm",
            "organisation": self.firm.data,
            "client": self.client.data,
            "named_persons": self.named_persons.data or [],
            "other_mandates": self.other_mandates.data or [],
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The client's authority."""
        return survey.function(self.client.data).organisation_id if self.client.data else None


class EndFirm(DecidedForm):
    """The contract with a firm ends."""

    heading = N_("Avsluta avtal med byrå")
    needs_subject = True

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the contract must be there."""
        survey.firm(subject)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``end_firm``."""
        return {"do": "end_firm", "organisation": subject}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The client's authority."""
        return survey.function(survey.firm(subject).client_function_id).organisation_id


class AddSharingAgreement(DecidedForm):
    """An organisation shares the function of another."""

    heading = N_("Lägg till avtal om gemensam funktion")
    lead = N_("Kommuner delar enligt 5 kap. 4 § och privata bolag med 50–249 arbetstagare enligt 5 kap. 3 §.")

    owner = pick(N_("Organisation"), N_("Välj organisation."))
    function = pick(N_("Funktion som den delar"), N_("Välj funktion."))
    basis = pick(N_("Grund"), N_("Välj grund."))
    valid_from = day_field(N_("Första dagen"), N_("Skriv den första dagen."))
    valid_to = day_field(_LAST, hint=_OPEN_END)

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Organisations, functions and grounds in law."""
        choose(self.owner, survey.organisation_options())
        choose(self.function, survey.function_options())
        choose(self.basis, [(basis, gettext(label)) for basis, label in BASES.items()])

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_sharing_agreement``."""
        return {
            "do": "add_sharing_agreement",
            "id": new_id(),
            "organisation": self.owner.data,
            "function": self.function.data,
            "basis": self.basis.data,
            "decision_number": self.decision_number.data,
            "decided_on": self.decided_on.data,
            "valid_from": self.valid_from.data,
            "valid_to": day(self.valid_to.data),
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The one that shares."""
        return self.owner.data or None


class EndSharingAgreement(RegisterForm):
    """An agreement ends."""

    heading = N_("Avsluta avtal om gemensam funktion")
    needs_subject = True

    valid_to = day_field(_LAST, N_("Skriv den sista dagen."))

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the agreement must be there."""
        survey.agreement(subject)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``end_sharing_agreement``."""
        return {"do": "end_sharing_agreement", "id": subject, "valid_to": self.valid_to.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The one that shares."""
        return survey.agreement(subject).organisation_id
