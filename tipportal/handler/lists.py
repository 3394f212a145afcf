"""First screen, list of cases, and approvals that wait: everything that the server may know, titles sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain.accounts import Permission, Role
from tipportal.domain.alarms import Alarm, AlarmStep
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import NotFound
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import Row
from tipportal.domain.texts import N_
from tipportal.usecases import cover, desk, duties, ending, handle, separating
from tipportal.web.guard import requires, signed_in
from tipportal.web.services import context

from . import blueprint, case_words, duty_words, junk_words, sessions, triage_words, wording
from .due import Due, due_of
from .sign_in import HOME

Chosen = TypeVar("Chosen", CaseState, Channel)
SHOWN_STATES = tuple(state for state in CaseState if state is not CaseState.RECEIVED)
NUMBERS = (
    ("new", N_("nya ärenden")),
    ("mine", N_("pågående ärenden")),
    ("unread", N_("med olästa svar")),
    ("waiting", N_("väntar på ditt godkännande")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: what the server knows, with its one due chip, and the newest alarm that still holds."""

    row: Row
    due: Due | None
    alarm: str = ""

    @property
    def case(self) -> Case:
        """The case of the row."""
        return self.row.case


@blueprint.get("/")
@requires(Permission.ACCOUNT)
def first_screen() -> ResponseReturnValue:
    """What needs doing, new cases, my cases, four numbers. Other roles have first pages of their own."""
    account = sessions.me()
    if account.role is not Role.HANDLER:
        return redirect(url_for(HOME[account.role]), 303)
    if not signed_in().designated:
        # Their first screen, not an error: the account is in order, and can be looked after meanwhile.
        return render_template("handler/undesignated.html")
    screen = desk.first_screen(context(), account)
    return render_template(
        "handler/first_screen.html",
        screen=screen,
        needs_action=_lines(screen.needs_action, screen.alarms),
        new=_lines(screen.new, screen.alarms),
        mine=_lines(screen.mine, screen.alarms),
        numbers=NUMBERS,
        waiting=duties.waiting(context(), account),
        ending=ending.for_handler(context(), account),
        cover=cover.for_handler(context(), account),
        care=duty_words,
        today=context().today(),
        wording=wording,
    )


@blueprint.get("/arenden")
@requires(Permission.HANDLE)
def case_list() -> ResponseReturnValue:
    """All cases of the handler, a page at a time, newest first; filters are GET parameters."""
    state = _chosen(CaseState, "state")
    channel = _chosen(Channel, "channel")
    page = handle.my_cases(context(), sessions.me(), after=_after(), state=state, channel=channel)
    following = None
    if page.next_after is not None:
        received_on, reference = page.next_after
        following = url_for(
            "handler.case_list", state=state, channel=channel, after=f"{received_on.isoformat()}.{reference}"
        )
    return render_template(
        "handler/case_list.html",
        lines=_lines(page.rows),
        following=following,
        state=state,
        channel=channel,
        states=SHOWN_STATES,
        channels=tuple(Channel),
        first="after" not in request.args,
        words=junk_words,
        wording=wording,
    )


@blueprint.get("/godkannanden")
@requires(Permission.HANDLE)
def approvals() -> ResponseReturnValue:
    """Proposals of others that wait for me: who asks, what changes, who may approve."""
    ctx, account = context(), sessions.me()
    return render_template(
        "handler/approvals.html",
        cards=desk.approvals(ctx, account),
        deciding=len(separating.deciding(ctx, account)),
        words=case_words,
        junk=junk_words,
        wording=wording,
    )


def _lines(rows: tuple[Row, ...], alarms: Mapping[str, tuple[Alarm, ...]] | None = None) -> list[Line]:
    today = context().today()
    lines = []
    for row in rows:
        due = due_of(row.case, today)
        lines.append(Line(row, due, _alarm(due, (alarms or {}).get(row.case.id, ()))))
    return lines


def _alarm(due: Due | None, raised: tuple[Alarm, ...]) -> str:
    """The last step that was reached for the date that is due now, in words."""
    steps = [alarm for alarm in raised if due is not None and alarm.due == due.target]
    if not steps:
        return ""
    order = list(AlarmStep)
    last = max(steps, key=lambda alarm: order.index(alarm.step))
    return gettext(triage_words.ALARMS[last.watch, last.step])


def _chosen(kind: type[Chosen], name: str) -> Chosen | None:
    text = request.args.get(name, "")
    try:
        return kind(text) if text else None
    except ValueError:
        raise NotFound(N_("Sidan finns inte.")) from None


def _after() -> tuple[date, str] | None:
    text = request.args.get("after")
    if text is None:
        return None
    day, _, reference = text.partition(".")
    try:
        return date.fromisoformat(day), reference
    except ValueError:
        raise NotFound(N_("Sidan finns inte.")) from None
