"""The base of every HTML form: our token instead of Flask-WTF's, and nothing taken that was not asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from flask import g, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectMultipleField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm

from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_

from .csrf import current_token, session_token
from .guard import maybe_signed_in

EXPIRED = N_("Sidan har varit öppen för länge. Det du skrev finns kvar: kontrollera det och skicka igen.")


class GuardedToken(CSRF):
    """Puts a token into a form. Judging it is the guard's: a form that forgets to validate is no less protected."""

    def setup_form(self, form: BaseForm) -> Any:  # noqa: ANN401 - WTForms' signature
        """Remember which form it is, for its purpose."""
        self._form = form
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:  # noqa: ARG002 - WTForms' signature
        """A fresh token: the session's when somebody is signed in, else one for the form's purpose."""
        return token_for(getattr(self._form, "purpose", None))

    def validate_csrf_token(self, form: BaseForm, field: CSRFTokenField) -> None:
        """Nothing is left to do: the guard has refused the request unless its token was right."""


class PortalForm(FlaskForm):
    """A form of ours. ``purpose`` names its form token; a form for signed-in people leaves it None.

    ``validate`` is false when the token was genuine but expired: the page is shown again with everything in it.
    """

    purpose: ClassVar[str | None] = None

    class Meta:
        """WTForms' settings."""

        csrf = True
        csrf_class = GuardedToken
        csrf_field_name = "csrf_token"

        @cached_property
        def csrf_context(self) -> None:
            """Nothing: Flask's session is not used."""
            return None

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:  # noqa: ANN401, ARG002 - WTForms' signature
            """The fields of an unsafe request's body; never files, never JSON."""
            if isinstance(formdata, MultiDict) or formdata is None:
                return formdata
            return request.form if request.method in {"POST", "PUT", "PATCH", "DELETE"} else None

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' signature
        """Whether everything holds. Raises Invalid for fields that this form does not have, or has only once."""
        self._refuse_strangers()
        valid = super().validate(extra_validators)
        if g.get("form_token_expired"):
            self.form_errors.append(gettext(EXPIRED))
            return False
        return bool(valid)

    def _refuse_strangers(self) -> None:
        fields: dict[str, Field] = {field.name: field for field in self}
        for name, values in request.form.lists():
            many = isinstance(fields.get(name), SelectMultipleField)
            # A browser sends only what the page has. A button's name belongs to the page's own fields as well.
            if name not in fields or (len(values) > 1 and not many):
                shown = name[:80].encode("ascii", "replace").decode()
                raise Invalid(N_("Ett fält i formuläret är okänt eller skickades två gånger."), field=shown)


def token_for(purpose: str | None) -> str:
    """A token for a page being made: of the form's purpose, or of the session when there is none."""
    if purpose is not None:
        return current_token(purpose)
    who = maybe_signed_in()
    if who is None:
        raise RuntimeError("a form without a purpose needs somebody who is signed in")
    return session_token(who.binding)
