"""Whoever was handed something answers what came of it: by a one-time link, sealed in the browser or on arrival."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from http import HTTPStatus
from typing import ClassVar, cast

from flask import g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the library

from tipportal.domain.accounts import Permission
from tipportal.domain.answers import normal_text
from tipportal.domain.errors import Invalid, NotFound, Refusal
from tipportal.domain.followup import labels
from tipportal.domain.handovers import RECIPIENTS, WITH_AMOUNT, Result
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import handovers
from tipportal.usecases.handovers import TOKEN_SIZE, Answer, Question
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context, services

from . import blueprint
from .script_texts import data_block, translated

HEADER = "Tipportal-Lookup"
LONGEST = 10_000
_LINK_SIZE = TOKEN_SIZE + 32
_LINK = re.compile(r"[A-Za-z0-9_-]{86}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_KRONOR = re.compile(r"[0-9]{1,13}\Z")
_SPACES = re.compile(r"\s+")
_WRONG = N_("Ett fält i begäran saknas, är okänt eller har fel form.")
_RESULTS = {result: labels.RESULTS[result] for result in Result}
TEXTS = {
    "no_link": N_("Länken är inte hel. Öppna den precis som du fick den, från början till slut."),
    "other_keys": N_("Servern visar andra nycklar än länken. Skicka inget. Hör av dig till den som skickade länken."),
    "asking": N_("Hämtar frågan …"),
    "choose": N_("Välj vad det ledde till."),
    "kronor": N_("Skriv beloppet i hela kronor, till exempel 12 500, eller lämna fältet tomt."),
    "too_long": N_("Texten är %(count)d tecken lång. Den får vara högst %(limit)d tecken."),
    "sending": N_("Förseglar och skickar …"),
    "unanswered": N_("Det gick inte att nå servern. Det du skrev finns kvar. Försök igen."),
    "about": N_("%(organisation)s lämnade över uppgifter till %(recipient)s (ärende %(reference)s)."),
}


def _later(text: str) -> str:
    # A class is made before any request, and so before there is a language.
    return cast("str", lazy_gettext(text))


class AnswerForm(PortalForm):
    """What came of a handover. ``link`` is pasted where there is no script to read it."""

    purpose: ClassVar[str | None] = "handover"
    link = StringField(
        _later(N_("Länken du fick")),
        description=_later(N_("Klistra in hela länken, också det som står efter #.")),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    result = SelectField(
        _later(N_("Vad ledde det till?")),
        choices=[
            SelectChoice("", _later(N_("Välj ett svar"))),
            *(SelectChoice(result.value, _later(name)) for result, name in _RESULTS.items()),
        ],
        validate_choice=False,
    )
    amount = StringField(
        _later(N_("Belopp i hela kronor")),
        description=_later(N_("Bara för återkrav och stoppade utbetalningar.")),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "width": "10"},
    )
    message = TextAreaField(
        _later(N_("Berätta gärna mer")),
        description=_later(N_("Förseglas, och läses bara av ärendegruppen. Skriv inte mer om enskilda än som behövs.")),
        render_kw={"autocomplete": "off", "maxlength": LONGEST, "counter": True, "rows": 6},
    )


@blueprint.get("/aterrapport")
@requires(Permission.PUBLIC)
def handover_answer() -> ResponseReturnValue:
    """Answer in the browser: the link's token stands after the # and is sent only to fetch the question."""
    data = {
        "api": url_for("public.api_handover"),
        "limit": LONGEST,
        "with_amount": sorted(result.value for result in WITH_AMOUNT),
        "texts": translated(TEXTS),
    }
    return render_template("public/handover_answer.html", form=AnswerForm(), script_data=data_block(data))


@blueprint.route("/aterrapport/utan-javascript", methods=["GET", "POST"])
@requires(Permission.PUBLIC, form="handover", keeps_text=True, large_body=True)
def handover_answer_without_javascript() -> ResponseReturnValue:
    """Answer on a server that seals in memory."""
    form = AnswerForm()
    if request.method != "POST" or not form.validate():
        return _page(form, HTTPStatus.OK if request.method != "POST" else HTTPStatus.FORBIDDEN)
    try:
        _take(form)
    except Refusal as refusal:
        field = {"amount": form.amount, "result": form.result, "message": form.message, "link": form.link}
        place = field.get(refusal.field or "link", form.link)
        place.errors = [gettext(refusal.reason)]
        return _page(form, HTTPStatus(refusal.status))
    return render_template("public/handover_thanks.html")


@blueprint.get("/api/handover")
@requires(Permission.PUBLIC)
def api_handover() -> ResponseReturnValue:
    """What a link asks, and the key that the answer is sealed to."""
    return jsonify(_question(handovers.question(context(), _token(request.headers.get(HEADER, "")))))


@blueprint.post("/api/handover")
@requires(Permission.PUBLIC, form="handover", large_body=True)
def api_handover_answer() -> ResponseReturnValue:
    """Take a sealed answer, once."""
    read = body()
    result = read.text("result", 32)
    if result not in {each.value for each in Result}:
        raise Invalid(_WRONG, field="result")
    given = Answer(
        result=Result(result),
        kronor=read.integer("kronor") if read.has("kronor") else None,
        epoch=read.integer("epoch"),
        file=read.b64("file"),
    )
    read.done()
    services().limits.spend_token("handover", g.form_token.nonce)
    handovers.answer(context(), _token(request.headers.get(HEADER, "")), given)
    return jsonify(done=True), 201


def _page(form: AnswerForm, status: HTTPStatus) -> ResponseReturnValue:
    return render_template("public/handover_plain.html", form=form), status


def _take(form: AnswerForm) -> None:
    link = _SPACES.sub("", form.link.data or "").rpartition("#")[2]
    whole = _decoded(link, _LINK)
    if whole is None:
        raise NotFound(TEXTS["no_link"], field="link")
    token, keys = whole[:TOKEN_SIZE], whole[TOKEN_SIZE:]
    if form.result.data not in {each.value for each in Result}:
        raise Invalid(TEXTS["choose"], field="result")
    result, written = Result(form.result.data), normal_text(form.message.data or "", one_line=False)
    amount = _SPACES.sub("", form.amount.data or "")
    if amount and not _KRONOR.match(amount):
        raise Invalid(TEXTS["kronor"], field="amount")
    if len(written) > LONGEST:
        raise Invalid(N_("Texten är för lång."), field="message")
    asked = handovers.question(context(), token)
    if not hmac.compare_digest(hashlib.sha256(asked.work).digest(), keys):
        raise NotFound(TEXTS["other_keys"], field="link")
    services().limits.spend_token("handover", g.form_token.nonce)
    epoch, file = handovers.seal_answer(context(), token, {"text": written})
    handovers.answer(context(), token, Answer(result, int(amount) if amount else None, epoch, file))


def _question(asked: Question) -> dict[str, object]:
    return {
        "reference": asked.reference,
        "organisation": asked.organisation,
        "handover": asked.handover,
        "recipient": gettext(RECIPIENTS[asked.recipient]),
        "handed_on": asked.handed_on.isoformat(),
        "months": asked.months,
        "epoch": asked.epoch,
        "work": encode_b64(asked.work),
    }


def _token(text: str) -> bytes | None:
    return _decoded(text, _TOKEN)


def _decoded(text: str, shape: re.Pattern[str]) -> bytes | None:
    if not shape.match(text):
        return None
    padding = "=" * (-len(text) % 4)
    try:
        raw = base64.b64decode(text + padding, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    # One token, one spelling.
    return raw if base64.urlsafe_b64encode(raw).decode() == text + padding else None
