"""Measures of a case over HTTP: what was done, in closed words and whole kronor, with the sealed form that tells it."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.measures import Amount, MeasureFacts, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.usecases import measures
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/cases/<reference>/measures")
@requires(Permission.HANDLE, large_body=True)
def record_measure(reference: str) -> ResponseReturnValue:
    """Record a measure."""
    read = body()
    offered = _offered(read)
    read.done()
    measure = measures.record(context(), sessions.me(), reference, offered)
    return jsonify(id=measure.id), 201


@blueprint.post("/api/measures/<measure_id>/correct")
@requires(Permission.HANDLE, large_body=True)
def correct_measure(measure_id: str) -> ResponseReturnValue:
    """Put another entry in the place of a measure, or take it back."""
    read = body()
    withdrawn = read.boolean("withdrawn")
    offered = _offered(read)
    read.done()
    measure = measures.correct(context(), sessions.me(), measure_id, offered, withdrawn=withdrawn)
    return jsonify(id=measure.id), 201


def _offered(read: Members) -> measures.Offered:
    facts = read.object("facts")
    amounts = facts.object("amounts")
    made = MeasureFacts(
        kind=facts.choice("kind", MeasureKind),
        taken_on=facts.day("taken_on"),
        amounts={name: amounts.integer(name.value) for name in Amount if amounts.has(name.value)},
        step=facts.choice("step", SanctionStep) if facts.has("step") else None,
        reason=facts.choice("reason", NoMeasureReason) if facts.has("reason") else None,
    )
    amounts.done()
    facts.done()
    return measures.Offered(made, sealed_file(read.object("record")), skips=read.boolean("skips"))
