"""Links between a handler's own cases of one authority: made in the browser, shown to whoever may see both cases."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.errors import Invalid, NotFound
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.links import Link, LinkKind, check_link
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write
from tipportal.domain.texts import N_

from .context import Context
from .entries import entry_of_case
from .handle import case_entry, refused

MOST_LINKABLE = 200
_MARK = 16


def linkable(ctx: Context, account: Account, reference: str) -> tuple[Case, ...]:
    """The handler's other cases of the same authority, newest first. Raises NotFound."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, today)
        if case is not None:
            return tuple(uow.links.linkable(case, account.id, today, MOST_LINKABLE))
    raise refused(ctx, account)


def link(ctx: Context, account: Account, reference: str, other: str, kind: LinkKind) -> Link:
    """Link two of the handler's own cases; each case's log says so under a random mark of its own.

    Raises NotFound for a case that is not theirs or belongs to another authority, Invalid, CaseLocked,
    IllegalTransition when they are linked already.
    """
    today = ctx.today()
    with ctx.storage.write() as uow:
        one = uow.cases.for_holder(reference, account.id, today)
        two = uow.cases.for_holder(other, account.id, today)
        if one is not None and two is not None and one.authority_id == two.authority_id:
            check_link(one, two)
            may_write(one, today)
            made = [_direction(ctx, one, two, kind), _direction(ctx, two, one, kind)]
            uow.links.add(made)
            for direction, case in zip(made, (one, two), strict=True):
                told: dict[str, Json] = {"link": direction.mark, "kind": kind.value}
                uow.log.append(case_entry(ctx, account, case, EntryKind.CASES_LINKED, told))
            return made[0]
    raise refused(ctx, account)


def link_entered(ctx: Context, uow: UnitOfWork, account: Account, reference: str, entered: Case) -> None:
    """Link a case that the handler is entering with one of their own, in the transaction that keeps it.

    Nobody is named in the new case's log, which bears the day alone. Raises NotFound, Invalid for another authority.
    """
    case = uow.cases.for_holder(reference, account.id, ctx.today())
    if case is None:
        raise NotFound(N_("Ärendet finns inte, eller så har du inte tillgång till det."))
    check_link(case, entered)
    own, other = _direction(ctx, case, entered, LinkKind.RELATED), _direction(ctx, entered, case, LinkKind.RELATED)
    uow.links.add([own, other])
    uow.log.append(case_entry(ctx, account, case, EntryKind.CASES_LINKED, _told(own)))
    uow.log.append_pending(
        entry_of_case(entered, EntryKind.CASES_LINKED, _told(other), time=ctx.today(), actor="staff_for_source")
    )


def _told(link: Link) -> dict[str, Json]:
    return {"link": link.mark, "kind": link.kind.value}


def unlink(ctx: Context, account: Account, reference: str, mark: str) -> None:
    """Take a link away that the handler sees, from both cases. Raises NotFound, IllegalTransition."""
    today = ctx.today()
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, today)
        if case is not None:
            for known, other in uow.links.standing(case.id, account.id, today):
                if known.mark == mark:
                    by_id = {case.id: case, other.id: other}
                    for ended in uow.links.end(known, today):
                        facts: dict[str, Json] = {"link": ended.mark, "kind": ended.kind.value}
                        of = by_id[ended.case_id]
                        uow.log.append(case_entry(ctx, account, of, EntryKind.CASES_UNLINKED, facts))
                    return
    raise refused(ctx, account)


def read_kind(text: str) -> LinkKind:
    """The kind of a link. Raises Invalid."""
    try:
        return LinkKind(text)
    except ValueError:
        raise Invalid(N_("Välj ett av alternativen."), field="kind") from None


def _direction(ctx: Context, case: Case, other: Case, kind: LinkKind) -> Link:
    return Link(
        mark=ctx.random(_MARK).hex(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        other_case_id=other.id,
        kind=kind,
        linked_on=ctx.today(),
    )
