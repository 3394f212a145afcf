"""The forms without JavaScript: nothing is lost, nothing is sent twice, whatever goes wrong on the way."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.support.story import Story
from tests.support.traces import found_below, spellings
from tipportal.domain.cases import SealedBy
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import WHAT_HAPPENED_LENGTH
from tipportal.web.form_tokens import TOKEN_SECONDS
from tipportal.web.services import services_of

from .conftest import portal_for
from .pages import Page, Reader

ADDRESS = "/bjorkvik/tips/utan-javascript"
TEXT = 'Grannen får "aldrig" sitt besök.\r\n\r\n<b>Det</b> är & förblir så.'
FILLED = {"what_happened": TEXT, "area": "hemtjanst", "who": "Omsorg AB"}


def checked(reader: Reader, filled: dict[str, str | list[str]] | None = None, address: str = ADDRESS) -> Page:
    """The page to check on."""
    page = reader.get(address)
    return reader.send(address, page.form, filled or dict(FILLED))


def sent(reader: Reader) -> Page:
    """The confirmation."""
    return reader.send(ADDRESS, checked(reader).form)


@pytest.mark.parametrize(
    "address", [ADDRESS, "/bjorkvik/rapport/utan-javascript", "/en/bjorkvik/rapport/utan-javascript"]
)
def test_a_form_becomes_a_case_with_two_buttons(reader: Reader, story: Story, address: str) -> None:
    check = checked(reader, address=address)
    assert check.status == 200
    assert "Omsorg AB" in check.html
    done = reader.send(address, check.form)
    assert done.status == 200
    assert len(done.words()) == 9
    assert len(done.text("case-reference")) == 11
    assert done.ids["sealed-by"]["data-by"] == "server"
    rows = story.contents()["cases"]
    assert [(row["reference"], row["sealed_by"]) for row in rows] == [
        (done.text("case-reference"), SealedBy.SERVER.value)
    ]
    assert "Set-Cookie" not in done.answer.headers


def test_the_first_line_says_who_seals(reader: Reader) -> None:
    page = reader.get(ADDRESS)
    main = page.html[page.html.index('id="main"') :]
    assert main.index('data-by="server"') < main.index("<h1")
    assert page.ids["sealed-by"]["data-by"] == "server"


def test_sending_again_gives_the_same_receipt(reader: Reader, story: Story) -> None:
    check = checked(reader)
    first = reader.send(ADDRESS, check.form)
    kept = story.contents()
    again = reader.send(ADDRESS, check.form)
    assert (first.words(), first.text("case-reference")) == (again.words(), again.text("case-reference"))
    assert story.contents() == kept


def test_two_forms_have_two_codes(reader: Reader) -> None:
    assert sent(reader).words() != sent(reader).words()


def test_going_back_keeps_every_answer(reader: Reader) -> None:
    check = checked(reader, {**FILLED, "concerns": ["none", "unknown"], "ongoing": "yes"})
    edit = reader.send(ADDRESS, check.form, button=1)
    assert edit.form.fields["what_happened"][0] == TEXT.replace("\r\n", "\n")
    assert edit.form.fields["concerns"] == ["none", "unknown"]
    assert (edit.form.fields["ongoing"], edit.form.fields["area"]) == (["yes"], ["hemtjanst"])
    assert edit.form.fields["form_secret"] == check.form.fields["form_secret"]


def test_what_is_missing_is_said_first_with_a_link_to_it(reader: Reader) -> None:
    page = reader.get(ADDRESS)
    again = reader.send(ADDRESS, page.form, {"who": "Omsorg AB", "org_number": "19121212-1212"})
    assert again.status == 422
    assert 'href="#what_happened"' in again.html
    assert 'href="#org_number"' in again.html
    assert "personnummer" in again.text("error-summary")
    assert again.form.fields["who"] == ["Omsorg AB"]
    assert again.form.fields["org_number"] == ["19121212-1212"]


def test_a_text_of_the_greatest_length_is_taken(reader: Reader, story: Story) -> None:
    done = reader.send(ADDRESS, checked(reader, {"what_happened": "😀" * WHAT_HAPPENED_LENGTH}).form)
    assert done.status == 200
    assert len(story.contents()["cases"]) == 1


def test_a_longer_text_is_counted_and_kept(reader: Reader, story: Story) -> None:
    kept = story.contents()
    page = reader.send(ADDRESS, reader.get(ADDRESS).form, {"what_happened": "å" * (WHAT_HAPPENED_LENGTH + 1)})
    assert page.status == 422
    assert "100001" in page.text("error-summary").replace("\xa0", "").replace(" ", "")
    assert page.form.fields["what_happened"] == ["å" * (WHAT_HAPPENED_LENGTH + 1)]
    assert story.contents() == kept


@pytest.mark.parametrize("step", [0, 1])
def test_an_expired_page_goes_on_with_everything_in_it(reader: Reader, story: Story, step: int) -> None:
    page = checked(reader) if step else reader.get(ADDRESS)
    kept = story.contents()
    story.clock.advance(TOKEN_SECONDS + 60)
    again = reader.send(ADDRESS, page.form, {} if step else dict(FILLED))
    assert again.status == 403
    assert "för länge" in again.text("error-summary")
    assert again.form.fields["what_happened"][0].replace("\r\n", "\n") == TEXT.replace("\r\n", "\n")
    assert again.form.fields["form_secret"] == page.form.fields["form_secret"]
    assert story.contents() == kept
    forward = reader.send(ADDRESS, again.form)
    done = forward if step else reader.send(ADDRESS, forward.form)
    assert len(done.words()) == 9


@pytest.mark.parametrize("secret", ["", "x", "Å" * 32, "A" * 32, "0" * 31, ["0" * 32, "1" * 32]])
def test_a_form_secret_that_is_none_begins_anew_with_the_text(
    reader: Reader, story: Story, secret: str | list[str]
) -> None:
    kept = story.contents()
    again = reader.send(ADDRESS, checked(reader).form, {"form_secret": secret})
    assert again.status == 422
    assert again.form.fields["what_happened"][0] == TEXT.replace("\r\n", "\n")
    assert len(again.form.fields["form_secret"][0]) == 32
    assert story.contents() == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"score": "7"},
        {"relation": "employee"},
        {"what_happened": ["ett", "två"]},
        {"area": "rymdfart"},
        {"area": ["hemtjanst", "inkop"]},
        {"concerns": ["unit:ingen"]},
        {"concerns": ["x" * 300]},
        {"contact_mode": "å"},
    ],
)
@pytest.mark.parametrize("button", [0, 1])
def test_what_the_form_does_not_have_is_refused_and_the_text_kept(
    reader: Reader, story: Story, changes: dict[str, str | list[str]], button: int
) -> None:
    kept = story.contents()
    form = checked(reader).form
    if button == 1:
        form.buttons = [("step", "check"), ("step", "check")]
    page = reader.send(ADDRESS, form, changes, button)
    assert page.status == 422
    assert "error-summary" in page.ids
    if "what_happened" not in changes:
        assert page.form.fields["what_happened"][0].strip() == TEXT.replace("\r\n", "\n")
    assert story.contents() == kept


@pytest.mark.parametrize("step", ["", "å", "publish"])
def test_an_unknown_step_only_checks(reader: Reader, story: Story, step: str) -> None:
    form = checked(reader).form
    form.buttons = [("step", step)]
    page = reader.send(ADDRESS, form)
    assert page.status == 200
    assert page.form.buttons[0] == ("step", "send")
    assert story.contents()["cases"] == []


def test_nobody_left_to_receive_is_said_before_sending_and_the_text_kept(reader: Reader, story: Story) -> None:
    everybody = [
        control.attributes["value"] or ""
        for control in reader.get(ADDRESS).controls
        if control.attributes.get("name") == "concerns" and (control.attributes["value"] or "").startswith("function:")
    ]
    page = checked(reader, {**FILLED, "concerns": everybody})
    assert page.status == 409
    assert "extern myndighet" in page.text("error-summary")
    assert page.form.fields["what_happened"] == [TEXT.replace("\r\n", "\n")]
    assert page.form.fields["concerns"] == everybody
    assert story.contents()["cases"] == []


def test_a_changed_form_that_was_sent_already_becomes_a_message(reader: Reader, story: Story) -> None:
    check = checked(reader)
    first = reader.send(ADDRESS, check.form)
    changed = reader.send(ADDRESS, check.form, {"what_happened": "Jag minns det annorlunda."})
    assert changed.status == 409
    assert changed.form.buttons[0] == ("step", "message")
    assert "Jag minns det annorlunda." in changed.html
    done = reader.send(ADDRESS, changed.form)
    assert (done.words(), done.text("case-reference")) == (first.words(), first.text("case-reference"))
    again = reader.send(ADDRESS, changed.form)
    assert again.words() == first.words()
    contents = story.contents()
    assert len(contents["cases"]) == 1
    assert sorted(row["kind"] for row in contents["records"]) == ["facts", "genesis", "message", "report"]


def test_a_crowd_is_told_to_wait_and_keeps_the_text(story: Story) -> None:
    app = portal_for(story)
    reader = Reader(app.test_client())
    check = checked(reader)
    pool = services_of(app).kdf_pool
    hold = threading.Event()
    held: list[bool] = []
    while True:
        waiting = threading.Thread(target=_occupy, args=(pool, hold, held))
        waiting.start()
        waiting.join(0.02)
        if held:
            break
    page = reader.send(ADDRESS, check.form)
    hold.set()
    assert page.status == 503
    assert page.form.fields["what_happened"][0].strip() == TEXT.replace("\r\n", "\n")
    assert story.contents()["cases"] == []
    assert len(reader.send(ADDRESS, page.form).words()) == 9


def _occupy(pool: object, hold: threading.Event, refused: list[bool]) -> None:
    from tipportal.domain.errors import Busy  # noqa: PLC0415
    from tipportal.web.kdf_pool import KdfPool  # noqa: PLC0415

    assert isinstance(pool, KdfPool)
    try:
        pool.run(hold.wait)
    except Busy:
        refused.append(True)


def test_a_flood_is_stopped_and_the_text_kept(story: Story) -> None:
    reader = Reader(portal_for(story, submissions_per_minute=1).test_client())
    assert sent(reader).status == 200
    page = sent(reader)
    assert page.status == 429
    assert page.form.buttons[0] == ("step", "send")
    assert page.form.fields["who"] == ["Omsorg AB"]


def test_a_body_beyond_all_measure_is_refused_unread(reader: Reader) -> None:
    assert reader.send(ADDRESS, reader.get(ADDRESS).form, {"what_happened": "x" * (3 << 20)}).status == 413


@pytest.mark.parametrize("token", ["", "å", "tip~aa~1.bb", "x" * 5000])
def test_a_forged_token_is_refused(reader: Reader, story: Story, token: str) -> None:
    kept = story.contents()
    assert reader.send(ADDRESS, checked(reader).form, {"csrf_token": token}).status == 403
    assert story.contents() == kept


def test_a_token_of_the_other_form_is_refused(reader: Reader) -> None:
    report = reader.get("/bjorkvik/rapport/utan-javascript").form
    assert reader.send(ADDRESS, checked(reader).form, {"csrf_token": report.fields["csrf_token"]}).status == 403


def test_letters_that_cannot_be_written_are_shown_as_such(reader: Reader) -> None:
    page = checked(reader, {"what_happened": "a\x00b\x1bc\x85d"})
    assert page.form.fields["what_happened"] == ["a\ufffdb\ufffdc\nd"]


def test_nothing_that_was_written_is_kept_readable(reader: Reader, story: Story, portal: Flask) -> None:
    done = reader.send(ADDRESS, checked(reader, {"what_happened": "Blåklint vid Grodsång"}).form)
    assert len(done.words()) == 9
    folder = story.blobs.parent
    for text in ("Blåklint vid Grodsång", " ".join(done.words())):
        assert not found_below(folder, spellings(text))
    assert {row["sealed_by"] for row in story.contents()["cases"]} == {SealedBy.SERVER.value}
    assert services_of(portal).contexts["public"].today().isoformat() == "2026-11-23"
    assert story.contents()["cases"][0]["channel"] == Channel.TIP.value
