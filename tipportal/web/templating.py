"""What templates can call, in one place, and how strict they are."""

from __future__ import annotations

from flask import Flask, request
from markupsafe import Markup

from . import drawing
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
        home=home,
        language=language,
        language_links=_links,
        script=_script,
        stylesheet=_stylesheet,
    )
    drawn = (drawing.classes, drawing.control, drawing.counted, drawing.field_kind, drawing.first_control)
    app.jinja_env.globals.update({function.__name__: function for function in (*drawn, drawing.group, drawing.option)})


def home() -> str:
    """The address of the start page in the language of this page."""
    return f"{request.script_root}/"


def _links() -> list[LanguageLink]:
    return language_links(services().settings.languages)


def _script(name: str) -> Markup:
    return services().assets.script(name)


def _stylesheet(name: str) -> Markup:
    return services().assets.stylesheet(name)
