"""What kind of thing each line of a case's timeline is: the timeline is filtered by it."""

from __future__ import annotations

import enum

from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.texts import N_


class Sort(enum.StrEnum):
    """The kinds of lines, in the order of the filter."""

    DIALOGUE = "dialogue"
    NOTE = "note"
    DECISION = "decision"
    MEASURE = "measure"
    LOG = "log"


SORT_NAMES = {
    Sort.DIALOGUE: N_("Dialog"),
    Sort.NOTE: N_("Anteckningar"),
    Sort.DECISION: N_("Beslut"),
    Sort.MEASURE: N_("Åtgärder"),
    Sort.LOG: N_("Övrigt i loggen"),
}
_OF = {
    Sort.DIALOGUE: (
        EntryKind.CASE_RECEIVED,
        EntryKind.CASE_ACKNOWLEDGED,
        EntryKind.ACKNOWLEDGEMENT_LEFT_OUT,
        EntryKind.SOURCE_MESSAGE_RECEIVED,
        EntryKind.MESSAGE_SENT,
        EntryKind.FEEDBACK_GIVEN,
        EntryKind.FEEDBACK_READ,
        EntryKind.MEETING_OFFERED,
        EntryKind.MEETING_CHOSEN,
        EntryKind.MEETING_HELD,
        EntryKind.MINUTES_OFFERED,
        EntryKind.MINUTES_ANSWERED,
    ),
    Sort.NOTE: (EntryKind.NOTE_ADDED, EntryKind.TITLE_SET, EntryKind.CHECKLIST_UPDATED, EntryKind.CASE_TRIAGED),
    Sort.DECISION: (
        EntryKind.PROPOSED,
        EntryKind.APPROVED,
        EntryKind.DECLINED,
        EntryKind.CASE_ASSESSED,
        EntryKind.CASE_CLOSED,
        EntryKind.CASE_RECLASSIFIED,
        EntryKind.CASE_REOPENED,
        EntryKind.REOPENING_DECLINED,
        EntryKind.RETENTION_DECIDED,
        EntryKind.RELEASE_DECIDED,
        EntryKind.IDENTITY_OPENED,
        EntryKind.IDENTITY_DISCLOSED,
        EntryKind.DIALOGUE_RESTRICTED,
        EntryKind.RESTRICTION_LIFTED,
        EntryKind.QUARANTINE_LIFTED,
        EntryKind.MEMBER_EXCLUDED,
        EntryKind.MEMBER_ADDED,
    ),
    Sort.MEASURE: (
        EntryKind.FOLLOW_UP_BEGUN,
        EntryKind.MEASURE_RECORDED,
        EntryKind.MEASURE_CORRECTED,
        EntryKind.HANDED_OVER,
        EntryKind.HANDOVER_ASKED,
        EntryKind.HANDOVER_REPORTED,
        EntryKind.DUTY_DONE,
        EntryKind.DUTY_REVIEWED,
        EntryKind.QUARANTINED,
        EntryKind.REPRISAL_REPORTED,
        EntryKind.AFTER_CARE_DONE,
        EntryKind.SUBJECT_RIGHT_HANDLED,
    ),
}
SORTS = {kind: sort for sort, kinds in _OF.items() for kind in kinds}


def sort_of(kind: EntryKind) -> Sort:
    """What kind of line an entry makes; what is none of the named stands with the rest of the log."""
    return SORTS.get(kind, Sort.LOG)
