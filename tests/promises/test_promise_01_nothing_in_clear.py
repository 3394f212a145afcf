"""Promises 1 and 2 where no browser is needed: what was written stands nowhere in clear, nor does the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playing import new_epoch, new_form, read, send
from tests.support.story import Story
from tests.support.traces import code_spellings, found_below, found_in, spellings
from tipportal.cli.demo_playing import PlayedCase, ask, leave_case, reply, write
from tipportal.domain.cases import Stream
from tipportal.domain.errors import Refusal
from tipportal.domain.organisations import Channel
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, source_session

CANARY = "kanariefågeln Ragnhild Örnsköld 0701740635"


@pytest.mark.parametrize("sealed_by", ["browser", "server"])
def test_text_and_code_are_in_no_file_no_row_and_no_refusal(story: Story, tmp_path: Path, sealed_by: str) -> None:
    form = new_form(story)
    code, keys = source_session.keys_for_form(story.public, story.public.random(16))
    if sealed_by == "browser":
        answers = {"area": "hemtjanst", "what_happened": CANARY, "contact": CANARY}
        case = leave_case(story.public, story.municipality, keys, Channel.TIP, answers)
    else:
        form = type(form)(keys, code, form.nonce)
        offer = ask(story.public, Channel.TIP, area="hemtjanst", form_nonce=form.nonce)
        reference = send(story, form, CANARY).receipt.reference
        members = {member.id: story.municipality.by_recipient(member.recipient) for member in offer.members}
        case = PlayedCase(reference, keys, members)
        new_epoch(story, case).begin(story, case)
    visitor = source_session.Visitor(keys)
    for kind in (Kind.MESSAGE, Kind.NOTE, Kind.TITLE):
        write(story.handler, case, kind, CANARY)
    reply(story.public, case, CANARY)
    source_session.send_message(story.public, visitor, CANARY, form_nonce="a")
    secret = source_session.enter(story.public, keys).secret
    source_session.leave(story.public, secret)
    with pytest.raises(Refusal) as refused:
        send(story, form, CANARY + " annat") if sealed_by == "server" else send(
            story, type(form)(keys, code, "b"), CANARY
        )

    # The control: whoever holds a key reads all of it, so it is there, and sealed.
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    shown = read(view, case.members["h1"], view.case.source_recipient)
    assert shown[Stream.DIALOGUE].count(CANARY) == 4
    assert shown[Stream.WORK].count(CANARY) == 2
    assert [record.text for record in source_session.read_case(story.public, visitor).records].count(CANARY) == 3

    needles = (*spellings(CANARY), *spellings("Ragnhild Örnsköld"), *code_spellings(code.text))
    assert found_below(tmp_path, needles) == {}
    assert found_in(repr(story.contents()).encode(), needles) == []
    assert found_in(repr((refused.value, refused.value.__context__, view)).encode(), needles) == []


def test_search_finds_a_canary_that_is_left_lying(tmp_path: Path) -> None:
    for number, spelling in enumerate(spellings(CANARY)):
        (tmp_path / str(number)).write_bytes(b"before " + spelling + b" after")

    assert len(found_below(tmp_path, spellings(CANARY))) == len(spellings(CANARY))
