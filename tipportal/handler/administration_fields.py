"""Fields of the administrators' forms, and what every one of these forms has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, cast

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from tipportal.domain.texts import N_
from tipportal.web.forms import PortalForm

if TYPE_CHECKING:
    from tipportal.domain.handlinglog import Json
    from tipportal.usecases.surveying import Survey

LONGEST_NAME = 200
LONGEST_FILE = 900_000
"""Characters of an imported file: a policy of as many rules as anybody can read is far shorter."""
DAY_HINT = N_("Till exempel 2026-11-22.")
Option = tuple[str, str]
Operation = dict[str, "Json"]


def later(text: str) -> str:
    """A text that is translated when the page is drawn."""
    return cast("str", lazy_gettext(text))


def _needed(message: str) -> InputRequired | Optional:
    return InputRequired(later(message)) if message else Optional()


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _a_day(_form: PortalForm, field: Field) -> None:
    try:
        date.fromisoformat(field.data)
    except ValueError:
        raise ValidationError(gettext(N_("Skriv datumet som år-månad-dag, till exempel 2026-11-22."))) from None


def text_field(label: str, required: str = "", hint: str = "", *, width: str = "20") -> StringField:
    """One line of text; ``required`` is what to say when it is empty, "" when it may be."""
    return StringField(
        later(label),
        [_needed(required), Length(max=LONGEST_NAME, message=later(N_("Högst 200 tecken.")))],
        description=later(hint) if hint else "",
        filters=[_stripped],
        render_kw={"autocomplete": "off", "width": width},
    )


def file_text(label: str, hint: str, required: str = "") -> TextAreaField:
    """A whole TOML file as text; ``required`` is what to say when it is empty, "" when it may be."""
    longest = Length(max=LONGEST_FILE, message=later(N_("Filen är för stor. Den får ha högst 900 000 tecken.")))
    options = {"spellcheck": "false", "autocomplete": "off", "rows": 14}
    return TextAreaField(later(label), [_needed(required), longest], description=later(hint), render_kw=options)


def day_field(label: str, required: str = "", hint: str = DAY_HINT) -> StringField:
    """A day, written as YYYY-MM-DD; what cannot be read as one stays in its field."""
    return StringField(
        later(label),
        [_needed(required), _a_day],
        description=later(hint),
        filters=[_stripped],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "width": "10"},
    )


def pick(label: str, required: str = "", hint: str = "") -> SelectField:
    """One of several. The choices come from the register, by ``offer``."""
    return SelectField(later(label), [_needed(required)], description=later(hint) if hint else "", choices=[])


def several(label: str, hint: str = "", required: str = "") -> SelectMultipleField:
    """Any of several, as checkboxes; ``required`` is what to say when none is chosen, "" when none may be.

    The choices come from the register, by ``offer``.
    """
    needed = [_needed(required)] if required else []
    description = later(hint) if hint else ""
    return SelectMultipleField(later(label), needed, description=description, choices=[], render_kw={"small": True})


def flag(label: str, hint: str = "") -> BooleanField:
    """Yes or no."""
    return BooleanField(later(label), description=later(hint) if hint else "")


def choose(field: Field, options: Sequence[Option], empty: str = N_("Välj")) -> None:
    """Give a field its choices; a single choice begins with an empty one, which says ``empty``."""
    first = [] if isinstance(field, SelectMultipleField) else [("", gettext(empty))]
    cast("SelectField", field).choices = [*first, *options]


def day(text: str | None) -> str | None:
    """What a day's field holds, as a payload has it."""
    return text or None


class AdministrationForm(PortalForm):
    """A form whose content becomes a payload that two administrators sign.

    ``heading`` and ``lead`` are msgids. ``step`` tells whether the page that checks leads back to the form.
    """

    heading: ClassVar[str] = ""
    section: ClassVar[str] = "handler.administration"
    """The endpoint of the page that the form belongs to."""
    lead: ClassVar[str] = ""
    needs_subject: ClassVar[bool] = False
    """Whether the form is about something that exists: its id stands in the address, as ``for``."""
    decision: ClassVar[tuple[str, ...]] = ()
    """The fields about the decision behind the change: they stand together, last."""

    step = HiddenField()

    def offer(self, survey: Survey, subject: str) -> None:
        """Give the fields their choices. ``subject`` is an id, or "". Raises NotFound when nothing has it."""

    def fill(self, survey: Survey, subject: str) -> None:
        """Write into the fields what is so today."""


class RegisterForm(AdministrationForm):
    """One operation on the register, with the affected organisation's own decision."""

    section = "handler.administration_organisations"
    decision = ("decision_number", "decided_on")

    decision_number = text_field(
        N_("Beslutets diarienummer"), hint=N_("Organisationens eget beslut, om det finns ett.")
    )
    decided_on = day_field(N_("Beslutsdatum"))

    def operation(self, new_id: Callable[[], str], subject: str) -> Operation:
        """What is done, as a payload holds it."""
        raise NotImplementedError

    def organisation(self, survey: Survey, subject: str) -> str | None:  # noqa: ARG002 - some forms need them
        """Whose decision it is; None when none is."""
        return None

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' signature
        """Whether everything holds: a decision's number and its date belong together."""
        valid = super().validate(extra_validators)
        if bool(self.decision_number.data) == bool(self.decided_on.data):
            return valid
        lacking = self.decided_on if self.decision_number.data else self.decision_number
        lacking.errors = [gettext(N_("Ange både beslutets diarienummer och datum, eller inget av dem."))]
        return False

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:
        """The payload of a change of kind ``register``."""
        owner = self.organisation(survey, subject)
        decision: Operation | None = None
        if owner is not None and self.decision_number.data:
            decision = {
                "organisation": owner,
                "number": self.decision_number.data,
                "decided_on": self.decided_on.data,
            }
        return {"operations": [self.operation(new_id, subject)], "decision": decision}
