"""Drafts, publications and files in the tables: one first draft a month, no gap, and nothing published ever changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.storage import samples
from tests.storage.raw import refused
from tests.storage.test_changes import CHANGE
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import Conflict
from tipportal.domain.followup.publications import Content, Draft, Published, PublishedFile
from tipportal.domain.followup.report import ReportKind
from tipportal.storage import Database
from tipportal.storage.engines import normalised, writer_engine
from tipportal.storage.schema import downgrade, upgrade

DRAFT = Draft(
    "d1",
    None,
    ReportKind.ANNUAL,
    "2025",
    40,
    date(2026, 1, 7),
    b"d" * 32,
    0,
    "anna",
    samples.NOW,
    first="a",
)
PUBLISHED = Published(
    "r1",
    0,
    "o1",
    ReportKind.HALF_YEAR,
    "2025-2",
    40,
    date(2026, 1, 7),
    b"d" * 32,
    "KS 2026/1",
    "c1",
    samples.NOW,
)
CONTENT = Content(b"{}", b"[]")
FILE = PublishedFile("r1", "pdf", "sv", b"%PDF", samples.NOW)


def _fill(database: Database) -> None:
    with database.write() as uow:
        uow.changes.add(replace(CHANGE, kind=ChangeKind.PUBLISH))
        uow.changes.decide("c1", ProposalState.APPROVED, approver="bo", signature=os.urandom(64), now=samples.NOW)
        uow.publications.keep_draft(DRAFT, CONTENT)
        uow.publications.publish(PUBLISHED, CONTENT)
        uow.publications.keep_file(FILE)


@pytest.fixture
def full(town: Database) -> Database:
    _fill(town)
    return town


def test_what_was_kept_is_found(full: Database) -> None:
    edited = replace(DRAFT, id="d2", first=None, based_on="d1", made_at=samples.NOW + 1)
    with full.write() as uow:
        uow.publications.keep_draft(edited, CONTENT)
    with full.read() as uow:
        assert (uow.publications.draft("d1"), uow.publications.draft("?")) == (DRAFT, None)
        assert (uow.publications.first_draft("a"), uow.publications.first_draft("b")) == (DRAFT, None)
        assert list(uow.publications.drafts()) == [edited, DRAFT]
        assert list(uow.publications.published()) == [uow.publications.publication("r1")] == [PUBLISHED]
        assert uow.publications.publication("?") is None
        assert uow.publications.draft_content("d1") == CONTENT
        assert uow.publications.document("r1") == CONTENT.document
        assert uow.publications.shown() == {PUBLISHED.digest: CONTENT.shown}
        for nothing in (uow.publications.draft_content, uow.publications.document):
            with pytest.raises(KeyError):
                nothing("?")
        assert uow.publications.how_many() == 1
        assert uow.publications.file("r1", "pdf", "sv") == FILE
        assert uow.publications.file("r1", "pdf", "en") is None
        assert list(uow.publications.files("r1")) == [("pdf", "sv")]


def test_a_month_has_one_first_draft_of_a_report(full: Database) -> None:
    with pytest.raises(Conflict), full.write() as uow:
        uow.publications.keep_draft(replace(DRAFT, id="d2"), CONTENT)
    with full.write() as uow:
        uow.publications.keep_draft(replace(DRAFT, id="d2", first=None, based_on="d1"), CONTENT)
        uow.publications.keep_draft(replace(DRAFT, id="d3", first=None, based_on="d1"), CONTENT)
    assert refused(full, "UPDATE report_drafts SET based_on = NULL") == "ck_report_drafts_first_or_edited"
    assert refused(full, "UPDATE report_drafts SET digest = document") == "ck_report_drafts_digest"


def test_old_drafts_are_forgotten(full: Database) -> None:
    with full.write() as uow:
        assert uow.publications.forget_drafts(samples.NOW) == 0
        assert uow.publications.forget_drafts(samples.NOW + 1) == 1
        assert uow.publications.draft("d1") is None


@pytest.mark.parametrize(
    "other",
    [
        replace(PUBLISHED, id="r2", digest=b"e" * 32, change_id="c2"),
        replace(PUBLISHED, id="r2", position=2, digest=b"e" * 32, change_id="c2"),
        replace(PUBLISHED, id="r2", position=1, change_id="c2"),
    ],
    ids=["place taken", "gap", "document published"],
)
def test_a_publication_takes_the_next_place_once(full: Database, other: Published) -> None:
    with full.write() as uow:
        uow.changes.add(replace(CHANGE, id="c2", nonce="1" * 32, kind=ChangeKind.PUBLISH))
    with pytest.raises(Conflict), full.write() as uow:
        uow.publications.publish(other, CONTENT)
    with full.write() as uow:
        uow.publications.publish(replace(other, position=1, digest=b"e" * 32, change_id="c2"), CONTENT)


def test_one_change_publishes_several_reports_one_after_the_other(full: Database) -> None:
    more = [replace(PUBLISHED, id=f"r{at + 1}", position=at, digest=bytes([at]) * 32, together=True) for at in (1, 2)]
    with full.write() as uow:
        for one in more:
            uow.publications.publish(one, CONTENT)
    with full.read() as uow:
        assert list(uow.publications.published()) == [PUBLISHED, *more]


def test_drafts_of_a_set_are_found_newest_first(full: Database) -> None:
    one = replace(DRAFT, id="d2", first="a|set", set_id="s")
    other = replace(DRAFT, id="d3", first="b|set", organisation_id="o1", set_id="s")
    edited = replace(one, id="d4", first=None, based_on="d2", made_at=samples.NOW + 1)
    with full.write() as uow:
        for each in (one, other, edited):
            uow.publications.keep_draft(each, CONTENT)
    with full.read() as uow:
        assert list(uow.publications.drafts_of("s")) == [edited, one, other]
        assert list(uow.publications.drafts_of("d1")) == []


def test_a_file_that_is_there_stays(full: Database) -> None:
    with full.write() as uow:
        uow.publications.keep_file(replace(FILE, data=b"other"))
        uow.publications.keep_file(replace(FILE, language="en"))
    with full.read() as uow:
        assert uow.publications.file("r1", "pdf", "sv") == FILE
        assert list(uow.publications.files("r1")) == [("pdf", "en"), ("pdf", "sv")]


@pytest.mark.parametrize("table", ["publications", "publication_files"])
def test_nothing_published_is_changed_or_taken_away(full: Database, table: str) -> None:
    for statement in (f"UPDATE {table} SET organisation_id = NULL", f"DELETE FROM {table}"):  # noqa: S608 - our own names
        assert refused(full, statement) == "publication_append_only"


@pytest.fixture
def former(empty_url: str, tmp_path: Path) -> Iterator[tuple[str, Database]]:
    """Tables that are taken down and put up again."""
    upgrade(empty_url)
    database = Database(empty_url, tmp_path / "blobs")
    samples.settle_in(database)
    yield empty_url, database
    database.close()


def test_sets_leave_with_what_was_published_after_them_and_the_others_stay(former: tuple[str, Database]) -> None:
    """A change of theirs had one report, and no place may be missing."""
    url, database = former
    _fill(database)
    later = [
        replace(PUBLISHED, id="r2", position=1, digest=b"e" * 32, change_id="c2", together=True),
        replace(PUBLISHED, id="r3", position=2, digest=b"f" * 32, change_id="c2", together=True),
        replace(PUBLISHED, id="r4", position=3, digest=b"g" * 32, change_id="c3"),
    ]
    with database.write() as uow:
        for number in ("2", "3", "4"):
            change_id = f"c{number}"
            uow.changes.add(replace(CHANGE, id=change_id, nonce=number * 32, kind=ChangeKind.PUBLISH))
        uow.publications.keep_draft(replace(DRAFT, id="d2", first="a|set", set_id="s"), CONTENT)
        for one in later:
            uow.publications.publish(one, CONTENT)
            uow.publications.keep_file(replace(FILE, publication_id=one.id))
    downgrade(url, "0022")
    engine = writer_engine(normalised(url))
    with engine.connect() as connection:
        for query, found in (
            ("SELECT id FROM publications", ["r1"]),
            ("SELECT publication_id FROM publication_files", ["r1"]),
            ("SELECT id FROM report_drafts", ["d1"]),
            ("SELECT id FROM changes", ["c1"]),
        ):
            assert connection.exec_driver_sql(query).scalars().all() == found
    engine.dispose()
    upgrade(url)
    with database.write() as uow:
        assert list(uow.publications.published()) == [PUBLISHED]
        assert uow.publications.document("r1") == CONTENT.document
        assert (uow.publications.draft("d1"), uow.publications.file("r1", "pdf", "sv")) == (DRAFT, FILE)
        uow.publications.publish(replace(later[0], change_id="c1"), CONTENT)
    for table in ("publications", "publication_files"):
        assert refused(database, f"DELETE FROM {table}") == "publication_append_only"  # noqa: S608 - our own names


def test_what_waits_in_another_shape_is_proposed_anew(former: tuple[str, Database]) -> None:
    url, database = former
    with database.write() as uow:
        uow.changes.add(replace(CHANGE, kind=ChangeKind.PUBLISH))
        uow.changes.add(replace(CHANGE, id="c2", nonce="1" * 32))
    engine = writer_engine(normalised(url))
    downgrade(url, "0022")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE changes SET kind = 'publish' WHERE id = 'c2'")
    upgrade(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM changes").scalars().all() == []
    engine.dispose()


def test_what_was_published_leaves_with_its_tables_and_its_change(former: tuple[str, Database]) -> None:
    url, database = former
    _fill(database)
    engine = writer_engine(normalised(url))
    downgrade(url, "0021")
    tables = sa.inspect(engine).get_table_names()
    assert {"report_drafts", "publications", "publication_files"}.isdisjoint(tables)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM changes").scalar_one() == 0
    upgrade(url)
    with database.read() as uow:
        assert uow.publications.how_many() == 0
    engine.dispose()
