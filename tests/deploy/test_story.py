"""A source and two handlers, each by their own host over TLS, on an installation made by the runbook."""

from __future__ import annotations

import os
from http import HTTPStatus

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.deploy.trial import Deployed
from tests.support.browser import PlainSource, Source, source_context
from tests.support.desk import Desk, Desks
from tipportal.domain.files import PART_SIZE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desks(site: Deployed, browser: Browser) -> Desks:
    """The handlers' desks, each signed in and unlocked once."""
    return Desks(browser, site, {})


def panel(desks: Desks, reference: str) -> tuple[Desk, Desk]:
    """The desks of the first two who are let in to a case: asked in their browsers, which know the host's address."""
    count = sum(person.role == "handler" for person in desks.server.people)
    found = []
    for number in range(count):
        desk = desks.handler(number)
        answer = desk.page.goto(desk.case_address(reference))
        if answer is not None and answer.status == HTTPStatus.OK:
            found.append(desk)
    one, other, *_ = found
    return one, other


@pytest.mark.parametrize("kind", [Source, PlainSource])
def test_a_source_and_two_handlers_talk(site: Deployed, browser: Browser, desks: Desks, kind: type[Source]) -> None:
    first, question, reply = (site.canary(what) for what in ("Det hände: ", "Fråga: ", "Svar: "))
    # More than one part.
    content = site.canary().encode() + os.urandom(PART_SIZE)
    file: FilePayload = {"name": "bild.bin", "mimeType": "application/octet-stream", "buffer": content}
    with source_context(browser, site, script=kind is Source) as context:
        source = kind(context, site)
        source.open_form("tip")
        if kind is Source:
            source.page.locator("#files").set_input_files(file)
        source.check({"what_happened": first})
        if kind is PlainSource:
            source.page.locator("[name=files]").set_input_files(file)
        source.send()
        taken = source.receipt()
        one, other = panel(desks, taken.reference)
        one.open_case(taken.reference)
        expect(one.answer("what_happened")).to_have_text(first, use_inner_text=True)
        expect(one.page.locator("#report-files .file")).to_have_count(1)
        one.write("message-form", "message", question)
        source.open_case(taken.code)
        expect(source.bodies("staff").last).to_have_text(question)
        source.write(reply)
        other.open_case(taken.reference)
        expect(other.bodies("dialogue", "source").last).to_have_text(reply)
        assert source.faults == []
