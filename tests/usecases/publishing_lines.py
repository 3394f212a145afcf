"""Lines of reports on their way out: imported for their registration."""

from __future__ import annotations

from tests.support.followed_up import administrator, payload_of, publish
from tests.support.setting_up import two
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.domain.accounts import Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import ReportKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.reporting import Format
from tipportal.usecases import publishing

LAST = Period(2025)


@line("publishing.make_draft", E.REPORT_DRAFTED)
def _draft(world: World) -> Act:
    me = administrator(world.story)
    return lambda: publishing.make_draft(world.story.handler, me, ReportKind.ANNUAL, LAST, None)


@line("publishing.make_set", E.REPORT_DRAFTED)
def _set(world: World) -> Act:
    me = administrator(world.story)
    return lambda: publishing.make_set(world.story.handler, me, ReportKind.BRA, LAST)


@line("publishing.edit_draft", E.REPORT_DRAFTED)
def _edit(world: World) -> Act:
    me = administrator(world.story)
    made = publishing.make_draft(world.story.handler, me, ReportKind.BRA, LAST, None)
    return lambda: publishing.edit_draft(world.story.handler, me, made.id, {})


def _made(world: World) -> str:
    me = administrator(world.story)
    return publishing.make_draft(world.story.handler, me, ReportKind.INDICATORS, LAST, None).id


def _auditor_reads(world: World) -> object:
    who = next(each.account for each in world.story.municipality.members if each.account.role is Role.AUDITOR)
    return publishing.internal(world.story.handler, who, ReportKind.ANNUAL, LAST, None)


reads("publishing.drafts", lambda world: publishing.drafts(world.story.handler, administrator(world.story)))
reads("publishing.published", lambda world: publishing.published(world.story.handler))
reads("publishing.reminders", lambda world: publishing.reminders(world.story.handler, administrator(world.story)))
reads("publishing.internal", _auditor_reads)
reads("publishing.make_files", lambda world: publishing.make_files(world.story.handler))


@line("publishing.draft")
def _read_draft(world: World) -> Act:
    draft_id = _made(world)
    return lambda: publishing.draft(world.story.handler, administrator(world.story), draft_id)


@line("publishing.draft_set")
def _read_set(world: World) -> Act:
    me = administrator(world.story)
    made = publishing.make_set(world.story.handler, me, ReportKind.INDICATORS, LAST)
    return lambda: publishing.draft_set(world.story.handler, me, made)


@line("publishing.draft_file")
def _read_file(world: World) -> Act:
    draft_id = _made(world)
    return lambda: publishing.draft_file(world.story.handler, administrator(world.story), draft_id, Format.JSON, "sv")


def _published(world: World) -> str:
    me = administrator(world.story)
    made = publishing.make_draft(world.story.handler, me, ReportKind.SITUATION, LAST, None)
    return publish(world.story, made)


@line("changes.approve publish", E.CHANGE_APPROVED, E.REPORT_PUBLISHED)
def _publish(world: World) -> Act:
    administrators = two(world.story)
    made = publishing.make_draft(world.story.handler, administrator(world.story), ReportKind.AWARENESS, LAST, None)
    change_id, act = administrators.propose(ChangeKind.PUBLISH, payload_of(made))
    return lambda: administrators.approve(change_id, act)


@line("publishing.publication")
def _read_publication(world: World) -> Act:
    publication_id = _published(world)
    return lambda: publishing.publication(world.story.public, publication_id)


@line("publishing.publication_file")
def _read_publication_file(world: World) -> Act:
    publication_id = _published(world)
    publishing.make_files(world.story.handler)
    return lambda: publishing.publication_file(world.story.public, publication_id, Format.JSON, "sv")
