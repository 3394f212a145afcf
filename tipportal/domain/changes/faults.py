"""What is wrong with a proposed change, each fault with where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tipportal.domain.errors import Invalid, Refusal
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_


@dataclass(frozen=True, slots=True)
class ChangeFault:
    """One fault: at which operation (from 0), or in which file and line (from 1), or of the change as a whole."""

    what: Sentence
    operation: int | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.file is not None:
            return f"{self.file}:{self.line}: {self.what}"
        return str(self.what) if self.operation is None else f"{self.operation + 1}: {self.what}"


class FaultyChange(Invalid):
    """The change cannot be made as it is; nothing of it is. ``faults``: everything that is wrong."""

    code = "faulty_change"

    def __init__(self, faults: Iterable[ChangeFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(N_("Ändringen går inte att göra som den är. Inget har ändrats."), field="payload")


class StaleChange(Refusal):
    """What the change builds on has changed since it was proposed."""

    code = "stale_change"


def faulty(msgid: str, *, operation: int | None = None, **values: object) -> FaultyChange:
    """A change with one fault, told by a msgid and the values for its places."""
    return FaultyChange([ChangeFault(Sentence(msgid, values), operation)])
