"""What keeps how staff entered a case, and the codes that sources have replaced."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from tipportal.domain.cases import Case
from tipportal.domain.intake import Intake, ReplacedCode


class Intakes(Protocol):
    """Cases that staff entered; at most one intake and one replaced code for each case."""

    def add(self, intake: Intake) -> None: ...
    def of_case(self, case_id: str) -> Intake | None: ...
    def replaced(self, case_id: str) -> ReplacedCode | None: ...
    def replace_code(self, case: Case, replaced: ReplacedCode, lookup_digest: bytes, on: date) -> None:
        """The case answers to the new code alone. Raises AlreadyDecided unless a handed-over code still stands.

        Raises CaseExists on a taken lookup digest.
        """
