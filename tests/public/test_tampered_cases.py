"""A case whose rows were altered behind our back, read without JavaScript: nothing is laid at another's door."""

from __future__ import annotations

import pytest

from tests.support.story import Story

from .pages import Page, Reader
from .test_case_pages import CODE, compose, opened
from .test_plain_forms import ADDRESS as FORM
from .test_plain_forms import FILLED

FAILED = "gick inte att kontrollera"


@pytest.fixture
def code(reader: Reader) -> str:
    check = reader.send(FORM, reader.get(FORM).form, dict(FILLED))
    return " ".join(reader.send(FORM, check.form).words())


def written(reader: Reader, code: str, text: str) -> None:
    page = opened(reader, code)
    answer = reader.send("/arende/utan-javascript/arende", page.forms[compose(page)], {"message": text})
    assert answer.status in {200, 303}


def records(page: Page) -> list[str]:
    return page.html.split('<article class="record')[1:]


def test_who_wrote_is_what_the_signature_says(story: Story, reader: Reader, code: str) -> None:
    written(reader, code, "Skrivet av källan.")
    story.change("UPDATE records SET author = 'h1' WHERE kind = 'message'")
    shown = next(record for record in records(opened(reader, code)) if "Skrivet av källan." in record)
    assert 'data-from="source"' in shown


def test_a_message_is_not_shown_as_another_kind(story: Story, reader: Reader, code: str) -> None:
    written(reader, code, "Bara ett meddelande.")
    story.change("UPDATE records SET kind = 'feedback' WHERE kind = 'message'")
    page = opened(reader, code)
    assert "Bara ett meddelande." not in page.html
    assert FAILED in records(page)[1]


def test_a_report_that_is_gone_is_told(story: Story, reader: Reader, code: str) -> None:
    assert FAILED not in opened(reader, code).html
    story.change("DELETE FROM records WHERE kind = 'report'")
    (shown,) = records(opened(reader, code))
    assert FAILED in shown


def test_pages_without_script_do_not_promise_what_only_script_does(reader: Reader, code: str) -> None:
    for address in (FORM, CODE):
        assert "Skift" not in reader.get(address).html
    assert "Skift" not in opened(reader, code).html
    assert "Skift" in reader.get("/arende").html
