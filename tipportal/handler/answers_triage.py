"""A case's triage as JSON: facts in their newest version, links, clocks and what a change of regime waits for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from tipportal.domain.cases import Case
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.triage import Triage
from tipportal.usecases.triage_view import Triaged

from . import wording

Answer = dict[str, Any]


def triage_answer(shown: Triaged) -> Answer:
    """The keys that the case's answer has of its triage."""
    why_not = shown.not_reclassified
    return {
        "triage": None if shown.triage is None else _facts(shown.triage),
        "origin": shown.origin.value,
        "links": [{"link": link.mark, "kind": link.kind.value, **case_line(other)} for link, other in shown.links],
        "reclassify": None if why_not is None else gettext(why_not),
        "needs_panel": shown.needs_panel,
    }


def case_line(case: Case) -> Answer:
    """What a link or a choice of one says of the other case."""
    return {
        "reference": case.reference,
        "channel": case.channel.value,
        "received_on": case.received_on.isoformat(),
        "state_name": gettext(wording.STATES[case.state]),
    }


def _facts(triage: Triage) -> Answer:
    return {
        "version": triage.version,
        "member": triage.member,
        "on": stockholm_date(triage.entered_at).isoformat(),
        "facts": triage.facts.as_json(),
    }
