"""Handing over, by two: to whom, on what basis, and exactly the content that both have seen (lag 2021:890, 5:10)."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case, Stream
from tipportal.domain.errors import IllegalTransition, Invalid
from tipportal.domain.handovers import Handover, LegalBasis, Recipient, Told, check_handover
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases.casework import handover_rules
from tipportal.usecases.context import Context
from tipportal.usecases.forms import check_form
from tipportal.usecases.handle import keep_record
from tipportal.usecases.measures import keep_handed_over

from .effect import Decided, Effect, Landing, Payload, Proposed, nothing_lands, source_is_told

_BY_ACT = frozenset({LegalBasis.ACT_5_10, LegalBasis.ACT_5_10_OSL_10_28})


def _words(payload: Payload) -> tuple[Recipient, LegalBasis, Told]:
    try:
        return Recipient(str(payload["recipient"])), LegalBasis(str(payload["basis"])), Told(str(payload["notice"]))
    except ValueError:
        raise Invalid(N_("Välj mottagare och rättslig grund."), field="payload") from None


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx, uow
    recipient, basis, _ = _words(payload)
    check_handover(handover_rules(), recipient, basis)
    if basis in _BY_ACT and (case.channel is not Channel.REPORT or not case.covered):
        raise IllegalTransition(N_("Den grunden gäller bara rapporter som två har bedömt omfattas av lagen."))


def _keep(proposed: Proposed) -> None:
    content = proposed.offered.content
    if content is None or content.digest.hex() != proposed.offered.payload["content"]:
        raise Invalid(N_("Förslaget hänvisar till ett annat innehåll än det som skickades."), field="content")
    check_form(content, field="content")
    if content.files:
        raise Invalid(N_("Ett överlämnande bär ingen fil. Skriv vad som lämnas över."), field="content")
    keep_record(proposed.ctx, proposed.uow, proposed.account, proposed.case, content)


def _lands(payload: Payload) -> Landing:
    return source_is_told(payload) if payload["notice"] == Told.GIVEN.value else nothing_lands(payload)


def _apply(act: Decided) -> Case:
    recipient, basis, notice = _words(act.payload)
    content = bytes.fromhex(str(act.payload["content"]))
    # What both signed stands in the case, so that it can be read there and held against what was sent.
    if all(record.digest != content for record in act.uow.cases.records(act.case.id, [Stream.WORK])):
        raise Invalid(N_("Förslaget hänvisar till ett annat innehåll än det som skickades."), field="content")
    handover = Handover(
        id=act.ctx.new_id(),
        organisation_id=act.case.organisation_id,
        case_id=act.case.id,
        proposal_id=act.proposal.id,
        recipient=recipient,
        basis=basis,
        notice=notice,
        content=content,
        handed_on=act.ctx.today(),
    )
    act.uow.handovers.add(handover)
    keep_handed_over(act.ctx, act.uow, act.account, act.case, handover)
    return act.case


EFFECTS = (Effect(kind=ActKind.HAND_OVER, check=_check, apply=_apply, lands=_lands, keep=_keep),)
