"""Reports that are made together: a set a month, edited one by one, published by two at once, all or some of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.support.followed_up import (
    YEAR,
    administrator,
    document_of,
    draft_of,
    end_year,
    payload_of,
    publish,
    publish_all,
    published_document,
)
from tests.support.setting_up import two
from tests.support.story import DAY, Story, staffed
from tipportal.domain.accounts import Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange, StaleChange
from tipportal.domain.errors import Conflict, Invalid, NotEntitled, NotFound
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import DRAFT_DAYS, MOST_TOGETHER, Draft
from tipportal.domain.followup.report import ReportKind
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.envelope.signednotes import NoteSigner
from tipportal.reporting import FORMATS, LANGUAGES, document
from tipportal.usecases import changes, checkpoints, logbook, logexport, publishing
from tipportal.usecases.context import Context
from tipportal.usecases.reporting.verifying import verify


@pytest.fixture
def over(tmp_path: Path) -> Iterator[Story]:
    """The year is over: something has come in, and the next year's January has come."""
    with staffed("sqlite", tmp_path) as story:
        end_year(story)
        yield story


def set_of(story: Story, kind: ReportKind = ReportKind.INDICATORS) -> tuple[Draft, ...]:
    """The drafts of the month's set."""
    me = administrator(story)
    return publishing.draft_set(story.handler, me, publishing.make_set(story.handler, me, kind, YEAR)).drafts


def entries_of(story: Story, kind: EntryKind) -> list[dict[str, object]]:
    """What entries of a kind say."""
    with story.handler.storage.read() as uow:
        found = [json.loads(data) for _, data in uow.log.entries()]
    return [body["facts"] for body in found if body["kind"] == kind]


def test_every_organisation_s_report_leaves_at_once_and_each_is_verified(
    over: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, me = over.handler, administrator(over)
    drafts = set_of(over)
    assert drafts[0].organisation_id is None
    assert len(drafts) >= 3
    assert len({one.organisation_id for one in drafts}) == len(drafts)
    assert {(one.after, one.size, one.set_id) for one in drafts} == {(0, drafts[0].size, drafts[0].set_id)}
    assert all(document.decode(document_of(over, one)).together for one in drafts)
    name = next(one.id for part in document.decode(document_of(over, drafts[1])).sections for one in part.paragraphs)
    edited = publishing.edit_draft(ctx, me, drafts[1].id, {name: "Så gick det hos oss."})
    assert edited.set_id == drafts[1].set_id
    now = publishing.draft_set(ctx, me, str(edited.set_id))
    assert (now.drafts, now.current) == ((drafts[0], edited, *drafts[2:]), True)
    lines = [str(line) for line in changes.preview(ctx, me, ChangeKind.PUBLISH, payload_of(*now.drafts)).lines]
    assert all(any(one.digest.hex() in line for line in lines) for one in now.drafts)
    whose = next(line.partition(".")[0] for line in lines if edited.digest.hex() in line)
    assert any(line.startswith(f"{whose}. ") and "Så gick det hos oss." in line for line in lines)

    ids = publish_all(over, now.drafts)

    published = publishing.published(ctx)
    assert [one.id for one in published] == ids
    assert [(one.position, one.digest) for one in published] == [
        (place, one.digest) for place, one in enumerate(now.drafts)
    ]
    assert len({one.change_id for one in published}) == 1
    (said,) = entries_of(over, EntryKind.REPORT_PUBLISHED)
    reports = said["reports"]
    assert isinstance(reports, list)
    assert [(each["report"], each["digest"], each["together"]) for each in reports] == [
        (one.id, one.digest.hex(), True) for one in published
    ]
    assert said["number"] == "KS 2027/12"
    assert logbook.verify(ctx).findings == ()
    each = len(FORMATS) * len(LANGUAGES)
    monkeypatch.setattr(publishing, "REPORTS_AT_ONCE", 2)
    assert publishing.make_files(ctx) == 2 * each
    assert sum(iter(lambda: publishing.make_files(ctx), 0)) == (len(ids) - 2) * each
    _each_is_verified(over, ids)


def _each_is_verified(story: Story, ids: Sequence[str]) -> None:
    signer = NoteSigner(checkpoints.origin(story.handler), bytes([7]) * 32)
    note, out = checkpoints.make(story.handler, signer).note, io.BytesIO()
    logexport.export(story.handler, out)
    lines = out.getvalue().splitlines(keepends=True)
    for one in ids:
        checked = verify(published_document(story, one), note, lambda: lines, [signer.public])
        assert checked.holds, checked.wrong
        assert checked.published is not None
        assert checked.published.id == one


def test_some_are_published_and_a_later_report_reckons_with_all_of_them(over: Story) -> None:
    """What was not published of a set is made anew: what has been shown meanwhile decides what may be."""
    drafts = set_of(over)
    ids = publish_all(over, [drafts[0], drafts[2]])
    me = administrator(over)
    assert not publishing.draft_set(over.handler, me, str(drafts[0].set_id)).current
    with pytest.raises(FaultyChange):
        publish(over, drafts[1])
    again = set_of(over)
    assert (again[0].set_id != drafts[0].set_id, again[0].after) == (True, 2)
    later = draft_of(over, drafts[1].organisation_id)
    assert (later.after, later.set_id) == (2, None)
    report = document.decode(document_of(over, later))
    assert (report.earlier, report.together) == ((drafts[0].digest.hex(), drafts[2].digest.hex()), False)
    ids.append(publish(over, later))
    assert [one.id for one in publishing.published(over.handler)] == [ids[2], ids[0], ids[1]]
    _each_is_verified(over, ids)


def test_a_month_has_one_set_of_a_report_besides_single_drafts(over: Story) -> None:
    alone = publishing.make_draft(over.handler, administrator(over), ReportKind.BRA, YEAR, None)
    first = set_of(over, ReportKind.BRA)
    assert alone.id != first[0].id
    assert alone.set_id is None
    made = len(entries_of(over, EntryKind.REPORT_DRAFTED))
    over.tip()
    assert set_of(over, ReportKind.BRA) == first
    assert set_of(over, ReportKind.INDICATORS)[0].set_id != first[0].set_id
    last = entries_of(over, EntryKind.REPORT_DRAFTED)
    assert len(last) == made + 1
    assert last[-2]["set"] == first[0].set_id
    listed = last[-2]["drafts"]
    assert isinstance(listed, list)
    assert {each["draft"] for each in listed} == {one.id for one in first}
    over.clock.advance(31 * DAY)
    assert set_of(over, ReportKind.BRA)[0].set_id != first[0].set_id


def meanwhile(story: Story, happens: Callable[[], object]) -> Context:
    """The handlers' context; something happens there after a set is computed, and before it is kept."""
    drawn = 0

    def random(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        # The first is the set's own id, and the second that of its first draft.
        if drawn == 2:
            happens()
        return story.handler.random(size)

    return replace(story.handler, random=random)


def test_two_who_ask_at_once_get_the_same_set(over: Story) -> None:
    me = administrator(over)
    others: list[Draft] = []
    ctx = meanwhile(over, lambda: others.extend(set_of(over)))
    assert publishing.make_set(ctx, me, ReportKind.INDICATORS, YEAR) == others[0].set_id
    assert len(publishing.drafts(over.handler, me)) == len(others)


def test_a_set_that_was_computed_before_a_report_was_published_is_not_kept(over: Story) -> None:
    me = administrator(over)
    ctx = meanwhile(over, lambda: publish(over, draft_of(over)))
    with pytest.raises(Conflict):
        publishing.make_set(ctx, me, ReportKind.INDICATORS, YEAR)
    assert [one.set_id for one in publishing.drafts(over.handler, me)] == [None]


def test_what_was_not_made_together_is_not_published_together(over: Story) -> None:
    """Neither of two drafts made apart reckons with the other: what is hidden in one could be computed from both."""
    drafts, others = set_of(over), set_of(over, ReportKind.BRA)
    single, alike = draft_of(over), draft_of(over, drafts[1].organisation_id)
    edited = publishing.edit_draft(over.handler, administrator(over), drafts[0].id, {})
    apart, twice = "framtagna tillsammans", "samma rapport två gånger"
    for chosen, words in (
        ([drafts[0], others[1]], apart),
        ([*drafts[1:], single], apart),
        ([single, alike], apart),
        ([drafts[0], drafts[1], drafts[0]], twice),
        ([drafts[0], edited], twice),
        ([drafts[0], replace(drafts[1], digest=drafts[2].digest)], "inte det som förslaget gäller"),
        ([], "drafts"),
        ([drafts[0]] * (MOST_TOGETHER + 1), "drafts"),
    ):
        with pytest.raises(FaultyChange) as refused:
            publish_all(over, chosen)
        assert words in str(refused.value.faults[0])
    assert publishing.published(over.handler) == []


def test_what_is_published_while_a_set_waits_makes_it_stale(over: Story) -> None:
    drafts, single = set_of(over), draft_of(over)
    change_id, act = two(over).propose(ChangeKind.PUBLISH, payload_of(*drafts))
    publish(over, single)
    with pytest.raises(StaleChange):
        two(over).approve(change_id, act)
    with pytest.raises(FaultyChange):
        publish_all(over, drafts)
    assert len(publishing.published(over.handler)) == 1


def test_a_payload_that_is_no_list_of_drafts_is_refused(over: Story) -> None:
    draft = draft_of(over)
    digest = draft.digest.hex()
    for named in (
        "all",
        {"draft": draft.id, "digest": digest},
        [draft.id],
        [None],
        [{"draft": draft.id}],
        [{"draft": draft.id, "digest": digest, "more": ""}],
        [{"draft": 7, "digest": digest}],
    ):
        altered: dict[str, Json] = {"drafts": cast("Json", named)}
        with pytest.raises(FaultyChange):
            publish_all(over, [draft], altered)
    assert publishing.published(over.handler) == []


def test_sets_are_made_as_single_drafts_are(over: Story) -> None:
    ctx, me = over.handler, administrator(over)
    for kind, period, field in (
        (ReportKind.ANNUAL, Period(2027), "period"),
        (ReportKind.ANNUAL, Period(2026, 1), "period"),
        (ReportKind.SAMPLE, YEAR, "kind"),
    ):
        with pytest.raises(Invalid) as refused:
            publishing.make_set(ctx, me, kind, period)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        publishing.draft_set(ctx, me, "gone")
    made = set_of(over)[0].set_id
    for member in over.municipality.members:
        if member.account.role is not Role.ADMINISTRATOR:
            with pytest.raises(NotEntitled):
                publishing.make_set(ctx, member.account, ReportKind.ANNUAL, YEAR)
            with pytest.raises(NotEntitled):
                publishing.draft_set(ctx, member.account, str(made))
    over.clock.advance((DRAFT_DAYS + 1) * DAY)
    publishing.make_files(ctx)
    with pytest.raises(NotFound):
        publishing.draft_set(ctx, me, str(made))
