"""``account``: an account is suspended, reactivated or closed by two. By one, at once: ``usecases.at_once``."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.changes.change import Change, ChangeKind, is_entitled
from tipportal.domain.changes.faults import faulty
from tipportal.domain.errors import NotEntitled
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.notices import NoticeKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import notices
from tipportal.usecases.context import Context
from tipportal.usecases.separating import cases_left, must_have_no_case

from .effect import Applied, Effect, Payload
from .keys import are_confirmed
from .leaving import overtake, vacate_seats
from .payloads import decided, exactly, text, wrong

LEAST_ADMINISTRATORS = 2
_LIVING = frozenset({AccountState.INVITED, AccountState.ENROLLED, AccountState.ACTIVE, AccountState.SUSPENDED})


class Deed(enum.StrEnum):
    """What is done with an account."""

    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class _Rule:
    of: frozenset[AccountState]
    to: AccountState
    entry: EntryKind
    words: str


_RULES: Mapping[Deed, _Rule] = {
    Deed.SUSPEND: _Rule(
        frozenset({AccountState.ENROLLED, AccountState.ACTIVE}),
        AccountState.SUSPENDED,
        EntryKind.ACCOUNT_SUSPENDED,
        N_("Kontot för %(name)s stängs av. Personen loggas ut och når inga ärenden."),
    ),
    Deed.REACTIVATE: _Rule(
        frozenset({AccountState.SUSPENDED}),
        AccountState.ACTIVE,
        EntryKind.ACCOUNT_RESTORED,
        N_("Kontot för %(name)s öppnas igen, med samma nycklar som förut."),
    ),
    Deed.CLOSE: _Rule(
        _LIVING,
        AccountState.CLOSED,
        EntryKind.ACCOUNT_CLOSED,
        N_("Kontot för %(name)s avslutas för gott."),
    ),
}


def _read(ctx: Context, uow: UnitOfWork, payload: Payload) -> tuple[Account, Deed]:
    exactly(payload, {"account", "do", "decision"})
    try:
        deed = Deed(text(payload, "do"))
    except ValueError:
        raise wrong("do") from None
    account = uow.accounts.by_id(text(payload, "account"))
    if account is None:
        raise faulty(N_("Kontot finns inte."))
    if account.state not in _RULES[deed].of:
        raise faulty(N_("Kontot är inte i ett läge där det går att göra så."))
    if deed is Deed.REACTIVATE and account.verification_key is None and account.role is not Role.AUDITOR:
        raise faulty(N_("Kontot har inga nycklar. Återställ det i stället, så gör personen nya."))
    decided(payload, {account.organisation_id}, required=False)
    if deed is not Deed.REACTIVATE:
        _must_leave_two(uow, account)
    if deed is Deed.CLOSE:
        _must_hold_nothing(ctx, uow, account)
    return account, deed


def _must_leave_two(uow: UnitOfWork, account: Account) -> None:
    """Raise FaultyChange where fewer than two administrators would be left, who could then change nothing any more."""
    if account.role is not Role.ADMINISTRATOR or account.state is not AccountState.ACTIVE:
        return
    left = [each for each in uow.accounts.all() if is_entitled(each) and each.id != account.id]
    if len(left) < LEAST_ADMINISTRATORS:
        raise faulty(N_("Det behövs alltid två aktiva administratörer. Bjud in en ny först."))


def _must_hold_nothing(ctx: Context, uow: UnitOfWork, account: Account) -> None:
    """Raise FaultyChange while somebody still has keys to cases, in use or withheld: others get new ones first.

    Only how many is told: an administrator learns of no case.
    """
    # Not those of today: whoever tried it again and again would learn at what time of day a source was there. That
    # nothing at all is left is asked when two have signed.
    held = cases_left(uow, account.id, before=ctx.today())
    if held:
        raise faulty(N_("Kontot har nycklar till %(count)s ärenden som andra behöver ta över först."), count=held)


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    _read(ctx, uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    account, deed = _read(ctx, uow, payload)
    if account.id in {change.proposer, change.approver} and deed is Deed.REACTIVATE:
        raise NotEntitled(N_("Du kan inte öppna ditt eget konto."))
    _move(uow, account, deed)
    overtake(ctx, uow, account.id)
    if deed is not Deed.REACTIVATE:
        vacate_seats(ctx, uow, account.id)
    if deed is Deed.REACTIVATE and not are_confirmed(uow, account):
        # Suspended before two had confirmed the keys: opening again is no way past the six words.
        uow.accounts.change_state(account.id, AccountState.ENROLLED, of={AccountState.ACTIVE})
    if deed is Deed.CLOSE:
        must_have_no_case(uow, account.id)
        uow.ways.remove_all(account.id)
        uow.accounts.withdraw_invitations(account.id)
    notices.tell(ctx, uow, account, NoticeKind.ACCESS)
    return Applied(_RULES[deed].entry, {"account": account.id})


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    account, deed = _read(ctx, uow, payload)
    return [Sentence(_RULES[deed].words, {"name": account.name})]


def _move(uow: UnitOfWork, account: Account, deed: Deed) -> None:
    rule = _RULES[deed]
    uow.accounts.change_state(account.id, rule.to, of=rule.of)
    if deed is not Deed.REACTIVATE:
        uow.accounts.delete_sessions_of(account.id)


EFFECT = Effect(ChangeKind.ACCOUNT, _check, _apply, _tell)
