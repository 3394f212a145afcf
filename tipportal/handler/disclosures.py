"""Requests for release on a page of their own: received, clocked, decided. There is no field for who asks or why."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tipportal.domain.accounts import Permission
from tipportal.domain.disclosures import PROVISION_TEXTS, Answered, Asked, LogRange, Provision, appeal_text
from tipportal.domain.errors import Invalid, NotFound
from tipportal.domain.texts import N_
from tipportal.usecases import disclosing
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, record_words, sessions
from .administration_fields import choose, later, several
from .api_records import answer_of

_MOST = 10**15
_ENTRY = N_("Skriv ett postnummer.")


class Received(PortalForm):
    """What somebody asks for; nothing about who, nothing about why (TF 2 kap. 18 §)."""

    asked = SelectField(later(N_("Vad begärs ut?")), [InputRequired()], choices=[])
    reference = StringField(
        later(N_("Ärendenummer")),
        [Optional(), Length(max=11)],
        description=later(N_("Bara för handlingar i ett ärende.")),
        render_kw={"width": "10", "autocomplete": "off", "spellcheck": "false"},
    )
    log_first = IntegerField(
        later(N_("Första posten i loggen")),
        [Optional(), NumberRange(0, _MOST, later(_ENTRY))],
        description=later(N_("Bara för händelseloggen.")),
        render_kw={"width": "10", "inputmode": "numeric"},
    )
    log_last = IntegerField(
        later(N_("Sista posten i loggen")),
        [Optional(), NumberRange(0, _MOST, later(_ENTRY))],
        description=later(N_("Bara för händelseloggen.")),
        render_kw={"width": "10", "inputmode": "numeric"},
    )


class Decision(PortalForm):
    """How a request is answered."""

    answered = SelectField(later(N_("Beslut")), [InputRequired()], choices=[])
    provisions = several(N_("Bestämmelser"), N_("När något inte lämnas ut."))


@blueprint.route("/utlamnanden", methods=["GET", "POST"])
@requires(Permission.HANDLE)
def disclosures_page() -> ResponseReturnValue:
    """What is asked for, and by when it is to be answered; posted: a new request."""
    form = _received()
    if not form.validate_on_submit():
        return _page(form, 422 if form.is_submitted() else 200)
    both = form.log_first.data is not None and form.log_last.data is not None
    entries = LogRange(form.log_first.data or 0, form.log_last.data or 0) if both else None
    reference = (form.reference.data or "").strip().upper()
    try:
        disclosing.receive(context(), sessions.me(), Asked(form.asked.data), reference=reference, entries=entries)
    except Invalid as refusal:
        form.log_first.errors = [*form.log_first.errors, gettext(refusal.reason)]
        return _page(form, refusal.status)
    except NotFound:
        form.reference.errors = [gettext(N_("Du har inget ärende med det numret."))]
        return _page(form, 404)
    return redirect(url_for("handler.disclosures_page"), 303)


@blueprint.route("/utlamnanden/<request_id>", methods=["GET", "POST"])
@requires(Permission.HANDLE)
def disclosure_page(request_id: str) -> ResponseReturnValue:
    """One request; posted: the decision. Decided, it shows the text that goes with a refusal."""
    form = Decision()
    form.answered.choices = [(each.value, gettext(record_words.ANSWERED[each])) for each in Answered]
    choose(form.provisions, [(each.value, PROVISION_TEXTS[each]) for each in Provision])
    if form.validate_on_submit():
        answered, provisions = answer_of(form.answered.data, form.provisions.data or [])
        try:
            disclosing.decide(context(), sessions.me(), request_id, answered, provisions)
        except Invalid as refusal:
            form.provisions.errors = [gettext(refusal.reason)]
        else:
            return redirect(url_for("handler.disclosure_page", request_id=request_id), 303)
    shown = disclosing.one_of_mine(context(), sessions.me(), request_id)
    appeal = ""
    if shown.request.provisions:
        _, provisions = answer_of(Answered.REFUSED.value, shown.request.provisions.split())
        appeal = appeal_text(provisions, shown.organisation)
    page = render_template(
        "handler/disclosure.html",
        shown=shown,
        form=form,
        appeal=appeal,
        provisions=PROVISION_TEXTS,
        delegation=disclosing.delegation_of(context(), shown.request.organisation_id),
        words=record_words,
    )
    return page, 422 if form.errors else 200


def _received() -> Received:
    form = Received()
    form.asked.choices = [(each.value, gettext(record_words.ASKED[each])) for each in Asked]
    return form


def _page(form: Received, status: int) -> ResponseReturnValue:
    shown = disclosing.mine(context(), sessions.me())
    return render_template("handler/disclosures.html", form=form, shown=shown, words=record_words), status
