"""What a case's page names first: the next step, where it is done, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext

from tipportal.domain.cases import Case, CaseState
from tipportal.domain.organisations import Channel
from tipportal.domain.pressing import Claim, Why, in_order
from tipportal.domain.texts import N_

from .due import claimed, due_of
from .lines import PLACES

ASKED = {
    Why.APPROVAL: N_("Ta ställning till förslaget som väntar på dig"),
    Why.REVIEW: N_("Granska det som någon annan har gjort genast"),
    Why.REOPENING: N_("Besluta om ärendet ska öppnas igen"),
    Why.RELEASE: N_("Svara på en begäran om utlämnande"),
    Why.RETENTION: N_("Besluta om ärendet ska bevaras eller gallras"),
    Why.RESTRICTION: N_("Pröva om dialogen fortfarande ska vara begränsad"),
    Why.DEFERRED: N_("Pröva om den som uppgifterna gäller ska få information nu"),
    Why.AFTER_CARE: N_("Hör efter hur det går för den som rapporterade"),
    Why.HANDOVER: N_("Fråga mottagaren vad överlämnandet ledde till"),
}
STEPS = {
    "assess": N_("Bedöm om rapporten omfattas av lagen"),
    "follow_up": N_("Börja uppföljningen"),
    "feedback": N_("Ge återkoppling till tipslämnaren"),
    "close": N_("Föreslå hur ärendet ska avslutas"),
}
"""The steps of a case in the order in which they come."""


def next_step(
    case: Case, claims: Sequence[Claim], steps: Mapping[str, str | None], today: date, *, waits: bool
) -> dict[str, str]:
    """The next step in words, the id of its place on the page, and its date in words.

    ``steps``: for each step of the case why it may not be done, None where it may. ``waits``: a proposal of the
    reader's own waits for somebody else.
    """
    asked = next((one for one in in_order(claims) if one.presses(today) and one.why in ASKED), None)
    if asked is not None:
        due = claimed(asked, today)
        return _told(gettext(ASKED[asked.why]), PLACES[asked.why], "" if due is None else due.words)
    if waits:
        return _told(gettext("Någon annan i ärendegruppen tar ställning till ditt förslag"), "cards")
    clock = due_of(case, today)
    by = "" if clock is None else clock.words
    for step, words in STEPS.items():
        if steps.get(step) is None and not (step == "assess" and case.channel is not Channel.REPORT):
            return _told(gettext(words), f"step-{step}", by)
    if case.state in {CaseState.CLOSED, CaseState.LOCKED}:
        return _told(gettext("Inget behöver göras nu. Ärendet är avslutat."), "")
    return _told(gettext("Inget behöver göras just nu."), "")


def _told(words: str, place: str, by: str = "") -> dict[str, str]:
    return {"words": words, "place": place, "by": by}
