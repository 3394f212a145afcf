"""``invite``: somebody gets an account. Only the proposer sees the link, and only once another has approved."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tipportal.domain.accounts import Account, AccountState, Role, normal_email
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.errors import NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.notices import NoticeKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import notices
from tipportal.usecases.context import Context
from tipportal.usecases.enrol import new_link

from .effect import Applied, Effect, Payload
from .payloads import decided, exactly, must_exist, text, wrong

ROLES = {
    Role.HANDLER: N_("handläggare"),
    Role.ADMINISTRATOR: N_("administratör"),
    Role.AUDITOR: N_("revisor"),
}
_ID = re.compile(r"[0-9a-f]{32}")
NOBODY = frozenset({"system", "source", "staff_for_source", "server", "trustees"})
"""What log, grants and epochs call those who act without an account: never an account's id."""
LINKED = frozenset({ChangeKind.INVITE, ChangeKind.RESTORE})


def _read(ctx: Context, uow: UnitOfWork, payload: Payload) -> Account:
    exactly(payload, {"account", "name", "email", "role", "organisation", "unit", "decision"})
    account_id, organisation_id = text(payload, "account"), text(payload, "organisation")
    # The proposer's browser draws the id, so that the signature is about this very account. Somebody who stands in the
    # register already has the id that stands there, however it came in.
    if account_id in NOBODY or (_ID.fullmatch(account_id) is None and uow.register.person(account_id) is None):
        raise wrong("account")
    if uow.accounts.by_id(account_id) is not None:
        raise faulty(N_("Kontot finns redan."))
    must_exist(uow, organisation_id)
    decision = decided(payload, {organisation_id}, required=False)
    if decision is not None and decision.decided_on > ctx.today():
        raise faulty(N_("Beslutets datum har inte varit än."))
    email = normal_email(text(payload, "email"))
    if email is None:
        raise faulty(N_("Skriv en e-postadress, till exempel anna@exempel.se."))
    if uow.accounts.by_email(email) is not None:
        raise faulty(N_("Det finns redan ett konto med den e-postadressen."))
    try:
        role = Role(text(payload, "role"))
    except ValueError:
        raise wrong("role") from None
    return Account(
        id=account_id,
        organisation_id=organisation_id,
        role=role,
        name=text(payload, "name"),
        email=email,
        state=AccountState.INVITED,
        unit_id=_unit(uow, payload, role, organisation_id),
    )


def _unit(uow: UnitOfWork, payload: Payload, role: Role, organisation_id: str) -> str | None:
    unit_id = None if payload["unit"] is None else text(payload, "unit")
    unit = None if unit_id is None else uow.register.unit(unit_id)
    if (unit_id is not None or role is Role.HANDLER) and (
        unit is None or unit.ended_on is not None or unit.organisation_id != organisation_id
    ):
        raise faulty(N_("En handläggare behöver höra till en enhet i organisationen."))
    return unit_id


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    _read(ctx, uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    del change
    account = _read(ctx, uow, payload)
    uow.accounts.add(account)
    # That there is a link, and never the link itself.
    notices.tell(ctx, uow, account, NoticeKind.INVITED)
    facts = {"account": account.id, "role": account.role.value, "unit": account.unit_id}
    return Applied(EntryKind.ACCOUNT_INVITED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    account = _read(ctx, uow, payload)
    organisation = uow.register.organisation_by_id(account.organisation_id)
    unit = None if account.unit_id is None else uow.register.unit(account.unit_id)
    values = {
        "name": account.name,
        "email": account.email,
        "role": Sentence(ROLES[account.role]),
        "organisation": "" if organisation is None else organisation.name,
        "unit": "" if unit is None else unit.name,
    }
    if unit is None:
        return [Sentence(N_("%(name)s (%(email)s) bjuds in som %(role)s, %(organisation)s."), values)]
    return [Sentence(N_("%(name)s (%(email)s) bjuds in som %(role)s, %(unit)s, %(organisation)s."), values)]


def newest_linked(uow: UnitOfWork, account_id: str) -> Change | None:
    """The newest approved change that gave an account its link; None for founders.

    Those before it count for nothing: restoring ends every link, and whoever had one learns nothing of the next.
    """
    found = (
        uow.changes.by_id(change_id) for change_id, payload in uow.changes.approved() if _about(payload, account_id)
    )
    linked = [each for each in found if each is not None and each.kind in LINKED]
    return max(linked, key=lambda each: (each.decided_at or 0, each.kind is ChangeKind.RESTORE), default=None)


def _about(payload: bytes, account_id: str) -> bool:
    return bool(json.loads(payload).get("account") == account_id)


def link_of(ctx: Context, administrator: Account, change_id: str) -> str:
    """A new enrolment link's token for an approved change, for whoever proposed it, while nobody has enrolled.

    Links given before end. Raises NotFound, the same for every other change and every other person.
    """
    with ctx.storage.write() as uow:
        change = uow.changes.by_id(change_id)
        if change is not None and change.kind in LINKED and change.state is ProposalState.APPROVED:
            account = uow.accounts.by_id(str(json.loads(change.payload).get("account")))
            mine = change.proposer == administrator.id
            if mine and account is not None and account.state is AccountState.INVITED:
                newest = newest_linked(uow, account.id)
                if newest is not None and newest.id == change.id:
                    return new_link(ctx, uow, account)
    raise NotFound(N_("Det finns ingen länk att visa."))


EFFECT = Effect(ChangeKind.INVITE, _check, _apply, _tell)
