"""The policy of a small organisation with help from outside, and what its checklist asks for: for demo and tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.standing import DecisionSubject
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import AuthorityRow, Policy, PolicyFunction, Route
from tipportal.domain.policies.writing import write_policy

from .demo_changes import Administrators

BECAUSE = "Det här gäller när ingen annan regel passar."
Decision = dict[str, Json]


def policy_of(
    organisation: str,
    authority: str,
    everyday: tuple[str, str, Sequence[str]],
    counsel: tuple[str, str, Sequence[str]],
) -> Policy:
    """A policy (ids): everything goes to the ``everyday`` function, with the ``counsel`` from outside as its ladder.

    A function is an id, a name and its members in the order in which they are asked.
    """
    return Policy(
        organisations=(organisation,),
        functions=tuple(
            PolicyFunction(id_, name, authority, tuple(members)) for id_, name, members in (everyday, counsel)
        ),
        authorities=(AuthorityRow(authority),),
        defaults=dict.fromkeys(Channel, Route((everyday[0],), BECAUSE)),
        ladder=((counsel[0],),),
    )


def decision(organisation: str, number: str, decided_on: date) -> Decision:
    """An organisation's decision as payloads carry it."""
    return {"organisation": organisation, "number": number, "decided_on": decided_on.isoformat()}


def activate(two: Administrators, policy: Policy, decided: Decision) -> None:
    """Activate a policy."""
    payload: dict[str, Json] = {"policy": write_policy(policy), "register": None, "decision": decided}
    two.make(ChangeKind.POLICY, payload)


def record_decisions(two: Administrators, decided: Decision) -> None:
    """Record every decision that the checklist can ask of an organisation, all under one number."""
    for subject in DecisionSubject:
        two.make(ChangeKind.DECISION, {"subject": subject.value, **decided})


def open_channels(two: Administrators, decided: Decision, channels: Iterable[Channel] = Channel) -> None:
    """Open channels of the organisation that has decided so."""
    for channel in channels:
        payload: dict[str, Json] = {
            "organisation": decided["organisation"],
            "channel": channel.value,
            "open": True,
            "decision": decided,
        }
        two.make(ChangeKind.CHANNEL, payload)
