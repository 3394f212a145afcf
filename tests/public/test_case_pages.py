"""Following a case without JavaScript: the code, the one cookie, the dialogue, and every way out of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.playing import new_epoch
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, write
from tipportal.domain.cases import CaseState
from tipportal.domain.duties import Restriction, RestrictionKind
from tipportal.domain.intake import Code, Intake
from tipportal.domain.triage import Origin
from tipportal.envelope.casecode import derive, normalise
from tipportal.envelope.records import Kind
from tipportal.web.form_tokens import TOKEN_SECONDS

from .conftest import portal_for
from .pages import Page, Reader
from .test_plain_forms import ADDRESS as FORM
from .test_plain_forms import FILLED

CODE = "/arende/utan-javascript"
CASE = "/arende/utan-javascript/arende"
HALF_HOUR = 31 * 60


@pytest.fixture
def code(reader: Reader) -> str:
    check = reader.send(FORM, reader.get(FORM).form, dict(FILLED))
    return " ".join(reader.send(FORM, check.form).words())


def enter(reader: Reader, code: str) -> Page:
    return reader.send(CODE, reader.get(CODE).form, {"code": code})


def opened(reader: Reader, code: str) -> Page:
    assert enter(reader, code).status == 303
    return reader.get(CASE)


def compose(page: Page) -> int:
    """Where the form for messages stands among the forms of the page."""
    return next(index for index, form in enumerate(page.forms) if "message" in form.fields)


OWN = f"{CODE}/egen-kod"


def test_a_code_that_staff_have_seen_is_replaced_before_anything_is_shown(
    reader: Reader, story: Story, code: str
) -> None:
    staff_made(story)
    page = opened(reader, code)
    new = page.text("own-code")
    assert "Omsorg AB" not in page.html
    assert new != code
    unsaved = reader.send(OWN, page.forms[0])
    assert (unsaved.status, unsaved.text("own-code")) == (422, new)
    assert reader.send(OWN, unsaved.forms[0], {"saved": "y"}).status == 303
    assert "Omsorg AB" in reader.get(CASE).html
    assert enter(reader, code).status == 404
    assert "Omsorg AB" in opened(reader, new).html


def test_the_same_form_again_leads_to_the_same_code_when_the_answer_was_lost(
    reader: Reader, story: Story, client: FlaskClient, code: str
) -> None:
    staff_made(story)
    page = opened(reader, code)
    before = client.get_cookie("tipportal-source")
    assert before is not None
    assert reader.send(OWN, page.forms[0], {"saved": "y"}).status == 303
    client.set_cookie(before.key, before.value)
    assert reader.send(OWN, page.forms[0], {"saved": "y"}).status == 303
    assert "Omsorg AB" in reader.get(CASE).html
    assert "Omsorg AB" in opened(reader, page.text("own-code")).html


def staff_made(story: Story) -> None:
    """As if staff had entered the case and handed the code over."""
    typist = story.municipality.handlers()[0].account.id
    with story.database.write() as uow:
        (row,) = story.contents()["cases"]
        made = Intake(
            row["id"], row["organisation_id"], Origin.WRITTEN, None, Code.GIVEN, typist, story.handler.today()
        )
        uow.intakes.add(made)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as shown": str,
    "capitals": str.upper,
    "hyphens": lambda code: code.replace(" ", "-"),
    "four letters in a column": lambda code: "\n".join(word[:4] for word in code.split()),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_code_opens_its_case_however_it_is_spelled(reader: Reader, code: str, name: str) -> None:
    page = opened(reader, SPELLINGS[name](code))
    assert "Omsorg AB" in page.html
    assert page.ids["sealed-by"]["data-by"] == "server"
    assert (page.ids["due"]["data-strict"], page.ids["due"]["data-target"]) == ("2027-02-23", "2027-02-23")


def test_the_cookie_is_for_this_browser_alone(reader: Reader, code: str, client: FlaskClient) -> None:
    answer = enter(reader, code).answer
    cookie = answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == CASE
    assert cookie.startswith("tipportal-source=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    secret = client.get_cookie("tipportal-source")
    assert secret is not None
    assert not set(code.split()) & {secret.value}


def test_over_https_the_cookie_is_bound_to_the_host(story: Story) -> None:
    origin = "https://tips.example"
    app = portal_for(story, public_url=origin, handler_url=origin)
    client = app.test_client()
    reader = Reader(client)
    check = reader.send(FORM, reader.get(FORM).form, dict(FILLED))
    words = " ".join(reader.send(FORM, check.form).words())
    cookie = enter(reader, words).answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tipportal-source=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Skriv din kod."),
        ("  ", "Skriv din kod."),
        ("hejsansa", "Ord 1 finns inte"),
        ("åäö " * 9, "Ord 1, 2, 3, 4, 5, 6, 7, 8, 9 finns inte"),
        ("x" * 5000, "Koden har nio ord"),
    ],
)
def test_a_code_that_is_none_is_told_from_the_list_alone(reader: Reader, typed: str, said: str) -> None:
    page = enter(reader, typed)
    assert page.status == 422
    assert said in page.text("error-summary")
    assert "Set-Cookie" not in page.answer.headers


def test_a_word_too_few_and_a_word_that_does_not_exist(reader: Reader, code: str) -> None:
    words = code.split()
    assert "Du har skrivit 8" in enter(reader, " ".join(words[:8])).text("error-summary")
    page = enter(reader, " ".join([*words[:4], "xyzxyz", *words[5:]]))
    assert "Ord 5 finns inte" in page.text("error-summary")
    assert page.form.fields["code"][0].split()[4] == "xyzxyz"


def test_a_code_of_no_case_is_told_no_more(reader: Reader, code: str) -> None:
    page = enter(reader, " ".join(reversed(code.split())))
    assert page.status == 404
    assert "leder inte till något ärende" in page.text("error-summary")
    assert "Set-Cookie" not in page.answer.headers


def test_a_message_stands_in_the_dialogue_once(reader: Reader, code: str) -> None:
    page = opened(reader, code)
    form = page.forms[compose(page)]
    text = {"message": "Jag har <i>ett</i> kvitto.\r\nOch ett till."}
    first, again = reader.send(CASE, form, text), reader.send(CASE, form, text)
    assert (first.status, again.status) == (303, 303)
    after = reader.get(CASE)
    assert after.html.count("Jag har &lt;i&gt;ett&lt;/i&gt; kvitto.") == 1
    assert after.html.count('data-from="source"') == 2


def test_answers_of_the_group_are_read(reader: Reader, story: Story) -> None:
    check = reader.send(FORM, reader.get(FORM).form, dict(FILLED))
    done = reader.send(FORM, check.form)
    case = _played(story, " ".join(done.words()), done.text("case-reference"))
    # What a server sealed gets new keys before anything else is written.
    new_epoch(story, case).begin(story, case)
    write(story.handler, case, Kind.MESSAGE, "Har du kvittot kvar?")
    page = opened(reader, " ".join(done.words()))
    assert "Har du kvittot kvar?" in page.html
    assert 'data-from="staff"' in page.html
    for member in case.members.values():
        assert member.person.name not in page.html


def _played(story: Story, code: str, reference: str) -> PlayedCase:
    with story.database.read() as uow:
        keys = derive(normalise(code), uow.installation_id() or b"")
        case = uow.cases.by_lookup(bytes.fromhex(keys.lookup_digest))
        assert case is not None
        grants = uow.cases.grants(case.id, 0)
    members = {member.account.id: member for member in story.municipality.handlers()}
    return PlayedCase(
        reference, keys, {grant.member: members[grant.holder] for grant in grants if grant.holder in members}
    )


@pytest.mark.parametrize("text", ["", "   ", "å" * 100_001])
def test_a_message_of_no_length_or_too_great_a_length_is_refused(reader: Reader, code: str, text: str) -> None:
    page = opened(reader, code)
    again = reader.send(CASE, page.forms[compose(page)], {"message": text})
    assert again.status == 422
    assert 'href="#message"' in again.html
    assert again.forms[compose(again)].fields["message"][0].strip() == text.strip()


def test_an_expired_page_keeps_the_message(reader: Reader, code: str, story: Story) -> None:
    page = opened(reader, code)
    form = page.forms[compose(page)]
    for _ in range(TOKEN_SECONDS // (14 * 60) + 1):
        story.clock.advance(14 * 60)
        assert reader.get(CASE).status == 200
    again = reader.send(CASE, form, {"message": "Kvar?"})
    assert again.status == 403
    assert again.forms[compose(again)].fields["message"] == ["Kvar?"]
    assert reader.send(CASE, again.forms[compose(again)]).status == 303


def test_an_ended_session_asks_for_the_code_and_carries_the_message_on(reader: Reader, code: str, story: Story) -> None:
    page = opened(reader, code)
    form = page.forms[compose(page)]
    story.clock.advance(HALF_HOUR + 15 * 60)
    ended = reader.send(CASE, form, {"message": "Det här är <viktigt>.\r\nRad två."})
    assert ended.status == 403
    assert "inaktiv" in ended.text("error-summary")
    assert ended.form.fields["message"] == ["Det här är <viktigt>.\nRad två."]
    back = reader.send(CODE, ended.form, {"code": code})
    assert back.status == 200
    assert "Set-Cookie" in back.answer.headers
    form = back.forms[compose(back)]
    assert form.fields["message"] == ["Det här är <viktigt>.\nRad två."]
    assert reader.send(CASE, form).status == 303
    assert "Rad två." in reader.get(CASE).html


def test_a_wrong_code_on_the_way_back_keeps_the_message_too(reader: Reader, code: str) -> None:
    page = reader.get(CODE)
    page.form.fields["message"] = ["Sparad text"]
    again = reader.send(CODE, page.form, {"code": " ".join(reversed(code.split()))})
    assert again.form.fields["message"] == ["Sparad text"]


def test_leaving_deletes_the_row_and_the_cookie(reader: Reader, code: str, story: Story, client: FlaskClient) -> None:
    page = opened(reader, code)
    assert len(story.contents()["source_sessions"]) == 1
    secret = client.get_cookie("tipportal-source")
    assert secret is not None
    left = reader.send(CASE, next(form for form in page.forms if form.action.endswith("/stang")))
    assert left.status == 303
    assert client.get_cookie("tipportal-source") is None
    assert story.contents()["source_sessions"] == []
    # The secret alone opens nothing any more.
    client.set_cookie("tipportal-source", secret.value)
    assert "Omsorg AB" not in reader.get(CASE).html


@pytest.mark.parametrize("value", ["", "x", "å" * 20, "A" * 43, "A" * 5000, "%00", "=" * 43])
def test_a_cookie_that_is_none_asks_for_the_code(client: FlaskClient, value: str) -> None:
    answer = client.get(CASE, headers={"Cookie": f"tipportal-source={value}".encode().decode("latin-1")})
    page = Page(answer)
    assert page.status == 200
    assert page.form.action == CODE


def test_a_session_tells_no_more_than_a_quarter_of_an_hour(reader: Reader, code: str, story: Story) -> None:
    opened(reader, code)
    (row,) = story.contents()["source_sessions"]
    assert all(not isinstance(value, int) or value < story.clock() // 60 for value in row.values())
    assert code.encode() not in b"".join(value for value in row.values() if isinstance(value, bytes))


def test_a_locked_case_is_neither_read_nor_written_in_and_says_why(reader: Reader, code: str, story: Story) -> None:
    page = opened(reader, code)
    form = page.forms[compose(page)]
    story.drop_guards()
    story.change("UPDATE cases SET state = :state", state=CaseState.LOCKED.value)
    refused = reader.send(CASE, form, {"message": "För sent"})
    assert refused.status == 409
    assert "För sent" in refused.html
    for locked in (reader.get(CASE), enter(reader, code)):
        assert locked.status == 409
        assert "Ärendet är avslutat och låst." in locked.html
        assert not any("message" in form.fields and "code" not in form.fields for form in locked.forms)


def test_a_record_that_was_tampered_with_is_shown_as_such(reader: Reader, code: str, story: Story) -> None:
    page = opened(reader, code)
    reader.send(CASE, page.forms[compose(page)], {"message": "Ett meddelande."})
    story.drop_guards()
    report = next(row for row in story.contents()["records"] if row["kind"] == "report")
    story.change("UPDATE records SET body = :body WHERE kind = 'message'", body=report["body"])
    after = reader.get(CASE)
    assert after.status == 200
    assert "gick inte att kontrollera" in after.html
    assert "record--failed" in after.html
    assert "Omsorg AB" in after.html


def test_a_case_whose_beginning_was_tampered_with_is_not_shown(reader: Reader, code: str, story: Story) -> None:
    opened(reader, code)
    story.drop_guards()
    report = next(row for row in story.contents()["records"] if row["kind"] == "report")
    story.change("UPDATE records SET body = :body WHERE kind = 'genesis'", body=report["body"])
    page = reader.get(CASE)
    assert page.status == 409
    assert "har ändrats eller skadats" in page.text("error-summary")


def test_a_case_sealed_in_a_browser_opens_here_too(reader: Reader, code: str) -> None:
    page = opened(reader, code)
    assert "Utan JavaScript" in page.html
    assert page.text("case-reference").count("-") == 2


def test_a_restricted_dialogue_takes_texts_and_no_files(reader: Reader, code: str, story: Story) -> None:
    page = opened(reader, code)
    assert page.forms[compose(page)].file_field
    with story.public.storage.write() as uow:
        keys = derive(normalise(code), uow.installation_id() or b"")
        case = uow.cases.by_lookup(bytes.fromhex(keys.lookup_digest))
        assert case is not None
        today = story.public.today()
        kind = RestrictionKind.DIALOGUE
        uow.duties.restrict(Restriction("a" * 32, case.organisation_id, case.id, kind, today, today))
    page = reader.get(CASE)
    form = page.forms[compose(page)]
    assert not form.file_field
    assert "Just nu går det inte att bifoga filer" in page.html
    assert reader.send(CASE, form, {"message": "Texten kommer fram."}).status == 303
    assert "Texten kommer fram." in reader.get(CASE).html
