"""Whether the keys of one letter do something for a person: a choice of the account's own (WCAG 2.1.4)."""

from __future__ import annotations

from tipportal.domain.accounts import Account

from .context import Context


def has_shortcuts(ctx: Context, account: Account) -> bool:
    """Whether the account has the shortcuts of the keyboard; everybody has until they switch them off."""
    with ctx.storage.read() as uow:
        return uow.accounts.has_shortcuts(account.id)


def choose_shortcuts(ctx: Context, account: Account, *, on: bool) -> None:
    """Keep the person's choice. It is no act on anything that is kept: the log says nothing of it."""
    with ctx.storage.write() as uow:
        uow.accounts.set_shortcuts(account, on=on)
