"""What a case led to as JSON (docs/protocol.md, section 7c)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from tipportal.domain.cases import Case
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.dialogue_rules import decide_reopening_by
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.handovers import Handover
from tipportal.domain.measures import Measure, in_force, steps_taken, sums
from tipportal.domain.reopening import after_reopening
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.casework_view import CaseWork

Answer = dict[str, Any]


def work_answer(work: CaseWork, case: Case) -> Answer:
    """Measures with their sums, checklists, handovers, and what is to be decided about opening again."""
    counts = {measure.id for measure in in_force(work.measures)}
    return {
        "measures": [{**_measure(measure), "counts": measure.id in counts} for measure in work.measures],
        "sums": {name.value: kronor for name, kronor in sums(work.measures).items()},
        "ladder": [step.value for step in steps_taken(work.measures)],
        "checklists": {
            state.worklist: {
                "done": state.done,
                "of": state.of,
                "record": state.record.hex(),
                "on": state.updated_on.isoformat(),
            }
            for state in work.worklists
        },
        "handovers": [_handover(handover, work, case) for handover in work.handovers],
        "reopening": _reopening(work),
        "reopen": _why_not_reopen(case),
    }


def _measure(measure: Measure) -> Answer:
    facts = measure.facts
    return {
        "id": measure.id,
        "kind": facts.kind.value,
        "taken_on": facts.taken_on.isoformat(),
        "amounts": {name.value: kronor for name, kronor in facts.amounts.items()},
        "step": None if facts.step is None else facts.step.value,
        "reason": None if facts.reason is None else facts.reason.value,
        "record": measure.record.hex(),
        "member": measure.member,
        "recorded_on": stockholm_date(measure.recorded_at).isoformat(),
        "corrects": measure.corrects,
        "withdrawn": measure.withdrawn,
    }


def _handover(handover: Handover, work: CaseWork, case: Case) -> Answer:
    answered = {report.months: report for report in work.reports if report.handover_id == handover.id}
    return {
        "id": handover.id,
        "recipient": handover.recipient.value,
        "basis": handover.basis.value,
        "notice": handover.notice.value,
        "content": handover.content.hex(),
        "on": handover.handed_on.isoformat(),
        "asks": [
            {
                "months": ask.months,
                "asked_on": ask.asked_on.isoformat(),
                # A link to keys that somebody who has left knows is none.
                "link": "none" if ask.epoch is None else "works" if ask.epoch == case.epoch else "outdated",
            }
            for ask in work.asks
            if ask.handover_id == handover.id and ask.months not in answered
        ],
        "reports": [
            {
                "months": report.months,
                "on": report.reported_on.isoformat(),
                "result": report.result.value,
                "kronor": report.kronor,
                "epoch": report.epoch,
                "file": encode_b64(report.file),
            }
            for report in answered.values()
        ],
    }


def _reopening(work: CaseWork) -> Answer | None:
    if work.reopening is None:
        return None
    asked_on, upto = work.reopening
    by = decide_reopening_by(asked_on)
    return {
        "asked_on": asked_on.isoformat(),
        "upto": upto,
        "strict": by.strict.isoformat(),
        "target": by.target.isoformat(),
    }


def _why_not_reopen(case: Case) -> str | None:
    try:
        after_reopening(case)
    except IllegalTransition as refusal:
        return gettext(refusal.reason)
    return None
