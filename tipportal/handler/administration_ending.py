"""Forms that end what is in the register: an organisation, a unit, a function or a person, on a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from tipportal.domain.texts import N_

from .administration_fields import Operation, RegisterForm, choose, day_field, pick

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey


_COME = N_("I dag eller tidigare, till exempel 2026-11-22.")


class Ending(RegisterForm):
    """What exists ends on a day that has come. What is still used does not: the use case tells what to end first."""

    needs_subject = True
    do: ClassVar[str]
    """The operation that ends it."""

    ended_on = day_field(
        N_("Dagen då det upphör"),
        N_("Skriv dagen då det upphör."),
        _COME,
    )

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``change_…`` with its last day."""
        return {"do": self.do, "id": subject, "ended_on": self.ended_on.data}


class EndOrganisation(Ending):
    """An organisation ends, and another may follow it."""

    heading = N_("Låt organisation upphöra")
    lead = N_(
        "Organisationen får inga nya ärenden. De som har dess öppna ärenden går vidare med dem. "
        "Stäng kanalerna, avsluta avtalen och låt enheterna upphöra först."
    )
    do = "change_organisation"

    succeeded_by = pick(N_("Efterträdd av"), hint=N_("När organisationen har gått upp i en annan."))

    def offer(self, survey: Survey, subject: str) -> None:
        """The others, of which one may follow it."""
        survey.organisation(subject)
        others = [option for option in survey.organisation_options() if option[0] != subject]
        choose(self.succeeded_by, others, N_("Ingen"))

    def fill(self, survey: Survey, subject: str) -> None:
        """Who follows it, where that is known already."""
        self.succeeded_by.data = survey.organisation(subject).succeeded_by or ""

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:
        """``change_organisation`` with its last day and who follows."""
        return {**super().operation(new_id, subject), "succeeded_by": self.succeeded_by.data or None}

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """Its own."""
        return subject


class EndUnit(Ending):
    """A unit ends."""

    heading = N_("Låt enhet upphöra")
    lead = N_("Flytta dem som hör till enheten, och enheterna under den, eller låt dem upphöra först.")
    do = "change_unit"

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the unit must be there."""
        survey.unit(subject)

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """Where the unit is."""
        return survey.unit(subject).organisation_id


class EndFunction(Ending):
    """A function ends."""

    heading = N_("Låt funktion upphöra")
    lead = N_("Funktionen får inga nya ärenden. De som har dess öppna ärenden går vidare med dem.")
    do = "change_function"

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the function must be there."""
        survey.function(subject)

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The receiving authority."""
        return survey.function(subject).organisation_id


class EndPerson(Ending):
    """Somebody leaves the register."""

    heading = N_("Låt person lämna registret")
    section = "handler.administration_people"
    lead = N_(
        "Personen får inga nya ärenden och räknas inte längre i organisationens linjer. Den som har ett konto har det "
        "kvar tills det avslutas under Konton."
    )
    do = "change_person"

    ended_on = day_field(N_("Dagen då personen lämnar"), N_("Skriv dagen då personen lämnar."), _COME)

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the person must be there."""
        survey.person(subject)

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The person's."""
        return survey.person(subject).organisation_id
