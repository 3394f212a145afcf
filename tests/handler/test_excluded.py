"""What an excluded person is shown is the same to the byte with the case and without it (04, invariant 2)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.handler.conftest import FACE, Desk
from tests.support.playing import Form, new_form, send
from tests.support.story import TIP, Story
from tipportal.cli.demo_playing import PlayedCase, ask, hand_in
from tipportal.cli.demo_staffing import Member
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground
from tipportal.usecases import handle, separating

Sit = Callable[[Member], Desk]
NOWHERE = "AAA-AAA-AAA"
PAGES = (
    "/", "/arenden", "/arenden?tillstand=acknowledged", "/arenden?state=acknowledged&channel=tip", "/arenden?q={case}",
    "/arenden/{case}", "/godkannanden", "/avgora", "/konto", "/logg",
)  # fmt: skip
POSTS = ("cases/{case}/open", "cases/{case}/log", "cases/{case}/candidates", "cases/{case}/follow-up", "deciding")
_ONCE = re.compile(
    r'(name="tipportal-csrf"\s+content=|name="csrf_token"\s+value=|nonce=|"(?:csrf_)?token":\s*|data-storage-key=)"[^"]*"'
)
"""What is another each time a page is made: tokens of forms, and nothing else."""


def test_concerned_handler_sees_the_same_with_the_case_and_without(at_desk: Sit, story: Story) -> None:
    johan = story.municipality.named("Johan")
    desk = at_desk(johan)
    before = shown(desk, NOWHERE)

    case = concerning(story, johan)
    handle.open_case(story.handler, case.members["h1"].account, case.reference)

    assert shown(desk, case.reference) == before
    other = at_desk(case.members["h1"])
    assert case.reference in other.get("/arenden").text


def test_who_has_left_sees_what_they_saw_before_the_case_came(at_desk: Sit, story: Story) -> None:
    members = {member.account.id: at_desk(member) for member in story.municipality.handlers()}
    before = {account: shown(desk, NOWHERE) for account, desk in members.items()}
    case = story.report()
    account = case.members["h2"].account
    assert shown(members[account.id], case.reference) != before[account.id]

    separating.recuse(story.handler, account, case.reference, Ground.CLOSE_PERSON)

    assert shown(members[account.id], case.reference) == before[account.id]


def test_auditor_who_is_kept_out_finds_no_trace_in_the_log(at_desk: Sit, story: Story, auditor: Member) -> None:
    desk = at_desk(auditor)
    before = desk.get("/logg").text
    case = story.report()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    assert lines(desk.get("/logg").text) != lines(before)
    with story.database.read() as uow:
        stored = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
    assert stored is not None
    story.change(
        "INSERT INTO separations (organisation_id, case_id, account_id, member, kind, epoch, at)"
        " VALUES (:organisation, :case, :account, 'h99', 'excluded', 0, :now)",
        organisation=stored.organisation_id,
        case=stored.id,
        account=auditor.account.id,
        now=story.clock(),
    )

    assert lines(desk.get("/logg").text) == lines(before)


def test_without_javascript_nothing_differs_either(at_desk: Sit, story: Story) -> None:
    johan = story.municipality.named("Johan")
    desk = at_desk(johan)
    before = shown(desk, NOWHERE)
    form: Form = new_form(story)
    receipt = send(story, form, concerns=(party(johan),)).receipt

    assert shown(desk, receipt.reference) == before


@pytest.mark.parametrize("page", PAGES)
def test_the_mask_hides_no_more_than_tokens(at_desk: Sit, story: Story, page: str) -> None:
    text = at_desk(story.municipality.handlers()[0]).get(page.format(case=NOWHERE)).text

    assert sum(len(match.group()) for match in _ONCE.finditer(text)) < len(text) / 10 + 500


def shown(desk: Desk, reference: str) -> dict[str, tuple[int, str]]:
    """Every page and answer, the case's address being one that somebody could try."""
    found = {}
    for page in PAGES:
        answer = desk.client.get(FACE + page.format(case=reference))
        found[page] = answer.status_code, masked(answer.text, reference)
    for path in POSTS:
        posted = desk.post(path.format(case=reference))
        found[path] = posted.status_code, masked(posted.data.decode(), reference)
    return found


def masked(text: str, reference: str) -> str:
    """A page without its tokens, and the reference that was asked for under one name."""
    return _ONCE.sub(r"\1", text).replace(reference, NOWHERE)


def lines(page: str) -> str:
    """The rows of the log's page."""
    return masked(page[page.index("<table") : page.index("</table>")], NOWHERE)


def party(member: Member) -> str:
    """The unit of somebody, as a source names it."""
    return f"unit:{member.account.unit_id}"


def concerning(story: Story, member: Member) -> PlayedCase:
    """A tip that names somebody's unit."""
    offer = ask(story.public, Channel.TIP, area=TIP["area"], concerns=[party(member)])
    assert member.account.recipient not in {one.recipient for one in offer.members}
    return hand_in(story.public, story.municipality, offer, story.source(), TIP)
