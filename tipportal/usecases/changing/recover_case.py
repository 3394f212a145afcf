"""``recover_case``: trustees may open one case for a new panel, because its handlers cannot."""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain.cases import Case
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import Recovery, RecoveryState
from tipportal.usecases import trustees
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import exactly, text


def _read(uow: UnitOfWork, payload: Payload) -> Case:
    exactly(payload, {"reference", "why"})
    text(payload, "why", 1000)
    case = uow.trustees.case_by_reference(text(payload, "reference", 64))
    if case is None:
        raise faulty(N_("Inget ärende har det numret."))
    if not trustees.of_epoch(uow, case).named:
        raise faulty(N_("Ärendet har inga nyckelförvaltare."))
    return case


def _case(uow: UnitOfWork, payload: Payload) -> Case | None:
    reference = payload.get("reference")
    return uow.trustees.case_by_reference(reference) if isinstance(reference, str) else None


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    case = _read(uow, payload)
    if any(recovery.case_id == case.id for recovery in uow.trustees.open_recoveries()):
        raise faulty(N_("Ärendet återställs redan."))


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    case = _read(uow, payload)
    recovery = Recovery(
        id=ctx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        change_id=change.id,
        why=text(payload, "why", 1000),
        begun_on=ctx.today(),
        state=RecoveryState.OPEN,
        epoch=None,
    )
    uow.trustees.begin_recovery(recovery)
    return Applied(EntryKind.RECOVERY_BEGUN, {"recovery": recovery.id, "case": case.reference})


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    case = _read(uow, payload)
    return [
        Sentence(
            N_("%(count)s nyckelförvaltare får tillsammans öppna ärendet %(reference)s åt en ny ärendegrupp."),
            {"count": trustees.of_epoch(uow, case).threshold, "reference": case.reference},
        ),
        Sentence(N_("Skäl: %(why)s"), {"why": text(payload, "why", 1000)}),
        Sentence(N_("Ingen annan får läsa det, och inga andra ärenden öppnas.")),
    ]


EFFECT = Effect(ChangeKind.RECOVER_CASE, _check, _apply, _tell, case=_case)
