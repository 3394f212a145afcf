"""Filled-in forms: sealed records that say in words what a row and an entry beside them count."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, RecordKind, Stream
from tipportal.domain.errors import Invalid
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .handle import keep_record
from .sealedfiles import SealedFile, check_record


def check_form(record: SealedFile, *, field: str = "record") -> None:
    """Raise Invalid, MalformedAgeFile or TooManyFiles unless this is a form for the members' own eyes."""
    check_record(record)
    if record.kind is not RecordKind.FORM or record.stream is not Stream.WORK:
        raise Invalid(N_("Posten hör inte hemma här."), field=field)


def keep_form(
    ctx: Context, uow: UnitOfWork, account: Account, case: Case, record: SealedFile, hold: attaching.Taken
) -> None:
    """Keep a form with its files in the caller's transaction.

    Raises CaseLocked, EpochClosed, SequenceConflict, CaseFull, UploadUnknown.
    """
    may_write(case, ctx.today())
    keep_opened_form(ctx, uow, account, case, record, hold)


def keep_opened_form(
    ctx: Context, uow: UnitOfWork, account: Account, case: Case, record: SealedFile, hold: attaching.Taken
) -> None:
    """The same, also in a locked case that two have opened for the archive: only for what is left to do there."""
    keep_record(ctx, uow, account, case, record)
    attaching.keep(uow, case, record, hold, ctx.files)
