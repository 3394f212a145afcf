"""Lines of what a case leads to: measures, checklists, handovers with their answers, and messages after closing."""

from __future__ import annotations

import hashlib
import io

from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_playing import PlayedCase, agree, propose, reply, seal_form, seal_text, stored
from tipportal.cli.demo_work import propose_handing_over, take_measure, tick_off
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handovers import Handover, LegalBasis, Recipient, Result
from tipportal.domain.measures import MeasureKind
from tipportal.envelope.payloads import ActKind, ClosePayload, Outcome, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import archiving, handle, handovers, measures, reopenings, worklists


def _seen(world: World) -> PlayedCase:
    """A tip of its own, opened: what is pending of a case joins the log right before its first entry there."""
    case = world.story.tip()
    handle.open_case(world.story.handler, case.members["h1"].account, case.reference)
    return case


@line("measures.record", E.MEASURE_RECORDED)
def _record(world: World) -> Act:
    case = _seen(world)
    return lambda: take_measure(world.story.handler, case, MeasureKind.POLICE_REPORT, "Anmält.")


@line("measures.correct", E.MEASURE_CORRECTED)
def _correct(world: World) -> Act:
    case, ctx = _seen(world), world.story.handler
    before = take_measure(ctx, case, MeasureKind.POLICE_REPORT, "Anmält.")
    form = seal_form(ctx, case, "measure", {"description": "Fel."}, by="h1")
    offered = measures.Offered(before.facts, form)
    return lambda: measures.correct(ctx, case.members["h1"].account, before.id, offered, withdrawn=True)


@line("worklists.update", E.CHECKLIST_UPDATED)
def _tick_off(world: World) -> Act:
    case = _seen(world)
    return lambda: tick_off(world.story.handler, case, "lex_sarah", ("at_once",), {})


reads("worklists.stale", lambda world: worklists.stale(world.story.handler))


def _agreed(world: World, case: PlayedCase) -> Act:
    ctx = world.story.handler
    proposal = propose_handing_over(ctx, case, Recipient.POLICE, LegalBasis.OSL_10_24, {"content": "X."})
    return lambda: agree(ctx, case, proposal)


@line("approve.approve hand_over", E.APPROVED, E.HANDED_OVER, E.MEASURE_RECORDED)
def _hand_over(world: World) -> Act:
    return _agreed(world, _seen(world))


def _handed_over(world: World) -> tuple[PlayedCase, Handover]:
    """A handover of three months ago. The clock stays: others' lines are of today."""
    case = _seen(world)
    _agreed(world, case)()
    with world.story.database.read() as uow:
        (made,) = uow.handovers.of_case(stored(world.story.handler, case).id)
    world.story.change("UPDATE handovers SET handed_on = '2026-08-01' WHERE id = :id", id=made.id)
    return case, made


@line("handovers.ask_due", E.HANDOVER_ASKED)
def _ask(world: World) -> Act:
    _handed_over(world)
    return lambda: handovers.ask_due(world.story.handler)


def _asked(world: World) -> tuple[bytes, Act]:
    case, made = _handed_over(world)
    handovers.ask_due(world.story.handler)
    token = hashlib.sha256(made.id.encode()).digest()
    digest, account = hashlib.sha256(token).digest(), case.members["h1"].account
    return token, lambda: handovers.make_link(world.story.handler, account, made.id, 3, digest, 0)


def _linked(world: World) -> bytes:
    token, link = _asked(world)
    link()
    return token


@line("handovers.make_link", E.HANDOVER_LINK_MADE)
def _link(world: World) -> Act:
    return _asked(world)[1]


@line("handovers.question")
def _question(world: World) -> Act:
    token = _linked(world)
    return lambda: handovers.question(world.story.public, token)


@line("handovers.seal_answer")
def _seal(world: World) -> Act:
    token = _linked(world)
    return lambda: handovers.seal_answer(world.story.public, token, {"text": "X."})


@line("handovers.answer", E.HANDOVER_REPORTED)
def _answer(world: World) -> Act:
    token = _linked(world)
    epoch, file = handovers.seal_answer(world.story.public, token, {"text": "X."})
    given = handovers.Answer(Result.ONGOING, None, epoch, file)
    return lambda: handovers.answer(world.story.public, token, given)


def _closed(world: World) -> PlayedCase:
    case, ctx = _seen(world), world.story.handler
    handle.begin_follow_up(ctx, case.members["h1"].account, case.reference)
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Klart.", by="h1")
    agree(ctx, case, propose(ctx, case, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons))
    return case


@line("approve.approve reopen", E.APPROVED, E.CASE_REOPENED)
def _reopen(world: World) -> Act:
    case, ctx = _closed(world), world.story.handler
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Nytt.", by="h1")
    proposal = propose(ctx, case, ReasonsPayload(ActKind.REOPEN, reasons.digest.hex()), reasons)
    return lambda: agree(ctx, case, proposal)


def _exporting(world: World, case: PlayedCase) -> Act:
    ctx = world.story.handler
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Leverans.", by="h1")
    proposal = propose(ctx, case, ReasonsPayload(ActKind.EXPORT, reasons.digest.hex()), reasons)
    return lambda: agree(ctx, case, proposal)


@line("approve.approve export", E.APPROVED, E.CASE_EXPORTED)
def _export(world: World) -> Act:
    return _exporting(world, _closed(world))


@line("archiving.fetch", E.OPENED)
def _fetch(world: World) -> Act:
    case, ctx = _closed(world), world.story.handler
    _exporting(world, case)()
    return lambda: archiving.fetch(ctx, case.members["h1"].account, case.reference)


@line("archiving.write_bundle")
def _bundle(world: World) -> Act:
    case, ctx = _closed(world), world.story.handler
    _exporting(world, case)()
    sealed = archiving.fetch(ctx, case.members["h1"].account, case.reference)
    return lambda: archiving.write_bundle(ctx, sealed, io.BytesIO())


@line("reopenings.decline", E.REOPENING_DECLINED)
def _decline(world: World) -> Act:
    case, ctx = _closed(world), world.story.handler
    seq, account = reply(world.story.public, case, "Mer.").seq, case.members["h1"].account
    handle.open_case(ctx, account, case.reference)
    form = seal_form(ctx, case, "reopening_declined", {"reasons": "Känt."}, by="h1")
    return lambda: reopenings.decline(ctx, account, case.reference, form, upto_seq=seq)
