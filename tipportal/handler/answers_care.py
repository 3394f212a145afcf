"""What the server knows of a case's dialogue, and of the people in and around it, as JSON."""

from __future__ import annotations

from typing import Any

from tipportal.domain.aftercare import after_care_of, still_due
from tipportal.domain.conversations import Reader
from tipportal.usecases.handle import CaseView

Answer = dict[str, Any]


def care_answer(view: CaseView) -> Answer:
    """Forms of the dialogue, what has been read, meetings, concerns, after-care, rights, and how it was taken in."""
    care, case = view.care, view.case
    done = {one.months: one for one in care.after_cares}
    due = [] if case.closed_on is None else still_due(case.closed_on, done, view.today)
    return {
        "forms": [
            {
                "seq": form.seq,
                "form": form.form.value,
                "mode": None if form.mode is None else form.mode.value,
                "answers": form.answers,
                "verdict": None if form.verdict is None else form.verdict.value,
            }
            for form in care.forms
        ],
        "read_by_source": [
            {"seq": one.seq, "on": one.read_on.isoformat()} for one in care.readings if one.reader is Reader.SOURCE
        ],
        "meetings": [
            {"mode": one.mode.value, "held_on": one.held_on.isoformat(), "offer": one.offer} for one in care.meetings
        ],
        "reprisals": [{"phase": one.phase.value, "on": one.noted_on.isoformat()} for one in care.reprisals],
        "after_care": []
        if case.closed_on is None or not care.reprisals
        else [
            {
                "months": one.months,
                "due_on": one.due_on.isoformat(),
                "due": one in due,
                "found": done[one.months].found.value if one.months in done else None,
                "done_on": done[one.months].done_on.isoformat() if one.months in done else None,
            }
            for one in after_care_of(case.closed_on)
        ],
        "rights": [
            {
                "right": one.kind.value,
                "decision": one.decision.value,
                "on": one.handled_on.isoformat(),
                "review_on": None if one.review_on is None else one.review_on.isoformat(),
                "record": one.record.hex(),
            }
            for one in care.rights
        ],
        "intake": None
        if care.intake is None
        else {
            "origin": care.intake.origin.value,
            "documented": None if care.intake.documented is None else care.intake.documented.value,
            "code": care.intake.code.value,
            "entered_on": care.intake.entered_on.isoformat(),
        },
    }
