"""One history on SQLite and PostgreSQL: reports are the same bytes, and both publish, make files and verify alike."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support import databases
from tests.support.followed_up import administrator, payload_of, published_document, published_ids
from tests.support.setting_up import two
from tests.support.story import DAY, START, FixedRandom, SettableClock, Story, staffed
from tipportal.cli.demo_cases import Stage, play
from tipportal.cli.demo_staffing import SLUG
from tipportal.cli.demo_years import Life, live, lives
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, ReportKind
from tipportal.domain.organisations import Channel
from tipportal.envelope.signednotes import NoteSigner
from tipportal.reporting import FORMATS, LANGUAGES, Format, document
from tipportal.storage import Database
from tipportal.storage.engines import normalised
from tipportal.storage.rows import metadata
from tipportal.usecases import checkpoints, logexport, publishing
from tipportal.usecases.reporting import making
from tipportal.usecases.reporting.verifying import verify

DAYS = 210
REPORTS = {kind: Period(2026, 2) if kind is ReportKind.HALF_YEAR else Period(2027) for kind in ReportKind}
"""The half-year in which all came in, and the year in which most was done, which has the year before beside it."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Story]]:
    """One history on each database, at the same moment and about to draw the same numbers."""
    folders = [tmp_path_factory.mktemp(kind) for kind in databases.KINDS]
    with ExitStack() as stack:
        played = stack.enter_context(staffed("sqlite", folders[0]))
        _play(played)
        url = stack.enter_context(databases.fresh("postgresql", folders[1]))
        _copy(played, url)
        opened = [
            stack.enter_context(_opened(played, kind, at, folder / "blobs"))
            for kind, at, folder in zip(databases.KINDS, (played.url, url), folders, strict=True)
        ]
        yield opened[0], opened[1]


def _play(story: Story) -> None:
    """Six cases through the real use cases: measured, claimed, handed over, set aside, talked with."""
    opens = START + DAYS * DAY
    stage = Stage(
        story.public, story.handler, story.municipality, stockholm_date(opens), lambda: story.clock.advance(60)
    )

    def go_to(days_before: int) -> None:
        story.clock.now = max(story.clock.now, opens - days_before * DAY)

    there = [life for life in lives(5, last=DAYS) if life.slug == SLUG]
    chosen = [
        next(life for life in there if life.channel is channel and wanted(life))
        for channel in Channel
        for wanted in (_measured, _handed, _untouched)
    ]
    told = (replace(life, left=DAYS - place, repaid=0) for place, life in enumerate(chosen))
    play([live(stage, life) for life in told], go_to)


def _measured(life: Life) -> bool:
    return bool(life.measures) and life.talks


def _handed(life: Life) -> bool:
    return life.handed is not None


def _untouched(life: Life) -> bool:
    return not life.measures


def _copy(story: Story, url: str) -> None:
    contents = story.contents()
    engine = sa.create_engine(normalised(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        # What is there has been guarded once, where it was written.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in metadata.sorted_tables:
            connection.execute(sa.delete(table))
            if contents[table.name]:
                connection.execute(sa.insert(table), contents[table.name])


@contextmanager
def _opened(story: Story, kind: str, url: str, blobs: Path) -> Iterator[Story]:
    clock, random = SettableClock(story.clock.now), FixedRandom("both")
    database = Database(url, blobs, random)
    public, handler = (
        replace(each, storage=database, clock=clock, random=random) for each in (story.public, story.handler)
    )
    try:
        yield replace(
            story, kind=kind, url=url, database=database, clock=clock, public=public, handler=handler, blobs=blobs
        )
    finally:
        database.close()


@pytest.mark.parametrize("audience", list(Audience))
def test_a_report_is_the_same_bytes(both: tuple[Story, Story], audience: Audience) -> None:
    digests = set()
    for kind, period in REPORTS.items():
        if (kind, audience) == (ReportKind.SAMPLE, Audience.PUBLIC):
            continue
        first, second = (
            document.encode(making.make(story.handler, kind, period, audience=audience).report) for story in both
        )
        assert first == second, kind
        # They do not agree by being empty.
        assert kind is ReportKind.SAMPLE or any(_figures(first)), kind
        digests.add(hashlib.sha256(first).digest())
    assert len(digests) >= len(ReportKind) - 1


def _figures(data: bytes) -> Iterator[int]:
    report = document.decode(data)
    for section in report.sections:
        for table in section.tables:
            for row in table.figures:
                yield from (figure.value for figure in row if figure.value is not None)


def test_both_draft_publish_make_files_and_verify_the_same(both: tuple[Story, Story]) -> None:
    made = [_published(story) for story in both]
    assert made[0] == made[1]


def _published(story: Story) -> tuple[bytes, dict[str, bytes], str, str]:
    """A published report, its files by their digests, the checkpoint after it, and what verifying it says."""
    ctx, period = story.handler, Period(2026)
    signer = NoteSigner(checkpoints.origin(ctx), bytes([7]) * 32)
    draft = publishing.make_draft(ctx, administrator(story), ReportKind.INDICATORS, period, None)
    made = two(story).make(ChangeKind.PUBLISH, payload_of(draft))
    (name,) = published_ids(made)
    assert publishing.make_files(ctx) == len(FORMATS) * len(LANGUAGES)
    assert publishing.make_files(ctx) == 0
    files = {
        f"{form}-{language}": hashlib.sha256(publishing.publication_file(ctx, name, form, language).data).digest()
        for form in FORMATS
        # A letter's archive says at which second it was packed.
        if form is not Format.DOCX
        for language in LANGUAGES
    }
    data = publishing.publication_file(ctx, name, Format.JSON, "sv").data
    note, out = checkpoints.make(ctx, signer).note, io.BytesIO()
    logexport.export(ctx, out)
    checked = verify(data, note, lambda: out.getvalue().splitlines(keepends=True), [signer.public])
    assert checked.holds, checked.wrong
    assert checked.published is not None
    return published_document(story, name), files, note, checked.published.digest
