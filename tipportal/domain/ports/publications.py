"""What keeps the follow-up's drafts and publications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tipportal.domain.followup.publications import Content, Draft, Published, PublishedFile


class Publications(Protocol):
    """Drafts, published reports and their files. A publication is never changed.

    What a draft or a publication holds is given by a call of its own: lists need none of it.
    """

    def keep_draft(self, draft: Draft, content: Content) -> None:
        """Raises Conflict when the month's first draft of that report is kept already (unique)."""

    def draft(self, draft_id: str) -> Draft | None: ...
    def draft_content(self, draft_id: str) -> Content:
        """What a draft holds that is there. Raises KeyError."""

    def first_draft(self, first: str) -> Draft | None: ...
    def drafts(self) -> Sequence[Draft]:
        """Newest first."""

    def drafts_of(self, set_id: str) -> Sequence[Draft]:
        """Those of a set, newest first."""

    def forget_drafts(self, before: int) -> int:
        """Forget those made before an instant (UTC seconds); how many."""

    def publish(self, published: Published, content: Content) -> None:
        """Raises Conflict when the place is taken or the same document is published (unique, guard)."""

    def how_many(self) -> int: ...
    def publication(self, publication_id: str) -> Published | None: ...
    def published(self) -> Sequence[Published]:
        """In the order of their positions."""

    def document(self, publication_id: str) -> bytes:
        """The document of a publication that is there. Raises KeyError."""

    def shown(self) -> Mapping[bytes, bytes]:
        """What each publication is to later reports, by its digest, in the order of their positions."""

    def keep_file(self, file: PublishedFile) -> None:
        """Keep a file; one that is there already stays."""

    def file(self, publication_id: str, format_: str, language: str) -> PublishedFile | None: ...
    def files(self, publication_id: str) -> Sequence[tuple[str, str]]:
        """Formats and languages that are there."""
