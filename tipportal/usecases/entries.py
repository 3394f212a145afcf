"""Log entries of what somebody does with an account, outside any case."""

from __future__ import annotations

from collections.abc import Mapping

from tipportal.domain.accounts import Account
from tipportal.domain.handlinglog import Entry, EntryKind, Json

from .context import Context


def account_entry(ctx: Context, account: Account, kind: EntryKind, facts: Mapping[str, Json] | None = None) -> Entry:
    """An entry of an account's own act, now, for the organisation that it belongs to."""
    return Entry(
        kind=kind,
        time=ctx.clock(),
        actor=account.id,
        organisation_id=account.organisation_id,
        case=None,
        facts=facts or {},
    )
