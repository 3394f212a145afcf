"""Signing in and out."""

from __future__ import annotations

from typing import cast

from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tipportal.domain.accounts import MAX_PASSWORD, Permission, Role, normal_email
from tipportal.domain.errors import Busy, Refusal, SignInRefused
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import sign_in
from tipportal.usecases.passkeys import Purpose, new_challenge
from tipportal.usecases.sign_in import SignedIn
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.limits import TooManyRequests
from tipportal.web.services import context, services
from tipportal.web.sign_in_limits import SignInLimits

from . import blueprint, passkeys, sessions

HOME = {Role.HANDLER: "handler.first_screen", Role.ADMINISTRATOR: "handler.administration", Role.AUDITOR: "handler.log"}
PURPOSE = "sign-in"
_LONGEST = 300


def _later(text: str) -> str:
    # Translated when the page is drawn, in its language; WTForms only ever turns it into text.
    return cast("str", lazy_gettext(text))


class SignInForm(PortalForm):
    """E-mail address, password and one-time code, asked together: nothing tells which of them was wrong."""

    purpose = PURPOSE

    email = StringField(
        _later(N_("E-postadress")),
        [InputRequired(_later(N_("Skriv din e-postadress."))), Length(max=_LONGEST)],
        render_kw={"autocomplete": "username", "spellcheck": "false", "inputmode": "email", "width": "20"},
    )
    password = PasswordField(
        _later(N_("Lösenord")),
        [InputRequired(_later(N_("Skriv ditt lösenord."))), Length(max=MAX_PASSWORD)],
        render_kw={"autocomplete": "current-password", "width": "20"},
    )
    otp = StringField(
        _later(N_("Engångskod")),
        [InputRequired(_later(N_("Skriv engångskoden."))), Length(max=32)],
        description=_later(N_("Sex siffror från din autentiseringsapp.")),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "width": "10"},
    )


@blueprint.route("/logga-in", methods=["GET", "POST"])
@requires(Permission.SIGN_IN, form=PURPOSE, keeps_text=True)
def sign_in_page() -> ResponseReturnValue:
    """Sign in; whoever is signed in already is led on."""
    form = SignInForm()
    if request.method == "GET":
        known = sessions.load()
        return redirect(url_for(HOME[known.account.role]), 303) if known else _page(form)
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        return _sign_in(form)
    except (SignInRefused, TooManyRequests, Busy) as refusal:
        return _refused(form, refusal)


@blueprint.post("/api/passkey/challenge")
@requires(Permission.SIGN_IN, form=PURPOSE)
def passkey_challenge() -> ResponseReturnValue:
    """A challenge for signing in with a passkey, bound to this page's form."""
    body().done()
    services().limits.spend_token(PURPOSE, g.form_token.nonce)
    challenge = new_challenge(context(), Purpose.SIGN_IN, _binding())
    return jsonify(challenge=encode_b64(challenge), rp_id=passkeys.party().id)


@blueprint.post("/api/passkey/sign-in")
@requires(Permission.SIGN_IN, form=PURPOSE)
def passkey_sign_in() -> ResponseReturnValue:
    """Sign in with a passkey; the answer says where to go."""
    services().limits.spend_token(PURPOSE, g.form_token.nonce)
    read = body()
    given = passkeys.assertion(read)
    read.done()
    signed = sign_in.sign_in_with_passkey(context(), passkeys.party(), _binding(), given)
    answer = jsonify(next=url_for(HOME[signed.account.role]))
    sessions.keep(answer, signed.secret)
    return answer


@blueprint.post("/logga-ut")
@requires(Permission.ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    sign_in.sign_out(context(), sessions.me(), sessions.my_session())
    answer = make_response(redirect(url_for("handler.sign_in_page"), 303))
    sessions.forget(answer)
    # The wrapped keys of this tab go with it. Not "cookies": the browser's mark is to stay.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _sign_in(form: SignInForm) -> Response:
    email = normal_email(form.email.data or "") or ""
    services().limits.spend_token(PURPOSE, g.form_token.nonce)
    limits = SignInLimits(context(), services().limits)
    attempt = limits.begin(email, sessions.device_mark())
    ctx, password, otp = context(), form.password.data or "", form.otp.data or ""

    def work() -> SignedIn:
        return sign_in.sign_in(ctx, email, password, otp)

    try:
        signed = services().kdf_pool.run(work)
    except SignInRefused:
        limits.failed(attempt)
        raise
    answer = make_response(redirect(url_for(HOME[signed.account.role]), 303))
    sessions.keep(answer, signed.secret)
    sessions.keep_device_mark(answer, limits.device_mark(email))
    return answer


def _binding() -> bytes:
    return bytes.fromhex(g.form_token.nonce)


def _refused(form: SignInForm, refusal: Refusal) -> Response:
    form.form_errors.append(gettext(refusal.reason))
    # A one-time code is used up by the attempt or too old by the next: it never comes back filled in.
    form.otp.data = ""
    return _page(form, refusal.status)


def _page(form: SignInForm, status: int = 200) -> Response:
    return make_response(render_template("handler/sign_in.html", form=form), status)
