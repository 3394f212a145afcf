"""What becomes of somebody's seats when their account is suspended or closed (04, enforced by keys)."""

from __future__ import annotations

from tipportal.domain import separations
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Vacancy
from tipportal.usecases.context import Context
from tipportal.usecases.seats import attendance
from tipportal.usecases.separating import release_standbys

from .clock import clock_doubted


def vacate_seats(ctx: Context, uow: UnitOfWork, account_id: str) -> int:
    """Empty a person's seats in every case that is not locked, in the caller's transaction; how many.

    Each case's epoch closes at once, so that nothing more is sealed to keys of somebody who has left, and their grants
    are gone. Unlike a recusal nothing keeps them out: reinstated, they are let in by the members or not at all. A
    standby steps in where fewer than two people from two units are left who are present.
    """
    attending, doubted, today = attendance(ctx, uow), clock_doubted(ctx, uow), ctx.today()
    left = uow.separations.open_cases_of(account_id)
    for case in left:
        seats = attending.judged(uow.separations.seats(case.id))
        member = next(seat.member for seat in seats if seat.holder == account_id)
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
            Entry(
                kind=EntryKind.SEAT_VACATED,
                time=ctx.clock(),
                actor="system",
                organisation_id=case.organisation_id,
                case=case.reference,
                facts={"member": member, "epoch": case.epoch},
                policy_version=case.policy_version,
                directory_version=case.directory_version,
            )
        )
        staying = [seat for seat in seats if seat.holder != account_id]
        if separations.suffices([seat for seat in staying if seat.acts and seat.present]):
            continue
        # As in `releasing`: on the day of receipt, and while the clock is doubted, nobody steps in. `tick` looks again.
        if not doubted and case.received_on < today:
            release_standbys(ctx, uow, case, separations.to_release(staying), ReleaseReason.TOO_FEW_PRESENT)
    return len(left)
