"""A municipality whose year is over, and its two administrators who draft and publish reports of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.support.story import DAY, Story
from tipportal.cli import demo_directory
from tipportal.domain.accounts import Account
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import Draft
from tipportal.domain.followup.report import ReportKind
from tipportal.domain.handlinglog import Json
from tipportal.usecases import publishing

YEAR = Period(2026)


def end_year(story: Story) -> None:
    """Let a tip and a report come in, and the next year's January come."""
    story.tip()
    story.report()
    story.clock.advance(60 * DAY)
    with story.handler.storage.write() as uow:
        uow.log.fold_pending(before=story.handler.today())
    demo_directory.publish(story.municipality.administrators(story.handler))


def administrator(story: Story) -> Account:
    """Who drafts and proposes."""
    return story.municipality.administrators(story.handler).proposer.account


def draft_of(story: Story, organisation_id: str | None = None) -> Draft:
    """The month's draft of the year's report."""
    return publishing.make_draft(story.handler, administrator(story), ReportKind.ANNUAL, YEAR, organisation_id)


def document_of(story: Story, draft: Draft) -> bytes:
    """The document of a draft."""
    with story.handler.storage.read() as uow:
        return uow.publications.draft_content(draft.id).document


def published_document(story: Story, publication_id: str) -> bytes:
    """The document of a publication, as it is kept."""
    with story.handler.storage.read() as uow:
        return uow.publications.document(publication_id)


def payload_of(*drafts: Draft) -> dict[str, Json]:
    """What both sign."""
    return publishing.proposal(drafts, "KS 2027/12")


def publish_all(story: Story, drafts: Sequence[Draft], changes: Mapping[str, Json] | None = None) -> list[str]:
    """Let both publish drafts at once; the publications' ids. ``changes`` are made to what is signed."""
    payload = {**payload_of(*drafts), **(changes or {})}
    made = story.municipality.administrators(story.handler).make(ChangeKind.PUBLISH, payload)
    return published_ids(made)


def published_ids(made: Mapping[str, Json]) -> list[str]:
    """What the approver is told was published."""
    published = made["publications"]
    assert isinstance(published, list)
    return [str(one) for one in published]


def publish(story: Story, draft: Draft, changes: Mapping[str, Json] | None = None) -> str:
    """Let both publish a draft; the publication's id."""
    (published,) = publish_all(story, [draft], changes)
    return published
