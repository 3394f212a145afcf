"""The forms without JavaScript: the server seals what arrives, in memory, and the page says so in its first line.

One address for each form. A page carries all that was written in itself, so there is nothing to lose on the server:
write, check, send, and the same confirmation however often it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain import questions
from tipportal.domain.accounts import Permission
from tipportal.domain.answers import Answer, clean
from tipportal.domain.errors import CaseExists, Invalid, NotFound, Refusal
from tipportal.domain.organisations import Channel
from tipportal.usecases import dialogue, directory, offers, source_session
from tipportal.usecases.offers import ChannelPage
from tipportal.usecases.source_session import ChosenFile, Visitor
from tipportal.web.forms import EXPIRED, PortalForm
from tipportal.web.guard import requires
from tipportal.web.languages import language
from tipportal.web.received_files import received_files
from tipportal.web.services import context, services

from . import blueprint
from .attached import FileField
from .confirmation import Confirmation
from .questionnaire import facts, lines, questionnaire

SECRET_SIZE = 16
_SECRET = re.compile(r"[0-9a-f]{32}\Z")
# A form that goes back to be changed is sent without its files; then their names come as a field.
_HOUSEKEEPING = frozenset({"csrf_token", "form_secret", "step", "files"})
_STEPS = frozenset({"check", "edit", "send", "message"})


@dataclass(frozen=True, slots=True)
class Received:
    """A form as it came in. ``secret`` is what its code is derived from, None when it is not one of ours."""

    step: str
    secret: bytes | None = field(repr=False)
    fields: Mapping[str, list[str]] = field(repr=False)


@blueprint.route("/<org>/tips/utan-javascript", methods=["GET", "POST"])
@requires(Permission.PUBLIC, form="tip", keeps_text=True, large_body=True, takes_files=True)
def tip_without_javascript(org: str) -> ResponseReturnValue:
    """The form for a public tip, sealed by the server."""
    return _form(org, Channel.TIP)


@blueprint.route("/<org>/rapport/utan-javascript", methods=["GET", "POST"])
@requires(Permission.PUBLIC, form="report", keeps_text=True, large_body=True, takes_files=True)
def report_without_javascript(org: str) -> ResponseReturnValue:
    """The form for a report under lag (2021:890), sealed by the server."""
    return _form(org, Channel.REPORT)


def _form(org: str, channel: Channel) -> ResponseReturnValue:
    page = offers.channel_page(context(), org, channel)
    if request.method != "POST":
        return _writing(page, questionnaire(page), context().random(SECRET_SIZE))
    received = _received()
    answers, faults = clean(channel, received.fields)
    if received.secret is None or faults:
        form = questionnaire(page, faults)
        if received.secret is None:
            # Nothing can have been sent with it: the form goes on with a new one.
            form.form_errors.append(
                gettext("Formuläret kunde inte kännas igen. Kontrollera det du skrev och gå vidare.")
            )
        secret = received.secret or context().random(SECRET_SIZE)
        return _writing(page, form, secret, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _step(page, received.step, received.secret, answers)


def _step(page: ChannelPage, step: str, secret: bytes, answers: Mapping[str, Answer]) -> ResponseReturnValue:
    if g.form_token_expired:
        return _expired(page, step, secret, answers)
    if step == "edit":
        return _writing(page, questionnaire(page), secret)
    if step == "check":
        return _check(page, secret, answers)
    return _deliver(page, secret, answers, as_message=step == "message")


def _received() -> Received:
    fields = {name: values for name, values in request.form.lists() if name not in _HOUSEKEEPING}
    step, secret = request.form.getlist("step"), request.form.getlist("form_secret")
    known = len(secret) == 1 and _SECRET.match(secret[0])
    return Received(
        # Whatever else is asked for, checking first does no harm.
        step=step[0] if len(step) == 1 and step[0] in _STEPS else "check",
        secret=bytes.fromhex(secret[0]) if known else None,
        fields=fields,
    )


def _expired(page: ChannelPage, step: str, secret: bytes, answers: Mapping[str, Answer]) -> ResponseReturnValue:
    if step in {"send", "message"}:
        return _checking(page, secret, answers, notice=str(EXPIRED), status=HTTPStatus.FORBIDDEN)
    form = questionnaire(page)
    form.form_errors.append(str(EXPIRED))
    return _writing(page, form, secret, HTTPStatus.FORBIDDEN)


def _writing(page: ChannelPage, form: PortalForm, secret: bytes, status: int = HTTPStatus.OK) -> ResponseReturnValue:
    """The page to write on, with all that this request carried."""
    form["form_secret"].data = secret.hex()
    made = render_template("public/plain_form.html", page=page, form=form, sections=questions.form(page.channel))
    return make_response(made, int(status))


def _check(page: ChannelPage, secret: bytes, answers: Mapping[str, Answer]) -> ResponseReturnValue:
    area, role, concerns = facts(answers)
    try:
        # Whether anybody may receive it is known before it is sent; nothing is stored by asking.
        offer = offers.offer_panel(
            context(),
            page.organisation.slug,
            page.channel,
            area=area,
            subject_role=role,
            concerns=concerns,
            form_nonce=g.form_token.nonce,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form = questionnaire(page)
        if isinstance(refusal, Invalid) and refusal.field is not None and refusal.field in form:
            form[refusal.field].errors = [gettext(refusal.reason)]
        else:
            form.form_errors.append(gettext(refusal.reason))
        return _writing(page, form, secret, refusal.status)
    return _checking(page, secret, answers, functions=offer.function_names)


def _checking(
    page: ChannelPage,
    secret: bytes,
    answers: Mapping[str, Answer],
    *,
    functions: tuple[str, ...] = (),
    notice: str = "",
    exists: bool = False,
    fault: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    """The page to check on: what was answered, and the same once more for the next request to carry.

    No page can carry files: whoever had chosen some is told to choose again.
    """
    carried = [
        (name, value) for name, given in answers.items() for value in ([given] if isinstance(given, str) else given)
    ]
    made = render_template(
        "public/check.html",
        page=page,
        lines=lines(page.channel, answers, page.parties),
        carried=carried,
        secret=secret.hex(),
        functions=functions,
        notice=notice,
        exists=exists,
        file_field=FileField.of(context().files, fault=fault, chosen=received_files().named),
    )
    return make_response(made, int(status))


def _deliver(
    page: ChannelPage, secret: bytes, answers: Mapping[str, Answer], *, as_message: bool
) -> ResponseReturnValue:
    ctx, nonce = context(), g.form_token.nonce
    area, role, concerns = facts(answers)
    try:
        files = received_files().files()
        services().limits.spend_token("deliver", nonce)
        code, keys = services().kdf_pool.run(lambda: source_session.keys_for_form(ctx, secret))
        if as_message:
            _as_message(page, answers, Visitor(keys), nonce, files)
            shown = Confirmation.of_case(dialogue.open_by_token(ctx, keys.lookup_token), code)
        else:
            done = source_session.submit_for_source(
                ctx,
                slug=page.organisation.slug,
                channel=page.channel,
                answers={name: given if isinstance(given, str) else tuple(given) for name, given in answers.items()},
                area=area,
                subject_role=role,
                concerns=concerns,
                language=language(),
                form_nonce=nonce,
                code=code,
                keys=keys,
                files=files,
                admit=services().limits.spend_submission,
            )
            shown = Confirmation.of_receipt(page, done, directory.status(context()).words)
    except Refusal as refusal:
        # Everything that was written is on the page that is shown again.
        exists = isinstance(refusal, CaseExists)
        return _checking(
            page,
            secret,
            answers,
            notice=gettext(refusal.reason),
            exists=exists,
            fault=refusal,
            status=refusal.status,
        )
    return render_template("public/confirmation_page.html", shown=shown)


def _as_message(
    page: ChannelPage,
    answers: Mapping[str, Answer],
    visitor: Visitor,
    nonce: str,
    files: Sequence[ChosenFile],
) -> None:
    """Add a changed form to the case that its first version became."""
    text = "\n\n".join(f"{line.label}\n{line.value}" for line in lines(page.channel, answers, page.parties))
    source_session.send_message(context(), visitor, text, form_nonce=nonce, files=files)
