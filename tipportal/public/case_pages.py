"""A source follows their case: in the browser, where the code never leaves the page, or without JavaScript."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar, cast

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField

from tipportal.domain.accounts import Permission
from tipportal.domain.answers import normal_text
from tipportal.domain.errors import CaseNotFound, CaseUnreadable, Refusal
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_
from tipportal.envelope.casecode import CaseCodeError
from tipportal.usecases import offers, own_codes, receiving, source_session
from tipportal.usecases.source_session import OpenedCase, Visitor
from tipportal.web.errors import log_unexpected
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.received_files import received_files
from tipportal.web.services import context, services
from tipportal.web.uploads import opened_file

from . import blueprint
from .attached import AGAIN, FileField
from .case_view import MESSAGE_LENGTH, case_view, script_data
from .filled import AnswerForm, answer_of, asked_of
from .own_code import OwnCodeForm, not_saved, own_code_page
from .script_texts import data_block
from .source_cookie import give_secret, read_secret, take_secret

_AS_WRITTEN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
MEET = N_("Jag vill gärna träffa någon av er eller prata i telefon.")
"""What the button that asks for a meeting says for the source (lag 2021:890, 5 kap. 8 § p. 1)."""
ENDED = N_("Du har varit inaktiv för länge, eller stängt på den här enheten. Skriv koden igen.")


def _later(text: str) -> str:
    # A class is made before any request, and so before there is a language.
    return cast("str", lazy_gettext(text))


class CodeForm(PortalForm):
    """The case code. ``message`` carries on what was written when the session ended."""

    purpose: ClassVar[str | None] = "case"
    code = TextAreaField(
        _later(N_("Din kod")),
        description=_later(
            N_(
                "Nio ord. Mellanslag, bindestreck och stora bokstäver spelar ingen roll, "
                "och de fyra första bokstäverna i varje ord räcker."
            )
        ),
        render_kw={**_AS_WRITTEN, "rows": 3},
    )
    message = HiddenField()


class MessageForm(PortalForm):
    """A message to the group that handles the case."""

    purpose: ClassVar[str | None] = "case"
    message = TextAreaField(
        _later(N_("Skriv till ärendegruppen")),
        description=_later(N_("Skriv inte ditt namn om du vill vara anonym.")),
        render_kw={
            "autocomplete": "off",
            "spellcheck": "false",
            "maxlength": MESSAGE_LENGTH,
            "counter": True,
            "rows": 6,
        },
    )
    meet = HiddenField()
    """Set by the button that asks for a meeting."""


class LeaveForm(PortalForm):
    """The button that ends a session."""

    purpose: ClassVar[str | None] = "case"


@blueprint.get("/arende")
@requires(Permission.PUBLIC)
def case() -> ResponseReturnValue:
    """Enter the code and read the case, all in the browser."""
    return render_template(
        "public/case_in_browser.html",
        form=CodeForm(),
        message_form=MessageForm(),
        script_data=data_block(script_data(context())),
    )


@blueprint.route("/arende/utan-javascript", methods=["GET", "POST"])
@requires(Permission.SOURCE, form="case", keeps_text=True, large_body=True)
def case_without_javascript() -> ResponseReturnValue:
    """Enter the code on a server that derives the keys from it, in memory."""
    form = CodeForm()
    if request.method != "POST":
        return _code_page(form)
    if not form.validate():
        return _code_page(form, HTTPStatus.FORBIDDEN)
    try:
        return _enter(form)
    except CaseCodeError as error:
        form.code.errors = [_code_fault(error, form.code.data or "")]
        return _code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refusal as refusal:
        if isinstance(refusal, CaseNotFound):
            form.code.errors = [gettext(refusal.reason)]
        else:
            form.form_errors.append(gettext(refusal.reason))
        return _code_page(form, refusal.status)


@blueprint.route("/arende/utan-javascript/arende", methods=["GET", "POST"])
@requires(Permission.SOURCE, form="case", keeps_text=True, large_body=True, takes_files=True)
def opened_case() -> ResponseReturnValue:
    """Read the case and write in it, opened and sealed by the server in memory."""
    form = MessageForm()
    try:
        visitor = source_session.visitor(context(), read_secret())
        if visitor is None:
            return _session_ended(form)
        if request.method != "POST":
            return _case_page(visitor, form, HTTPStatus.OK)
        status = _send(visitor, form)
        if status != HTTPStatus.SEE_OTHER:
            return _case_page(visitor, form, status)
    except Refusal as refusal:
        return _carried_on(form, gettext(refusal.reason), refusal.status)
    return redirect(url_for("public.opened_case", _anchor="messages"), HTTPStatus.SEE_OTHER)


@blueprint.post("/arende/utan-javascript/svara")
@requires(Permission.SOURCE, form="case", keeps_text=True, large_body=True)
def answer_form() -> ResponseReturnValue:
    """Answer minutes or offered times, sealed by the server in memory."""
    form = AnswerForm()
    written = MessageForm(formdata=None, message=form.text.data or "")
    try:
        visitor = source_session.visitor(context(), read_secret())
        if visitor is None:
            return _session_ended(written)
        status = _answer(visitor, form, written)
        if status != HTTPStatus.SEE_OTHER:
            # What was written stays, in the field for messages.
            return _case_page(visitor, written, status)
    except Refusal as refusal:
        return _carried_on(written, gettext(refusal.reason), refusal.status)
    return redirect(url_for("public.opened_case", _anchor="messages"), HTTPStatus.SEE_OTHER)


@blueprint.post("/arende/utan-javascript/egen-kod")
@requires(Permission.SOURCE, form="case", keeps_text=True, large_body=True)
def own_code() -> ResponseReturnValue:
    """Take a code of one's own, in place of one that staff have seen. Sent again, it is as sent once."""
    form = OwnCodeForm()
    written = MessageForm(formdata=None, message=form.message.data or "")
    try:
        visitor, known = source_session.visitor(context(), read_secret()), form.secret
        if visitor is None:
            return _session_ended(written)
        if not form.validate() or not form.saved.data or known is None:
            return not_saved(form)
        services().limits.spend_token("code", g.form_token.nonce)
        ctx = context()
        _, keys = services().kdf_pool.run(lambda: source_session.keys_for_form(ctx, known))
        entered = own_codes.take_own_code(ctx, visitor, keys)
    except CaseNotFound:
        # Neither code leads there, or the present one stays: the page of the case says which.
        return redirect(url_for("public.opened_case"), HTTPStatus.SEE_OTHER)
    except Refusal as refusal:
        form.form_errors.append(gettext(refusal.reason))
        return own_code_page(form, refusal.status)
    # The session of the old code ends by itself: it leads to no case, but to the same answer, should this one be lost.
    if written.message.data:
        return give_secret(_case_page(Visitor(keys), written, HTTPStatus.OK), entered.secret)
    return give_secret(make_response(redirect(url_for("public.opened_case"), HTTPStatus.SEE_OTHER)), entered.secret)


@blueprint.get("/arende/utan-javascript/filer/<int:seq>/<int:position>")
@requires(Permission.SOURCE)
def opened_case_file(seq: int, position: int) -> ResponseReturnValue:
    """Save a file of the case, opened by the server in memory and given only when all of it has been verified."""
    visitor = source_session.visitor(context(), read_secret())
    if visitor is None:
        return redirect(url_for("public.opened_case"), HTTPStatus.SEE_OTHER)
    return opened_file(lambda: source_session.open_file(context(), visitor, seq, position))


@blueprint.post("/arende/utan-javascript/stang")
@requires(Permission.SOURCE, form="case", keeps_text=True)
def close_case() -> ResponseReturnValue:
    """End the session: the row with the sealed keys goes, and the cookie with it. Also when the page is old."""
    source_session.leave(context(), read_secret())
    return take_secret(make_response(redirect(url_for("public.case_without_javascript"), HTTPStatus.SEE_OTHER)))


@blueprint.after_app_request
def leave_with_quick_exit(answer: Response) -> Response:
    """Quick exit ends a source's session too: not every browser knows ``Clear-Site-Data``, or obeys it at once."""
    secret = read_secret() if request.endpoint == "web.leave" else None
    if secret is None:
        return answer
    ctx = context()

    def leave() -> None:
        try:
            source_session.leave(ctx, secret)
        except Exception as error:  # noqa: BLE001 - the answer has left; the session ends by itself in half an hour
            log_unexpected(error)

    # When the answer has left: whoever needs this button does not wait for a database.
    answer.call_on_close(leave)
    return take_secret(answer)


def _enter(form: CodeForm) -> Response:
    """Begin a session for the code that was given. Raises CaseCodeError for what is no code, or a Refusal."""
    services().limits.spend_token("code", g.form_token.nonce)
    code = source_session.read_code(form.code.data or "")
    ctx = context()
    keys = services().kdf_pool.run(lambda: source_session.keys_for_code(ctx, code))
    entered = source_session.enter(ctx, keys)
    if form.message.data:
        # What was written when the session ended goes on, in the page alone.
        message_form = MessageForm(formdata=None, message=form.message.data)
        return give_secret(_case_page(Visitor(keys), message_form, HTTPStatus.OK), entered.secret)
    return give_secret(make_response(redirect(url_for("public.opened_case"), HTTPStatus.SEE_OTHER)), entered.secret)


def _send(visitor: Visitor, form: MessageForm) -> int:
    """Seal and keep a message: 303 when it stands, else the refusal's status, with the reason in the form."""
    if not form.validate():
        return HTTPStatus.FORBIDDEN
    text = normal_text(form.message.data or "", one_line=False)
    if form.meet.data:
        text = f"{gettext(MEET)}\n{text}".strip()
    received = received_files()
    # Files may say all that there is to say.
    if (not text and not received.named) or len(text) > MESSAGE_LENGTH:
        form.message.errors = [_length_fault(len(text))]
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        files = received.files()
        services().limits.spend_token("records", g.form_token.nonce)
        source_session.send_message(context(), visitor, text, form_nonce=g.form_token.nonce, files=files)
    except Refusal as refusal:
        form.form_errors.append(gettext(refusal.reason))
        received.fault = refusal
        return refusal.status
    return HTTPStatus.SEE_OTHER


def _answer(visitor: Visitor, form: AnswerForm, written: MessageForm) -> int:
    if not form.validate():
        return HTTPStatus.FORBIDDEN
    asked = asked_of(source_session.read_case(context(), visitor).records)
    try:
        body, answered = answer_of(form, asked[int(form.answers.data or "")])
    except (ValueError, KeyError, IndexError):
        written.form_errors.append(gettext("Välj ett svar, och skriv vad som ska rättas om något är fel."))
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        services().limits.spend_token("records", g.form_token.nonce)
        source_session.send_answer(context(), visitor, body, answered, form_nonce=g.form_token.nonce)
    except Refusal as refusal:
        written.form_errors.append(gettext(refusal.reason))
        return refusal.status
    return HTTPStatus.SEE_OTHER


def _code_page(form: CodeForm, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("public/code.html", form=form), int(status))


def _carried_on(message_form: MessageForm, reason: str, status: int) -> Response:
    """The page for the code, with a reason, and with the message that was not sent."""
    form = CodeForm(formdata=None, message=message_form.message.data or "")
    form.form_errors.append(f"{reason} {gettext(AGAIN)}" if received_files().named else reason)
    return _code_page(form, status)


def _session_ended(message_form: MessageForm) -> Response:
    # A form of an ended session is refused; its page without a form only begins again.
    status = HTTPStatus.FORBIDDEN if request.method == "POST" else HTTPStatus.OK
    return take_secret(_carried_on(message_form, gettext(ENDED), status))


def _case_page(visitor: Visitor, form: MessageForm, status: int) -> Response:
    try:
        opened = source_session.read_case(context(), visitor)
    except CaseNotFound:
        return _session_ended(form)
    except CaseUnreadable as refusal:
        return _carried_on(form, gettext(refusal.reason), refusal.status)
    if opened.view.replacing is not None:
        return own_code_page(OwnCodeForm(formdata=None, message=form.message.data or ""))
    shown = case_view(opened, _parties(opened), receiving.function_names(context(), opened.view.case))
    received = received_files()
    # The page that is made now shows all of it.
    source_session.has_read(context(), visitor, opened)
    made = render_template(
        "public/case.html",
        case=shown,
        form=form,
        answering=AnswerForm(formdata=None),
        leave=LeaveForm(formdata=None),
        file_field=FileField.of(context().files, fault=received.fault, chosen=received.named),
    )
    return make_response(made, int(status))


def _parties(opened: OpenedCase) -> tuple[offers.Party, ...]:
    try:
        return offers.channel_page(context(), opened.view.organisation.slug, Channel(opened.view.case.channel)).parties
    except Refusal:
        # The channel has been closed since: what was chosen is still shown, without its name.
        return ()


def _code_fault(error: CaseCodeError, typed: str) -> str:
    if not typed.strip():
        return gettext("Skriv din kod.")
    if error.unknown_positions:
        places = ", ".join(str(place) for place in error.unknown_positions)
        return gettext("Ord %(places)s finns inte i ordlistan. Kontrollera stavningen.", places=places)
    return gettext("Koden har nio ord. Du har skrivit %(count)d.", count=error.count)


def _length_fault(length: int) -> str:
    if not length:
        return gettext("Skriv ett meddelande eller bifoga en fil.")
    return gettext(
        "Texten är %(count)d tecken lång. Den får vara högst %(limit)d tecken.", count=length, limit=MESSAGE_LENGTH
    )
