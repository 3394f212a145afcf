"""A handler's own cases over HTTP: sealed titles, a whole case, its records, epochs, follow-up and log."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain.accounts import Permission
from tipportal.usecases import desk, epochs, handle
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import MOST_HOLDERS, offered_grant, sealed_file
from tipportal.web.services import context

from . import blueprint, filters, sessions, wording
from .answers import case_answer, title_answer
from .shown import shown_time
from .timeline_words import sort_of


@blueprint.post("/api/titles")
@requires(Permission.HANDLE)
def titles() -> ResponseReturnValue:
    """Sealed titles of own cases; what is not mine is left out without a word."""
    read = body()
    references = read.texts("references", most=handle.MAX_TITLES)
    read.done()
    found = handle.titles(context(), sessions.me(), references)
    return jsonify(cases=[title_answer(title) for title in found])


@blueprint.get("/api/cases")
@requires(Permission.HANDLE)
def my_references() -> ResponseReturnValue:
    """References of the handler's own cases, a page at a time: what a browser searches in begins here."""
    page = handle.my_cases(context(), sessions.me(), after=filters.after(request.args))
    last = page.next_after
    return jsonify(
        references=[row.case.reference for row in page.rows],
        next=None if last is None else f"{last[0].isoformat()}.{last[1]}",
    )


@blueprint.post("/api/cases/<reference>/open")
@requires(Permission.HANDLE)
def open_case(reference: str) -> ResponseReturnValue:
    """Everything of a case, sealed. Reading is an act: it is logged before the answer leaves."""
    body().done()
    ctx, account = context(), sessions.me()
    view = handle.open_case(ctx, account, reference)
    frame = desk.case_frame(ctx, account, reference)
    return jsonify(case_answer(view, account, frame, ctx.clock()))


@blueprint.post("/api/cases/<reference>/records")
@requires(Permission.HANDLE, large_body=True)
def add_record(reference: str) -> ResponseReturnValue:
    """Take a sealed message, feedback, note or title."""
    read = body()
    record = sealed_file(read.object("record"))
    read.done()
    written = handle.add_record(context(), sessions.me(), reference, record)
    return jsonify(seq=written.seq, date=written.date.isoformat()), 201


@blueprint.post("/api/cases/<reference>/epochs")
@requires(Permission.HANDLE, large_body=True)
def begin_epoch(reference: str) -> ResponseReturnValue:
    """Begin the case's next epoch: new keys, an epoch record in each stream, a grant for each member and the source."""
    read = body()
    number = read.integer("epoch")
    work, dialogue = read.b64("work"), read.b64("dialogue")
    records = [sealed_file(one) for one in read.objects("records", most=2)]
    grants = [offered_grant(one) for one in read.objects("grants", most=MOST_HOLDERS)]
    read.done()
    epoch = epochs.begin_epoch(
        context(),
        sessions.me(),
        reference,
        epoch=number,
        work_recipient=work,
        dialogue_recipient=dialogue,
        records=records,
        grants=grants,
    )
    return jsonify(epoch=epoch), 201


@blueprint.post("/api/cases/<reference>/follow-up")
@requires(Permission.HANDLE)
def begin_follow_up(reference: str) -> ResponseReturnValue:
    """Begin the follow-up."""
    body().done()
    case = handle.begin_follow_up(context(), sessions.me(), reference)
    return jsonify(state=case.state.value)


@blueprint.post("/api/cases/<reference>/log")
@requires(Permission.HANDLE)
def case_log(reference: str) -> ResponseReturnValue:
    """The case's own part of the handling log, in the words of the page."""
    body().done()
    lines = desk.case_log(context(), sessions.me(), reference)
    return jsonify(
        entries=[
            {
                "at": line.time,
                "kind": line.kind.value,
                "when": shown_time(line.time),
                "who": gettext(wording.ACTORS.get(line.who, line.who)),
                "what": gettext(wording.ENTRIES[line.kind]),
                "sort": sort_of(line.kind).value,
                "record": line.record,
                "proposal": line.proposal,
            }
            for line in lines
        ]
    )


@blueprint.get("/api/cases/<reference>/revision")
@requires(Permission.HANDLE)
def case_revision(reference: str) -> ResponseReturnValue:
    """Whether anybody has changed the case: asked when its page comes to the front. Nothing of it is opened."""
    return jsonify(revision=desk.revision(context(), sessions.me(), reference))
