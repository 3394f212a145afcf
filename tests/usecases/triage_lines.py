"""Lines of triage: what the follow-up counts, links between own cases, alarms, and a tip that is a report now."""

from __future__ import annotations

import pytest

from tests.usecases.entry_lines import Act, World, line, reads
from tests.usecases.triaged import RAW, sees
from tipportal.cli.demo_playing import PlayedCase
from tipportal.domain.accounts import Account
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.links import LinkKind
from tipportal.usecases import alarms, handle, links, new_panels, triage


def _opened(world: World) -> PlayedCase:
    """What is pending of a case joins the log right before its first entry there."""
    case = world.story.tip()
    for member in case.members.values():
        if sees(world.story, case, member.account.id):
            handle.open_case(world.story.handler, member.account, case.reference)
    return case


@line("triage.triage_case", E.CASE_TRIAGED)
def _triage(world: World) -> Act:
    case = _opened(world)
    return lambda: triage.triage_case(world.story.handler, case.members["h1"].account, case.reference, 0, RAW)


def _two(world: World) -> tuple[Account, PlayedCase, PlayedCase]:
    """Two tips that one handler sees."""
    one = _opened(world)
    while True:
        two = _opened(world)
        for member in one.members.values():
            if sees(world.story, one, member.account.id) and sees(world.story, two, member.account.id):
                return member.account, one, two


@line("links.link", E.CASES_LINKED, E.CASES_LINKED)
def _link(world: World) -> Act:
    account, one, two = _two(world)
    return lambda: links.link(world.story.handler, account, one.reference, two.reference, LinkKind.RELATED)


@line("links.unlink", E.CASES_UNLINKED, E.CASES_UNLINKED)
def _unlink(world: World) -> Act:
    account, one, two = _two(world)
    made = links.link(world.story.handler, account, one.reference, two.reference, LinkKind.RELATED)
    return lambda: links.unlink(world.story.handler, account, one.reference, made.mark)


def _draws(world: World) -> None:
    # Here all receive reports, so nobody is drawn; what is read for that is the same.
    with pytest.raises(IllegalTransition):
        new_panels.draw_panel(
            world.story.handler, world.handler, world.tip.reference, area="", subject_role="unknown", concerns=()
        )


reads("new_panels.draw_panel", _draws)
reads("links.linkable", lambda world: links.linkable(world.story.handler, world.handler, world.tip.reference))
# Nothing is near here; what it raises, and that it does so once, is told by the tests of triage.
reads("alarms.raise_alarms", lambda world: alarms.raise_alarms(world.story.handler))
