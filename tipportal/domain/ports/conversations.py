"""What keeps filled-in forms of the dialogue, what has been read of it, and meetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tipportal.domain.conversations import FilledForm, Meeting, Reading


class Conversations(Protocol):
    """Forms, readings and meetings of cases."""

    def add_form(self, form: FilledForm) -> None:
        """Raises AlreadyDecided when what it answers has an answer."""

    def forms(self, case_id: str) -> Sequence[FilledForm]:
        """In the order of the dialogue."""

    def add_reading(self, reading: Reading, *, settled: bool) -> None:
        """Keep how far somebody had the dialogue open; once for each place, later days change nothing."""

    def readings(self, case_id: str) -> Sequence[Reading]:
        """By reader and place."""

    def add_meeting(self, meeting: Meeting) -> None: ...
    def meetings(self, case_id: str) -> Sequence[Meeting]:
        """By day."""
