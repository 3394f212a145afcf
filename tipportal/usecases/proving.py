"""The proof after activation: each night and whenever the register changes, and said in the log when it turns (04).

A policy whose proof has lapsed goes on receiving, by its ladder: what is wrong is for administrators to mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.independence import listing
from tipportal.domain.independence.findings import Proven, Refuted
from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.independence.words import Words
from tipportal.domain.organisations import Organisation
from tipportal.domain.policies.policy import Policy, PolicyInForce
from tipportal.domain.policies.register import Register
from tipportal.domain.ports import UnitOfWork

from . import proofs
from .context import Context

WARNED_DAYS = 30
"""A designation is warned of so many days before its last."""


def in_force(uow: UnitOfWork, organisations: Iterable[Organisation]) -> Sequence[PolicyInForce]:
    """The policies that organisations go by, each once, oldest first. One that has ended goes by none."""
    found: list[PolicyInForce] = []
    for organisation in organisations:
        known = uow.register.policy(organisation.id) if organisation.ended_on is None else None
        if known is not None and known not in found:
            found.append(known)
    return sorted(found, key=lambda each: each.version)


def prove_policy(uow: UnitOfWork, policy: Policy, today: date) -> Proven | Refuted:
    """The proof for any one person by the present register, as asked for before a policy is activated."""
    return proofs.proof_of(policy, uow.register.snapshot(), today)


def renew(ctx: Context, uow: UnitOfWork) -> int:
    """Prove every policy in force that has not been since the register or the day changed; how many turned.

    What was found is kept for the administrators, and an entry is written where it turned, held or lapsed, or where
    what the follow-up tells of it has changed.
    """
    today, version = ctx.today(), uow.register.version()
    turned = 0
    register = None
    for organisation, known in _each(uow):
        before = uow.register.proof(organisation.id)
        if before is not None and _still_true(before, known, version, today):
            continue
        register = register or uow.register.snapshot()
        found = proofs.proof_of(known.policy, register, today)
        kept = _kept(organisation.id, known, register, version, today, found)
        uow.register.keep_proof(kept)
        turned += before is None or before.holds != kept.holds
        if before is None or before.counts() != kept.counts():
            uow.log.append(_entry(ctx, kept))
    return turned


def prepare(ctx: Context) -> None:
    """Find the proofs that ``renew`` will keep, before anybody has to wait for the turn to write."""
    with ctx.storage.read() as uow:
        today, version = ctx.today(), uow.register.version()
        register = None
        for organisation, known in _each(uow):
            before = uow.register.proof(organisation.id)
            if before is not None and _still_true(before, known, version, today):
                continue
            register = register or uow.register.snapshot()
            proofs.proof_of(known.policy, register, today)


def foresee(uow: UnitOfWork, register: Register, today: date) -> None:
    """Find the proofs by a register as it is about to be: ``renew`` then has them when it is so."""
    for _, known in _each(uow):
        proofs.proof_of(known.policy, register, today)


def _each(uow: UnitOfWork) -> Iterator[tuple[Organisation, PolicyInForce]]:
    """Every organisation that has not ended, with its policy in force."""
    for organisation in uow.register.organisations():
        known = uow.register.policy(organisation.id) if organisation.ended_on is None else None
        if known is not None:
            yield organisation, known


def _still_true(before: KeptProof, in_force: PolicyInForce, register_version: int, today: date) -> bool:
    return (before.policy_version, before.register_version, before.proven_on) == (
        in_force.version,
        register_version,
        today,
    )


def _kept(
    organisation_id: str,
    in_force: PolicyInForce,
    register: Register,
    version: int,
    today: date,
    found: Proven | Refuted,
) -> KeptProof:
    words = Words(in_force.policy, register)
    holds = isinstance(found, Proven)
    return KeptProof(
        organisation_id=organisation_id,
        policy_version=in_force.version,
        register_version=version,
        proven_on=today,
        holds=holds,
        reasons=() if isinstance(found, Proven) else tuple(map(words.counterexample, found.counterexamples)),
        weak_places=tuple(map(words.weak_place, found.weak_places)) if isinstance(found, Proven) else (),
        firm_alone=len(found.firm_alone) if isinstance(found, Proven) else 0,
        dependence=tuple(words.dependence(each) for each in found.dependence.values()),
        figures={function: each.figure for function, each in sorted(found.dependence.items())},
        places=listing.places(found, register).to_json(),
    )


def _entry(ctx: Context, kept: KeptProof) -> Entry:
    return Entry(
        kind=EntryKind.PROOF_HELD if kept.holds else EntryKind.PROOF_LAPSED,
        time=ctx.clock(),
        actor="system",
        organisation_id=kept.organisation_id,
        case=None,
        facts={
            "register": kept.register_version,
            "counterexamples": len(kept.reasons),
            "weak_places": len(kept.weak_places),
            "firm_alone": kept.firm_alone,
            # By function, how many must be away before it has no panel of its own (04): who they are is not said.
            "dependence": dict(kept.figures),
            "places": dict(kept.places),
        },
        policy_version=kept.policy_version,
    )
