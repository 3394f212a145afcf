"""The case page: a frame of what the server knows. Everything sealed is opened in it by its script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.approvals import ProposalState
from tipportal.domain.cases import Outcome
from tipportal.domain.duties import RESTRICTION_DAYS
from tipportal.domain.elsewhere import read_elsewhere
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import questions
from tipportal.envelope.payloads import DisclosedTo
from tipportal.usecases import desk
from tipportal.web.guard import requires
from tipportal.web.policies import Need, need
from tipportal.web.services import context
from tipportal.web.uploads import file_data

from . import blueprint, case_words, duty_words, sessions, triage_words, wording
from .due import Tone, due_of


@dataclass(frozen=True, slots=True)
class _Review:
    """The days on which a restricted dialogue may be looked at again."""

    first: date
    last: date


@blueprint.get("/arenden/<reference>")
@requires(Permission.HANDLE)
def case_page(reference: str) -> ResponseReturnValue:
    """The frame of one case, or the same *not found* for unknown, foreign and excluded."""
    # Its script shows files in a frame of ours that has no origin.
    need(request.environ, Need.FRAME)
    frame = desk.case_frame(context(), sessions.me(), reference)
    today = context().today()
    due = due_of(frame.case, today)
    return render_template(
        "handler/case.html",
        frame=frame,
        case=frame.case,
        due=due,
        # A missed date opens protected external reporting (lag 2021:890, 4 kap. 7 and 9 §§): said in words.
        missed=due is not None and due.tone is Tone.LATE and frame.case.channel is Channel.REPORT,
        questions=questions(frame.case.channel),
        outcomes=tuple(Outcome),
        proposal_states=tuple(ProposalState),
        wording=wording,
        words=case_words,
        care=duty_words,
        triage=triage_words,
        elsewhere=read_elsewhere(),
        disclosed_to=tuple(DisclosedTo),
        review=_Review(today + timedelta(days=1), today + timedelta(days=RESTRICTION_DAYS)),
        files=file_data(),
    )


@blueprint.get("/avgora")
@requires(Permission.HANDLE)
def deciding_page() -> ResponseReturnValue:
    """The frame of what a standby decides about a colleague; its script fetches and opens it."""
    return render_template("handler/case_deciding.html", words=case_words)
