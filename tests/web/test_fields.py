"""How form fields are drawn: named for the server, or nameless for the sealing script."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask, render_template_string
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the library
from wtforms.validators import InputRequired

from tipportal.web.forms import PortalForm

PAGE = """{% import "fields.html" as fields %}{{ fields.summary(form) }}
{% for item in form %}{{ fields.field(item, sealed=sealed) }}{% endfor %}"""
CONTROLS = ("area", "what", "short", "hidden_word", "one", "many", "flag")


class Sample(PortalForm):
    purpose = "probe"
    area = SelectField(
        "Område", choices=[SelectChoice("", "Vet inte"), SelectChoice("a", "Hemtjänst", optgroup="Omsorg")]
    )
    what = TextAreaField(
        "Vad?",
        description="Med egna ord.",
        validators=[InputRequired("Skriv.")],
        render_kw={"maxlength": 9, "counter": 1},
    )
    short = StringField("Kort", render_kw={"maxlength": 5, "width": "10", "spellcheck": "false"})
    hidden_word = PasswordField("Lösenord")
    one = RadioField("En", choices=[SelectChoice("y", "Ja"), SelectChoice("n", "Nej")], default="n")
    many = SelectMultipleField("Flera", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")], default=["b"])
    flag = BooleanField("Klar", description="Kryssa.")
    kept = HiddenField(default="värde")


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.found.append((tag, dict(attrs)))


def draw(app: Flask, *, sealed: bool, data: dict[str, str] | None = None) -> str:
    with app.test_request_context("/", method="POST" if data is not None else "GET", data=data):
        form = Sample()
        if data is not None:
            form.validate()
        return render_template_string(PAGE, form=form, sealed=sealed)


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    return parser.found


def test_a_sealed_form_has_nothing_that_a_browser_would_send(portal: Flask) -> None:
    found = elements(draw(portal, sealed=True))
    controls = [given for tag, given in found if tag in {"input", "select", "textarea"}]
    names = {given["name"] for given in controls if "name" in given}
    assert names == {"csrf_token", "kept"}
    assert {given["data-field"] for given in controls if "data-field" in given} == set(CONTROLS)


def test_a_plain_form_names_every_field(portal: Flask) -> None:
    found = elements(draw(portal, sealed=False))
    names = {given.get("name") for tag, given in found if tag in {"input", "select", "textarea"}}
    assert names == {*CONTROLS, "csrf_token", "kept"}
    assert not any("data-field" in given for _, given in found)


@pytest.mark.parametrize("data", [None, {}])
def test_everything_that_is_referred_to_is_there(portal: Flask, data: dict[str, str] | None) -> None:
    found = elements(draw(portal, sealed=False, data=data))
    ids = [given["id"] for _, given in found if "id" in given]
    assert len(ids) == len(set(ids))
    referred = [given["for"] for _, given in found if "for" in given]
    for _, given in found:
        referred += (given.get("aria-describedby") or "").split()
        if (given.get("href") or "").startswith("#"):
            referred.append(str(given["href"])[1:])
    assert set(referred) <= set(ids)
    # Every control has a label or a legend of its own.
    labelled = {given["for"] for tag, given in found if tag == "label"}
    for tag, given in found:
        if tag in {"select", "textarea"} or (tag == "input" and given.get("type") != "hidden"):
            assert given["id"] in labelled


def test_what_was_written_is_shown_again_but_never_a_password(portal: Flask) -> None:
    data = {
        "what": "<b>Å & ä</b>\nrad",
        "short": '"x"',
        "hidden_word": "hemligt",
        "one": "y",
        "many": "a",
        "flag": "y",
        "area": "a",
    }
    text = draw(portal, sealed=False, data=data)
    assert "&lt;b&gt;Å &amp; ä&lt;/b&gt;\nrad</textarea>" in text
    assert 'value="&#34;x&#34;"' in text
    assert "hemligt" not in text
    checked = {(given.get("name"), given.get("value")) for _, given in elements(text) if "checked" in given}
    assert checked == {("one", "y"), ("many", "a"), ("flag", "y")}
    assert re.search(r'<option value="a" selected="">', text)


def test_a_first_newline_survives(portal: Flask) -> None:
    # Browsers drop one newline right after <textarea>; the text's own first line must not be it.
    text = draw(portal, sealed=False, data={"what": "\nandra raden"})
    assert re.search(r"<textarea[^>]*>\n\nandra raden</textarea>", text)


def test_errors_are_summed_up_and_linked(portal: Flask) -> None:
    found = elements(draw(portal, sealed=False, data={}))
    summary = [given for _, given in found if given.get("id") == "error-summary"]
    assert len(summary) == 1
    assert {"#what", "#one-0"} & {given.get("href") for _, given in found if "href" in given} == {"#what"}
    (what,) = [given for _, given in found if given.get("id") == "what"]
    assert what["aria-invalid"] == "true"
    assert "what-error" in (what["aria-describedby"] or "")


def test_optional_is_said_and_length_is_counted_in_the_page(portal: Flask) -> None:
    text = draw(portal, sealed=False)
    assert text.count("(frivilligt)") == len(CONTROLS) - 2
    found = elements(text)
    (counter,) = [given for _, given in found if "data-counter-for" in given]
    assert (counter["data-counter-for"], counter["data-max"]) == ("what", "9")
    by_id = {given["id"]: given for _, given in found if "id" in given}
    assert "maxlength" not in by_id["what"]
    assert by_id["short"]["maxlength"] == "5"
