"""What the case page says of minutes, meetings, reprisals, after-care and rights: msgids, with places in braces."""

from __future__ import annotations

from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.conversations import MeetingMode
from tipportal.domain.subjectrights import DECISIONS, Decision, Right
from tipportal.domain.texts import N_

MODES: dict[MeetingMode, str] = {
    MeetingMode.PHYSICAL: N_("Fysiskt möte"),
    MeetingMode.PHONE: N_("Tipslämnaren ringer"),
    MeetingMode.VIDEO: N_("Videosamtal"),
    MeetingMode.CALL_BACK: N_("Vi ringer upp"),
}
PHASES: dict[Phase, str] = {Phase.FEARED: N_("Befaras"), Phase.HAPPENING: N_("Pågår")}
FOUND: dict[Found, str] = {
    Found.NOTHING: N_("Inga tecken på repressalier"),
    Found.REPRISALS: N_("Repressalier förekommer"),
    Found.NO_ANSWER: N_("Inget svar"),
}
RIGHTS: dict[Right, str] = {
    Right.INFORMATION: N_("Information till den som uppgifterna gäller"),
    Right.ACCESS: N_("Begäran om registerutdrag"),
    Right.COMMENT: N_("Kommentar från den som uppgifterna gäller"),
    Right.CORRECTION: N_("Begäran om rättelse"),
}
RIGHT_DECISIONS: dict[Decision, str] = {
    Decision.GIVEN: N_("Lämnades"),
    Decision.DEFERRED: N_("Väntar"),
    Decision.PARTLY: N_("Lämnades delvis"),
    Decision.REFUSED: N_("Avslogs"),
    Decision.NOTED: N_("Antecknades"),
}
FITS: dict[Decision, str] = {
    decision: " ".join(right.value for right in Right if decision in DECISIONS[right]) for decision in Decision
}
"""For each decision the rights that it is one of, for the page's script."""

DIALOGUE_TEXTS: dict[str, str] = {
    "kind-form": N_("Formulär"),
    "form-minutes": N_("Protokoll att kontrollera"),
    "form-slots": N_("Förslag på tider"),
    "form-minutes_answer": N_("Svar på protokollet"),
    "form-slot_choice": N_("Svar om tid"),
    "verdict-approved": N_("Godkänt: det stämmer."),
    "verdict-corrected": N_("Ska rättas:"),
    "verdict-chosen": N_("Vald tid:"),
    "verdict-none_suits": N_("Ingen av tiderna passar."),
    **{f"mode-{mode.value}": label for mode, label in MODES.items()},
    **{f"right-{right.value}": label for right, label in RIGHTS.items()},
    **{f"decision-{decision.value}": label for decision, label in RIGHT_DECISIONS.items()},
    "read-by-source": N_("Läst av tipslämnaren {date}"),
    "feedback-measure-heading": N_("Vad vi har gjort eller tänker göra"),
    "feedback-reasons-heading": N_("Varför"),
    "slots-count": N_("Skriv minst en tid, högst {most}, en på varje rad."),
    "slots-form-done": N_("Tiderna finns nu på tipslämnarens sida."),
    "held-form-done": N_("Mötet är antecknat."),
    "meeting-was": N_("{date}: {mode}"),
    "minutes-form-done": N_("Protokollet finns nu på tipslämnarens sida."),
    "minutes-waits": N_("Det senaste protokollet väntar på tipslämnarens svar."),
    "minutes-approved": N_("Tipslämnaren har godkänt det senaste protokollet."),
    "minutes-corrected": N_("Tipslämnaren har rättat det senaste protokollet. Rättelsen står i dialogen."),
    "reprisal-form-done": N_("Oron är antecknad. Eftervården börjar när ärendet avslutas."),
    "reprisal-feared": N_("{date}: tipslämnaren befarar repressalier."),
    "reprisal-happening": N_("{date}: repressalier pågår enligt tipslämnaren."),
    "after-care-of": N_("Efter {months} månader, {date}"),
    "after-care-due": N_("Ska göras nu"),
    "after-care-later": N_("Inte än"),
    "after-care-nothing": N_("Gjord {date}: inga tecken på repressalier."),
    "after-care-reprisals": N_("Gjord {date}: repressalier förekommer."),
    "after-care-no_answer": N_("Gjord {date}: inget svar."),
    "subject-form-done": N_("Antecknat. Skälet läses bara av ärendegruppen."),
    "right-review": N_("Prövas igen senast {date}."),
    "right-unread": N_("Skälet går inte att öppna."),
}
"""Texts that the page's script shows."""
