"""A case and its proposals as JSON (docs/protocol.md, section 7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask_babel import gettext

from tipportal.domain import cases
from tipportal.domain.accounts import Account
from tipportal.domain.approvals import VALID_DAYS, Proposal, ProposalState, current_state, why_not_approve
from tipportal.domain.cases import Case, Epoch, Grant, Outcome, Stream
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.handlinglog import instant
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.desk import CaseFrame
from tipportal.usecases.handle import CaseView, Member, SealedTitle
from tipportal.web.sealed_json import keys_json, record_json
from tipportal.web.uploads import file_sizes

from . import wording
from .answers_archive import archive_answer
from .answers_care import care_answer
from .answers_members import carried, members_answer, named_member
from .answers_triage import triage_answer
from .answers_work import work_answer
from .due import due_of
from .nextstep import next_step

Answer = dict[str, Any]
_DAY = 24 * 3600


def case_answer(view: CaseView, account: Account, frame: CaseFrame, now: int) -> Answer:
    """Everything of a case that its handler fetches. ``now``: UTC seconds."""
    case = view.case
    grants = {grant.epoch: grant for grant in view.grants}
    due = due_of(case, view.today, frame.claims)
    steps = _steps(case)
    waits = any(
        one.proposer_member == view.me and current_state(one, now) is ProposalState.OPEN for one in view.proposals
    )
    return {
        "reference": case.reference,
        "channel": case.channel.value,
        "organisation": view.organisation.slug,
        "state": case.state.value,
        "state_name": gettext(wording.STATES[case.state]),
        "me": view.me,
        "role": view.role.value,
        "installation": view.installation_id.hex(),
        "date": view.today.isoformat(),
        "expires": instant(now + VALID_DAYS * _DAY),
        "sealed_by": case.sealed_by.value,
        "genesis": next(encode_b64(record.file) for record in view.records if record.stream is Stream.GENESIS),
        "source": {
            "recipient": encode_b64(case.source_recipient),
            "verification_key": encode_b64(case.source_verification_key),
            "now": encode_b64(case.source_recipient if view.care.replaced is None else view.care.replaced.recipient),
        },
        "epochs": [
            {
                **_epoch(epoch, grants.get(epoch.epoch), view.members[epoch.epoch], view.standing.released),
                "directory": view.later_trustees.versions.get(epoch.epoch),
            }
            for epoch in view.epochs
        ],
        "records": [
            {**record_json(record), "files": file_sizes(record, view.attachments)}
            for record in view.records
            if record.stream is not Stream.GENESIS
        ],
        "proposals": [_proposal(proposal, view, account, now) for proposal in view.proposals],
        "duties": [
            {
                "id": duty.id,
                "kind": duty.kind.value,
                "member": duty.member,
                "review_by": duty.review_by.isoformat(),
                "reviewed": duty.reviewed_member,
                "verdict": None if duty.verdict is None else duty.verdict.value,
                "may_review": duty.verdict is None and duty.done_by != account.id,
            }
            for duty in view.duties
        ],
        "restrictions": sorted(kind.value for kind in view.restrictions),
        "dialogue_next": None
        if view.dialogue_next is None
        else {"seq": view.dialogue_next[0], "prev": view.dialogue_next[1].hex()},
        **members_answer(view),
        **care_answer(view),
        **work_answer(view.work, case),
        **triage_answer(view.triaged),
        **archive_answer(view),
        "steps": steps,
        "next": next_step(case, frame.claims, steps, view.today, waits=waits),
        "revision": frame.revision,
        "outcomes": [outcome.value for outcome in Outcome if _refusal(_closing(case, outcome)) is None],
        "due": None if due is None else due.as_json(),
        "dates": _dates(case),
        "names": dict(frame.names),
        "places": dict(frame.places),
        "decision": _decision(frame),
        "trustees": [{"id": member, **keys_json(one)} for member, one in frame.trustees.trustees],
        "trustee_threshold": frame.trustees.threshold,
    }


def _decision(frame: CaseFrame) -> Answer | None:
    # Without its commitment nobody could tell whether it is the one that was taken.
    if frame.decision is None or frame.commitment is None:
        return None
    return {"file": encode_b64(frame.decision), "commitment": frame.commitment}


def title_answer(title: SealedTitle) -> Answer:
    """A sealed title with what opens it."""
    grants = {grant.epoch: grant for grant in title.grants}
    return {
        "reference": title.case.reference,
        "epochs": [
            {"epoch": epoch.epoch, "work": encode_b64(epoch.work_recipient), "grant": _file(grants.get(epoch.epoch))}
            for epoch in title.epochs
        ],
        "title": None if title.title is None else record_json(title.title),
    }


def _file(grant: Grant | None) -> str | None:
    return None if grant is None else encode_b64(grant.file)


def _epoch(epoch: Epoch, grant: Grant | None, members: tuple[Member, ...], released: frozenset[str]) -> Answer:
    return {
        "epoch": epoch.epoch,
        "work": encode_b64(epoch.work_recipient),
        "dialogue": encode_b64(epoch.dialogue_recipient),
        "grant": _file(grant),
        "members": [{**named_member(member), "released": member.id in released} for member in members],
    }


def _proposal(proposal: Proposal, view: CaseView, account: Account, now: int) -> Answer:
    # Whoever was handed the case is on the panel or has stepped in.
    why_not = why_not_approve(proposal, account.id, on_panel=True, epoch=view.case.epoch, now=now)
    state = current_state(proposal, now)
    signature = proposal.approver_signature
    return {
        "id": proposal.id,
        "kind": proposal.kind.value,
        "act": json.loads(proposal.act),
        "payload": json.loads(proposal.payload),
        "proposer": proposal.proposer_member,
        "proposer_signature": encode_b64(proposal.proposer_signature),
        "state": state.value,
        "approver": proposal.approver_member,
        "approver_signature": None if signature is None else encode_b64(signature),
        "expires": instant(proposal.expires_at),
        "may_approve": why_not is None,
        "may_decline": state is ProposalState.OPEN,
        "why_not": None if why_not is None else gettext(why_not),
        **carried(proposal, view),
    }


def _steps(case: Case) -> Answer:
    """For each act of the case: null when its state allows it, else why not, in plain words."""
    closing = [_refusal(_closing(case, outcome)) for outcome in Outcome]
    return {
        "assess": _refusal(lambda: cases.after_assessment(case, covered=True)),
        "follow_up": _refusal(lambda: cases.after_follow_up_begun(case)),
        "feedback": _refusal(lambda: cases.after_feedback(case)),
        "close": None if None in closing else closing[0],
    }


def _closing(case: Case, outcome: Outcome) -> Callable[[], object]:
    return lambda: cases.after_closing(case, outcome)


def _refusal(transition: Callable[[], object]) -> str | None:
    try:
        transition()
    except IllegalTransition as refusal:
        return gettext(refusal.reason)
    return None


def _dates(case: Case) -> Answer:
    return {
        "received_on": case.received_on.isoformat(),
        "acknowledged_on": None if case.acknowledged_on is None else case.acknowledged_on.isoformat(),
        "feedback_on": None if case.feedback_on is None else case.feedback_on.isoformat(),
        "closed_on": None if case.closed_on is None else case.closed_on.isoformat(),
    }
