"""A case's members as JSON: who they are, who comes next, who has left, and what proposals about them carry."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from tipportal.domain.approvals import ActKind, Proposal
from tipportal.domain.deadlines import stockholm_date
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.handle import CaseView, Member
from tipportal.usecases.letting_in import NewMember
from tipportal.web.sealed_json import keys_json

Answer = dict[str, Any]


def named_member(member: Member) -> Answer:
    """A member with the whole keys."""
    return {
        "id": member.id,
        "role": member.role.value,
        **keys_json(member),
        "unit": member.unit,
        "function": member.function,
    }


def new_member(one: NewMember) -> Answer:
    """Somebody who has been drawn to come into a case, with the whole keys, as offers name members."""
    person = one.candidate
    return {
        "id": one.member,
        "role": one.role.value,
        "function": person.function_id,
        "unit": person.unit_id,
        **keys_json(person),
    }


def members_answer(view: CaseView) -> Answer:
    """What is shown of a case's members beside those of each epoch (docs/protocol.md, section 7)."""
    standing = view.standing
    known = {member.id: member for member in view.members[view.case.epoch]}
    coming = standing.next_members
    return {
        "needs_epoch": standing.needs_epoch,
        "next_members": None
        if coming is None
        else [{**named_member(known[seat.member]), "role": "panel" if seat.panel else "standby"} for seat in coming],
        "stuck": None if standing.stuck is None else gettext(standing.stuck),
        "advice": None if standing.advice is None else gettext(standing.advice),
        "separations": [
            {
                "member": one.member,
                "kind": one.kind.value,
                "on": stockholm_date(one.at).isoformat(),
                "epoch": one.epoch,
                "reasons": None if one.reasons is None else encode_b64(one.reasons),
            }
            for one in standing.separations
        ],
        "deciders": {member: list(chosen) for member, chosen in standing.deciders.items()},
    }


def carried(proposal: Proposal, view: CaseView) -> Answer:
    """What a proposal about the members carries for this reader; null for all others."""
    prepared = view.standing.prepared.get(proposal.id)
    reasons = view.standing.reasons.get(proposal.id)
    grants = () if prepared is None else prepared.grants
    mine = [grant for grant in grants if grant.member == view.me and grant.epoch == view.case.epoch + 1]
    return {
        "epoch": None
        if prepared is None or not mine
        else {
            "epoch": prepared.epoch,
            "work": encode_b64(prepared.work_recipient),
            "dialogue": encode_b64(prepared.dialogue_recipient),
            "signature": encode_b64(prepared.signature),
            "grant": encode_b64(mine[0].file),
        },
        "reasons": None if reasons is None or proposal.kind is not ActKind.EXCLUDE_MEMBER else encode_b64(reasons),
    }
