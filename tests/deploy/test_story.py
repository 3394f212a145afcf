"""A source and two handlers, each by their own host over TLS, on an installation made by the runbook."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.deploy.trial import Deployed
from tests.support.browser import PlainSource, Source, source_context
from tests.support.browser_fixtures import Sessions
from tests.support.desk import Desks

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return {}


@pytest.mark.parametrize("kind", [Source, PlainSource])
def test_a_source_and_two_handlers_talk(
    site: Deployed, browser: Browser, sessions: Sessions, kind: type[Source]
) -> None:
    desks = Desks(browser, site, sessions.setdefault("", {}))
    first, question, reply = (site.canary(what) for what in ("Det hände: ", "Fråga: ", "Svar: "))
    with source_context(browser, site, script=kind is Source) as context:
        source = kind(context, site)
        taken = source.submit("tip", {"what_happened": first})
        one, other = desks.handler(0), desks.handler(1)
        one.open_case(taken.reference)
        expect(one.answer("what_happened")).to_have_text(first, use_inner_text=True)
        one.write("message-form", "message", question)
        source.open_case(taken.code)
        expect(source.bodies("staff").last).to_have_text(question)
        source.write(reply)
        other.open_case(taken.reference)
        expect(other.bodies("dialogue", "source").last).to_have_text(reply)
        assert source.faults == []
    assert site.traces() == {}
