"""The page on which a source without JavaScript gets a code of their own, in place of one that staff have seen."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import ClassVar, cast

from flask import Response, make_response, render_template
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField

from tipportal.domain.texts import N_
from tipportal.usecases import own_codes
from tipportal.web.forms import PortalForm
from tipportal.web.services import context

SECRET_SIZE = 16
_SECRET = re.compile(r"[0-9a-f]{32}\Z")


class OwnCodeForm(PortalForm):
    """A new code, said to be written down. ``form_secret`` gives it; ``message`` carries on what was written before."""

    purpose: ClassVar[str | None] = "case"
    form_secret = HiddenField()
    saved = BooleanField(cast("str", lazy_gettext(N_("Jag har skrivit ner den nya koden"))))
    message = HiddenField()

    @property
    def secret(self) -> bytes | None:
        """The form's secret, None unless it has the shape of one."""
        text = self.form_secret.data or ""
        return bytes.fromhex(text) if _SECRET.match(text) else None


def own_code_page(form: OwnCodeForm, status: int = HTTPStatus.OK) -> Response:
    """The page with the code of this form, or of a new one."""
    secret = form.secret or context().random(SECRET_SIZE)
    form.form_secret.data = secret.hex()
    code = own_codes.code_of(context(), secret)
    return make_response(render_template("public/own_code.html", form=form, words=code.words), int(status))


def not_saved(form: OwnCodeForm) -> Response:
    """The same page, when the box had not been ticked or nothing could be made of the form."""
    form.saved.errors = [gettext("Skriv ner den nya koden först, och bocka för att du har gjort det.")]
    return own_code_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
