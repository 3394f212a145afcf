"""The facts that the follow-up counts of each case: entered and corrected by its members, the newest version counts."""

from __future__ import annotations

from collections.abc import Mapping

from tipportal.domain.accounts import Account
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.retention import may_write
from tipportal.domain.triage import Triage, check_origin, read_facts

from .context import Context
from .handle import case_entry, member_of, refused
from .triage_view import entered_as


def triage_case(ctx: Context, account: Account, reference: str, version: int, raw: Mapping[str, object]) -> Triage:
    """Enter a case's facts, complete, as the version after ``version`` (0: none yet); each version is an entry.

    Raises NotFound, Invalid naming a field, TriageChanged when somebody else was first, CaseLocked.
    """
    facts = read_facts(raw)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            may_write(case, ctx.today())
            check_origin(facts.origin, case.channel, entered_as(uow, case))
            triage = Triage(
                case_id=case.id,
                organisation_id=case.organisation_id,
                version=version + 1,
                facts=facts,
                member=member_of(uow, case, account),
                entered_at=ctx.clock(),
            )
            uow.triages.keep(triage)
            told: dict[str, Json] = {"version": triage.version, **facts.as_json()}
            uow.log.append(case_entry(ctx, account, case, EntryKind.CASE_TRIAGED, told))
            return triage
    raise refused(ctx, account)
