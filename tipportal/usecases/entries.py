"""Entries of the handling log: by an account outside any case, by the system, and of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.handlinglog import Entry, EntryKind, Json

from .context import Context

SYSTEM = "system"


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


def system_entry(ctx: Context, kind: EntryKind, facts: Mapping[str, Json], organisation_id: str | None = None) -> Entry:
    """An entry of what the program does or finds, now, outside any case; by default for no organisation."""
    return Entry(kind=kind, time=ctx.clock(), actor=SYSTEM, organisation_id=organisation_id, case=None, facts=facts)


def entry_of_case(
    case: Case,
    kind: EntryKind,
    facts: Mapping[str, Json],
    *,
    time: int | date,
    actor: str = SYSTEM,
    signatures: Sequence[Mapping[str, Json]] = (),
) -> Entry:
    """An entry of a case, with the versions that it was sealed under. ``time`` and ``actor`` are those of `Entry`."""
    return Entry(
        kind=kind,
        time=time,
        actor=actor,
        organisation_id=case.organisation_id,
        case=case.reference,
        facts=facts,
        policy_version=case.policy_version,
        directory_version=case.directory_version,
        signatures=tuple(signatures),
    )
