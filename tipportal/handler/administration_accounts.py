"""Accounts: who has one, and the forms that invite, confirm, close and restore."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import Field
from wtforms.validators import ValidationError

from tipportal.domain.accounts import Permission, Role, normal_email
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import surveying
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, sessions, wording
from .administration_fields import Operation, choose, pick, text_field
from .administration_standing import StandingForm

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

_IF_NEW = N_("Bara för den som inte står i registret.")
_NAME = N_("Skriv ett namn, eller välj en person i registret.")
_UNIT = N_("Välj enhet, eller en person i registret.")


@blueprint.get("/administration/konton")
@requires(Permission.ADMINISTER)
def administration_accounts() -> ResponseReturnValue:
    """Accounts with their state, and what can be done with each."""
    return render_template(
        "handler/administration/accounts.html",
        survey=surveying.survey(context()),
        me=sessions.me(),
        wording=wording,
    )


class AccountForm(StandingForm):
    """A change of one account that exists."""

    kind = ChangeKind.ACCOUNT
    section = "handler.administration_accounts"
    needs_subject = True

    def offer(self, survey: Survey, subject: str) -> None:
        """Nothing to choose from; the account must be there."""
        survey.account(subject)


class InvitePerson(StandingForm):
    """Somebody gets an account."""

    kind = ChangeKind.INVITE
    section = "handler.administration_accounts"
    heading = N_("Bjud in")
    lead = N_(
        "När inbjudan är godkänd får du som föreslog den en länk att lämna över. Den gäller i sju dagar och en gång."
    )

    person = pick(N_("Person i registret"), hint=N_("Den som står i registret har sitt namn och sin enhet där."))
    name = text_field(N_("Namn"), hint=_IF_NEW)
    unit = pick(N_("Enhet"), hint=_IF_NEW)
    email = text_field(N_("E-postadress"), N_("Skriv e-postadressen."))
    role = pick(N_("Roll"), N_("Välj roll."))

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002 - the form's own shape
        """Whoever has no account yet, roles and units."""
        self._people = {person.id: person for person in survey.people}
        choose(self.person, survey.invitable_options(), N_("Står inte i registret"))
        self._organisations = {unit.id: unit.organisation_id for unit in survey.units}
        choose(self.role, [(role.value, gettext(wording.ROLES[role])) for role in Role])
        choose(self.unit, survey.unit_options(), N_("Välj"))

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' signature
        """Somebody of the register, or else a name and a unit."""
        valid = super().validate(extra_validators)
        if not self.person.data:
            for field, message in ((self.name, _NAME), (self.unit, _UNIT)):
                if not field.data:
                    field.errors = [*field.errors, gettext(message)]
                    valid = False
        return valid

    def validate_email(self, field: Field) -> None:
        """An address that can be looked up."""
        if normal_email(field.data) is None:
            raise ValidationError(gettext(N_("Skriv en e-postadress, till exempel namn@kommun.example.")))

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``invite``. Somebody of the register keeps the id that stands there: it is theirs in every designation."""
        person = self._people.get(self.person.data)
        unit = self.unit.data if person is None else person.unit_id
        return {
            "account": new_id() if person is None else person.id,
            "name": self.name.data if person is None else person.name,
            "email": self.email.data,
            "role": self.role.data,
            "organisation": self._organisations[unit],
            "unit": unit,
            "decision": None,
        }


class ConfirmKeys(AccountForm):
    """The keys that somebody made are theirs."""

    kind = ChangeKind.KEYS
    heading = N_("Bekräfta nycklar")
    lead = N_("Personen läser upp sex ord från sin skärm. Den som godkänner skriver in dem.")

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``keys``."""
        account = survey.account(subject)
        return {
            "account": account.id,
            "recipient": hashlib.sha256(account.recipient or b"").hexdigest(),
            "verification_key": encode_b64(account.verification_key or b""),
        }


class CloseAccount(AccountForm):
    """An account is closed for good."""

    heading = N_("Avsluta konto")
    lead = N_("Kontot avslutas när alla personens ärenden har lämnats över.")

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``account``."""
        return {"account": subject, "do": "close", "decision": None}


class ReopenAccount(AccountForm):
    """A suspended account is opened again, with the keys that it had."""

    heading = N_("Öppna konto igen")
    lead = N_("Personen får tillbaka sin åtkomst, med samma nycklar som förut.")

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``account``."""
        return {"account": subject, "do": "reactivate", "decision": None}


class RestoreAccount(AccountForm):
    """Somebody who lost their device gets a new enrolment link; the old key is gone."""

    kind = ChangeKind.RESTORE
    heading = N_("Återställ konto")
    lead = N_(
        "Den som har förlorat sin inloggning får en ny länk och nya nycklar. De gamla nycklarna kommer aldrig tillbaka."
    )

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``restore``."""
        return {"account": subject}
