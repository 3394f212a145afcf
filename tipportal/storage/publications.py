"""Keeps the follow-up's drafts and publications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.errors import Conflict
from tipportal.domain.followup.publications import Content, Draft, Published, PublishedFile
from tipportal.domain.texts import N_

from .faults import guarded
from .guards import PUBLICATION_APPEND_ONLY, PUBLICATION_DENSE
from .mapping import columns_of, values_of
from .rows import publication_files, publications, report_drafts

_DRAFT = columns_of(report_drafts, Draft)
_CONTENT = columns_of(report_drafts, Content)
_PUBLISHED = columns_of(publications, Published)
_FILE = columns_of(publication_files, PublishedFile)
_NEWEST = (report_drafts.c.made_at.desc(), report_drafts.c.id)


class Publications:
    """Implements ``ports.Publications`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep_draft(self, draft: Draft, content: Content) -> None:
        """Keep one. Raises Conflict when the month's first draft of that report is kept already."""
        there = Conflict(N_("Det finns redan ett underlag för den rapporten den här månaden."))
        with guarded(self._connection, {"uq_report_drafts_first": there}):
            self._connection.execute(sa.insert(report_drafts), values_of(draft) | values_of(content))

    def draft(self, draft_id: str) -> Draft | None:
        """The one of an id."""
        row = self._connection.execute(sa.select(*_DRAFT).where(report_drafts.c.id == draft_id)).one_or_none()
        return None if row is None else Draft(*row)

    def draft_content(self, draft_id: str) -> Content:
        """What one holds. Raises KeyError."""
        row = self._connection.execute(sa.select(*_CONTENT).where(report_drafts.c.id == draft_id)).one_or_none()
        if row is None:
            raise KeyError(draft_id)
        return Content(*row)

    def first_draft(self, first: str) -> Draft | None:
        """The month's first of a report."""
        row = self._connection.execute(sa.select(*_DRAFT).where(report_drafts.c.first == first)).one_or_none()
        return None if row is None else Draft(*row)

    def drafts(self) -> Sequence[Draft]:
        """Every one, newest first."""
        query = sa.select(*_DRAFT).order_by(*_NEWEST)
        return [Draft(*row) for row in self._connection.execute(query)]

    def drafts_of(self, set_id: str) -> Sequence[Draft]:
        """Those of a set, newest first."""
        query = sa.select(*_DRAFT).where(report_drafts.c.set_id == set_id)
        return [Draft(*row) for row in self._connection.execute(query.order_by(*_NEWEST))]

    def forget_drafts(self, before: int) -> int:
        """Forget those made before an instant; how many."""
        return self._connection.execute(sa.delete(report_drafts).where(report_drafts.c.made_at < before)).rowcount

    def publish(self, published: Published, content: Content) -> None:
        """Keep a publication. Raises Conflict when its place is taken or the same document is published."""
        there = Conflict(N_("Rapporten är redan publicerad."))
        later = Conflict(N_("En annan rapport har publicerats under tiden. Ta fram underlaget igen."))
        refusals = {
            "uq_publications_digest": there,
            "uq_publications_position": later,
            PUBLICATION_DENSE: later,
        }
        with guarded(self._connection, refusals):
            self._connection.execute(sa.insert(publications), values_of(published) | values_of(content))

    def how_many(self) -> int:
        """How many are published."""
        return self._connection.execute(sa.select(sa.func.count()).select_from(publications)).scalar_one()

    def publication(self, publication_id: str) -> Published | None:
        """The one of an id."""
        query = sa.select(*_PUBLISHED).where(publications.c.id == publication_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Published(*row)

    def published(self) -> Sequence[Published]:
        """Every one, by position."""
        query = sa.select(*_PUBLISHED).order_by(publications.c.position)
        return [Published(*row) for row in self._connection.execute(query)]

    def document(self, publication_id: str) -> bytes:
        """The document of one. Raises KeyError."""
        query = sa.select(publications.c.document).where(publications.c.id == publication_id)
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            raise KeyError(publication_id)
        return found

    def shown(self) -> Mapping[bytes, bytes]:
        """What each is to later reports, by digest."""
        query = sa.select(publications.c.digest, publications.c.shown).order_by(publications.c.position)
        return dict(self._connection.execute(query).all())

    def keep_file(self, file: PublishedFile) -> None:
        """Keep a file. Two ticks at once make the same one: the first stays."""
        there = Conflict(N_("Filen finns redan."))
        try:
            with guarded(self._connection, {"pk_publication_files": there, PUBLICATION_APPEND_ONLY: there}):
                self._connection.execute(sa.insert(publication_files), values_of(file))
        except Conflict:
            return

    def file(self, publication_id: str, format_: str, language: str) -> PublishedFile | None:
        """One file of a publication."""
        at = publication_files.c
        query = sa.select(*_FILE).where(
            at.publication_id == publication_id, at.format == format_, at.language == language
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else PublishedFile(*row)

    def files(self, publication_id: str) -> Sequence[tuple[str, str]]:
        """Formats and languages of a publication's files."""
        at = publication_files.c
        query = (
            sa.select(at.format, at.language)
            .where(at.publication_id == publication_id)
            .order_by(at.format, at.language)
        )
        return [(one, other) for one, other in self._connection.execute(query)]
