"""The facts that the follow-up counts of a case, and its links to other cases, over HTTP."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import links, new_panels, triage
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context

from . import blueprint, sessions
from .answers_members import new_member
from .answers_triage import case_line
from .api_approvals import raw_facts

_WORD = 64
_ONE = ("origin", "relation", "named", "reprisals", "heard_how")
_SEVERAL = ("types", "areas", "reasons")


@blueprint.post("/api/cases/<reference>/triage")
@requires(Permission.HANDLE)
def triage_case(reference: str) -> ResponseReturnValue:
    """Enter a case's facts, complete, on top of the version that was seen."""
    read = body()
    version = read.integer("version")
    facts = read.object("facts")
    raw: dict[str, object] = {name: facts.text(name, _WORD) for name in _ONE}
    raw.update({name: facts.texts(name, longest=_WORD) for name in _SEVERAL})
    facts.done()
    read.done()
    entered = triage.triage_case(context(), sessions.me(), reference, version, raw)
    return jsonify(version=entered.version)


@blueprint.post("/api/cases/<reference>/reclassify/panel")
@requires(Permission.HANDLE)
def report_panel(reference: str) -> ResponseReturnValue:
    """Who comes in when the tip becomes a report, drawn by the case's own facts."""
    read = body()
    facts = raw_facts(read.object("facts"))
    read.done()
    drawn = new_panels.draw_panel(
        context(),
        sessions.me(),
        reference,
        area=facts.area,
        subject_role=facts.subject_role,
        concerns=facts.concerns,
    )
    return jsonify(members=[new_member(one) for one in drawn])


@blueprint.post("/api/cases/<reference>/linkable")
@requires(Permission.HANDLE)
def linkable_cases(reference: str) -> ResponseReturnValue:
    """My other cases of the same authority."""
    body().done()
    found = links.linkable(context(), sessions.me(), reference)
    return jsonify(cases=[case_line(case) for case in found])


@blueprint.post("/api/cases/<reference>/links")
@requires(Permission.HANDLE)
def link_cases(reference: str) -> ResponseReturnValue:
    """Link the case to another of mine."""
    read = body()
    other, kind = read.text("other", _WORD), links.read_kind(read.text("kind", _WORD))
    read.done()
    return jsonify(link=links.link(context(), sessions.me(), reference, other, kind).mark), 201


@blueprint.post("/api/cases/<reference>/links/<mark>/remove")
@requires(Permission.HANDLE)
def unlink_cases(reference: str, mark: str) -> ResponseReturnValue:
    """Take a link away, from both cases."""
    body().done()
    links.unlink(context(), sessions.me(), reference, mark)
    return "", 204
