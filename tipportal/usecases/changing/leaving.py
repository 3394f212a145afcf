"""What becomes of somebody's seats when their account is suspended or closed (04, enforced by keys)."""

from __future__ import annotations

from collections.abc import Iterator

from tipportal.domain import separations
from tipportal.domain.cases import Case
from tipportal.domain.changes.standing import ReviewKind, ReviewOutcome
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Seat, Vacancy
from tipportal.usecases.context import Context
from tipportal.usecases.entries import entry_of_case
from tipportal.usecases.seats import attendance
from tipportal.usecases.separating import release_standbys

from .clock import clock_doubted


def close_epochs(ctx: Context, uow: UnitOfWork, account_id: str) -> None:
    """Close the epoch of every case in which a suspended person has a seat, in the caller's transaction.

    Nothing more is sealed to their keys, and no session leads to what was. The seat itself stays until a second
    administrator has looked: one person's word deletes nobody's keys. A standby steps in where fewer than two people
    from two units are left who are present.
    """
    doubted = clock_doubted(ctx, uow)
    for case, _, staying in _left(ctx, uow, account_id):
        uow.cases.close_epoch(case.id, case.epoch)
        _step_in(ctx, uow, case, staying, doubted=doubted)


def vacate_seats(ctx: Context, uow: UnitOfWork, account_id: str) -> None:
    """Empty a person's seats in every case, in the caller's transaction; locked ones too, which two still decide about.

    Each case's epoch closes, and their grants are gone. Unlike a recusal nothing keeps them out: reinstated, they are
    let in by the members or not at all.
    """
    doubted = clock_doubted(ctx, uow)
    for case, member, staying in _left(ctx, uow, account_id):
        uow.separations.vacate(
            Vacancy(
                organisation_id=case.organisation_id,
                case_id=case.id,
                account_id=account_id,
                member=member,
                epoch=case.epoch,
                at=ctx.clock(),
            )
        )
        uow.cases.close_epoch(case.id, case.epoch)
        uow.log.append(
            entry_of_case(case, EntryKind.SEAT_VACATED, {"member": member, "epoch": case.epoch}, time=ctx.clock())
        )
        _step_in(ctx, uow, case, staying, doubted=doubted)


def overtake(ctx: Context, uow: UnitOfWork, account_id: str) -> None:
    """End the second looks that wait about an account that two have decided on, in the caller's transaction."""
    for review in uow.changes.open_reviews():
        if review.kind is ReviewKind.SUSPENSION and review.person_id == account_id:
            uow.changes.settle_review(review.id, ReviewOutcome.LAPSED, by=None, now=ctx.clock())


def _left(ctx: Context, uow: UnitOfWork, account_id: str) -> Iterator[tuple[Case, str, list[Seat]]]:
    """Each case that the person has a seat in, their pseudonym there, and the seats of the others."""
    attending = attendance(ctx, uow)
    for case in uow.separations.cases_of(account_id):
        seats = attending.judged(uow.separations.seats(case.id))
        member = next(seat.member for seat in seats if seat.holder == account_id)
        yield case, member, [seat for seat in seats if seat.holder != account_id]


def _step_in(ctx: Context, uow: UnitOfWork, case: Case, staying: list[Seat], *, doubted: bool) -> None:
    if separations.suffices([seat for seat in staying if seat.acts and seat.present]):
        return
    # As in `releasing`: on the day of receipt, and while the clock is doubted, nobody steps in. `tick` looks again.
    if not doubted and case.received_on < ctx.today():
        release_standbys(ctx, uow, case, separations.to_release(staying), ReleaseReason.TOO_FEW_PRESENT)
