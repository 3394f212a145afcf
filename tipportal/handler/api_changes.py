"""Changes by two administrators over HTTP, and what one person does at once (docs/protocol.md, section 7)."""

from __future__ import annotations

import json

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import ChangeFault, FaultyChange
from tipportal.domain.errors import Invalid, NotFound
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.writing import write_policy, write_register
from tipportal.domain.texts import N_
from tipportal.usecases import at_once, changes, reviewing
from tipportal.usecases.changes import OfferedChange
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.problems import MEDIA_TYPE, problem
from tipportal.web.services import context

from . import blueprint, sessions
from .administration_shown import change_answer, told
from .answers import Answer

_SIGNATURE = 64


@blueprint.get("/api/changes")
@requires(Permission.ADMINISTER)
def list_changes() -> ResponseReturnValue:
    """What waits and what was decided lately, with what a change proposed now builds on."""
    ctx, account = context(), sessions.me()
    seen = changes.overview(ctx, account)
    return jsonify(
        installation=seen.installation_id.hex(),
        me=account.id,
        expires=changes.latest_expiry(ctx.clock()),
        bases={kind.value: base for kind, base in seen.bases.items()},
        changes=[change_answer(shown) for shown in seen.changes],
    )


@blueprint.post("/api/changes/preview")
@requires(Permission.ADMINISTER, large_body=True)
def preview_change() -> ResponseReturnValue:
    """Say what a change would do, or what is wrong with it."""
    read = body()
    kind, payload = _kind(read), read.raw("payload")
    read.done()
    found = changes.preview(context(), sessions.me(), kind, payload)
    return jsonify(lines=_spoken(found.lines), faults=[_fault(fault) for fault in found.faults])


@blueprint.post("/api/changes")
@requires(Permission.ADMINISTER, large_body=True)
def propose_change() -> ResponseReturnValue:
    """Propose a signed change."""
    read = body()
    offered = OfferedChange(read.raw("act"), read.raw("payload"), read.b64("signature", _SIGNATURE))
    read.done()
    try:
        change = changes.propose(context(), sessions.me(), offered)
    except FaultyChange as refusal:
        return faulty_answer(refusal)
    return jsonify(id=change.id), 201


@blueprint.post("/api/changes/<change_id>/approve")
@requires(Permission.ADMINISTER)
def approve_change(change_id: str) -> ResponseReturnValue:
    """Approve another administrator's change: it takes effect at once."""
    read = body()
    signature = read.b64("signature", _SIGNATURE)
    said = read.raw("said") if read.has("said") else None
    read.done()
    try:
        approved = changes.approve(context(), sessions.me(), change_id, signature, said)
    except FaultyChange as refusal:
        return faulty_answer(refusal)
    return jsonify(answer=dict(approved.answer))


@blueprint.post("/api/changes/<change_id>/decline")
@requires(Permission.ADMINISTER)
def decline_change(change_id: str) -> ResponseReturnValue:
    """Decline another administrator's change, or take back one's own."""
    body().done()
    changes.decline(context(), sessions.me(), change_id)
    return jsonify()


@blueprint.get("/api/register.toml")
@requires(Permission.ADMINISTER)
def export_register() -> ResponseReturnValue:
    """The register in its exact form."""
    with context().storage.read() as uow:
        return _toml(write_register(uow.register.snapshot()), "register.toml")


@blueprint.get("/api/policies/<slug>.toml")
@requires(Permission.ADMINISTER)
def export_policy(slug: str) -> ResponseReturnValue:
    """An organisation's policy in its exact form."""
    with context().storage.read() as uow:
        owner = uow.register.organisation(slug)
        known = None if owner is None else uow.register.policy(owner.id)
    if known is None:
        raise NotFound(N_("Sidan finns inte."))
    return _toml(write_policy(known.policy), f"{slug}.toml")


@blueprint.post("/api/absences")
@requires(Permission.ACCOUNT)
def note_absence() -> ResponseReturnValue:
    """Note an absence from today: one's own, or by an administrator anybody's."""
    read = body()
    person = read.text("person")
    last = read.day("last") if read.has("last") else None
    read.done()
    at_once.note_absence(context(), sessions.me(), person, last)
    return jsonify(), 201


@blueprint.post("/api/conflicts")
@requires(Permission.ACCOUNT)
def declare_conflict() -> ResponseReturnValue:
    """Declare one's own conflict of interest."""
    read = body()
    subject = read.text("subject")
    read.done()
    at_once.declare_conflict(context(), sessions.me(), subject)
    return jsonify(), 201


@blueprint.post("/api/suspensions")
@requires(Permission.ADMINISTER)
def suspend_account() -> ResponseReturnValue:
    """Suspend an account at once."""
    read = body()
    account_id = read.text("account")
    read.done()
    review = at_once.suspend(context(), sessions.me(), account_id)
    return jsonify(id=review.id), 201


@blueprint.post("/api/reviews/<review_id>")
@requires(Permission.ADMINISTER)
def review_at_once(review_id: str) -> ResponseReturnValue:
    """Uphold or lift what somebody else did at once: a suspension or an absence."""
    read = body()
    outcome = read.text("outcome", 16)
    read.done()
    looks = {"upheld": reviewing.uphold, "lifted": reviewing.lift}
    if outcome not in looks:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="outcome")
    looks[outcome](context(), sessions.me(), review_id)
    return jsonify()


def faulty_answer(refusal: FaultyChange) -> Response:
    """The problem of a change that cannot be made, with every fault."""
    answer = problem(refusal.status, refusal.code, refusal.reason, field=refusal.field)
    members = {**json.loads(answer.get_data()), "faults": [_fault(fault) for fault in refusal.faults]}
    return Response(json.dumps(members), refusal.status, content_type=MEDIA_TYPE)


def _fault(fault: ChangeFault) -> Answer:
    return {"operation": fault.operation, "file": fault.file, "line": fault.line, "text": told(fault.what)}


def _spoken(lines: tuple[Sentence, ...]) -> list[str]:
    return [told(line) for line in lines]


def _kind(read: Members) -> ChangeKind:
    try:
        return ChangeKind(read.text("kind", 32))
    except ValueError:
        raise Invalid(N_("Den sortens ändring går inte att göra här."), field="kind") from None


def _toml(text: str, name: str) -> Response:
    return Response(
        text,
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
