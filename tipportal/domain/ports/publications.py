"""What keeps the follow-up's drafts and publications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tipportal.domain.followup.publications import Draft, Published, PublishedFile


class Publications(Protocol):
    """Drafts, published reports and their files. A publication is never changed."""

    def keep_draft(self, draft: Draft) -> None:
        """Raises Conflict when the month's first draft of that report is kept already (unique)."""

    def draft(self, draft_id: str) -> Draft | None: ...
    def first_draft(self, first: str) -> Draft | None: ...
    def drafts(self) -> Sequence[Draft]:
        """Newest first."""

    def forget_drafts(self, before: int) -> int:
        """Forget those made before an instant (UTC seconds); how many."""

    def publish(self, published: Published) -> None:
        """Raises Conflict when the place is taken or the same document is published (unique, guard)."""

    def how_many(self) -> int: ...
    def publication(self, publication_id: str) -> Published | None: ...
    def published(self) -> Sequence[Published]:
        """In the order of their positions."""

    def keep_file(self, file: PublishedFile) -> None:
        """Keep a file; one that is there already stays."""

    def file(self, publication_id: str, format_: str, language: str) -> PublishedFile | None: ...
    def files(self, publication_id: str) -> Sequence[tuple[str, str]]:
        """Formats and languages that are there."""
