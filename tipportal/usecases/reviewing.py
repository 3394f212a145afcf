"""The second look at what one person did at once: another upholds it, or lifts it alone (04, invariant 4).

Whoever lifts gives back only what was there before. Where nobody looks in two working days, an administrator's
suspension ends by itself: they read no case, and staying away would leave one alone with every change. A handler's
stays, for what would be read in the meantime cannot be taken back; that nobody has looked stands in the log, and on
every administrator's page until somebody does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tipportal.domain.accounts import Account, AccountState, Role, needs_keys
from tipportal.domain.changes.change import check_entitled
from tipportal.domain.changes.rows import snapshot_of
from tipportal.domain.changes.standing import Review, ReviewKind, ReviewOutcome
from tipportal.domain.errors import AlreadyDecided, NotEntitled, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.notices import NoticeKind
from tipportal.domain.organisations import Absence
from tipportal.domain.policies.register import PAUSE_AFTER
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import proving
from .changing.clock import clock_doubted
from .changing.keys import are_confirmed
from .changing.leaving import vacate_seats
from .changing.register import rows_of
from .context import Context
from .notices import tell

_DAY = timedelta(days=1)


def open_reviews(ctx: Context) -> tuple[Review, ...]:
    """What nobody has looked at yet, the first due first."""
    with ctx.storage.read() as uow:
        return tuple(uow.changes.open_reviews())


def uphold(ctx: Context, account: Account, review_id: str) -> Review:
    """Note that another administrator finds it right. A suspended person's seats are emptied now: two have seen to it.

    Raises NotFound, NotEntitled, AlreadyDecided.
    """
    with ctx.storage.write() as uow:
        review = _mine(uow, account, review_id)
        uow.changes.settle_review(review.id, ReviewOutcome.UPHELD, by=account.id, now=ctx.clock())
        _log(ctx, uow, account, EntryKind.DUTY_REVIEWED, review)
        suspended = uow.accounts.by_id(review.person_id) if review.kind is ReviewKind.SUSPENSION else None
        if suspended is not None and suspended.state is AccountState.SUSPENDED:
            vacate_seats(ctx, uow, suspended.id)
        return review


def lift(ctx: Context, account: Account, review_id: str) -> Review:
    """Undo it as another administrator, alone: the account is as it was before, or the absence is gone.

    Raises NotFound, NotEntitled, AlreadyDecided.
    """
    _foresee(ctx, review_id)
    with ctx.storage.write() as uow:
        review = _mine(uow, account, review_id)
        uow.changes.settle_review(review.id, ReviewOutcome.LIFTED, by=account.id, now=ctx.clock())
        if review.kind is ReviewKind.SUSPENSION:
            if not _give_back(ctx, uow, review):
                raise AlreadyDecided(N_("Kontot är inte avstängt längre."))
            _log(ctx, uow, account, EntryKind.SUSPENSION_LIFTED, review)
        else:
            _withdraw(ctx, uow, review)
            facts: dict[str, Json] = {
                "absence": review.absence_id,
                "first": None if review.first is None else review.first.isoformat(),
                "last": None if review.last is None else review.last.isoformat(),
            }
            _log(ctx, uow, account, EntryKind.ABSENCE_WITHDRAWN, review, **facts)
        if uow.register.is_changed:
            proving.renew(ctx, uow)
        return review


def end_overdue(ctx: Context, uow: UnitOfWork) -> int:
    """End or report what nobody has looked at in time, in the caller's transaction; how many.

    Nothing happens while the clock is doubted: a clock that leaps must not end anything.
    """
    today = ctx.today()
    late = [each for each in uow.changes.open_reviews() if each.due_on < today]
    if not late or clock_doubted(ctx, uow):
        return 0
    return sum(_end(ctx, uow, review) for review in late)


def _end(ctx: Context, uow: UnitOfWork, review: Review) -> bool:
    today = ctx.today()
    if review.kind is ReviewKind.SUSPENSION:
        suspended = uow.accounts.by_id(review.person_id)
        over = suspended is None or suspended.role is Role.ADMINISTRATOR
        if over and _give_back(ctx, uow, review):
            _log(ctx, uow, None, EntryKind.SUSPENSION_LAPSED, review)
    else:
        absence = uow.register.absence(review.absence_id or "")
        over = absence is None or (absence.last is not None and absence.last < today)
    if over:
        uow.changes.settle_review(review.id, ReviewOutcome.LAPSED, by=None, now=ctx.clock())
    elif review.overdue_on is None:
        uow.changes.review_is_overdue(review.id, today)
        _log(ctx, uow, None, EntryKind.REVIEW_OVERDUE, review, due=review.due_on.isoformat())
    return over or review.overdue_on is None


def _mine(uow: UnitOfWork, account: Account, review_id: str) -> Review:
    """What waits for a look by this administrator, who has no part in it."""
    check_entitled(uow.accounts.by_id(account.id))
    review = uow.changes.review(review_id)
    if review is None or review.person_id == account.id:
        raise NotFound(N_("Sidan finns inte."))
    return review


def _give_back(ctx: Context, uow: UnitOfWork, review: Review) -> bool:
    """Put an account back to the state before; False where it is not suspended any more."""
    account = uow.accounts.by_id(review.person_id)
    if account is None or not uow.accounts.change_state(
        account.id, _state_before(uow, account, review.was), of={AccountState.SUSPENDED}
    ):
        return False
    tell(ctx, uow, account, NoticeKind.ACCESS)
    return True


def _state_before(uow: UnitOfWork, account: Account, was: AccountState | None) -> AccountState:
    if was in {AccountState.INVITED, AccountState.ENROLLED}:
        return was
    if needs_keys(account.role) and not are_confirmed(uow, account):
        # As when two open it again: no way past the six words.
        return AccountState.ENROLLED
    return AccountState.ACTIVE


def _withdraw(ctx: Context, uow: UnitOfWork, review: Review) -> None:
    today, absence = ctx.today(), uow.register.absence(review.absence_id or "")
    if absence is None or (absence.last is not None and absence.last < today):
        raise AlreadyDecided(N_("Frånvaron är redan slut."))
    if absence.first + PAUSE_AFTER <= today:
        # Whoever has been away that long comes back by two (04, absence register).
        raise NotEntitled(N_("Frånvaron har varat i trettio dagar. Föreslå att den avslutas, så godkänner en annan."))
    if absence.first < today:
        uow.register.change_absence(replace(absence, last=today - _DAY))
    else:
        uow.register.remove_absence(absence.id)


def _foresee(ctx: Context, review_id: str) -> None:
    """Find the proofs that lifting leads to: nobody waits for them in the turn to write."""
    with ctx.storage.read() as uow:
        review, rows = uow.changes.review(review_id), rows_of(uow)
        if review is None:
            return
        if review.kind is ReviewKind.SUSPENSION:
            after = replace(rows, ready=rows.ready | {review.person_id})
        else:
            without: dict[str, Absence] = {key: each for key, each in rows.absences.items() if key != review.absence_id}
            after = replace(rows, absences=without)
        proving.foresee(uow, snapshot_of(after), ctx.today())


def _log(
    ctx: Context, uow: UnitOfWork, account: Account | None, kind: EntryKind, review: Review, **facts: Json
) -> None:
    about = "account" if review.kind is ReviewKind.SUSPENSION else "person"
    uow.log.append(
        Entry(
            kind=kind,
            time=ctx.clock(),
            actor="system" if account is None else account.id,
            organisation_id=review.organisation_id,
            case=None,
            facts={about: review.person_id, "review": review.id, **facts},
        )
    )
