"""What the server knows of a case's dialogue and of the people in and around it, as its handlers fetch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.aftercare import AfterCare, Reprisal
from tipportal.domain.cases import Case, StoredRecord, Stream
from tipportal.domain.conversations import FilledForm, Meeting, Reader, Reading
from tipportal.domain.intake import Intake, ReplacedCode
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.subjectrights import HandledRight

from .context import Context


@dataclass(frozen=True, slots=True)
class CaseCare:
    """Forms and readings of the dialogue, meetings, concerns, after-care, rights: nothing of what was said."""

    forms: tuple[FilledForm, ...]
    readings: tuple[Reading, ...]
    meetings: tuple[Meeting, ...]
    reprisals: tuple[Reprisal, ...]
    after_cares: tuple[AfterCare, ...]
    rights: tuple[HandledRight, ...]
    intake: Intake | None
    replaced: ReplacedCode | None


def care_of(uow: UnitOfWork, case: Case) -> CaseCare:
    """All of it, in the caller's transaction."""
    return CaseCare(
        forms=tuple(uow.conversations.forms(case.id)),
        readings=tuple(uow.conversations.readings(case.id)),
        meetings=tuple(uow.conversations.meetings(case.id)),
        reprisals=tuple(uow.care.reprisals(case.id)),
        after_cares=tuple(uow.care.after_cares(case.id)),
        rights=tuple(uow.care.rights(case.id)),
        intake=uow.intakes.of_case(case.id),
        replaced=uow.intakes.replaced(case.id),
    )


def read_by_group(ctx: Context, uow: UnitOfWork, case: Case, records: Sequence[StoredRecord]) -> None:
    """A member is handed these records of the dialogue: the source is told the day, never who, in ``uow``."""
    written = [record.seq for record in records if record.stream is Stream.DIALOGUE and record.author == "source"]
    if written:
        newest = Reading(case.organisation_id, case.id, Reader.GROUP, max(written), ctx.today())
        uow.conversations.add_reading(newest, settled=True)
