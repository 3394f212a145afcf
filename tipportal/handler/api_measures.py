"""Measures of a case over HTTP: what was done, in closed words and whole kronor, with the sealed form that tells it."""

from __future__ import annotations

import enum
from datetime import date
from typing import TypeVar

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import Invalid
from tipportal.domain.measures import Amount, MeasureFacts, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.texts import N_
from tipportal.usecases import measures
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.services import context

from . import blueprint, sessions
from .reading import sealed_file

_WRONG = N_("Ett fält i begäran saknas, är okänt eller har fel form.")
_E = TypeVar("_E", bound=enum.StrEnum)


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
        kind=one_of(MeasureKind, facts, "kind"),
        taken_on=day(facts, "taken_on"),
        amounts={name: amounts.integer(name.value) for name in Amount if amounts.has(name.value)},
        step=one_of(SanctionStep, facts, "step") if facts.has("step") else None,
        reason=one_of(NoMeasureReason, facts, "reason") if facts.has("reason") else None,
    )
    amounts.done()
    facts.done()
    return measures.Offered(made, sealed_file(read.object("record")), skips=read.boolean("skips"))


def one_of(kind: type[_E], read: Members, name: str) -> _E:
    """A word of a closed set. Raises Invalid."""
    try:
        return kind(read.text(name, 64))
    except ValueError:
        raise Invalid(_WRONG, field=name) from None


def day(read: Members, name: str) -> date:
    """A date as ``YYYY-MM-DD``. Raises Invalid."""
    text = read.text(name, 10)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid(_WRONG, field=name) from None
    # One day, one spelling.
    if found.isoformat() != text:
        raise Invalid(_WRONG, field=name)
    return found
