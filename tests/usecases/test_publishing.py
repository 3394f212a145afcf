"""Reports on their way out: a draft a month, other words for its paragraphs, two who publish, files, and what stays."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

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
from tests.support.story import DAY, Story
from tipportal.domain.accounts import Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import DRAFT_DAYS
from tipportal.domain.followup.report import Audience, ReportKind
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.reporting import FORMATS, LANGUAGES, Format, document
from tipportal.usecases import changes, logbook, publishing
from tipportal.usecases.publishing import make_draft


@pytest.fixture
def over(story: Story) -> Story:
    """The year is over: something has come in, and the next year's January has come."""
    end_year(story)
    return story


def test_two_publish_what_both_have_signed(over: Story) -> None:
    draft = draft_of(over)
    published_id = publish(over, draft)
    (published,) = publishing.published(over.handler)
    assert published.id == published_id
    kept = published_document(over, published.id)
    assert (kept, published.digest, published.size) == (document_of(over, draft), draft.digest, draft.size)
    assert hashlib.sha256(kept).digest() == published.digest
    shown = publishing.publication(over.public, published.id)
    assert (shown.report.audience, shown.report.scope, shown.files) == (Audience.PUBLIC, None, ())
    with over.handler.storage.read() as uow:
        *_, last = uow.log.entries()
    assert EntryKind.REPORT_PUBLISHED.value.encode() in last[1]
    assert published.digest.hex().encode() in last[1]
    assert logbook.verify(over.handler).findings == ()


def test_a_month_has_one_draft_of_a_report(over: Story) -> None:
    """Whoever could draft daily would see what a single case changed."""
    first = draft_of(over)
    over.tip()
    assert draft_of(over) == first
    over.clock.advance(31 * DAY)
    assert draft_of(over).id != first.id


def test_figures_of_a_period_that_runs_are_not_drafted(story: Story) -> None:
    me = administrator(story)
    for kind, period, field in (
        (ReportKind.ANNUAL, YEAR, "period"),
        (ReportKind.ANNUAL, Period(2025, 1), "period"),
        (ReportKind.HALF_YEAR, Period(2025), "period"),
        (ReportKind.SAMPLE, Period(2025), "kind"),
    ):
        with pytest.raises(Invalid) as refused:
            make_draft(story.handler, me, kind, period, None)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        make_draft(story.handler, me, ReportKind.ANNUAL, Period(2025), "nobody's")


def test_only_administrators_draft_and_only_auditors_see_every_figure(over: Story) -> None:
    draft = draft_of(over)
    for member in over.municipality.members:
        account = member.account
        if account.role is not Role.ADMINISTRATOR:
            for refused in (
                lambda who: make_draft(over.handler, who, ReportKind.ANNUAL, YEAR, None),
                lambda who: publishing.draft(over.handler, who, draft.id),
                lambda who: publishing.edit_draft(over.handler, who, draft.id, {}),
                lambda who: publishing.drafts(over.handler, who),
                lambda who: publishing.draft_file(over.handler, who, draft.id, Format.JSON, "sv"),
            ):
                with pytest.raises(NotEntitled):
                    refused(account)
        if account.role is Role.AUDITOR:
            seen = publishing.internal(over.handler, account, ReportKind.ANNUAL, YEAR, None)
            assert seen.audience is Audience.INTERNAL
        else:
            with pytest.raises(NotEntitled):
                publishing.internal(over.handler, account, ReportKind.ANNUAL, YEAR, None)


def test_paragraphs_are_put_in_other_words_and_figures_stay(over: Story) -> None:
    me, draft = administrator(over), draft_of(over)
    report = document.decode(document_of(over, draft))
    name = next(one.id for section in report.sections for one in section.paragraphs)
    edited = publishing.edit_draft(over.handler, me, draft.id, {name: "  Så här gick det.  "})
    after = document.decode(document_of(over, edited))
    assert edited.digest != draft.digest
    assert [table for section in after.sections for table in section.tables] == [
        table for section in report.sections for table in section.tables
    ]
    assert [one.edited for section in after.sections for one in section.paragraphs if one.edited] == [
        "Så här gick det."
    ]
    told = changes.preview(over.handler, me, ChangeKind.PUBLISH, payload_of(edited))
    assert any("Så här gick det." in str(line) for line in told.lines)
    back = publishing.edit_draft(over.handler, me, edited.id, {name: ""})
    assert document_of(over, back) == document_of(over, draft)
    for texts, field in (({name: "x" * 4_001}, name), ({"no such": "x"}, "no such")):
        with pytest.raises(Invalid) as refused:
            publishing.edit_draft(over.handler, me, draft.id, texts)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        publishing.edit_draft(over.handler, me, "gone", {})


def test_what_was_published_since_makes_a_draft_stale(over: Story) -> None:
    """Figures that are hidden in one could be computed from both."""
    organisation = over.municipality.function.organisation_id
    other = draft_of(over, organisation)
    draft = draft_of(over)
    publish(over, draft)
    assert not publishing.draft(over.handler, administrator(over), other.id).current
    with pytest.raises(FaultyChange):
        publish(over, other)
    again = draft_of(over, organisation)
    assert again.after == 1
    publish(over, again)
    assert [one.position for one in publishing.published(over.handler)] == [1, 0]
    assert [one.organisation_id for one in publishing.published(over.handler, "another")] == [None]
    assert len(publishing.published(over.handler, organisation)) == 2


@pytest.mark.parametrize(
    "altered",
    [
        {"digest": "0" * 64},
        {"draft": "gone"},
        {"more": "x"},
        {"registry_number": "x" * 61},
        {"registry_number": " "},
        {"registry_number": "KS 1", "more": "x"},
    ],
)
def test_a_payload_that_is_not_the_draft_s_is_refused(over: Story, altered: dict[str, Json]) -> None:
    """``altered`` is what is said of the draft, or of the whole where it names the registry number."""
    draft = draft_of(over)
    named: Json = {"draft": draft.id, "digest": draft.digest.hex(), **altered}
    with pytest.raises(Refusal):
        publish_all(over, [draft], altered if "registry_number" in altered else {"drafts": [named]})
    assert publishing.published(over.handler) == []


def test_tick_makes_the_files_once_and_forgets_old_drafts(over: Story) -> None:
    draft = draft_of(over)
    publish(over, draft)
    (published,) = publishing.published(over.handler)
    with pytest.raises(NotFound):
        publishing.publication_file(over.public, published.id, Format.JSON, "sv")
    assert publishing.make_files(over.handler) == len(FORMATS) * len(LANGUAGES)
    assert publishing.make_files(over.handler) == 0
    assert publishing.publication_file(over.public, published.id, Format.JSON, "sv").data == published_document(
        over, published.id
    )
    assert publishing.publication_file(over.public, published.id, Format.PDF, "en").data.startswith(b"%PDF")
    over.clock.advance((DRAFT_DAYS + 1) * DAY)
    publishing.make_files(over.handler)
    with pytest.raises(NotFound):
        publishing.draft(over.handler, administrator(over), draft.id)
    assert publishing.publication(over.public, published.id).published == published


def test_with_nothing_to_make_or_forget_tick_waits_for_nobody(over: Story) -> None:
    draft = draft_of(over)
    publish(over, draft)
    publishing.make_files(over.handler)
    with over.handler.storage.write():
        assert publishing.make_files(over.handler) == 0


def test_a_report_of_another_organisation_is_not_found(over: Story) -> None:
    organisation = over.municipality.function.organisation_id
    own, whole = publish(over, draft_of(over, organisation)), publish(over, draft_of(over))
    publishing.make_files(over.handler)
    for asked, found in ((own, [None, organisation]), (whole, [None, organisation, "another"])):
        for organisation_id in found:
            assert publishing.publication(over.public, asked, organisation_id).published.id == asked
            publishing.publication_file(over.public, asked, Format.CSV, "sv", organisation_id)
    with pytest.raises(NotFound):
        publishing.publication(over.public, own, "another")
    with pytest.raises(NotFound):
        publishing.publication_file(over.public, own, Format.CSV, "sv", "another")


def test_who_is_kept_out_of_a_case_does_not_find_it_in_the_figures(over: Story) -> None:
    auditor = next(member.account for member in over.municipality.members if member.account.role is Role.AUDITOR)
    before = publishing.internal(over.handler, auditor, ReportKind.ANNUAL, YEAR, None)
    case = over.tip()
    with over.handler.storage.write() as uow:
        stored = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert stored is not None
        uow.separations.hide(stored, [auditor.id])
    after = publishing.internal(over.handler, auditor, ReportKind.ANNUAL, YEAR, None)
    assert replace(after, log=before.log, as_of=before.as_of) == before


def test_what_is_due_is_told_to_those_who_publish(over: Story) -> None:
    two = over.municipality.administrators(over.handler)
    assert over.handler.today() == date(2027, 1, 22)
    kinds = {each.kind for each in publishing.reminders(over.handler, two.proposer.account)}
    assert ReportKind.ANNUAL in kinds
    assert ReportKind.SAMPLE not in kinds
    publish(over, draft_of(over))
    assert ReportKind.ANNUAL not in {each.kind for each in publishing.reminders(over.handler, two.proposer.account)}
    assert publishing.reminders(over.handler, over.municipality.handlers()[0].account) == ()
