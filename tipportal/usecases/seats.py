"""Who has a place in a case now, who would have one in the next epoch, and what the others are shown of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tipportal.domain import separations
from tipportal.domain.accounts import Account
from tipportal.domain.approvals import ActKind, Proposal, ProposalState
from tipportal.domain.cases import Case, EpochState
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.prepared import PreparedEpoch
from tipportal.domain.separations import Seat, Separation
from tipportal.domain.texts import N_
from tipportal.domain.trustees import Trustee

from .context import Context

STUCK = N_(
    "I ärendet finns inte längre två personer från två enheter, så ingen kan skriva i det. Be en administratör att "
    "återställa ärendet med nyckelförvaltarna. Det du redan kan läsa kan du fortfarande läsa."
)
LET_IN = N_(
    "Det finns ingen ersättare kvar i ärendet. Föreslå att någon släpps in, så att ärendet inte hänger på er två."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member is shown of the case's members beside their keys.

    ``released``: pseudonyms of the standbys who have stepped in. ``next_members``: with ``panel`` as in the next epoch;
    None where one alone cannot begin it. ``stuck``: what to do when nothing can be written for that. ``advice``: what
    to do while nobody is left to step in; it stops nothing, for it takes a proposal to change it. ``deciders``: by
    pseudonym of each other member, who decides whether they are kept out. ``reasons`` and ``prepared`` by proposal.
    """

    needs_epoch: bool
    released: frozenset[str]
    next_members: tuple[Seat, ...] | None
    stuck: str | None
    advice: str | None
    separations: tuple[Separation, ...]
    deciders: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, bytes]
    prepared: Mapping[str, PreparedEpoch]


def seats_of(ctx: Context, uow: UnitOfWork, case: Case) -> tuple[Seat, ...]:
    """The places of the case's present epoch in the order of the draw, with who is present today."""
    return attendance(ctx, uow).judged(uow.separations.seats(case.id))


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is away today, and who is designated to which function, by ids."""

    away: frozenset[str]
    serving: frozenset[tuple[str, str]]

    def judged(self, seats: Sequence[Seat]) -> tuple[Seat, ...]:
        """The seats with who is here and present today: without a designation to its function nobody is either.

        Only an absence that pauses a designation leaves a person here: they come back, and keep their keys.
        """
        judged = []
        for seat in seats:
            here = seat.here and (seat.holder, seat.function_id) in self.serving
            judged.append(replace(seat, here=here, present=here and seat.holder not in self.away))
        return tuple(judged)


def attendance(ctx: Context, uow: UnitOfWork) -> Attendance:
    """Who is away today by the absence register, and who is designated."""
    today = ctx.today()
    return Attendance(
        away=frozenset(
            absence.person_id
            for absence in uow.register.absences()
            if absence.first <= today and (absence.last is None or today <= absence.last)
        ),
        serving=frozenset(
            (each.account_id, each.function_id) for each in uow.register.designations() if each.active(today)
        ),
    )


@dataclass(frozen=True, slots=True)
class CaseTrustees:
    """The trustees of a case's present epoch, each with their pseudonym, and how many of them it takes."""

    threshold: int
    trustees: tuple[tuple[str, Trustee], ...]


def trustees_of(uow: UnitOfWork, case: Case) -> CaseTrustees:
    """Whom shares of the next epoch go to: the trustees of the present one. None and 0 where it has none."""
    named = [one for one in uow.trustees.of_case(case.id) if one.epoch == case.epoch]
    chosen = uow.trustees.set_of(named[0].set_version) if named else None
    if chosen is None:
        return CaseTrustees(0, ())
    people = {trustee.id: trustee for trustee in chosen.trustees}
    return CaseTrustees(chosen.threshold, tuple((one.member, people[one.trustee_id]) for one in named))


def is_closed(uow: UnitOfWork, case: Case) -> bool:
    """Whether the present epoch takes no more records: somebody has left, and nobody has begun the next."""
    return uow.cases.epochs(case.id)[case.epoch].state is EpochState.CLOSED


def needs_epoch(uow: UnitOfWork, case: Case, seats: tuple[Seat, ...]) -> bool:
    """Whether the next epoch has to be begun before anything else is written.

    The server has seen the keys, somebody has left the case, or somebody who has keys has left altogether.
    """
    epoch = uow.cases.epochs(case.id)[case.epoch]
    if epoch.opened_by == "server" or epoch.state is EpochState.CLOSED:
        return True
    return not all(seat.here for seat in seats) and separations.next_members(seats) is not None


def standing_of(
    uow: UnitOfWork, case: Case, account: Account, seats: tuple[Seat, ...], shown: tuple[Proposal, ...]
) -> Standing:
    """What a member is shown of the case's members. ``seats``: as now. ``shown``: the proposals that they may see."""
    coming = separations.next_members(seats)
    needed = needs_epoch(uow, case, seats)
    deciders: dict[str, tuple[str, ...]] = {}
    for seat in seats:
        chosen = separations.deciders(seats, seat.member)
        if chosen is not None and seat.holder != account.id and account.id in {one.holder for one in chosen}:
            deciders[seat.member] = tuple(one.member for one in chosen)
    prepared = {
        proposal.id: uow.separations.prepared(proposal.id)
        for proposal in shown
        if proposal.kind in (ActKind.ADD_MEMBER, ActKind.RECLASSIFY) and proposal.state is ProposalState.OPEN
    }
    stuck = STUCK if coming is None and is_closed(uow, case) else None
    alone = stuck is None and not any(seat.here and not seat.acts for seat in seats)
    return Standing(
        needs_epoch=needed,
        released=frozenset(seat.member for seat in seats if seat.released and not seat.panel),
        next_members=coming,
        stuck=stuck,
        advice=LET_IN if alone else None,
        separations=tuple(uow.separations.of_case(case.id)),
        deciders=deciders,
        reasons=uow.separations.reasons_for(case.id, account.id),
        prepared={key: epoch for key, epoch in prepared.items() if epoch is not None},
    )


def shown_proposals(uow: UnitOfWork, case: Case, account: Account) -> tuple[Proposal, ...]:
    """The case's proposals that a member may see: those about a colleague are their deciders' alone."""
    mine = uow.separations.reasons_for(case.id, account.id)
    return tuple(
        proposal
        for proposal in uow.proposals.of_case(case.id)
        if proposal.kind is not ActKind.EXCLUDE_MEMBER or proposal.id in mine
    )
