"""What one person does at once: note an absence, declare a conflict of interest, suspend an account (04, invariant 4).

Each of these only ever takes access away. Whatever gives it back takes two administrators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.changes.applying import why_not_subject
from tipportal.domain.changes.change import check_entitled
from tipportal.domain.changes.rows import RegisterRows, snapshot_of
from tipportal.domain.changes.standing import Review
from tipportal.domain.duties import review_by
from tipportal.domain.errors import AlreadyDecided, Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.organisations import Absence, DeclaredConflict
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import proving
from .changing.leaving import close_epochs, vacate_seats
from .changing.register import rows_of
from .context import Context

_SUSPENDABLE = (AccountState.INVITED, AccountState.ENROLLED, AccountState.ACTIVE)


def note_absence(ctx: Context, account: Account, person_id: str, last: date | None) -> Absence:
    """Note that somebody is away from today: oneself, or by an administrator anybody. ``last``: None for until further.

    Raises NotFound, NotEntitled, Invalid.
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
        uow.register.add_absence(absence)
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
        _must_leave_two(uow, account, suspended)
        if not uow.accounts.change_state(account_id, AccountState.SUSPENDED, of=_SUSPENDABLE):
            raise AlreadyDecided(N_("Kontot är redan avstängt."))
        uow.accounts.delete_sessions_of(suspended.id)
        review = Review(
            id=ctx.new_id(),
            organisation_id=suspended.organisation_id,
            account_id=suspended.id,
            done_by=account.id,
            done_at=ctx.clock(),
            due_on=review_by(ctx.today()),
        )
        uow.changes.add_review(review)
        facts: dict[str, Json] = {"account": suspended.id, "review": review.id, "due": review.due_on.isoformat()}
        _log(ctx, uow, account, EntryKind.ACCOUNT_SUSPENDED, suspended.organisation_id, facts)
        close_epochs(ctx, uow, suspended.id)
        return review


def review_suspension(ctx: Context, account: Account, review_id: str) -> Review:
    """Note that another administrator has looked at a suspension, which then empties the person's seats.

    Lifting it is a change by two.

    Raises NotFound, NotEntitled, AlreadyDecided.
    """
    with ctx.storage.write() as uow:
        check_entitled(uow.accounts.by_id(account.id))
        review = uow.changes.review(review_id)
        if review is None or review.account_id == account.id:
            raise NotFound(N_("Sidan finns inte."))
        uow.changes.reviewed(review.id, by=account.id, now=ctx.clock())
        facts: dict[str, Json] = {"account": review.account_id, "review": review.id}
        _log(ctx, uow, account, EntryKind.DUTY_REVIEWED, review.organisation_id, facts)
        suspended = uow.accounts.by_id(review.account_id)
        if suspended is not None and suspended.state is AccountState.SUSPENDED:
            # Two have now seen to it that the person has left.
            vacate_seats(ctx, uow, suspended.id)
        return review


def open_reviews(ctx: Context) -> tuple[Review, ...]:
    """The suspensions that nobody has looked at yet, the first due first."""
    with ctx.storage.read() as uow:
        return tuple(uow.changes.open_reviews())


def _must_have_been_looked_at(uow: UnitOfWork, account: Account) -> None:
    """One at a time: one alone must not keep everybody from their cases."""
    if any(review.done_by == account.id for review in uow.changes.open_reviews()):
        raise NotEntitled(
            N_(
                "En annan administratör behöver först granska den avstängning som du redan har gjort. Brådskar det kan "
                "den andra stänga av kontot."
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
