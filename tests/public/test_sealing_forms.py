"""The forms that seal in the browser: without their script they cannot send anything, and they say so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tipportal.domain.organisations import Channel
from tipportal.domain.questions import questions
from tipportal.public.handover_pages import TEXTS
from tipportal.public.script_texts import CASE, FORM

from .pages import Page, Reader

SOURCES = Path(__file__).resolve().parents[2] / "frontend" / "src"
OWNERS = {
    "form": {"form", "delivery", "confirmation"},
    "case": {"case", "dialogue", "downloads", "filled"},
    # A page of its own, outside any case.
    "handover": {"handover"},
}
FORMS = [(Channel.TIP, "/bjorkvik/tips"), (Channel.REPORT, "/bjorkvik/rapport")]


def page_data(page: Page) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page.html, re.DOTALL)
    assert found
    made: dict[str, object] = json.loads(found[1])
    return made


@pytest.mark.parametrize(("channel", "address"), FORMS)
def test_no_field_has_a_name_and_all_have_their_question(reader: Reader, channel: Channel, address: str) -> None:
    page = reader.get(address)
    fields = [control.attributes for control in page.controls if control.attributes.get("data-field")]
    assert {field["data-field"] for field in fields} == {*questions(channel), "files"}
    named = [control.attributes.get("name") for control in page.controls if control.attributes.get("name")]
    assert named == ["csrf_token"]
    assert page.forms == []


@pytest.mark.parametrize("address", ["/bjorkvik/tips", "/bjorkvik/rapport", "/arende"])
def test_no_button_sends_a_form_and_the_first_waits_for_the_script(reader: Reader, address: str) -> None:
    page = reader.get(address)
    buttons = [control.attributes for control in page.controls if control.tag == "button"]
    assert all(button["type"] == "button" for button in buttons)
    enabled_by_script = next(button for button in buttons if button.get("id") in {"continue", "open"})
    assert "disabled" in enabled_by_script
    assert "hidden" not in page.ids["script-needed"]
    assert f'href="{address}/utan-javascript"' in page.text_of("script-needed")
    noscript = re.search(r"<noscript>(.*?)</noscript>", page.html, re.DOTALL)
    assert noscript
    assert f'href="{address}/utan-javascript"' in noscript[1]


@pytest.mark.parametrize(("channel", "address"), FORMS)
def test_the_page_says_who_receives_and_under_which_rules_before_the_first_field(
    reader: Reader, channel: Channel, address: str
) -> None:
    page = reader.get(address)
    before = page.html[: page.html.index("data-field")]
    assert "Björkviks kommun" in before
    assert page.ids["sealed-by"]["data-by"] == "browser"
    assert ("Tips är normalt offentliga" if channel is Channel.TIP else "2021:890") in before


@pytest.mark.parametrize(("channel", "address"), FORMS)
def test_what_the_script_is_handed_fits_the_questions(reader: Reader, channel: Channel, address: str) -> None:
    data = page_data(reader.get(address))
    asked = questions(channel)
    assert data["limits"] == {name: asked[name].max_length for name in asked if asked[name].max_length}
    assert data["required"] == ["what_happened"]
    assert (data["organisation"], data["channel"]) == ("bjorkvik", channel.value)


def test_only_what_happened_is_required(reader: Reader) -> None:
    page = reader.get("/bjorkvik/tips")
    # All other questions, and the files.
    assert page.html.count('class="optional"') == len(questions(Channel.TIP))


def test_the_case_page_takes_the_code_without_a_name(reader: Reader) -> None:
    code = next(c.attributes for c in reader.get("/arende").controls if c.attributes.get("id") == "code")
    assert "name" not in code
    assert (code["spellcheck"], code["autocomplete"], code["autocapitalize"]) == ("false", "off", "none")


def test_scripts_say_only_what_pages_hand_them() -> None:
    asked: dict[str, set[str]] = {"form": set(), "case": set(), "handover": set(), "both": set()}
    for file in [*(SOURCES / "public").glob("*.ts"), *(SOURCES / "files").glob("*.ts")]:
        source = file.read_text()
        owner = next((page for page, stems in OWNERS.items() if file.stem in stems), "both")
        asked[owner] |= set(re.findall(r'say\((?:(?:words\.|page\.)?texts, )?"(\w+)"', source))
        assert not re.search("[åäöÅÄÖ]", source), file.name
    assert asked["form"] | asked["both"] <= FORM.keys()
    assert asked["case"] | asked["both"] <= CASE.keys()
    assert asked["handover"] <= TEXTS.keys()
    assert all(asked.values()), "the pattern finds nothing"


def test_page_data_cannot_end_its_element(reader: Reader) -> None:
    page = reader.get("/arende")
    block = page.html.split('id="page-data">')[1].split("</script>")[0]
    assert not set("<>&") & set(block)
