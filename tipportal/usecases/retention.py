"""The end of a case (01): alarms and the lock after two years, openings for the archive, and what is due for whom.

Disposal and preservation themselves are an act by two: ``effects/retain.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.deadlines import add_months
from tipportal.domain.errors import IllegalTransition, NotEntitled
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.retention import (
    LOCK_MONTHS,
    ArchiveOpening,
    Clock,
    DisposalRule,
    Kept,
    Profile,
    Purpose,
    Stage,
    Stub,
    alarmed_by,
    clock_of,
    has_ended,
    is_open,
    is_over,
    opened_until,
    profile_of,
    stage_of,
)
from tipportal.domain.texts import N_

from .changing.clock import clock_doubted
from .context import Context
from .entries import entry_of_case
from .handle import case_entry, refused

PAGE = 500
_SLACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Due:
    """A closed case whose time is running out or has run out."""

    case: Case
    stage: Stage
    clock: Clock
    kept: Kept | None
    profile: Profile


@dataclass(frozen=True, slots=True)
class CaseRetention:
    """How a case stands: its dates once it is closed, what two have decided, and the openings of a locked one."""

    case: Case
    profile: Profile
    clock: Clock | None
    stage: Stage | None
    kept: Kept | None
    rules: tuple[DisposalRule, ...]
    openings: tuple[ArchiveOpening, ...]
    is_open: bool
    may_allow: frozenset[str]
    """Openings that this member may say yes to: those that somebody else has asked for."""


def lock_due(ctx: Context) -> int:
    """Lock every case whose two years are over; how many. For ``tick``: in pages, each its own transaction.

    Not while the clock is doubted: nothing opens a locked case again for the follow-up.
    """
    with ctx.storage.read() as uow:
        if clock_doubted(ctx, uow):
            return 0
    today, locked = ctx.today(), 0
    # Two years back from the end of a short month misses the last days of a long one: each is looked at by itself.
    until = add_months(today, -LOCK_MONTHS) + _SLACK
    after: tuple[date, str] | None = None
    while True:
        with ctx.storage.write() as uow:
            page = uow.retention.to_lock(until, after, PAGE)
            for case in page:
                if case.closed_on is not None and is_over(case.closed_on, today):
                    uow.cases.advance(case, state=CaseState.LOCKED)
                    uow.log.append(
                        entry_of_case(
                            case, EntryKind.CASE_LOCKED, {"closed_on": case.closed_on.isoformat()}, time=ctx.clock()
                        )
                    )
                    locked += 1
        if len(page) < PAGE or page[-1].closed_on is None:
            return locked
        after = (page[-1].closed_on, page[-1].id)


def ask_opening(ctx: Context, account: Account, reference: str, purpose: Purpose) -> ArchiveOpening:
    """Ask that a locked case is opened, to decide about it, to export it, or because somebody asks for its documents.

    Raises NotFound, IllegalTransition unless its time is over or when it is asked for already.
    """
    today = ctx.today()
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, today)
        if case is not None:
            if not has_ended(case, today):
                raise IllegalTransition(N_("Ärendet är inte låst."))
            if any(each.until is None or is_open(each, today) for each in uow.retention.openings(case.id)):
                raise IllegalTransition(N_("Någon har redan bett om att få öppna ärendet."))
            opening = ArchiveOpening(ctx.new_id(), case.organisation_id, case.id, purpose, account.id, today)
            uow.retention.ask_opening(opening)
            facts: dict[str, Json] = {"opening": opening.id, "purpose": purpose.value}
            uow.log.append(case_entry(ctx, account, case, EntryKind.ARCHIVE_OPENING_ASKED, facts))
            return opening
    raise refused(ctx, account)


def allow_opening(ctx: Context, account: Account, reference: str, opening_id: str) -> ArchiveOpening:
    """Say yes as the second person: for seven days the content is handed out.

    Raises NotFound, NotEntitled, AlreadyDecided.
    """
    today = ctx.today()
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, today)
        found = [] if case is None else [each for each in uow.retention.openings(case.id) if each.id == opening_id]
        if case is not None and found:
            if found[0].asked_by == account.id:
                raise NotEntitled(
                    N_("Du har själv bett om att öppna ärendet. Någon annan i ärendegruppen behöver säga ja.")
                )
            until = opened_until(today)
            uow.retention.allow_opening(opening_id, by=account.id, until=until)
            facts: dict[str, Json] = {
                "opening": opening_id,
                "purpose": found[0].purpose.value,
                "until": until.isoformat(),
            }
            uow.log.append(case_entry(ctx, account, case, EntryKind.CASE_OPENED_FOR_ARCHIVE, facts))
            return next(each for each in uow.retention.openings(case.id) if each.id == opening_id)
    raise refused(ctx, account)


def of_case(ctx: Context, account: Account, reference: str) -> CaseRetention:
    """How a case of the member's own stands. Raises NotFound, the same for unknown and foreign."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, today)
        if case is not None:
            organisation = uow.register.organisation_by_id(case.organisation_id)
            openings = tuple(uow.retention.openings(case.id))
            asked = {each.id for each in openings if each.until is None and each.asked_by != account.id}
            return CaseRetention(
                case=case,
                profile=Profile.PRESERVE if organisation is None else profile_of(organisation.kind),
                clock=None if case.closed_on is None else clock_of(case.closed_on),
                stage=None if case.closed_on is None else stage_of(case.closed_on, today),
                kept=uow.retention.kept(case.id),
                rules=tuple(
                    rule
                    for rule in uow.retention.rules()
                    if (rule.organisation_id, rule.channel) == (case.organisation_id, case.channel)
                ),
                openings=openings,
                is_open=any(is_open(each, today) for each in openings),
                may_allow=frozenset(asked),
            )
    raise refused(ctx, account)


def due(ctx: Context) -> Iterator[Due]:
    """What the two years alarm about in the whole installation, oldest first: references and dates only."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        profiles = {each.id: profile_of(each.kind) for each in uow.register.organisations()}
        for case, kept in uow.retention.due(alarmed_by(today)):
            if case.closed_on is not None and stage_of(case.closed_on, today) is not Stage.RUNNING:
                yield _due(case, kept, profiles.get(case.organisation_id, Profile.PRESERVE), today)


def due_for(ctx: Context, account: Account) -> tuple[Due, ...]:
    """The same of a handler's own cases: what has an alarm and no decision yet."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        profiles = {each.id: profile_of(each.kind) for each in uow.register.organisations()}
        return tuple(
            _due(case, kept, profiles.get(case.organisation_id, Profile.PRESERVE), today)
            for case, kept in uow.retention.due_for(account.id, today, alarmed_by(today))
            if kept is None and case.closed_on is not None and stage_of(case.closed_on, today) is not Stage.RUNNING
        )


def disposed(ctx: Context) -> Iterator[Stub]:
    """What is left of the cases that have been disposed of."""
    with ctx.storage.read() as uow:
        yield from uow.retention.disposed()


def _due(case: Case, kept: Kept | None, profile: Profile, today: date) -> Due:
    closed_on = case.closed_on or today
    return Due(case, stage_of(closed_on, today), clock_of(closed_on), kept, profile)
