"""The case page: a frame of what the server knows. Everything sealed is opened in it by its script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain.accounts import Permission
from tipportal.domain.approvals import ProposalState
from tipportal.domain.cases import Outcome
from tipportal.domain.duties import RESTRICTION_DAYS
from tipportal.domain.elsewhere import read_elsewhere
from tipportal.domain.handovers import ELECTED, RECIPIENTS, Told
from tipportal.domain.irregularities import TYPE_NAMES
from tipportal.domain.measures import AMOUNTS
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import questions
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.texts import N_
from tipportal.domain.triage import RELATION_GROUPS
from tipportal.envelope.payloads import DisclosedTo
from tipportal.usecases import desk
from tipportal.usecases.casework import all_worklists, handover_rules
from tipportal.web.guard import requires
from tipportal.web.policies import Need, need
from tipportal.web.services import context, services
from tipportal.web.uploads import file_data

from . import blueprint, case_words, dialogue_words, duty_words, sessions, triage_words, wording, work_words
from .case_records import records_of
from .due import Tone, due_of
from .timeline_words import SORT_NAMES

_HANDOVER_NOTICES = (
    (Told.GIVEN, N_("Ja. Den som godkänner skriver vad tipslämnaren får läsa.")),
    (Told.WITHHELD, N_("Nej, det skulle hindra åtgärden.")),
    (Told.NOT_NEEDED, N_("Behövs inte: inget i innehållet kan visa vem tipslämnaren är.")),
)


CONTENTS = (
    ("del-gang", N_("Ärendets gång")),
    ("del-genast", N_("Genast")),
    ("checklists", N_("Checklistor")),
    ("measures", N_("Vidtagna åtgärder")),
    ("handovers", N_("Överlämna")),
    ("step-reprisal", N_("Repressalier")),
    ("step-subject", N_("Den som uppgifterna gäller")),
    ("del-uppgifter", N_("Uppgifter och länkar")),
    ("del-arkiv", N_("Diarium och arkiv")),
    ("decided-heading", N_("Avgjorda förslag")),
)
"""The contents line of the tab with everything that is done: each place by id, in the order of the page."""


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
    due, clock = due_of(frame.case, today, frame.claims), due_of(frame.case, today)
    asked = questions(frame.case.channel)
    return render_template(
        "handler/case.html",
        frame=frame,
        case=frame.case,
        **records_of(reference),
        due=due,
        # A missed date opens protected external reporting (lag 2021:890, 4 kap. 7 and 9 §§): said in words.
        missed=clock is not None and clock.tone is Tone.LATE and frame.case.channel is Channel.REPORT,
        # A report that came as a tip was answered on the tip's form.
        questions=asked | {name: one for name, one in questions(Channel.TIP).items() if name not in asked},
        outcomes=tuple(Outcome),
        proposal_states=tuple(ProposalState),
        wording=wording,
        words=case_words,
        care=duty_words,
        dialogue=dialogue_words,
        triage=triage_words,
        type_choices=[(kind.value, gettext(name)) for kind, name in TYPE_NAMES.items()],
        area_choices=[(area.key, gettext(area.name_sv)) for area in RISK_AREAS],
        reason_choices=[(reason.value, gettext(name)) for reason, name in triage_words.REASONS.items()],
        relation_groups={answer: group.value for answer, group in RELATION_GROUPS.items()},
        elsewhere=read_elsewhere(),
        disclosed_to=tuple(DisclosedTo),
        review=_Review(today + timedelta(days=1), today + timedelta(days=RESTRICTION_DAYS)),
        files=file_data(),
        today=today,
        work=work_words,
        amounts_of=AMOUNTS,
        worklists=all_worklists(),
        rules=handover_rules(),
        recipients=RECIPIENTS,
        sorts=SORT_NAMES,
        contents=CONTENTS,
        elected=ELECTED,
        handover_notices=_HANDOVER_NOTICES,
        # Whoever is asked what came of a handover answers on the public face.
        answer_url=f"{services().settings.public_url}/aterrapport",
    )


@blueprint.get("/avgora")
@requires(Permission.HANDLE)
def deciding_page() -> ResponseReturnValue:
    """The frame of what a standby decides about a colleague; its script fetches and opens it."""
    return render_template("handler/case_deciding.html", words=case_words)
