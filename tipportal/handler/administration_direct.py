"""What one administrator does at once: absences from today, own conflicts, suspensions, and reviews of these.

Each takes access away and gives none. The links of approved invitations are shown here too, to whoever proposed them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import Refusal
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.texts import N_
from tipportal.usecases import at_once, reviewing, surveying
from tipportal.usecases.changing.invite import link_of
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context, services

from . import blueprint, sessions
from .administration_fields import choose, day_field, pick

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

DIRECT = "handler/administration/direct.html"
PEOPLE, ACCOUNTS = "handler.administration_people", "handler.administration_accounts"


class DirectForm(PortalForm):
    """A form that acts at once. ``section`` is the page that it belongs to, ``warns`` whether its button is red."""

    heading: ClassVar[str]
    lead: ClassVar[str]
    button: ClassVar[str]
    section: ClassVar[str] = PEOPLE
    warns: ClassVar[bool] = False


class AbsenceNow(DirectForm):
    """Somebody is away from today."""

    heading = N_("Anteckna frånvaro från i dag")
    lead = N_(
        "Gäller genast: personen får inga nya ärenden. En annan administratör granskar det inom två arbetsdagar. "
        "Efter 30 dagar krävs två administratörer för återkomst."
    )
    button = N_("Anteckna frånvaron")

    person = pick(N_("Person"), N_("Välj person."))
    last = day_field(N_("Sista dagen"), hint=N_("Lämna tomt om det gäller tills vidare."))


class OwnConflict(DirectForm):
    """The reader's own conflict of interest."""

    heading = N_("Anmäl eget jäv")
    lead = N_("Gäller genast. Du får ingen del av ärenden som berör det du anger. Två avslutar anmälan.")
    button = N_("Anmäl jäv")

    subject = pick(N_("Du är jävig i förhållande till"), N_("Välj vad jävet gäller."))


class Suspension(DirectForm):
    """An account is suspended."""

    heading = N_("Stäng av konto")
    lead = N_(
        "Personen loggas ut genast och når inga ärenden. En annan administratör granskar det inom två arbetsdagar."
    )
    button = N_("Stäng av")
    section = ACCOUNTS
    warns = True


@blueprint.route("/administration/franvaro", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def administration_absence() -> ResponseReturnValue:
    """Note that somebody is away from today."""
    form, survey = AbsenceNow(), surveying.survey(context())
    choose(form.person, survey.person_options())
    if not form.validate_on_submit():
        return _page(form)
    last = date.fromisoformat(form.last.data) if form.last.data else None
    try:
        at_once.note_absence(context(), sessions.me(), form.person.data, last)
    except Refusal as refusal:
        return _refused(form, refusal)
    return _done(form)


@blueprint.route("/administration/jav", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def administration_conflict() -> ResponseReturnValue:
    """Declare one's own conflict of interest."""
    form = OwnConflict()
    choose(form.subject, _subjects(surveying.survey(context())))
    if not form.validate_on_submit():
        return _page(form)
    try:
        at_once.declare_conflict(context(), sessions.me(), form.subject.data)
    except Refusal as refusal:
        return _refused(form, refusal)
    return _done(form)


@blueprint.route("/administration/avstangning", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def administration_suspension() -> ResponseReturnValue:
    """Suspend an account at once."""
    form, subject = Suspension(), request.args.get("for", "")
    name = surveying.survey(context()).account(subject).name
    if not form.validate_on_submit():
        return _page(form, about=name)
    try:
        at_once.suspend(context(), sessions.me(), subject)
    except Refusal as refusal:
        return _refused(form, refusal, about=name)
    return _done(form)


@blueprint.post("/administration/granskning")
@requires(Permission.ADMINISTER)
def administration_review() -> ResponseReturnValue:
    """Uphold or lift what somebody else did at once."""
    look = reviewing.lift if request.form.get("outcome") == "lifted" else reviewing.uphold
    look(context(), sessions.me(), request.form.get("review", ""))
    return redirect(url_for("handler.administration"), 303)


@blueprint.post("/administration/andringar/<change_id>/lank")
@requires(Permission.ADMINISTER)
def administration_link(change_id: str) -> ResponseReturnValue:
    """A new enrolment link of an invitation that this reader proposed; links given before end."""
    token = link_of(context(), sessions.me(), change_id)
    address = f"{services().settings.handler_url}{url_for('handler.enrolment_page')}"
    return render_template("handler/administration/link.html", link=f"{address}#{token}")


def _page(form: DirectForm, *, about: str = "", status: int | None = None) -> ResponseReturnValue:
    shown = render_template(DIRECT, form=form, about=about, section=form.section)
    return shown, status or (422 if form.is_submitted() else 200)


def _refused(form: DirectForm, refusal: Refusal, *, about: str = "") -> ResponseReturnValue:
    form.form_errors.append(gettext(refusal.reason))
    return _page(form, about=about, status=refusal.status)


def _done(form: DirectForm) -> Response:
    return redirect(url_for(form.section), 303)


def _subjects(survey: Survey) -> list[tuple[str, str]]:
    kinds = (
        ("person", survey.person_options()),
        ("unit", survey.unit_options()),
        ("organisation", survey.organisation_options()),
        ("area", [(area.key, area.name_sv) for area in RISK_AREAS]),
    )
    return [(f"{kind}:{key}", label) for kind, options in kinds for key, label in options]
