"""What comes in after closing and reopens nothing: one member says so and why; opening again takes two (01)."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.errors import IllegalTransition, NotEntitled
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .forms import check_form, keep_form
from .handle import case_entry, member_of, on_panel, refused
from .sealedfiles import SealedFile


def decline(ctx: Context, account: Account, reference: str, record: SealedFile, *, upto_seq: int) -> None:
    """Decide that what the source has written since, up to a record that was read, does not open the case again.

    Anybody else on the panel may still propose to open it. Raises NotFound, NotEntitled, IllegalTransition when nothing
    waits for that or something newer does, and what ``keep_form`` raises.
    """
    check_form(record)
    with attaching.taken(ctx, record.files) as hold, ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            if not on_panel(ctx, uow, case, account.id):
                raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan göra det här."))
            asked = uow.reopenings.asked_on(case)
            if asked is None:
                raise IllegalTransition(N_("Inget meddelande väntar på beslut om att öppna ärendet igen."))
            if asked[1] != upto_seq:
                raise IllegalTransition(N_("Tipslämnaren har skrivit igen. Läs det först."))
            keep_form(ctx, uow, account, case, record, hold)
            member, today = member_of(uow, case, account), ctx.today()
            uow.reopenings.decline(case, upto_seq, by=account.id, member=member, on=today, record=record.digest)
            facts: dict[str, Json] = {
                "upto": upto_seq,
                "asked_on": asked[0].isoformat(),
                "record": record.digest.hex(),
            }
            uow.log.append(case_entry(ctx, account, case, EntryKind.REOPENING_DECLINED, facts))
            return
    raise refused(ctx, account)
