"""Without JavaScript nothing that was written is lost, whatever breaks, and nothing is taken for what it is not."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.story import Story

from .conftest import portal_for
from .pages import Reader
from .test_case_pages import CASE, CODE, compose, enter, opened
from .test_plain_forms import ADDRESS as FORM
from .test_plain_forms import FILLED, checked

TEXT = "Det som inte får försvinna."


@pytest.fixture
def code(reader: Reader) -> str:
    return " ".join(reader.send(FORM, checked(reader).form).words())


def test_a_changed_message_from_the_same_page_is_added_and_not_dropped(reader: Reader, code: str) -> None:
    # The answer to the first was lost on the way: the page still stands there, and its reader goes on writing.
    page = opened(reader, code)
    form = page.forms[compose(page)]
    for text in ("Första versionen.", "Första versionen, och det viktigaste."):
        assert reader.send(CASE, form, {"message": text}).status == 303
    html = reader.get(CASE).html
    assert "och det viktigaste." in html
    assert html.count("Första versionen") == 2


def test_a_form_survives_a_database_that_refuses(reader: Reader, story: Story) -> None:
    page = checked(reader, {"what_happened": TEXT})
    story.change("DROP TABLE pending_entries")
    refused = reader.send(FORM, page.form)
    assert refused.status == 500
    assert refused.form.fields["what_happened"] == [TEXT]
    assert refused.form.fields["form_secret"] == page.form.fields["form_secret"]


def test_a_message_survives_a_database_that_refuses(reader: Reader, story: Story, code: str) -> None:
    page = opened(reader, code)
    story.change("DROP TABLE pending_entries")
    refused = reader.send(CASE, page.forms[compose(page)], {"message": TEXT})
    assert refused.status == 500
    assert refused.forms[compose(refused)].fields["message"] == [TEXT]


def test_a_message_survives_when_not_even_reading_works(reader: Reader, story: Story, code: str) -> None:
    page = opened(reader, code)
    story.change("DROP TABLE source_sessions")
    refused = reader.send(CASE, page.forms[compose(page)], {"message": TEXT})
    assert refused.status == 500
    assert refused.form.fields["message"] == [TEXT]


def test_a_message_carried_along_survives_too(reader: Reader, story: Story, code: str) -> None:
    page = opened(reader, code)
    reader.client.delete_cookie("tipportal-source")
    ended = reader.send(CASE, page.forms[compose(page)], {"message": TEXT})
    story.change("DROP TABLE source_sessions")
    refused = reader.send(CODE, ended.form, {"code": code})
    assert refused.status == 500
    assert refused.form.fields["message"] == [TEXT]


def test_an_unknown_token_costs_a_click_and_not_the_text(reader: Reader, story: Story, code: str) -> None:
    kept = story.contents()
    refused = reader.send(FORM, checked(reader, {"what_happened": TEXT}).form, {"csrf_token": "tip~aa~1.bb"})
    assert refused.status == 403
    assert refused.form.fields["what_happened"] == [TEXT]
    assert story.contents() == kept
    assert len(reader.send(FORM, refused.form).words()) == 9
    page = opened(reader, code)
    refused = reader.send(CASE, page.forms[compose(page)], {"message": TEXT, "csrf_token": "å"})
    assert refused.status == 403
    assert refused.html.count(TEXT) == 2, "to read and to send, and not yet in the case"
    assert refused.forms[compose(refused)].fields["message"] == [TEXT]
    assert reader.send(CASE, refused.forms[compose(refused)]).status == 303


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_quick_exit_ends_the_session_on_the_server_too(
    client: FlaskClient, reader: Reader, story: Story, code: str, prefix: str
) -> None:
    enter(reader, code)
    secret = client.get_cookie("tipportal-source")
    assert secret is not None
    assert len(story.contents()["source_sessions"]) == 1
    answer = client.get(f"{prefix}/lamna")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{prefix}/lamna/klar")
    answer.close()
    # A browser that does not know Clear-Site-Data still forgets, and what it might keep opens nothing.
    assert client.get_cookie("tipportal-source") is None
    assert story.contents()["source_sessions"] == []
    client.set_cookie("tipportal-source", secret.value)
    assert "Omsorg AB" not in reader.get(CASE).html


def test_a_visitor_without_a_session_gets_no_cookie_header(reader: Reader) -> None:
    for address in ("/lamna", CASE):
        assert "Set-Cookie" not in reader.get(address).answer.headers


def test_only_a_case_that_is_created_counts_against_the_budget(story: Story) -> None:
    reader = Reader(portal_for(story, submissions_per_minute=1).test_client())
    page = checked(reader)
    first = reader.send(FORM, page.form)
    # A retry of what was received is no new case: the confirmation is shown, however much comes in.
    again = reader.send(FORM, page.form)
    assert (first.status, again.status) == (200, 200)
    assert again.words() == first.words()
    assert reader.send(FORM, checked(reader, dict(FILLED)).form).status == 429
