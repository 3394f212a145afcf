"""Disposal and locking held against the log: nothing is gone but what two disposed of, and no row says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import Keeping, Stub
from tipportal.domain.texts import N_

from .logtree import Found

Body: TypeAlias = dict[str, object]


def stub_facts(stub: Stub) -> dict[str, Json]:
    """What the log says of a disposal: all that the stub does, and nothing that it does not."""
    return {
        "proposal": stub.proposal_id,
        "decision_number": stub.decision_number,
        "authority": stub.authority_id,
        "channel": stub.channel.value,
        "received_on": stub.received_on.isoformat(),
        "closed_on": stub.closed_on.isoformat(),
        "disposed_on": stub.disposed_on.isoformat(),
    }


@dataclass(slots=True)
class DisposalAudit:
    """Follows what entries say of what two decided about closed cases, and which are gone."""

    decided: dict[object, Body] = field(default_factory=dict)
    gone: dict[object, Body] = field(default_factory=dict)

    def follow(self, index: int, body: Body, facts: Body, found: Found) -> None:
        """Take in an entry. Whether two signed the decision is judged where all acts are."""
        case = body["case"]
        if case in self.gone:
            found(index, N_("Posten gäller ett ärende som redan hade gallrats."))
        match body["kind"]:
            case EntryKind.RETENTION_DECIDED:
                self.decided[case] = facts
            case EntryKind.CASE_REOPENED:
                self.decided.pop(case, None)
            case EntryKind.CASE_LOCKED if body["actor"] != "system":
                found(index, N_("Ett ärende har låsts av någon annan än systemet."))
            case EntryKind.CASE_DISPOSED:
                decision = self.decided.pop(case, {})
                same = all(decision.get(name) == facts.get(name) for name in ("proposal", "decision_number"))
                if decision.get("decision") != Keeping.DISPOSE.value or not same:
                    found(index, N_("Ärendet har gallrats utan ett beslut av två personer."))
                self.gone[case] = facts
            case _:
                pass

    def compare(self, uow: UnitOfWork, found: Found) -> None:
        """Say where rows differ: stubs of what is gone, and decisions about what is there."""
        stubs = {stub.reference: stub_facts(stub) for stub in uow.retention.disposed()}
        for case in sorted({*stubs, *map(str, self.gone)}):
            if stubs.get(case) != self.gone.get(case):
                found(
                    None, N_("Det gallrade ärendet %(case)s står på ett annat sätt i databasen än i loggen."), case=case
                )
        kept = {
            reference: (each.decision.value, each.decision_number, each.proposal_id)
            for reference, each in uow.retention.every_kept()
        }
        said = {
            str(case): (facts.get("decision"), facts.get("decision_number"), facts.get("proposal"))
            for case, facts in self.decided.items()
        }
        for case in sorted({*kept, *said}):
            if kept.get(case) != said.get(case):
                found(
                    None,
                    N_("Beslutet om att bevara ärende %(case)s står på ett annat sätt i databasen än i loggen."),
                    case=case,
                )
