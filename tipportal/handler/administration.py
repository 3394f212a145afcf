"""Administration: what waits, what each channel lacks, and changes that two administrators sign. No case, ever."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain.accounts import Permission
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.standing import DecisionSubject
from tipportal.domain.errors import Invalid, NotEntitled, NotFound
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import alerts, changes, checklist, replacing, surveying
from tipportal.usecases.alerts import AlertKind
from tipportal.usecases.changes import Overview, Preview, ShownChange
from tipportal.usecases.checklist import ChannelStatus, Line
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import administration_words as words
from . import blueprint, sessions, wording
from .administration_fields import AdministrationForm, Operation
from .administration_publishing import to_read
from .administration_shown import change_answer, told

Way = tuple[str, dict[str, str]]
"""An endpoint and its values: where something is done."""
FORM = "handler.administration_form"
ALERT_WAYS: dict[AlertKind, Way] = {
    AlertKind.CLOCK: (FORM, {"what": "klocka"}),
    AlertKind.DIRECTORY: (FORM, {"what": "katalog"}),
    AlertKind.PROOF: ("handler.administration_policy", {}),
    AlertKind.DESIGNATION: (FORM, {"what": "utse"}),
}

LINE_WAYS: dict[str, Way] = {
    "proof": ("handler.administration_policy", {}),
    "trustees": ("handler.administration_trustees", {}),
    "drill": ("handler.administration_trustees", {}),
    "administrators": (FORM, {"what": "bjud-in"}),
    "directory": (FORM, {"what": "katalog"}),
}


def ways(status: ChannelStatus, line: Line) -> Way | None:
    """Where a line of the checklist is done; None where no page of ours does it."""
    key, _, subject = line.key.partition(":")
    if key in LINE_WAYS:
        return LINE_WAYS[key]
    if key == "sharing":
        return FORM, {"what": "avtal", "owner": status.organisation.id, "function": subject}
    if key in set(DecisionSubject):
        return FORM, {"what": "beslut", "organisation": status.organisation.id, "subject": key}
    return None


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that has been written and checked, and that nobody has signed yet."""

    kind: ChangeKind
    payload: Operation
    lines: tuple[str, ...]
    base: int
    installation: str
    expires: str

    @property
    def payload_json(self) -> str:
        """The payload as the page's script reads it."""
        return json.dumps(self.payload, ensure_ascii=False)


@blueprint.get("/administration/")
@requires(Permission.ADMINISTER)
def administration() -> ResponseReturnValue:
    """What waits for me and for others, warnings, and what each channel still lacks before it can open."""
    ctx, me = context(), sessions.me()
    seen = changes.overview(ctx, me)
    waiting = [shown for shown in seen.changes if shown.state == "open"]
    return render_template(
        "handler/administration/overview.html",
        to_approve=[shown for shown in waiting if shown.change.proposer != me.id],
        mine=[shown for shown in waiting if shown.change.proposer == me.id],
        alerts=alerts.alerts(ctx, me, surveying.survey(ctx)),
        channels=checklist.channels(ctx),
        ways=ways,
        alert_ways=ALERT_WAYS,
        words=words,
        wording=wording,
    )


@blueprint.get("/administration/andringar")
@requires(Permission.ADMINISTER)
def administration_changes() -> ResponseReturnValue:
    """All changes that wait, and those decided in the last thirty days."""
    seen = changes.overview(context(), sessions.me())
    return render_template("handler/administration/changes.html", changes=seen.changes, words=words)


@blueprint.get("/administration/andringar/<change_id>")
@requires(Permission.ADMINISTER)
def administration_change(change_id: str) -> ResponseReturnValue:
    """One change: what it does, what follows, who proposed it, and the buttons that decide it."""
    ctx, me = context(), sessions.me()
    seen = changes.overview(ctx, me)
    shown = _chosen(seen, change_id)
    survey = surveying.survey(ctx)
    named = shown.payload.get("account")
    owner = survey.account(named) if shown.change.kind is ChangeKind.KEYS and isinstance(named, str) else None
    return render_template(
        "handler/administration/change.html",
        shown=shown,
        answer=json.dumps(change_answer(shown), ensure_ascii=False),
        installation=seen.installation_id.hex(),
        lines=[told(line) for line in shown.lines],
        about="" if owner is None else owner.name,
        to_read=to_read(shown.payload, survey) if shown.change.kind is ChangeKind.PUBLISH else (),
        replaceable=replacing.may_ask(ctx, me, change_id) if shown.state == "open" else False,
        recipient=encode_b64(owner.recipient) if owner is not None and owner.recipient is not None else None,
        words=words,
    )


def check_draft(
    kind: ChangeKind, payload: Operation, form: AdministrationForm, template: str, **values: object
) -> ResponseReturnValue:
    """The page that shows what a change would do and lets it be signed; its form again when something is wrong.

    ``template`` and ``values`` draw the form.
    """
    ctx, me = context(), sessions.me()
    seen = changes.overview(ctx, me)
    if kind not in seen.bases:
        raise NotFound(N_("Sidan finns inte."))
    try:
        found = changes.preview(ctx, me, kind, payload)
    except NotEntitled as refusal:
        return with_errors(form, [gettext(refusal.reason)], template, **values)
    except Invalid as refusal:
        return with_errors(form, [gettext(refusal.reason)], template, **values)
    if found.faults:
        return with_errors(form, _faults(found), template, **values)
    draft = Draft(
        kind=kind,
        payload=payload,
        lines=tuple(told(line) for line in found.lines),
        base=seen.bases[kind],
        installation=seen.installation_id.hex(),
        expires=changes.latest_expiry(ctx.clock()),
    )
    return render_template("handler/administration/check.html", draft=draft, form=form, words=words)


def with_errors(form: AdministrationForm, errors: list[str], template: str, **values: object) -> ResponseReturnValue:
    """A form with what is wrong first on its page; what was written stays."""
    form.form_errors.extend(errors)
    return make_response(render_template(template, form=form, words=words, **values), 422)


def _faults(found: Preview) -> list[str]:
    return [
        told(fault.what)
        if fault.line is None
        else gettext(N_("%(file)s, rad %(line)d: %(what)s"), file=fault.file, line=fault.line, what=told(fault.what))
        for fault in found.faults
    ]


def _chosen(seen: Overview, change_id: str) -> ShownChange:
    for shown in seen.changes:
        if shown.change.id == change_id:
            return shown
    raise NotFound(N_("Sidan finns inte."))
