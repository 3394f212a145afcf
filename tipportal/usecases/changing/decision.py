"""``decision``: an organisation's decision that the go-live checklist asks for, recorded by two."""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.changes.standing import SUBJECTS, DecisionSubject, RecordedDecision
from tipportal.domain.errors import Refusal
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import DISPOSAL_SUBJECTS, DisposalRule, DisposalSubject, check_rule
from tipportal.domain.texts import N_
from tipportal.envelope.records import REFERENCE_PATTERN as REFERENCE
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import day, exactly, must_exist, text, wrong


def read(ctx: Context, uow: UnitOfWork, payload: Payload) -> tuple[DecisionSubject | DisposalSubject, str, str]:
    """Subject, organisation's id and number. Raises FaultyChange."""
    subject = _subject(payload)
    further = {"months"} if isinstance(subject, DisposalSubject) else set[str]()
    exactly(payload, {"subject", "organisation", "number", "decided_on", *further})
    organisation_id, number = text(payload, "organisation"), text(payload, "number")
    must_exist(uow, organisation_id)
    if day(payload, "decided_on") > ctx.today():
        raise faulty(N_("Beslutets datum har inte varit än."))
    if subject is DecisionSubject.TRIAL:
        _must_be_closed(uow, organisation_id, number)
    if isinstance(subject, DisposalSubject):
        try:
            check_rule(_rule(subject, organisation_id, number, payload), ctx.today())
        except Refusal as refusal:
            raise faulty(refusal.reason) from None
    return subject, organisation_id, number


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    read(ctx, uow, payload)


def _must_be_closed(uow: UnitOfWork, organisation_id: str, number: str) -> None:
    # What is not written as a reference is the registry number of a trial's protocol.
    if REFERENCE.fullmatch(number) and not uow.changes.is_closed_case(organisation_id, number):
        # The same words for unknown, open and somebody else's: administrators learn of no case.
        raise faulty(N_("Det finns inget avslutat provärende med den referensen."))


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    subject, organisation_id, number = read(ctx, uow, payload)
    decided_on = day(payload, "decided_on")
    facts: dict[str, Json] = {"subject": subject.value, "number": number, "decided_on": decided_on.isoformat()}
    if isinstance(subject, DisposalSubject):
        rule = _rule(subject, organisation_id, number, payload)
        uow.retention.record_rule(rule, change.id)
        facts["months"] = rule.months
    else:
        uow.changes.record_decision(RecordedDecision(organisation_id, subject, number, decided_on, change.id))
    return Applied(EntryKind.DECISION_RECORDED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    subject, organisation_id, number = read(ctx, uow, payload)
    owner = uow.register.organisation_by_id(organisation_id)
    values = {
        "subject": Sentence(DISPOSAL_SUBJECTS[subject] if isinstance(subject, DisposalSubject) else SUBJECTS[subject]),
        "organisation": organisation_id if owner is None else owner.name,
        "number": number,
        "day": str(payload["decided_on"]),
    }
    told = [Sentence(N_("%(organisation)s har beslutat: %(subject)s, %(number)s, %(day)s."), values)]
    if isinstance(subject, DisposalSubject):
        later = N_("Ett avslutat ärende får gallras när det har gått %(months)s månader. Två i ärendegruppen gör det.")
        told.append(Sentence(later, {"months": str(payload["months"])}))
    return told


def _subject(payload: Payload) -> DecisionSubject | DisposalSubject:
    named = text(payload, "subject")
    for kind in (DecisionSubject, DisposalSubject):
        if named in set(kind):
            return kind(named)
    raise wrong("subject")


def _rule(subject: DisposalSubject, organisation_id: str, number: str, payload: Payload) -> DisposalRule:
    months = payload.get("months")
    if not isinstance(months, int) or isinstance(months, bool):
        raise wrong("months")
    return DisposalRule(organisation_id, subject.channel, number, day(payload, "decided_on"), months)


EFFECT = Effect(ChangeKind.DECISION, _check, _apply, _tell)
