"""What templates can call, in one place, and how strict they are."""

from __future__ import annotations

from flask import Flask, request
from markupsafe import Markup
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.widgets import Input

from .forms import token_for
from .languages import LanguageLink, direction, language, language_links
from .services import services

PRODUCT = "tipportal"


def set_up_templates(app: Flask) -> None:
    """Give templates their functions."""
    app.jinja_env.globals.update(
        PRODUCT=PRODUCT,
        csrf_token=token_for,
        direction=direction,
        field_kind=field_kind,
        home=home,
        language=language,
        language_links=_links,
        script=_script,
        stylesheet=_stylesheet,
    )


def home() -> str:
    """The address of the start page in the language of this page."""
    return f"{request.script_root}/"


def field_kind(field: Field) -> str:
    """How a form field is drawn: one of the macros of ``fields.html``."""
    kinds = (
        (HiddenField, "hidden"),
        (TextAreaField, "long"),
        (BooleanField, "flag"),
        (SelectMultipleField, "many"),
        (RadioField, "choice"),
        (SelectField, "select"),
    )
    for kind, name in kinds:
        if isinstance(field, kind):
            return name
    return field.widget.input_type if isinstance(field.widget, Input) else "text"


def _links() -> list[LanguageLink]:
    return language_links(services().settings.languages)


def _script(name: str) -> Markup:
    return services().assets.script(name)


def _stylesheet(name: str) -> Markup:
    return services().assets.stylesheet(name)
