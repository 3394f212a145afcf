"""Leaving a case: by one's own word, by that of two others, or because a person leaves altogether (04).

Whoever leaves a case loses every key of it at once and for good, a standby steps in, and the epoch closes: what follows
goes to keys that the person never had (03).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from tipportal.domain import separations
from tipportal.domain.accounts import Account
from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import Case
from tipportal.domain.duties import DutyKind
from tipportal.domain.errors import CasesLeft
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.releases import Release, ReleaseReason
from tipportal.domain.separations import Ground, Seat, Separation, SeparationKind
from tipportal.domain.texts import N_
from tipportal.envelope import HybridRecipient, pad, seal
from tipportal.envelope.canonical import canonical

from .context import Context
from .duties import keep_duty
from .entries import entry_of_case
from .handle import case_entry, member_of, refused
from .seats import seats_of

SALT = 16
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A proposal about a colleague, as a standby who decides it is shown it: the reference and the sealed reason.

    ``verification_key`` is the proposer's.
    """

    case: Case
    proposal: Proposal
    verification_key: bytes
    reasons: bytes


def recuse(ctx: Context, account: Account, reference: str, ground: Ground) -> None:
    """Leave a case at once and for good; another member reviews it afterwards. Raises NotFound."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            member = member_of(uow, case, account)
            salt = ctx.random(SALT)
            # The ground may point at the subject: the log has a salted commitment, the members who stay have the word.
            commitment = hashlib.sha256(salt + ground.value.encode()).hexdigest()
            sealed = _sealed_ground(ctx, uow, case, ground, salt)
            keep_duty(ctx, uow, case, account, DutyKind.RECUSAL)
            facts: dict[str, Json] = {"member": member, "ground": commitment}
            uow.log.append(case_entry(ctx, account, case, EntryKind.RECUSED, facts))
            separate(ctx, uow, case, holder=account.id, kind=SeparationKind.RECUSED, reasons=sealed)
            return
    raise refused(ctx, account)


def separate(
    ctx: Context, uow: UnitOfWork, case: Case, *, holder: str, kind: SeparationKind, reasons: bytes | None = None
) -> None:
    """Take a person out of a case in the caller's transaction: keys gone, standbys released, epoch closed."""
    seats = seats_of(ctx, uow, case)
    leaving = next(seat for seat in seats if seat.holder == holder)
    uow.separations.separate(
        Separation(
            organisation_id=case.organisation_id,
            case_id=case.id,
            account_id=holder,
            member=leaving.member,
            kind=kind,
            epoch=case.epoch,
            at=ctx.clock(),
            reasons=reasons,
        )
    )
    uow.cases.close_epoch(case.id, case.epoch)
    staying = [seat for seat in seats if seat.holder != holder]
    if leaving.acts or not separations.suffices([seat for seat in staying if seat.acts]):
        release_standbys(ctx, uow, case, separations.to_release(staying), ReleaseReason.SEPARATION)


def release_standbys(ctx: Context, uow: UnitOfWork, case: Case, seats: tuple[Seat, ...], reason: ReleaseReason) -> None:
    """Let standbys step into a case, each with an entry that says why."""
    for seat in seats:
        uow.separations.release(
            Release(
                organisation_id=case.organisation_id,
                case_id=case.id,
                account_id=seat.holder,
                member=seat.member,
                epoch=case.epoch,
                reason=reason,
                at=ctx.clock(),
            )
        )
        uow.log.append(
            entry_of_case(
                case, EntryKind.STANDBY_RELEASED, {"member": seat.member, "reason": reason.value}, time=ctx.clock()
            )
        )


def deciding(ctx: Context, account: Account) -> tuple[ToDecide, ...]:
    """Proposals about colleagues that the person decides as a standby, with nothing else of those cases."""
    with ctx.storage.read() as uow:
        waiting = uow.separations.to_decide(account.id, ctx.clock())
        keys = {one.id: one for one in uow.accounts.by_ids([proposal.proposer for _, proposal in waiting])}
        return tuple(
            ToDecide(
                case,
                proposal,
                keys[proposal.proposer].verification_key or b"",
                uow.separations.reasons(proposal.id) or b"",
            )
            for case, proposal in waiting
        )


def cases_left(uow: UnitOfWork, account_id: str, *, before: date | None = None) -> int:
    """In how many cases a person still has keys of the present epoch: each has to be given others first.

    ``before``: only those received before that day.
    """
    return uow.separations.held_by(account_id, before)


def must_have_no_case(uow: UnitOfWork, account_id: str) -> None:
    """Raise CasesLeft, with how many, unless every case has been given keys that the person does not have.

    What is left of their older keys then goes: an account is closed in the same transaction.
    """
    left = cases_left(uow, account_id)
    if left:
        raise CasesLeft(
            N_("Personen har fortfarande nycklar till ärenden. Kontot kan avslutas när ärendena har fått nya nycklar."),
            left=left,
        )
    uow.separations.forget_grants(account_id)


def _sealed_ground(ctx: Context, uow: UnitOfWork, case: Case, ground: Ground, salt: bytes) -> bytes:
    work = HybridRecipient.from_bytes(uow.cases.epochs(case.id)[case.epoch].work_recipient)
    content = canonical({"v": 1, "ground": ground.value, "salt": salt.hex()})
    return seal(pad(len(content).to_bytes(_LENGTH, "big") + content), (work,), random=ctx.random)
