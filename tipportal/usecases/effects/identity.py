"""Opening the vault with the reporter's name, and letting the name go to somebody outside: both by two (04)."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind, ProposalState
from tipportal.domain.cases import Case
from tipportal.domain.errors import IllegalTransition, NotFound
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context
from tipportal.usecases.vaults import both_have_lent

from .effect import Decided, Effect, Landing, Payload, nothing_lands, source_is_told


def _disclosing_is_told(payload: Payload) -> Landing:
    """Before anything leaves, unless that would hinder (lag 2021:890, 5 kap. 8 § p. 4): then the reasons say why."""
    return source_is_told(payload) if payload["notice"] == "given" else nothing_lands(payload)


def _check_opening(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, payload
    if uow.vaults.of_case(case.id) is None:
        raise NotFound(N_("Ärendet har inga uppgifter i ett valv."))


def _open(act: Decided) -> Case:
    people = frozenset({act.proposal.proposer, act.account.id})
    if not both_have_lent(act.uow, act.case, act.proposal.nonce, people):
        raise IllegalTransition(N_("Båda behöver lämna sin del av nyckeln. Lås upp igen och försök på nytt."))
    return act.case


def _check_disclosing(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, payload
    opened = any(
        proposal.kind is ActKind.OPEN_IDENTITY and proposal.state is ProposalState.APPROVED
        for proposal in uow.proposals.of_case(case.id)
    )
    if not opened:
        raise IllegalTransition(N_("Identiteten har inte öppnats. Det görs först, av två."))


def _disclose(act: Decided) -> Case:
    return act.case


EFFECTS = (
    Effect(kind=ActKind.OPEN_IDENTITY, check=_check_opening, apply=_open, lands=source_is_told),
    Effect(kind=ActKind.DISCLOSE_IDENTITY, check=_check_disclosing, apply=_disclose, lands=_disclosing_is_told),
)
