"""``channel``: opens a channel when its checklist is done, and closes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import ChangeFault, FaultyChange, faulty
from tipportal.domain.changes.standing import Opening
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.usecases import checklist
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import Decided, decided, exactly, flag, text, wrong

NAMES = {Channel.TIP: N_("tips"), Channel.REPORT: N_("rapporter")}


@dataclass(frozen=True, slots=True)
class _Wanted:
    owner: Organisation
    channel: Channel
    open: bool
    trial: bool
    decision: Decided | None


def _read(uow: UnitOfWork, payload: Payload) -> _Wanted:
    exactly(payload, {"organisation", "channel", "open", "decision", *({"trial"} & {*payload})})
    try:
        channel = Channel(text(payload, "channel"))
    except ValueError:
        raise wrong("channel") from None
    owner = uow.register.organisation_by_id(text(payload, "organisation"))
    if owner is None or (owner.ended_on is not None and payload["open"] is not False):
        raise faulty(N_("Organisationen %(id)s finns inte."), id=text(payload, "organisation")[:64])
    opens = flag(payload, "open")
    trial = "trial" in payload and flag(payload, "trial")
    if trial and not opens:
        raise wrong("trial")
    organisations = {each.id for each in uow.register.organisations()}
    return _Wanted(owner, channel, opens, trial, decided(payload, organisations, required=True))


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    wanted = _read(uow, payload)
    standing = next(
        (
            each
            for each in uow.changes.openings()
            if (each.organisation_id, each.channel) == (wanted.owner.id, wanted.channel)
        ),
        None,
    )
    if wanted.open and standing is not None and (standing.open, standing.trial) == (True, wanted.trial):
        raise faulty(N_("Kanalen är redan öppen."))
    if not wanted.open and (standing is None or not standing.open):
        raise faulty(N_("Kanalen är inte öppen."))
    if wanted.open:
        lines = checklist.lines(ctx, uow, wanted.owner, wanted.channel)
        missing = [line for line in lines if not line.done and not (wanted.trial and line.key == checklist.TRIAL)]
        if missing:
            raise FaultyChange(ChangeFault(line.to_do) for line in missing)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    wanted = _read(uow, payload)
    uow.changes.set_channel(Opening(wanted.owner.id, wanted.channel, wanted.open, wanted.trial, ctx.clock(), change.id))
    facts: dict[str, Json] = {
        "organisation": wanted.owner.id,
        "channel": wanted.channel.value,
        "trial": wanted.trial,
        "decision": None if wanted.decision is None else wanted.decision.number,
    }
    return Applied(EntryKind.CHANNEL_OPENED if wanted.open else EntryKind.CHANNEL_CLOSED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    wanted = _read(uow, payload)
    if wanted.trial:
        said = N_("Kanalen för %(channel)s till %(name)s öppnas för prov: den når bara den som har adressen.")
    elif wanted.open:
        said = N_("Kanalen för %(channel)s till %(name)s öppnas.")
    else:
        said = N_("Kanalen för %(channel)s till %(name)s stängs. Den som har lämnat något når sitt ärende som förut.")
    return [Sentence(said, {"channel": Sentence(NAMES[wanted.channel]), "name": wanted.owner.name})]


EFFECT = Effect(ChangeKind.CHANNEL, _check, _apply, _tell)
