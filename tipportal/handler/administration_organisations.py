"""Forms about organisations, their units and functions, and the people in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import gettext

from tipportal.domain.organisations import OrganisationKind
from tipportal.domain.texts import N_

from .administration_fields import Operation, RegisterForm, choose, flag, pick, text_field
from .administration_words import ORGANISATION_KINDS

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

_NAME = N_("Skriv ett namn.")
_ORGANISATION = N_("Välj organisation.")
_NONE = N_("Ingen")


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, gettext(ORGANISATION_KINDS[kind])) for kind in OrganisationKind]


class AddOrganisation(RegisterForm):
    """A new organisation."""

    heading = N_("Lägg till organisation")
    lead = N_("En kommun, nämnd, förvaltning, ett bolag, ett förbund eller en extern part, till exempel en byrå.")

    name = text_field(N_("Namn"), _NAME)
    slug = text_field(
        N_("Namn i adressen"), N_("Skriv namnet i adressen."), N_("Små bokstäver a–z, siffror och bindestreck.")
    )
    kind = pick(N_("Slag"), N_("Välj vilket slag av organisation det är."))
    part_of = pick(N_("Del av eller ägd av"))
    listed = flag(N_("Tar emot tips och rapporter i portalen"))

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002 - the form's own shape
        """Kinds, and organisations that it can belong to."""
        choose(self.kind, _kinds())
        choose(self.part_of, survey.organisation_options(), _NONE)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_organisation``."""
        return {
            "do": "add_organisation",
            "id": new_id(),
            "slug": self.slug.data,
            "name": self.name.data,
            "kind": self.kind.data,
            "listed": self.listed.data,
            "part_of": self.part_of.data or None,
        }


class ChangeOrganisation(RegisterForm):
    """An organisation that exists."""

    heading = N_("Ändra organisation")
    needs_subject = True

    name = text_field(N_("Namn"), _NAME)
    kind = pick(N_("Slag"), N_("Välj vilket slag av organisation det är."))
    part_of = pick(N_("Del av eller ägd av"))
    succeeded_by = pick(N_("Efterträdd av"), hint=N_("När organisationen har gått upp i en annan."))
    listed = flag(N_("Tar emot tips och rapporter i portalen"))

    def offer(self, survey: Survey, subject: str) -> None:
        """Kinds and the other organisations."""
        survey.organisation(subject)
        others = [option for option in survey.organisation_options() if option[0] != subject]
        choose(self.kind, _kinds())
        choose(self.part_of, others, _NONE)
        choose(self.succeeded_by, others, _NONE)

    def fill(self, survey: Survey, subject: str) -> None:
        """As it stands."""
        found = survey.organisation(subject)
        self.name.data, self.kind.data, self.listed.data = found.name, found.kind.value, found.listed
        self.part_of.data, self.succeeded_by.data = found.part_of or "", found.succeeded_by or ""

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``change_organisation``."""
        return {
            "do": "change_organisation",
            "id": subject,
            "name": self.name.data,
            "kind": self.kind.data,
            "listed": self.listed.data,
            "part_of": self.part_of.data or None,
            "succeeded_by": self.succeeded_by.data or None,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """Its own."""
        return subject


class AddUnit(RegisterForm):
    """A new unit."""

    heading = N_("Lägg till enhet")
    lead = N_("Enheter och deras chefer är linjerna i organisationen: den som lyder under någon prövar inte den.")

    name = text_field(N_("Namn"), _NAME)
    owner = pick(N_("Organisation"), _ORGANISATION)
    parent = pick(N_("Överordnad enhet"))
    head = pick(N_("Chef"), hint=N_("Den som leder enheten. Personen läggs till i registret först."))

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Organisations, units above it, and heads."""
        # A unit is external exactly where its organisation is.
        self._externals = {key for key, _ in survey.external_options()}
        choose(self.owner, survey.organisation_options())
        choose(self.parent, survey.unit_options(), _NONE)
        choose(self.head, survey.person_options(), _NONE)

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_unit``."""
        return {
            "do": "add_unit",
            "id": new_id(),
            "organisation": self.owner.data,
            "name": self.name.data,
            "external": self.owner.data in self._externals,
            "parent": self.parent.data or None,
            "head": self.head.data or None,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """Where the unit is."""
        return self.owner.data or None


class ChangeUnit(RegisterForm):
    """A unit that exists."""

    heading = N_("Ändra enhet")
    needs_subject = True

    name = text_field(N_("Namn"), _NAME)
    parent = pick(N_("Överordnad enhet"))
    head = pick(N_("Chef"))

    def offer(self, survey: Survey, subject: str) -> None:
        """The other units, and heads."""
        survey.unit(subject)
        choose(self.parent, [option for option in survey.unit_options() if option[0] != subject], _NONE)
        choose(self.head, survey.person_options(), _NONE)

    def fill(self, survey: Survey, subject: str) -> None:
        """As it stands."""
        found = survey.unit(subject)
        self.name.data, self.parent.data, self.head.data = found.name, found.parent_id or "", found.head_id or ""

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``change_unit``."""
        return {
            "do": "change_unit",
            "id": subject,
            "name": self.name.data,
            "parent": self.parent.data or None,
            "head": self.head.data or None,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """Where the unit is."""
        return survey.unit(subject).organisation_id


class AddFunction(RegisterForm):
    """A new function."""

    heading = N_("Lägg till funktion")
    lead = N_("En grupp som kan ta emot ärenden: visselblåsarfunktion, tipsfunktion eller externt ombud.")

    name = text_field(N_("Namn"), _NAME)
    owner = pick(N_("Mottagande myndighet"), _ORGANISATION)

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Organisations."""
        choose(self.owner, survey.organisation_options())

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_function``."""
        return {"do": "add_function", "id": new_id(), "organisation": self.owner.data, "name": self.name.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The receiving authority."""
        return self.owner.data or None


class ChangeFunction(RegisterForm):
    """A function gets another name."""

    heading = N_("Byt namn på funktion")
    needs_subject = True

    name = text_field(N_("Namn"), _NAME)

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the function must be there."""
        survey.function(subject)

    def fill(self, survey: Survey, subject: str) -> None:
        """As it stands."""
        self.name.data = survey.function(subject).name

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``change_function``."""
        return {"do": "change_function", "id": subject, "name": self.name.data}

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The receiving authority."""
        return survey.function(subject).organisation_id


class AddPerson(RegisterForm):
    """A new person."""

    heading = N_("Lägg till person")
    section = "handler.administration_people"
    lead = N_("Chefer, förtroendevalda och andra som behövs i registret. Den som ska ha ett konto bjuds in i stället.")

    name = text_field(N_("Namn"), _NAME)
    unit = pick(N_("Enhet"), N_("Välj enhet."))
    elected = flag(N_("Förtroendevald"), N_("Förtroendevalda och revisorer ingår aldrig i en ärendegrupp."))
    auditor = flag(N_("Revisor"))

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Units."""
        self._organisations = {unit.id: unit.organisation_id for unit in survey.units}
        choose(self.unit, survey.unit_options())

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``add_person``."""
        return {
            "do": "add_person",
            "id": new_id(),
            "organisation": self._organisations[self.unit.data],
            "name": self.name.data,
            "unit": self.unit.data,
            "elected": self.elected.data,
            "auditor": self.auditor.data,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002
        """The unit's."""
        return survey.unit(self.unit.data).organisation_id if self.unit.data else None


class ChangePerson(RegisterForm):
    """A person who stands in the register."""

    heading = N_("Ändra person")
    section = "handler.administration_people"
    needs_subject = True

    name = text_field(N_("Namn"), _NAME)
    unit = pick(N_("Enhet"), N_("Välj enhet."))
    elected = flag(N_("Förtroendevald"), N_("Förtroendevalda och revisorer ingår aldrig i en ärendegrupp."))
    auditor = flag(N_("Revisor"))

    def offer(self, survey: Survey, subject: str) -> None:
        """Units."""
        survey.person(subject)
        choose(self.unit, survey.unit_options())

    def fill(self, survey: Survey, subject: str) -> None:
        """As it stands."""
        found = survey.person(subject)
        self.name.data, self.unit.data = found.name, found.unit_id
        self.elected.data, self.auditor.data = found.elected, found.auditor

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``change_person``."""
        return {
            "do": "change_person",
            "id": subject,
            "name": self.name.data,
            "unit": self.unit.data,
            "elected": self.elected.data,
            "auditor": self.auditor.data,
        }

    def organisation(self, survey: Survey, subject: str) -> str | None:
        """The person's."""
        return survey.person(subject).organisation_id
