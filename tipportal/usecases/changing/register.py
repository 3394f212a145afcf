"""``register``: operations on the register, all or none, with the proof of what they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.changes.applying import apply
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.ending import policy_faults
from tipportal.domain.changes.faults import ChangeFault, FaultyChange
from tipportal.domain.changes.operations import NEED_DECISION, Operation, read_operations
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Person
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import proofs, proving
from tipportal.usecases.context import Context

from . import telling
from .channel import NAMES
from .effect import Applied, Effect, Payload, add_entry
from .payloads import Decided, decided, exactly, wrong

ENTRIES: Mapping[str, EntryKind] = {
    "add_organisation": EntryKind.ORGANISATION_ADDED,
    "change_organisation": EntryKind.ORGANISATION_CHANGED,
    "add_unit": EntryKind.UNIT_ADDED,
    "add_function": EntryKind.FUNCTION_ADDED,
    "designate": EntryKind.DESIGNATION_MADE,
    "end_designation": EntryKind.DESIGNATION_ENDED,
    "add_absence": EntryKind.ABSENCE_RECORDED,
    "end_absence": EntryKind.ABSENCE_ENDED,
    "add_conflict": EntryKind.CONFLICT_DECLARED,
    "end_conflict": EntryKind.CONFLICT_ENDED,
}
"""What is logged of an operation by itself; all are counted in the entry of the change."""
T = TypeVar("T")
_SAID = frozenset({
    "id", "slug", "kind", "external", "function", "person", "ground", "decision_number", "decided_on", "first", "last",
    "valid_from", "valid_to", "ended_on", "succeeded_by",
})  # fmt: skip
"""Never names: the log outlives whoever is named. What a conflict is about is nobody's business but the two's."""
_COUNTED = frozenset({"kind", "ended_on", "succeeded_by"})
"""What the follow-up must know of an organisation. That its name or place was changed is in the change's own entry."""


@dataclass(frozen=True, slots=True)
class _Planned:
    operations: list[Operation]
    before: RegisterRows
    after: RegisterRows
    decision: Decided | None


def rows_of(uow: UnitOfWork) -> RegisterRows:
    """Every row of the register."""
    register = uow.register
    accounts = uow.accounts.all()
    people = {each.id: each for each in register.people()}
    return RegisterRows(
        organisations={each.id: each for each in register.organisations()},
        units={each.id: each for each in register.units()},
        functions={each.id: each for each in register.functions()},
        people=people,
        designations={each.id: each for each in register.designations()},
        absences={each.id: each for each in register.absences()},
        conflicts={each.id: each for each in register.conflicts()},
        firms={each.organisation_id: each for each in register.firms()},
        agreements={each.id: each for each in register.sharing_agreements()},
        employed={
            each.id: Person(each.id, each.organisation_id, each.name, each.unit_id)
            for each in accounts
            if each.unit_id is not None and each.id not in people
        },
        roles={each.id: each.role for each in accounts},
        ready=frozenset(
            each.id
            for each in accounts
            if each.role is Role.HANDLER
            and each.unit_id is not None
            and each.state is AccountState.ACTIVE
            and each.recipient is not None
            and each.verification_key is not None
        ),
    )


def applied(rows: RegisterRows, operations: Sequence[Operation], today: date) -> RegisterRows:
    """The rows after the operations. Raises FaultyChange with the fault of every operation."""
    result = apply(rows, operations, today)
    if result.faults:
        raise FaultyChange(result.faults)
    return result.rows


def keep(uow: UnitOfWork, before: RegisterRows, after: RegisterRows) -> None:
    """Write what differs: organisations, people and units before what points to them."""
    register = uow.register
    _keep(before.organisations, after.organisations, register.add_organisation, register.change_organisation)
    _keep(before.units, after.units, register.add_unit, register.change_unit)
    _keep(before.people, after.people, register.add_person, register.change_person)
    _keep(before.functions, after.functions, register.add_function, register.change_function)
    _keep(before.designations, after.designations, register.add_designation, register.change_designation)
    _keep(before.absences, after.absences, register.add_absence, register.change_absence)
    _keep(before.conflicts, after.conflicts, register.add_conflict, register.change_conflict)
    _keep(before.firms, after.firms, register.add_firm, register.change_firm)
    _keep(before.agreements, after.agreements, register.add_sharing_agreement, register.change_sharing_agreement)


def log_operations(
    ctx: Context, uow: UnitOfWork, change: Change, operations: Sequence[Operation], after: RegisterRows
) -> None:
    """Write the entries of the operations that have one of their own."""
    for operation in operations:
        kind = ENTRIES.get(operation.do)
        if operation.do == "change_organisation" and not _COUNTED & operation.values.keys():
            continue
        if kind is not None:
            add_entry(ctx, uow, change, kind, _facts(operation), organisation_id=_owner(operation, after))


def kinds_of(operations: Sequence[Operation]) -> dict[str, Json]:
    """How many operations there are of each kind: what the follow-up tells of a change."""
    return dict(sorted(Counter(operation.do for operation in operations).items()))


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    _planned(ctx, uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    planned = _planned(ctx, uow, payload)
    keep(uow, planned.before, planned.after)
    log_operations(ctx, uow, change, planned.operations, planned.after)
    proving.renew(ctx, uow)
    facts: dict[str, Json] = {
        "operations": len(planned.operations),
        "kinds": kinds_of(planned.operations),
        "version": uow.register.version(),
        "decision": None if planned.decision is None else planned.decision.number,
    }
    return Applied(EntryKind.REGISTER_CHANGED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    planned = _planned(ctx, uow, payload)
    lines = [telling.sentence(operation, planned.after) for operation in planned.operations]
    snapshot = snapshot_of(planned.after)
    for known in proving.in_force(uow, planned.after.organisations.values()):
        lines.extend(proofs.told(known.policy, snapshot, ctx.today()))
    return lines


def _planned(ctx: Context, uow: UnitOfWork, payload: Payload) -> _Planned:
    exactly(payload, {"operations", "decision"})
    operations, faults = [], []
    try:
        for index, each in enumerate(read_operations(payload["operations"])):
            if isinstance(each, Operation):
                operations.append(each)
            else:
                faults.append(ChangeFault(each, index))
    except ValueError:
        raise wrong("operations") from None
    if faults:
        raise FaultyChange(faults)
    faults = list(_before_founding(uow, operations))
    if faults:
        raise FaultyChange(faults)
    before = rows_of(uow)
    after = applied(before, operations, ctx.today())
    ends = list(_ends(uow, before, after))
    if ends:
        raise FaultyChange(ends)
    # Its own decision may be that of an organisation which the same change adds.
    needed = any(operation.do in NEED_DECISION for operation in operations)
    decision = decided(payload, after.organisations, required=needed)
    return _Planned(operations, before, after, decision)


def _before_founding(uow: UnitOfWork, operations: Sequence[Operation]) -> Iterator[ChangeFault]:
    """What would have ended before there was a register: no report of any year could tell it."""
    founded = uow.founded_at()
    for index, operation in enumerate(operations):
        ended = operation.optional_day("ended_on") if "ended_on" in operation.values else None
        if founded is not None and ended is not None and ended < stockholm_date(founded):
            values = {"day": ended, "founded": stockholm_date(founded)}
            said = N_("Det kan inte ha upphört %(day)s, före %(founded)s då portalen togs i bruk.")
            yield ChangeFault(Sentence(said, values), index)


def _ends(uow: UnitOfWork, before: RegisterRows, after: RegisterRows) -> Iterator[ChangeFault]:
    """What a change ends that is still in use outside the register: by a policy in force, or as an open channel."""
    policies = {each: found.policy for each in after.organisations if (found := uow.register.policy(each))}
    yield from policy_faults(before, after, policies)
    for opening in uow.changes.openings():
        owner = after.organisations[opening.organisation_id]
        if opening.open and owner.ended_on is not None:
            values = {"channel": Sentence(NAMES[opening.channel]), "name": owner.name}
            yield ChangeFault(Sentence(N_("Kanalen för %(channel)s till %(name)s är öppen. Stäng den först."), values))


def _keep(old: Mapping[str, T], new: Mapping[str, T], add: Callable[[T], None], change: Callable[[T], None]) -> None:
    for row_id, row in new.items():
        if row_id not in old:
            add(row)
        elif row != old[row_id]:
            change(row)


def _facts(operation: Operation) -> dict[str, Json]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in operation.values.items()
        if name in _SAID
    }


def _owner(operation: Operation, rows: RegisterRows) -> str | None:
    """The organisation that an operation is about."""
    if operation.do in {"add_organisation", "change_organisation"}:
        return operation.text("id")
    if "organisation" in operation.values:
        return operation.text("organisation")
    if operation.do in {"designate", "end_designation"}:
        return rows.designations[operation.text("id")].organisation_id
    if operation.do in {"add_absence", "end_absence"}:
        return rows.absences[operation.text("id")].organisation_id
    return rows.conflicts[operation.text("id")].organisation_id


EFFECT = Effect(ChangeKind.REGISTER, _check, _apply, _tell, base=lambda uow: uow.register.version())
