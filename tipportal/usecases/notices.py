"""Letters about a person's own account: put into the outbox in the transaction of what they tell of."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.notices import Notice, NoticeKind, whole_hour
from tipportal.domain.ports import UnitOfWork

from .context import Context


def tell(ctx: Context, uow: UnitOfWork, account: Account, kind: NoticeKind) -> None:
    """Have a person told of something with their account, inside the caller's transaction.

    Only acts of those who have accounts call this, and only about accounts: whatever else waits for somebody they see
    when they log in, as the daily letter to everybody says.
    """
    now = ctx.clock()
    uow.outbox.add([
        Notice(
            id=ctx.new_id(),
            organisation_id=account.organisation_id,
            kind=kind,
            account_id=account.id,
            day=ctx.today(),
            due=whole_hour(now),
        )
    ])  # fmt: skip
