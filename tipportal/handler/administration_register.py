"""The register as administrators see it, and the forms that propose changes to it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import NotFound
from tipportal.domain.texts import N_
from tipportal.usecases import surveying
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import administration_words as words
from . import blueprint, wording
from .administration import check_draft, with_errors
from .administration_accounts import AccountForm, CloseAccount, ConfirmKeys, InvitePerson, ReopenAccount, RestoreAccount
from .administration_decisions import (
    AddAbsence,
    AddSharingAgreement,
    Designate,
    EndAbsence,
    EndConflict,
    EndDesignation,
    EndFirm,
    EndSharingAgreement,
    SetFirm,
)
from .administration_directory import PublishDirectory
from .administration_ending import EndFunction, EndOrganisation, EndPerson, EndUnit
from .administration_fields import AdministrationForm, RegisterForm
from .administration_organisations import (
    AddFunction,
    AddOrganisation,
    AddPerson,
    AddUnit,
    ChangeFunction,
    ChangeOrganisation,
    ChangePerson,
    ChangeUnit,
)
from .administration_publishing import PublishReport, PublishReports
from .administration_standing import ConfirmClock, RecordDecision, SetChannel, StandingForm

FORMS: Mapping[str, type[RegisterForm | StandingForm | AccountForm]] = {
    "organisation": AddOrganisation,
    "andra-organisation": ChangeOrganisation,
    "avsluta-organisation": EndOrganisation,
    "enhet": AddUnit,
    "andra-enhet": ChangeUnit,
    "avsluta-enhet": EndUnit,
    "funktion": AddFunction,
    "andra-funktion": ChangeFunction,
    "avsluta-funktion": EndFunction,
    "person": AddPerson,
    "andra-person": ChangePerson,
    "avsluta-person": EndPerson,
    "utse": Designate,
    "avsluta-utseende": EndDesignation,
    "franvaro": AddAbsence,
    "avsluta-franvaro": EndAbsence,
    "avsluta-jav": EndConflict,
    "byra": SetFirm,
    "avsluta-byra": EndFirm,
    "avtal": AddSharingAgreement,
    "avsluta-avtal": EndSharingAgreement,
    "kanal": SetChannel,
    "beslut": RecordDecision,
    "klocka": ConfirmClock,
    "publicera": PublishReport,
    "publicera-flera": PublishReports,
    "katalog": PublishDirectory,
    "bjud-in": InvitePerson,
    "bekrafta-nycklar": ConfirmKeys,
    "avsluta-konto": CloseAccount,
    "oppna-konto": ReopenAccount,
    "aterstall-konto": RestoreAccount,
}
"""The forms by the word in their address."""
FORM = "handler/administration/form.html"
EDIT = "edit"


@blueprint.get("/administration/organisationer")
@requires(Permission.ADMINISTER)
def administration_organisations() -> ResponseReturnValue:
    """Organisations with their lines of command, functions, contracts with firms, and agreements."""
    return render_template("handler/administration/organisations.html", survey=surveying.survey(context()), words=words)


@blueprint.get("/administration/personer")
@requires(Permission.ADMINISTER)
def administration_people() -> ResponseReturnValue:
    """People, designations, absences and declared conflicts."""
    return render_template(
        "handler/administration/people.html", survey=surveying.survey(context()), words=words, wording=wording
    )


@blueprint.route("/administration/forslag/<what>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def administration_form(what: str) -> ResponseReturnValue:
    """A form whose content becomes a proposed change; sent, it leads to the page where the change is signed."""
    kind = FORMS.get(what)
    subject = request.args.get("for", "")
    if kind is None or (kind.needs_subject and not subject):
        raise NotFound(N_("Sidan finns inte."))
    ctx = context()
    survey = surveying.survey(ctx)
    form = kind()
    form.offer(survey, subject)
    drawn = {"about": survey.names.get(subject, "")}
    if request.method == "GET":
        form.fill(survey, subject)
        _choose_by_address(form)
        return render_template(FORM, form=form, words=words, **drawn)
    if form.step.data == EDIT:
        form.step.data = ""
        return render_template(FORM, form=form, words=words, **drawn)
    if not form.validate_on_submit():
        return with_errors(form, [], FORM, **drawn)
    change_kind = ChangeKind.REGISTER if isinstance(form, RegisterForm) else form.kind
    return check_draft(change_kind, form.payload(survey, ctx.new_id, subject), form, FORM, **drawn)


def _choose_by_address(form: AdministrationForm) -> None:
    # A link from a row of the register chooses that row; what is no choice of the field is not chosen.
    for field in form:
        chosen = request.args.get(field.name)
        if chosen is not None and chosen in dict(getattr(field, "choices", ())):
            field.data = chosen
