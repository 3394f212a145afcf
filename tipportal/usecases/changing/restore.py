"""``restore``: somebody who has lost every way to their keys enrols anew, with new keys and never the old ones.

What was sealed to the old keys stays closed to them: their cases are granted anew by the other members, or recovered.
"""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain.accounts import Account, AccountState
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.errors import NotEntitled
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.notices import NoticeKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import notices
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .leaving import overtake, vacate_seats
from .payloads import exactly, text

_RESTORABLE = frozenset({AccountState.ENROLLED, AccountState.ACTIVE, AccountState.SUSPENDED})


def _read(uow: UnitOfWork, payload: Payload) -> Account:
    exactly(payload, {"account"})
    account = uow.accounts.by_id(text(payload, "account"))
    if account is None or account.state not in _RESTORABLE:
        raise faulty(N_("Kontot är inte i ett läge där det går att återställa."))
    return account


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    _read(uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    account = _read(uow, payload)
    if account.id in {change.proposer, change.approver}:
        raise NotEntitled(N_("Två andra administratörer återställer ett konto."))
    uow.accounts.delete_sessions_of(account.id)
    uow.accounts.withdraw_invitations(account.id)
    uow.ways.remove_all(account.id)
    # The old keys open nothing more for the person, and the new ones were never in these cases.
    vacate_seats(ctx, uow, account.id)
    uow.accounts.invite_again(account.id)
    overtake(ctx, uow, account.id)
    notices.tell(ctx, uow, account, NoticeKind.ACCESS)
    return Applied(EntryKind.ACCOUNT_RESTORED, {"account": account.id})


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    name = _read(uow, payload).name
    return [
        Sentence(N_("%(name)s får en ny länk och gör nya nycklar. De gamla slutar gälla."), {"name": name}),
        Sentence(
            N_("Ärenden som %(name)s hade behöver de andra i ärendegruppen ge åtkomst till på nytt."), {"name": name}
        ),
    ]


EFFECT = Effect(ChangeKind.RESTORE, _check, _apply, _tell)
