"""Which entries of the log are acts of handling: what the concentration of the handling is counted from (04).

An act is something that a person has done in a case and that moves it or that it rests on: written to the source,
noted, assessed, decided, followed up, shared. Counted for who did it, one for each entry.

Not acts of handling:

- looking: opening a case or a file says who read, not who worked, and one reading leaves many entries;
- what the program does by itself when somebody opens a case: new keys, a vault split anew, shares renewed;
- what follows from an act that is counted already: a closing is its proposal and its approval, by two, and a handover
  that takes effect is recorded as a measure without anybody doing anything more;
- leaving a case: a recusal is counted for itself, and is no work on the case;
- what a source, a recipient of a handover or the system did.
"""

from __future__ import annotations

from tipportal.domain.handlinglog import EntryKind

ACTS: frozenset[EntryKind] = frozenset({
    EntryKind.MESSAGE_SENT, EntryKind.FEEDBACK_GIVEN, EntryKind.NOTE_ADDED, EntryKind.TITLE_SET,
    EntryKind.FOLLOW_UP_BEGUN, EntryKind.PROPOSED, EntryKind.APPROVED, EntryKind.DECLINED, EntryKind.CASE_TRIAGED,
    EntryKind.CASES_LINKED, EntryKind.CASES_UNLINKED, EntryKind.MEETING_OFFERED, EntryKind.MEETING_HELD,
    EntryKind.MINUTES_OFFERED, EntryKind.REPRISAL_REPORTED, EntryKind.AFTER_CARE_DONE, EntryKind.SUBJECT_RIGHT_HANDLED,
    EntryKind.CHECKLIST_UPDATED, EntryKind.MEASURE_RECORDED, EntryKind.MEASURE_CORRECTED, EntryKind.HANDOVER_LINK_MADE,
    EntryKind.REOPENING_DECLINED, EntryKind.RELEASE_REQUESTED, EntryKind.RELEASE_DECIDED, EntryKind.DUTY_DONE,
    EntryKind.DUTY_REVIEWED,
})  # fmt: skip
NOBODY: frozenset[str] = frozenset({"source", "staff_for_source", "recipient", "system"})
"""Actors of the log that are no account."""
