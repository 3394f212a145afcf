"""What one person does at once: note an absence, declare a conflict of interest, suspend an account (04, invariant 4).

Each of these only ever takes access away. Another administrator looks at it (`reviewing`), and upholds or lifts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.changes.applying import why_not_subject
from tipportal.domain.changes.change import check_entitled
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.changes.standing import Review, ReviewKind
from tipportal.domain.duties import review_by
from tipportal.domain.errors import AlreadyDecided, Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.notices import NoticeKind
from tipportal.domain.organisations import Absence, DeclaredConflict
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import proving
from .changing.leaving import close_epochs
from .changing.register import rows_of
from .context import Context
from .notices import tell

_AGAIN_SECONDS = 30 * 24 * 3600
_SUSPENDABLE = (AccountState.INVITED, AccountState.ENROLLED, AccountState.ACTIVE)


def note_absence(ctx: Context, account: Account, person_id: str, last: date | None) -> Absence:
    """Note that somebody is away from today: oneself, or by an administrator anybody. ``last``: None for until further.

    Another administrator looks at it within two working days, since it changes who is drawn. Raises NotFound,
    NotEntitled, Invalid.
    """
    today = ctx.today()
    if last is not None and last < today:
        raise Invalid(N_("Slutdagen ligger före första dagen."), field="last")
    absence_id = ctx.new_id()

    def absent(uow: UnitOfWork, rows: RegisterRows) -> Absence:
        if person_id != account.id:
            check_entitled(uow.accounts.by_id(account.id))
        person = rows.person(person_id)
        if person is None:
            raise NotFound(N_("Personen finns inte."))
        return Absence(absence_id, person.organisation_id, person.id, today, last)

    _foresee(ctx, lambda uow, rows: rows.having("absences", absence_id, absent(uow, rows)))
    with ctx.storage.write() as uow:
        absence = absent(uow, rows_of(uow))
        review = Review(
            id=ctx.new_id(),
            organisation_id=absence.organisation_id,
            kind=ReviewKind.ABSENCE,
            person_id=absence.person_id,
            done_by=account.id,
            done_at=ctx.clock(),
            due_on=review_by(today),
            absence_id=absence.id,
            first=absence.first,
            last=absence.last,
        )
        if review.pauses and absence.person_id != account.id:
            _must_have_been_looked_at(uow, account)
        uow.register.add_absence(absence)
        uow.changes.add_review(review)
        facts: dict[str, Json] = {
            "absence": absence.id,
            "person": absence.person_id,
            "first": today.isoformat(),
            "last": None if last is None else last.isoformat(),
        }
        _log(ctx, uow, account, EntryKind.ABSENCE_RECORDED, absence.organisation_id, facts)
        return absence


def declare_conflict(ctx: Context, account: Account, subject: str) -> DeclaredConflict:
    """Declare one's own conflict of interest with a person, a unit, an organisation or an area. Raises Invalid.

    What it is about stays in the register and out of the log.
    """
    conflict = DeclaredConflict(ctx.new_id(), account.organisation_id, account.id, subject, ctx.today())

    def declared(rows: RegisterRows) -> DeclaredConflict | None:
        fault = why_not_subject(rows, subject)
        if fault is not None:
            raise Invalid(fault.msgid % fault.values, field="subject")
        wanted = (account.id, subject, None)
        known = (each for each in rows.conflicts.values() if (each.person_id, each.subject, each.ended_on) == wanted)
        return next(known, None)

    _foresee(ctx, lambda _, rows: rows if declared(rows) else rows.having("conflicts", conflict.id, conflict))
    with ctx.storage.write() as uow:
        known = declared(rows_of(uow))
        if known is not None:
            return known
        uow.register.add_conflict(conflict)
        facts: dict[str, Json] = {"conflict": conflict.id, "person": account.id}
        _log(ctx, uow, account, EntryKind.CONFLICT_DECLARED, account.organisation_id, facts)
        return conflict


def suspend(ctx: Context, account: Account, account_id: str) -> Review:
    """Suspend an account by one administrator; another looks at it within two working days.

    Raises NotEntitled, NotFound, AlreadyDecided.
    """
    _foresee(ctx, lambda _, rows: replace(rows, ready=rows.ready - {account_id}))
    with ctx.storage.write() as uow:
        check_entitled(uow.accounts.by_id(account.id))
        suspended = uow.accounts.by_id(account_id)
        if suspended is None:
            raise NotFound(N_("Personen finns inte."))
        _must_have_been_looked_at(uow, account)
        _must_not_be_again(ctx, uow, account, suspended)
        _must_leave_two(uow, account, suspended)
        if not uow.accounts.change_state(account_id, AccountState.SUSPENDED, of=_SUSPENDABLE):
            raise AlreadyDecided(N_("Kontot är redan avstängt."))
        uow.accounts.delete_sessions_of(suspended.id)
        review = Review(
            id=ctx.new_id(),
            organisation_id=suspended.organisation_id,
            kind=ReviewKind.SUSPENSION,
            person_id=suspended.id,
            done_by=account.id,
            done_at=ctx.clock(),
            due_on=review_by(ctx.today()),
            was=suspended.state,
        )
        uow.changes.add_review(review)
        facts: dict[str, Json] = {"account": suspended.id, "review": review.id, "due": review.due_on.isoformat()}
        _log(ctx, uow, account, EntryKind.ACCOUNT_SUSPENDED, suspended.organisation_id, facts)
        close_epochs(ctx, uow, suspended.id)
        tell(ctx, uow, suspended, NoticeKind.ACCESS)
        return review


def _must_have_been_looked_at(uow: UnitOfWork, account: Account) -> None:
    """One at a time: one alone must not keep everybody from their cases."""
    waiting = (each for each in uow.changes.open_reviews() if each.person_id != account.id)
    if any(review.done_by == account.id and review.pauses for review in waiting):
        raise NotEntitled(
            N_(
                "En annan administratör behöver först granska det som du redan har gjort ensam: en avstängning eller "
                "en lång frånvaro. Brådskar det kan den andra göra det här."
            )
        )


def _must_not_be_again(ctx: Context, uow: UnitOfWork, account: Account, suspended: Account) -> None:
    """What another has lifted, or nobody cared to look at, is not done once more by the same person alone."""
    ended = uow.changes.ended_since(suspended.id, ctx.clock() - _AGAIN_SECONDS)
    if any(review.done_by == account.id for review in ended):
        raise NotEntitled(
            N_(
                "Du har stängt av kontot ensam de senaste trettio dagarna, och det hävdes eller blev inte granskat. "
                "Den här gången behöver en annan administratör göra det."
            )
        )


def _must_leave_two(uow: UnitOfWork, account: Account, suspended: Account) -> None:
    """An administrator who suspends the second last would leave nobody who could look at it."""
    if suspended.role is not Role.ADMINISTRATOR:
        return
    others = [
        each
        for each in uow.accounts.all()
        if each.role is Role.ADMINISTRATOR and each.state is AccountState.ACTIVE and each.id != suspended.id
    ]
    if suspended.id == account.id or not any(each.id != account.id for each in others):
        raise NotEntitled(N_("Då skulle ingen annan administratör finnas kvar som kan granska det."))


def _foresee(ctx: Context, change: Callable[[UnitOfWork, RegisterRows], RegisterRows]) -> None:
    """Find the proofs that a change of the register leads to: nobody waits for them in the turn to write."""
    with ctx.storage.read() as uow:
        proving.foresee(uow, snapshot_of(change(uow, rows_of(uow))), ctx.today())


def _log(
    ctx: Context,
    uow: UnitOfWork,
    account: Account,
    kind: EntryKind,
    organisation_id: str,
    facts: Mapping[str, Json],
) -> None:
    uow.log.append(
        Entry(kind=kind, time=ctx.clock(), actor=account.id, organisation_id=organisation_id, case=None, facts=facts)
    )
    if uow.register.is_changed:
        proving.renew(ctx, uow)
