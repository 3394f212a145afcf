"""``policy``: a policy in its exact form takes effect, if it is proven; with a register, both as one change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import ChangeFault, FaultyChange
from tipportal.domain.changes.importing import operations_for
from tipportal.domain.changes.operations import Operation
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.changed import since
from tipportal.domain.policies.differences import differences
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.reading import FaultyPolicy, read, read_policy
from tipportal.domain.policies.register import Register
from tipportal.domain.policies.writing import write_policy, write_register
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import proofs, proving
from tipportal.usecases.context import Context

from . import telling
from .effect import Applied, Effect, Payload
from .payloads import Decided, decided, exactly, text
from .register import applied, keep, kinds_of, log_operations, rows_of

POLICY_FILE, REGISTER_FILE = "policy.toml", "register.toml"
LONGEST = 900_000
"""Characters of a file: what fits a request with room to spare."""


@dataclass(frozen=True, slots=True)
class _Planned:
    policy: Policy
    operations: list[Operation]
    before: RegisterRows
    after: RegisterRows
    decision: Decided


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    planned = _planned(ctx, uow, payload)
    reasons = proofs.counterexamples(planned.policy, _with_awaited(uow, planned), ctx.today())
    if reasons:
        refused = Sentence(N_("Policyn går inte att aktivera: den håller inte för varje enskild person."))
        raise FaultyChange(ChangeFault(each) for each in (refused, *reasons))


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    planned = _planned(ctx, uow, payload)
    before = {each: uow.register.policy(each) for each in planned.policy.organisations}
    keep(uow, planned.before, planned.after)
    log_operations(ctx, uow, change, planned.operations, planned.after)
    version = uow.register.add_policy(planned.policy, ctx.clock())
    proving.renew(ctx, uow)
    facts: dict[str, Json] = {
        "version": version,
        # Of the text as it is kept: whoever edits that later is found out by the log.
        "document": hashlib.sha256(write_policy(planned.policy).encode()).hexdigest(),
        "organisations": list(planned.policy.organisations),
        "operations": len(planned.operations),
        "kinds": kinds_of(planned.operations),
        "changed": [each.to_json() for each in since(before, planned.policy)],
        "decision": planned.decision.number,
    }
    return Applied(EntryKind.POLICY_ACTIVATED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    planned = _planned(ctx, uow, payload)
    lines = [telling.sentence(operation, planned.after) for operation in planned.operations]
    names = ", ".join(telling.name_of(each, planned.after) for each in planned.policy.organisations)
    old = next((known for each in planned.policy.organisations if (known := uow.register.policy(each))), None)
    if old is None:
        lines.append(Sentence(N_("Ny policy för %(names)s."), {"names": names}))
    else:
        changed = differences(old.policy, planned.policy)
        lines.extend(changed or [Sentence(N_("Policyn för %(names)s är oförändrad."), {"names": names})])
    now, then, today = snapshot_of(planned.after), _with_awaited(uow, planned), ctx.today()
    if proofs.counterexamples(planned.policy, now, today) and not proofs.counterexamples(planned.policy, then, today):
        ready = {person.id for person in now.people if person.ready}
        members = {member for function in planned.policy.functions for member in function.members}
        awaited = [each.name for each in then.people if each.ready and each.id in members - ready]
        lines.append(
            Sentence(
                N_(
                    "Policyn håller när de här har konton med bekräftade nycklar: %(people)s. "
                    "Till dess öppnar ingen kanal."
                ),
                {"people": ", ".join(awaited)},
            )
        )
        now = then
    lines.extend(proofs.told(planned.policy, now, today))
    return lines


def _with_awaited(uow: UnitOfWork, planned: _Planned) -> Register:
    """Give the register afterwards; while no channel is open, as if whoever has yet to enrol had done so.

    An installation begins with its register and policy. The checklist, which reckons with nobody who has no keys,
    keeps the channels closed until everybody whom the proof needs is there.
    """
    register = snapshot_of(planned.after)
    covered = planned.policy.organisations
    if any(opening.open and opening.organisation_id in covered for opening in uow.changes.openings()):
        return register
    never = {
        account.id
        for account in uow.accounts.all()
        if account.role is not Role.HANDLER or account.state in {AccountState.SUSPENDED, AccountState.CLOSED}
    }
    return replace(register, people=tuple(replace(each, ready=each.id not in never) for each in register.people))


def _planned(ctx: Context, uow: UnitOfWork, payload: Payload) -> _Planned:
    exactly(payload, {"policy", "register", "decision"})
    today, before = ctx.today(), rows_of(uow)
    written = text(payload, "policy", LONGEST)
    try:
        policy = read_policy(POLICY_FILE, written)
        if payload["register"] is None:
            # What is wrong is told in the policy: the register stands as two approved it.
            present = write_register(proofs.judged_by(policy, snapshot_of(before), today))
            policy, _ = read([(POLICY_FILE, written), (REGISTER_FILE, present)], today)
            operations = operations_for(policy, None, before, None)
        else:
            handed = text(payload, "register", LONGEST)
            policy, register = read([(POLICY_FILE, written), (REGISTER_FILE, handed)], today)
            operations = operations_for(policy, register, before, today)
    except FaultyPolicy as faulty:
        raise FaultyChange(ChangeFault(each.what, file=each.file, line=each.line) for each in faulty.faults) from None
    after = applied(before, operations, today)
    decision = decided(payload, after.organisations, required=True)
    if decision is None:
        raise FaultyChange(())
    return _Planned(policy, operations, before, after, decision)


EFFECT = Effect(ChangeKind.POLICY, _check, _apply, _tell, base=lambda uow: uow.register.version())
