"""Measures, checklists and handovers in the database held against the log: what is counted is what was done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .logtree import Found
from .measures import counted as counted_measure
from .worklists import counted as counted_worklist

Body: TypeAlias = dict[str, object]
_BESIDE = frozenset({"after_closing", "skipped"})
"""What an entry of a measure says of the moment, and no row has."""


@dataclass(slots=True)
class WorkAudit:
    """Follows what entries say of measures by id, checklists by case, and handovers by proposal."""

    measures: dict[str, tuple[object, Body]] = field(default_factory=dict)
    worklists: dict[tuple[object, object], Body] = field(default_factory=dict)
    handovers: dict[str, tuple[object, Body]] = field(default_factory=dict)

    def follow(self, case: object, kind: object, facts: Body) -> None:
        """Take in an entry."""
        match kind:
            case EntryKind.MEASURE_RECORDED | EntryKind.MEASURE_CORRECTED:
                told = {name: value for name, value in facts.items() if name not in _BESIDE}
                self.measures[str(facts.get("measure"))] = (case, told)
            case EntryKind.CHECKLIST_UPDATED:
                self.worklists[case, facts.get("checklist")] = facts
            case EntryKind.HANDED_OVER:
                self.handovers[str(facts.get("proposal"))] = (case, facts)
            case _:
                pass

    def compare(self, uow: UnitOfWork, found: Found, gone: Collection[object] = ()) -> None:
        """Say where rows differ. Of the cases in ``gone`` nothing is left."""
        measures = {key: told for key, told in self.measures.items() if told[0] not in gone}
        for reference, measure in uow.measures.every():
            if measures.pop(measure.id, None) != (reference, counted_measure(measure)):
                found(
                    None, N_("Åtgärd %(measure)s står på ett annat sätt i databasen än i loggen."), measure=measure.id
                )
        worklists = {key: told for key, told in self.worklists.items() if key[0] not in gone}
        for reference, state in uow.worklists.every():
            if worklists.pop((reference, state.worklist), None) != counted_worklist(state):
                found(
                    None,
                    N_("Checklistan %(checklist)s i %(case)s står på ett annat sätt än i loggen."),
                    checklist=state.worklist,
                    case=reference,
                )
        handovers = {key: told for key, told in self.handovers.items() if told[0] not in gone}
        for reference, handover in uow.handovers.every():
            said = {
                "recipient": handover.recipient.value,
                "basis": handover.basis.value,
                "notice": handover.notice.value,
                "content": handover.content.hex(),
                "proposal": handover.proposal_id,
            }
            if handovers.pop(handover.proposal_id, None) != (reference, said):
                found(
                    None,
                    N_("Överlämnande %(handover)s står på ett annat sätt i databasen än i loggen."),
                    handover=handover.id,
                )
        for left in sorted({*measures, *handovers, *(f"{key[0]} {key[1]}" for key in worklists)}):
            found(None, N_("%(what)s finns i loggen men inte i databasen."), what=left)
