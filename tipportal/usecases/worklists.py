"""Checklists of a case: ticks and notes are sealed, how far it has come is counted."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.texts import N_
from tipportal.domain.worklists import Worklist, WorklistState, check_progress, is_stale

from . import attaching
from .casework import all_worklists, handover_rules
from .context import Context
from .forms import check_form, keep_form
from .handle import case_entry, refused
from .sealedfiles import SealedFile


def update(
    ctx: Context,
    account: Account,
    reference: str,
    key: str,
    record: SealedFile,
    *,
    done: int,
    replaces: bytes | None,
) -> WorklistState:
    """Keep how far a checklist has come; ``replaces`` is the digest of the form that this one was written from.

    Raises NotFound, Invalid, Conflict when somebody else changed it in between, and what ``keep_form`` raises.
    """
    worklist = _named(key)
    check_progress(worklist, done)
    check_form(record)
    with attaching.taken(ctx, record.files) as hold, ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            state = WorklistState(
                organisation_id=case.organisation_id,
                case_id=case.id,
                worklist=key,
                done=done,
                of=len(worklist.items),
                record=record.digest,
                updated_by=account.id,
                updated_on=ctx.today(),
            )
            # Before the record: who was second is told so, and not that the stream has moved on.
            uow.worklists.put(state, replaces=replaces)
            keep_form(ctx, uow, account, case, record, hold)
            uow.log.append(case_entry(ctx, account, case, EntryKind.CHECKLIST_UPDATED, counted(state)))
            return state
    raise refused(ctx, account)


def counted(state: WorklistState) -> dict[str, Json]:
    """What the log says of a checklist, and what its row is held against."""
    return {"checklist": state.worklist, "done": state.done, "of": state.of, "record": state.record.hex()}


def stale(ctx: Context) -> tuple[str, ...]:
    """The names (msgids) of the data files that nobody has read against their sources for a year."""
    today = ctx.today()
    names = [worklist.name for worklist in all_worklists() if is_stale(worklist.reviewed_on, today)]
    if is_stale(handover_rules().reviewed_on, today):
        names.append(N_("Överlämnanden: mottagare och rättsliga grunder"))
    return tuple(names)


def _named(key: str) -> Worklist:
    for worklist in all_worklists():
        if worklist.key == key:
            return worklist
    raise Invalid(N_("Det finns ingen sådan checklista."), field="checklist")
