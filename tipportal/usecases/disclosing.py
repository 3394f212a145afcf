"""Requests for release of a document or of the log: received, clocked, decided (TF 2 kap. 15–19 §§; OSL 6 kap.).

Neither who asks nor why is kept anywhere: there is no argument for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.changes.standing import DecisionSubject
from tipportal.domain.disclosures import (
    Answered,
    Asked,
    Disclosure,
    LogRange,
    Provision,
    check_answer,
    check_range,
    due_on,
)
from tipportal.domain.errors import IllegalTransition, Invalid
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .entries import account_entry
from .forms import check_form, keep_opened_form
from .handle import case_entry, refused
from .sealedfiles import SealedFile


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as its handler sees it; ``reference`` of the case that it is about, if any."""

    request: Disclosure
    reference: str | None
    organisation: str
    overdue: bool


def receive(
    ctx: Context, account: Account, asked: Asked, *, reference: str = "", entries: LogRange | None = None
) -> Disclosure:
    """Note that somebody asks for something, and start the clock.

    Raises Invalid; NotFound, the same and logged for a case that is unknown and one that is not the handler's own.
    """
    today = ctx.today()
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, today) if asked is Asked.CASE else None
        if asked is not Asked.CASE or case is not None:
            if (entries is not None) is not (asked is Asked.LOG):
                raise Invalid(N_("Ange första och sista posten när någon begär ut loggen."), field="log_first")
            if entries is not None:
                check_range(entries, uow.log.size())
            request = Disclosure(
                id=ctx.new_id(),
                organisation_id=account.organisation_id if case is None else case.organisation_id,
                asked=asked,
                case_id=None if case is None else case.id,
                log_first=None if entries is None else entries.first,
                log_last=None if entries is None else entries.last,
                received_on=today,
                due_on=due_on(today),
                received_by=account.id,
            )
            uow.disclosures.add(request)
            facts: dict[str, Json] = {
                "request": request.id,
                "asked": asked.value,
                "first": request.log_first,
                "last": request.log_last,
                "due_on": request.due_on.isoformat(),
            }
            kind = EntryKind.RELEASE_REQUESTED
            entry = account_entry(ctx, account, kind, facts)
            uow.log.append(entry if case is None else case_entry(ctx, account, case, kind, facts))
            return request
    raise refused(ctx, account)


def mine(ctx: Context, account: Account) -> tuple[Shown, ...]:
    """What the handler has received, and what their own cases are asked of: the undecided first, by date."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        names = {each.id: each.name for each in uow.register.organisations()}
        return tuple(
            Shown(
                request,
                reference,
                names.get(request.organisation_id, ""),
                overdue=request.answered is None and request.due_on < today,
            )
            for request, reference in uow.disclosures.seen_by(account.id, today)
        )


def one_of_mine(ctx: Context, account: Account, request_id: str) -> Shown:
    """One of those. Raises NotFound, the same for unknown and foreign."""
    for shown in mine(ctx, account):
        if shown.request.id == request_id:
            return shown
    raise refused(ctx, account)


def authority_of(ctx: Context, organisation_id: str) -> str:
    """The name of the authority that decides."""
    with ctx.storage.read() as uow:
        found = uow.register.organisation_by_id(organisation_id)
    return "" if found is None else found.name


def decide(
    ctx: Context,
    account: Account,
    request_id: str,
    answered: Answered,
    provisions: frozenset[Provision],
    copy: SealedFile | None = None,
) -> Disclosure:
    """Decide a request. Whatever is not released takes the organisation's recorded delegation of such decisions.

    ``copy``: the masked copy as a sealed form, if it is kept. Raises NotFound, AlreadyDecided, Invalid,
    IllegalTransition without a delegation, CaseLocked, and for the copy what ``keep_opened_form`` raises.
    """
    if copy is not None:
        check_form(copy)
    with attaching.taken(ctx, () if copy is None else copy.files) as hold, ctx.storage.write() as uow:
        shown = [each for each in uow.disclosures.seen_by(account.id, ctx.today()) if each[0].id == request_id]
        if shown:
            request, reference = shown[0]
            check_answer(request, answered, provisions)
            number = _delegation(uow, request) if answered is not Answered.GRANTED else None
            case = None if reference is None else uow.cases.for_holder(reference, account.id, ctx.today())
            if copy is not None:
                if case is None:
                    raise Invalid(N_("Posten hör inte hemma här."), field="record")
                keep_opened_form(ctx, uow, account, case, copy, hold)
            listed = " ".join(sorted(each.value for each in provisions)) or None
            digest = None if copy is None else copy.digest
            uow.disclosures.answer(
                request.id, answered, provisions=listed, by=account.id, on=ctx.today(), copy=digest
            )  # fmt: skip
            facts: dict[str, Json] = {
                "request": request.id,
                "answered": answered.value,
                "provisions": sorted(each.value for each in provisions),
                "delegation": number,
                "in_time": ctx.today() <= request.due_on,
                "copy": None if digest is None else digest.hex(),
            }
            kind = EntryKind.RELEASE_DECIDED
            entry: Entry = account_entry(ctx, account, kind, facts)
            uow.log.append(entry if case is None else case_entry(ctx, account, case, kind, facts))
            decided = uow.disclosures.by_id(request.id)
            if decided is not None:
                return decided
    raise refused(ctx, account)


def delegation_of(ctx: Context, organisation_id: str) -> str | None:
    """The registry number of the organisation's delegation of decisions not to release."""
    with ctx.storage.read() as uow:
        return _number(uow, organisation_id)


def _delegation(uow: UnitOfWork, request: Disclosure) -> str:
    number = _number(uow, request.organisation_id)
    if number is None:
        raise IllegalTransition(
            N_("Ingen har delegation att besluta att inte lämna ut. Två administratörer antecknar beslutet först.")
        )
    return number


def _number(uow: UnitOfWork, organisation_id: str) -> str | None:
    for decision in uow.changes.decisions():
        if decision.organisation_id == organisation_id and decision.subject is DecisionSubject.DELEGATION:
            return decision.number
    return None
