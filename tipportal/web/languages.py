"""Languages live in the address: `/en/…`; Swedish has no prefix. No cookie, no Accept-Language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from babel import Locale
from flask import Flask, request
from flask_babel import Babel

from tipportal.settings import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LANGUAGE_KEY = "tipportal.language"
ROOT_KEY = "tipportal.root"
"""Where the application is mounted without a language, for what is the same in all of them."""
CATALOGUES = Path(__file__).resolve().parent.parent / "i18n"


class CatalogueMissing(RuntimeError):
    """A language is offered whose catalogue has not been compiled."""


class LanguagePrefix:
    """WSGI middleware that moves a language from the path into SCRIPT_NAME.

    Routes then exist once, and every address that the application makes keeps the language that the page has.
    """

    def __init__(self, app: WSGIApplication, languages: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = frozenset(languages) - {SOURCE_LANGUAGE}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request in the language of its address."""
        path = environ.get("PATH_INFO", "")
        root = environ.get("SCRIPT_NAME", "")
        first, _, rest = path.removeprefix("/").partition("/")
        environ[ROOT_KEY] = root
        environ[LANGUAGE_KEY] = SOURCE_LANGUAGE
        if first in self._prefixes:
            environ[LANGUAGE_KEY] = first
            environ["SCRIPT_NAME"] = f"{root}/{first}"
            environ["PATH_INFO"] = f"/{rest}"
        return self._app(environ, start_response)


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in another language: code, the language's own name, writing direction, address."""

    code: str
    name: str
    direction: str
    address: str


def language() -> str:
    """The language of this request's address."""
    return str(request.environ.get(LANGUAGE_KEY, SOURCE_LANGUAGE))


def direction(code: str | None = None) -> str:
    """The writing direction of a language, ``ltr`` or ``rtl``; of this request's when none is given."""
    return str(Locale.parse(code or language()).text_direction)


def language_links(languages: tuple[str, ...]) -> list[LanguageLink]:
    """This page in every other language that is offered."""
    # One slash at the front, however many were asked for: "//host" would lead away from here.
    path = "/" + quote(request.path.lstrip("/"))
    query = request.query_string.decode("latin-1")
    tail = f"?{quote(query, safe='=&%+')}" if query else ""
    root = request.environ.get(ROOT_KEY, "")
    links = []
    for code in languages:
        if code != language():
            prefix = "" if code == SOURCE_LANGUAGE else f"/{code}"
            name = (Locale.parse(code).get_language_name(code) or code).capitalize()
            links.append(LanguageLink(code, name, direction(code), f"{root}{prefix}{path}{tail}"))
    return links


def set_up_languages(app: Flask, languages: tuple[str, ...]) -> None:
    """Attach the catalogues. Raises CatalogueMissing when one that is offered has not been compiled."""
    for code in languages:
        if code != SOURCE_LANGUAGE and not (CATALOGUES / code / "LC_MESSAGES" / "messages.mo").is_file():
            # Without it the page would silently be Swedish under another language's name.
            raise CatalogueMissing(f"i18n/{code}: messages.mo is missing. Run: make build")
    Babel(
        app,
        default_locale=SOURCE_LANGUAGE,
        default_timezone="Europe/Stockholm",
        default_translation_directories=str(CATALOGUES),
        locale_selector=language,
    )
