"""The end and the register of one case, on its page: what needs nothing sealed works without a script."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from tipportal.domain.accounts import Permission
from tipportal.domain.disclosures import PROVISION_TEXTS
from tipportal.domain.errors import Invalid
from tipportal.domain.retention import Purpose
from tipportal.domain.texts import N_
from tipportal.usecases import disclosing, registration, retention
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context, services

from . import blueprint, record_words, sessions
from .administration_fields import later

_NUMBER = 40


class AskOpening(PortalForm):
    """For what a locked case is to be opened."""

    opened_for = SelectField(choices=[])


class AllowOpening(PortalForm):
    """One button: the second person's yes."""


class RegistryNumber(PortalForm):
    """What the registrar calls a line of the diary."""

    number = StringField(validators=[InputRequired(), Length(max=20)])
    registry_number = StringField(
        later(N_("Diarienummer")), [InputRequired(later(N_("Skriv diarienumret."))), Length(max=_NUMBER)]
    )


def records_of(reference: str) -> dict[str, object]:
    """What the case page shows of the case's end, its register and requests about it."""
    me = sessions.me()
    return {
        "retention": retention.of_case(context(), me, reference),
        "diary": registration.of_case(context(), me, reference),
        "requests": [
            each for each in disclosing.mine(context(), me) if each.reference == reference and not each.request.answered
        ],
        "record_words": record_words,
        "backup_days": services().settings.backup_days,
        "provision_texts": PROVISION_TEXTS,
    }


@blueprint.post("/arenden/<reference>/oppna-last")
@requires(Permission.HANDLE)
def ask_opening(reference: str) -> ResponseReturnValue:
    """Ask that a locked case is opened for the archive's sake."""
    form = AskOpening()
    form.opened_for.choices = [(each.value, gettext(record_words.PURPOSES[each])) for each in Purpose]
    if not form.validate_on_submit():
        raise Invalid(N_("Välj ett av alternativen."), field="opened_for")
    retention.ask_opening(context(), sessions.me(), reference, Purpose(form.opened_for.data))
    return redirect(url_for("handler.case_page", reference=reference), 303)


@blueprint.post("/arenden/<reference>/oppna-last/<opening>")
@requires(Permission.HANDLE)
def allow_opening(reference: str, opening: str) -> ResponseReturnValue:
    """Say yes as the second person."""
    if AllowOpening().validate_on_submit():
        retention.allow_opening(context(), sessions.me(), reference, opening)
    return redirect(url_for("handler.case_page", reference=reference), 303)


@blueprint.post("/arenden/<reference>/diarienummer")
@requires(Permission.HANDLE)
def set_registry_number(reference: str) -> ResponseReturnValue:
    """Keep what the registrar calls a line of the case's."""
    form = RegistryNumber()
    if not form.validate_on_submit():
        raise Invalid(N_("Skriv diarienumret."), field="registry_number")
    registration.set_registry_number(
        context(), sessions.me(), reference, form.number.data or "", form.registry_number.data or ""
    )
    return redirect(url_for("handler.case_page", reference=reference, _anchor="registration-heading"), 303)
