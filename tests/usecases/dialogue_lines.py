"""Lines of minutes, meetings, reprisals and rights, and of what has been read."""

from __future__ import annotations

from dataclasses import replace

from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_playing import PlayedCase, seal_form, stored, write
from tipportal.domain.accounts import Account
from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.cases import AckException, CaseState, SealedBy, Stream
from tipportal.domain.conversations import FormName, MeetingMode, Verdict
from tipportal.domain.duties import DutyKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.intake import Code, Stated
from tipportal.domain.organisations import Channel
from tipportal.domain.subjectrights import Decision, Right
from tipportal.domain.triage import Origin
from tipportal.envelope.bodies import FormBody
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import care, conversations, dialogue, duties, intake, offers, own_codes, source_session
from tipportal.usecases.dialogue import Answered
from tipportal.usecases.handing_in import seal_on_arrival, sealed_submission
from tipportal.usecases.source_session import Visitor
from tipportal.usecases.submit import Submission

ANSWER = {FormName.MINUTES: FormName.MINUTES_ANSWER, FormName.SLOTS: FormName.SLOT_CHOICE}


def _case(world: World) -> PlayedCase:
    case = world.story.report()
    # What is pending of a case joins the log right before its first entry there.
    duties.do_at_once(world.story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)
    return case


def _offer(world: World, case: PlayedCase, form: FormName) -> int:
    mode = MeetingMode.PHONE if form is FormName.SLOTS else None
    record = seal_form(world.story.handler, case, form.value, {"text": "x"}, by="h1", stream=Stream.DIALOGUE)
    account = case.members["h1"].account
    return conversations.fill(world.story.handler, account, case.reference, record, form, mode).seq


@line("conversations.fill minutes", E.MINUTES_OFFERED)
def _minutes(world: World) -> Act:
    case = _case(world)
    return lambda: _offer(world, case, FormName.MINUTES)


@line("conversations.fill slots", E.MEETING_OFFERED)
def _slots(world: World) -> Act:
    case = _case(world)
    return lambda: _offer(world, case, FormName.SLOTS)


def _answered(world: World, form: FormName, verdict: Verdict) -> Act:
    case = _case(world)
    seq = _offer(world, case, form)
    name = ANSWER[form]
    record = seal_form(world.story.public, case, name.value, {"to": str(seq)}, by=SOURCE, stream=Stream.DIALOGUE)
    given = Answered(name, seq, verdict)
    return lambda: dialogue.add_message(world.story.public, case.keys.lookup_token, record, answered=given)


@line("dialogue.add_message minutes", E.MINUTES_ANSWERED)
def _answer_minutes(world: World) -> Act:
    return _answered(world, FormName.MINUTES, Verdict.APPROVED)


@line("dialogue.add_message slots", E.MEETING_CHOSEN)
def _answer_slots(world: World) -> Act:
    return _answered(world, FormName.SLOTS, Verdict.CHOSEN)


@line("source_session.send_answer", E.MINUTES_ANSWERED)
def _send_answer(world: World) -> Act:
    case = _case(world)
    seq = _offer(world, case, FormName.MINUTES)
    given = Answered(FormName.MINUTES_ANSWER, seq, Verdict.APPROVED)
    body = FormBody("minutes_answer", {"to": str(seq), "verdict": "approved"})
    visitor = source_session.Visitor(case.keys)
    return lambda: source_session.send_answer(world.story.public, visitor, body, given, form_nonce="1" * 32)


@line("conversations.meeting_held", E.MEETING_HELD)
def _held(world: World) -> Act:
    case = _case(world)
    account, today = case.members["h1"].account, world.story.handler.today()
    return lambda: conversations.meeting_held(world.story.handler, account, case.reference, MeetingMode.PHYSICAL, today)


@line("conversations.read_by_source", E.FEEDBACK_READ)
def _read(world: World) -> Act:
    case = world.story.tip()
    write(world.story.handler, case, Kind.FEEDBACK, "Vad och varför.")
    return lambda: conversations.read_by_source(world.story.public, case.keys.lookup_token, 9)


@line("source_session.has_read", E.FEEDBACK_READ)
def _has_read(world: World) -> Act:
    case = world.story.tip()
    write(world.story.handler, case, Kind.FEEDBACK, "Vad och varför.")
    visitor = source_session.Visitor(case.keys)
    opened = source_session.read_case(world.story.public, visitor)
    return lambda: source_session.has_read(world.story.public, visitor, opened)


@line("care.note_reprisal", E.REPRISAL_REPORTED)
def _reprisal(world: World) -> Act:
    case = _case(world)
    return lambda: care.note_reprisal(world.story.handler, case.members["h1"].account, case.reference, Phase.HAPPENING)


@line("care.do_after_care", E.AFTER_CARE_DONE)
def _after_care(world: World) -> Act:
    case = _case(world)
    closed_on = world.story.handler.today().replace(year=world.story.handler.today().year - 1)
    with world.story.handler.storage.write() as uow:
        uow.cases.advance(stored(world.story.handler, case), state=CaseState.CLOSED, closed_on=closed_on)
    account = case.members["h1"].account

    def act() -> None:
        care.do_after_care(world.story.handler, account, case.reference, 6, Found.NOTHING)
        # Only so that the log and the rows agree at the end: nobody closed this case by two.
        world.story.change(
            "UPDATE cases SET state = 'acknowledged', closed_on = NULL WHERE id = :id", id=_id(world, case)
        )

    return act


@line("care.handle_right", E.SUBJECT_RIGHT_HANDLED)
def _right(world: World) -> Act:
    case = _case(world)
    why = seal_form(world.story.handler, case, "subject_right", {"text": "x"}, by="h1")
    account = case.members["h1"].account
    return lambda: care.handle_right(
        world.story.handler, account, case.reference, why, right=Right.ACCESS, decision=Decision.REFUSED, review_on=None
    )


def _id(world: World, case: PlayedCase) -> str:
    return stored(world.story.handler, case).id


def _typist(world: World) -> Account:
    """Somebody who is designated today: other lines may have ended the designations of some."""
    story = world.story
    with story.handler.storage.read() as uow:
        return next(
            one.account
            for one in story.municipality.handlers()
            if uow.register.is_designated(one.account.id, story.handler.today())
        )


def _submission(world: World, keys: SourceKeys | None = None) -> tuple[Account, Submission, Stated]:
    story = world.story
    account = _typist(world)
    slug = offers.organisations(story.handler)[0].slug
    offer = intake.offer(story.handler, account, slug, Channel.TIP, area="", subject_role="unknown", concerns=())
    made = seal_on_arrival(story.handler, offer, {"what_happened": "x"}, "sv", keys or story.source(), ())
    day = story.handler.today()
    stated = Stated(
        origin=Origin.WRITTEN,
        received_on=day,
        acknowledged_on=day,
        ack_left_out=None,
        documented=None,
        code=Code.GIVEN,
    )
    return account, sealed_submission(offer, made, sealed_by=SealedBy.BROWSER, content_digest=b"c" * 32), stated


@line("intake.enter", E.CASE_RECEIVED, E.CASE_ACKNOWLEDGED)
def _enter(world: World) -> Act:
    account, submission, stated = _submission(world)
    return lambda: intake.enter(world.story.handler, account, submission, stated)


@line("intake.enter left out", E.CASE_RECEIVED, E.ACKNOWLEDGEMENT_LEFT_OUT)
def _enter_left_out(world: World) -> Act:
    account, submission, stated = _submission(world)
    waived = replace(stated, acknowledged_on=None, ack_left_out=AckException.WAIVED)
    return lambda: intake.enter(world.story.handler, account, submission, waived)


@line("intake.enter following", E.CASE_RECEIVED, E.CASE_ACKNOWLEDGED, E.CASES_LINKED, E.CASES_LINKED)
def _enter_following(world: World) -> Act:
    first = world.story.tip()
    account = first.members["h1"].account
    _, submission, stated = _submission(world)
    return lambda: intake.enter(world.story.handler, account, submission, stated, follows=first.reference)


@line("own_codes.take_own_code", E.EPOCH_BEGUN, E.CODE_REPLACED)
def _own_code(world: World) -> Act:
    keys = world.story.source()
    intake.enter(world.story.handler, *_submission(world, keys))
    return lambda: own_codes.take_own_code(world.story.public, Visitor(keys), world.story.source())


reads("intake.followed", lambda world: intake.followed(world.story.handler, world.handler, world.tip.reference))
reads("own_codes.code_of", lambda world: own_codes.code_of(world.story.public, b"s" * 16))
reads("intake.may_enter", lambda world: intake.may_enter(world.story.handler, _typist(world)))
reads("intake.open_channels", lambda world: intake.open_channels(world.story.handler))
reads(
    "intake.page",
    lambda world: intake.page(
        world.story.handler, _typist(world), offers.organisations(world.story.handler)[0].slug, Channel.TIP
    ),
)
reads("intake.offer", _submission)
