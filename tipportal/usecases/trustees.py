"""Trustees of cases: who gets a share of a case's keys, whom an epoch names, and splitting anew when they change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, Grant, GrantKind
from tipportal.domain.errors import GrantsMismatch
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import (
    CaseTrustee,
    Trustee,
    TrusteeSet,
    is_concerned,
    next_pseudonyms,
    without_concerned,
)

from . import listed
from .boards import LaidOut
from .context import Context
from .entries import system_entry
from .handle import case_entry, member_of, refused
from .sealedfiles import check_grant


@dataclass(frozen=True, slots=True)
class Share:
    """A sealed share as a client hands it in: for a trustee's pseudonym, of one epoch's work seed."""

    epoch: int
    holder: str
    file: bytes


@dataclass(frozen=True, slots=True)
class NamedTrustee:
    """A trustee under the pseudonym of one case."""

    member: str
    trustee: Trustee


@dataclass(frozen=True, slots=True)
class CaseTrustees:
    """Whom a case's keys are split between, and how many of them it takes; nobody and 0 where there are no trustees."""

    threshold: int = 0
    set_version: int = 0
    named: tuple[NamedTrustee, ...] = ()


def for_new_case(laid_out: LaidOut, concerns: Collection[str]) -> CaseTrustees:
    """The trustees of a case with these ``unit:`` and ``organisation:`` concerned, in the order of their set."""
    current = laid_out.trustees
    if current is None:
        return CaseTrustees()
    concerned = {
        trustee.id
        for trustee in current.trustees
        if is_concerned(trustee.unit_id, concerns, laid_out.parents, laid_out.employers.get(trustee.unit_id or "", ""))
    }
    chosen = without_concerned(current.trustees, concerned, current.threshold)
    return _named(current, next_pseudonyms((), len(chosen)), chosen)


def of_epoch(uow: UnitOfWork, case: Case, epoch: int | None = None) -> CaseTrustees:
    """The trustees whom the chain names in an epoch, by default the newest: those whose signatures count in it."""
    wanted = case.epoch if epoch is None else epoch
    rows = [row for row in uow.trustees.of_case(case.id) if row.epoch == wanted]
    of_set = uow.trustees.set_of(rows[0].set_version) if rows else None
    if of_set is None:
        return CaseTrustees()
    known = {trustee.id: trustee for trustee in of_set.trustees}
    return _named(of_set, [row.member for row in rows], [known[row.trustee_id] for row in rows])


def of_holders(uow: UnitOfWork, shares: Mapping[str, str]) -> CaseTrustees:
    """The trustees who hold a case's shares: ``shares`` are their pseudonyms by id. Nobody if no set has them all."""
    newest = uow.trustees.current()
    for version in range(0 if newest is None else newest.version, 0, -1):
        of_set = uow.trustees.set_of(version)
        if of_set is not None and shares.keys() <= {trustee.id for trustee in of_set.trustees}:
            those = [trustee for trustee in of_set.trustees if trustee.id in shares]
            return _named(of_set, [shares[trustee.id] for trustee in those], those)
    return CaseTrustees()


def keep(uow: UnitOfWork, case: Case, epoch: int, trustees: CaseTrustees) -> None:
    """Keep whom an epoch names."""
    uow.trustees.add_to_case(
        [
            CaseTrustee(case.organisation_id, case.id, epoch, one.member, one.trustee.id, trustees.set_version)
            for one in trustees.named
        ]
    )


def share_grants(case: Case, epoch: int, trustees: CaseTrustees) -> list[Grant]:
    """The trustees' grants of an epoch, in all but their files."""
    return [
        Grant(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=epoch,
            holder=one.trustee.id,
            kind=GrantKind.TRUSTEE_SHARE,
            member=one.member,
            unit_id="",
            function_id="",
            file=b"",
        )
        for one in trustees.named
    ]


def to_split_anew(uow: UnitOfWork, case: Case) -> CaseTrustees | None:
    """The trustees in force if the case's shares are to be made anew; None if nothing is to be done.

    They are where others hold them than those in force, and where no member has made them yet: nobody but a trustee
    can see whether a share that the source's browser sealed is one, and that only at a recovery. Who was left out
    of the case when it came stays left out, as long as enough others remain.
    """
    current = listed.trustees(uow)
    if current is None:
        return None
    rows = uow.trustees.of_case(case.id)
    left_out = _left_out(uow, rows)
    wanted = without_concerned(
        current.trustees,
        {one.id for one in current.trustees if (one.name, one.organisation) in left_out},
        current.threshold,
    )
    shares = [grant for grant in uow.cases.grants(case.id) if grant.kind is GrantKind.TRUSTEE_SHARE]
    epochs = {epoch.epoch for epoch in uow.cases.epochs(case.id)}
    theirs = {(one.epoch, one.holder) for one in shares} == {(epoch, one.id) for epoch in epochs for one in wanted}
    if theirs and uow.trustees.shares_made_by(case.id) is not None:
        return None
    pseudonyms = {row.trustee_id: row.member for row in rows}
    fresh = iter(next_pseudonyms({row.member for row in rows}, len(wanted)))
    return _named(current, [pseudonyms.get(one.id) or next(fresh) for one in wanted], wanted)


def wanted_of(ctx: Context, account: Account, reference: str) -> CaseTrustees | None:
    """Whom a member's case is to be split between anew, None if nothing is to be done. Raises NotFound."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            return to_split_anew(uow, case)
    raise refused(ctx, account)


def split_anew(ctx: Context, account: Account, reference: str, shares: Sequence[Share]) -> None:
    """Keep a member's new shares of every epoch of a case, in the place of those of former trustees.

    Raises NotFound, GrantsMismatch unless there is one for each of the new trustees in each epoch, MalformedAgeFile.
    """
    for share in shares:
        check_grant(share.file, GrantKind.TRUSTEE_SHARE)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        wanted = None if case is None else to_split_anew(uow, case)
        if case is not None:
            if wanted is None:
                # Somebody else's browser was first: nothing is left to be done.
                return
            given = {(share.epoch, share.holder): share.file for share in shares}
            grants = [grant for epoch in uow.cases.epochs(case.id) for grant in share_grants(case, epoch.epoch, wanted)]
            if set(given) != {(one.epoch, one.member) for one in grants} or len(given) != len(shares):
                raise GrantsMismatch(N_("Delarna ska gå till de nya nyckelförvaltarna, för alla ärendets nycklar."))
            before = _former(uow, wanted)
            uow.trustees.replace_shares(case.id, [with_file(one, given[one.epoch, one.member]) for one in grants])
            uow.trustees.note_maker(case, member_of(uow, case, account))
            facts: dict[str, Json] = {"trustees": wanted.set_version, "shares": len(wanted.named)}
            uow.log.append(case_entry(ctx, account, case, EntryKind.SHARES_RENEWED, facts))
            if before and not _former(uow, wanted):
                _note_leaving(ctx, uow, wanted.set_version, len(before))
            return
    raise refused(ctx, account)


def _former(uow: UnitOfWork, trustees: CaseTrustees) -> frozenset[str]:
    """Who holds a share of any case and is not in the set that these are of."""
    of_set = uow.trustees.set_of(trustees.set_version)
    return uow.trustees.holding_shares() - {trustee.id for trustee in (() if of_set is None else of_set.trustees)}


def _note_leaving(ctx: Context, uow: UnitOfWork, set_version: int, left: int) -> None:
    # In the transaction that took the last share away: so once, and not before it is true.
    current = uow.trustees.set_of(set_version)
    uow.log.append(
        system_entry(
            ctx,
            EntryKind.TRUSTEES_LEFT,
            {"set": set_version, "left": left},
            None if current is None else current.organisation_id,
        )
    )


def with_file(grant: Grant, file: bytes) -> Grant:
    """The grant with its file."""
    return Grant(
        organisation_id=grant.organisation_id,
        case_id=grant.case_id,
        epoch=grant.epoch,
        holder=grant.holder,
        kind=grant.kind,
        member=grant.member,
        unit_id=grant.unit_id,
        function_id=grant.function_id,
        file=file,
    )


def _named(of_set: TrusteeSet, members: Sequence[str], those: Sequence[Trustee]) -> CaseTrustees:
    return CaseTrustees(
        threshold=of_set.threshold,
        set_version=of_set.version,
        named=tuple(NamedTrustee(member, trustee) for member, trustee in zip(members, those, strict=True)),
    )


def _left_out(uow: UnitOfWork, rows: Sequence[CaseTrustee]) -> set[tuple[str, str]]:
    first = [row for row in rows if row.epoch == 0]
    of_set = uow.trustees.set_of(first[0].set_version) if first else None
    if of_set is None:
        return set()
    chosen = {row.trustee_id for row in first}
    return {(trustee.name, trustee.organisation) for trustee in of_set.trustees if trustee.id not in chosen}
