"""``clock``: two administrators say that the clock is right although it moved more than 36 hours (04, invariant 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.changes.standing import ClockWatch, leapt
from tipportal.domain.handlinglog import EntryKind, instant
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import read_instant
from tipportal.usecases.context import Context
from tipportal.usecases.entries import system_entry

from .effect import Applied, Effect, Payload
from .payloads import exactly, text, wrong


def clock_doubted(ctx: Context, uow: UnitOfWork) -> bool:
    """Whether nothing that hangs on the clock may happen: it has moved more than 36 hours since the last ``tick``.

    True also before ``tick`` has seen the leap, so that what runs first is not believed either.
    """
    watch = uow.changes.clock_watch()
    return watch is not None and (watch.doubted_since is not None or leapt(watch.last_tick, ctx.clock()))


def watch_clock(ctx: Context, uow: UnitOfWork) -> bool:
    """Note that ``tick`` runs; returns whether the clock is believed. A leap is logged once, when it is seen first."""
    now = ctx.clock()
    watch = uow.changes.clock_watch() or ClockWatch(now, None)
    doubted_since = watch.doubted_since
    if doubted_since is None and leapt(watch.last_tick, now):
        doubted_since = now
        uow.log.append(system_entry(ctx, EntryKind.CLOCK_DOUBTED, {"last": instant(watch.last_tick)}))
    uow.changes.watch_clock(ClockWatch(now, doubted_since))
    return doubted_since is None


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    exactly(payload, {"now"})
    try:
        told = read_instant(text(payload, "now"))
    except EnvelopeError:
        raise wrong("now") from None
    if leapt(int(told.timestamp()), ctx.clock()):
        raise faulty(N_("Serverns klocka går inte som er. Rätta den först."))
    if not clock_doubted(ctx, uow):
        raise faulty(N_("Klockan är inte ifrågasatt."))


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    del change
    watch = uow.changes.clock_watch() or ClockWatch(ctx.clock(), None)
    uow.changes.watch_clock(replace(watch, last_tick=ctx.clock(), doubted_since=None))
    return Applied(EntryKind.CLOCK_CONFIRMED, {"now": text(payload, "now")})


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del uow
    values = {"told": text(payload, "now"), "now": instant(ctx.clock())}
    return [
        Sentence(N_("Klockan är rätt: %(told)s enligt er, %(now)s enligt servern. Ersättare släpps in igen."), values)
    ]


EFFECT = Effect(ChangeKind.CLOCK, _check, _apply, _tell)
