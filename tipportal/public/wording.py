"""What a source is told about a case, in plain words: its state, its dates, who wrote what."""

from __future__ import annotations

from tipportal.domain.cases import CaseState, RecordKind, SealedBy
from tipportal.domain.conversations import FormName, MeetingMode, Verdict
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_

STATES: dict[CaseState, str] = {
    CaseState.RECEIVED: N_("Mottaget"),
    CaseState.ACKNOWLEDGED: N_("Mottaget och bekräftat"),
    CaseState.ASSESSED: N_("Bedömt"),
    CaseState.UNDER_FOLLOW_UP: N_("Utreds"),
    CaseState.FEEDBACK_GIVEN: N_("Du har fått återkoppling"),
    CaseState.CLOSED: N_("Avslutat"),
    CaseState.LOCKED: N_("Låst"),
}
"""A case's state as its source reads it."""

MEANINGS: dict[CaseState, str] = {
    CaseState.RECEIVED: N_("Det du skickade har kommit fram."),
    CaseState.ACKNOWLEDGED: N_(
        "Det du skickade har kommit fram. Nästa steg är att ärendegruppen läser och bedömer det."
    ),
    CaseState.ASSESSED: N_("Två personer i ärendegruppen har bedömt om rapporten omfattas av lagen."),
    CaseState.UNDER_FOLLOW_UP: N_("Ärendegruppen undersöker det du har berättat."),
    CaseState.FEEDBACK_GIVEN: N_("Läs återkopplingen här nedanför. Du kan fortfarande skriva."),
    CaseState.CLOSED: N_("Ärendet är avslutat. Har något nytt hänt kan du fortfarande skriva."),
    CaseState.LOCKED: N_("Ärendet tar inte emot fler meddelanden. Du kan lämna ett nytt tips eller en ny rapport."),
}
"""What that means for the source, and what comes next."""

AUTHORS: dict[str, str] = {"source": N_("Du"), "staff": N_("Ärendegruppen")}
"""Who wrote a record; the members of the group are not told apart to the source."""

KINDS: dict[RecordKind, str] = {
    RecordKind.REPORT: N_("Det du skickade"),
    RecordKind.MESSAGE: N_("Meddelande"),
    RecordKind.FEEDBACK: N_("Återkoppling"),
    RecordKind.NOTICE: N_("Besked om ett beslut"),
    RecordKind.EPOCH: N_("Ärendet har fått nya nycklar"),
    RecordKind.FORM: N_("Formulär"),
}
"""What a record is."""

FORMS: dict[FormName, str] = {
    FormName.MINUTES: N_("Protokoll att kontrollera"),
    FormName.SLOTS: N_("Förslag på tider"),
    FormName.MINUTES_ANSWER: N_("Svar på protokollet"),
    FormName.SLOT_CHOICE: N_("Svar om tid"),
}
"""What a filled-in form of the dialogue is."""

MODES: dict[MeetingMode, str] = {
    MeetingMode.PHYSICAL: N_("Vi träffas"),
    MeetingMode.PHONE: N_("Du ringer oss"),
    MeetingMode.VIDEO: N_("Videosamtal"),
    MeetingMode.CALL_BACK: N_("Vi ringer dig"),
}
"""How a meeting is held, as the source reads it."""

VERDICTS: dict[Verdict, str] = {
    Verdict.APPROVED: N_("Godkänt: det stämmer."),
    Verdict.CORRECTED: N_("Ska rättas:"),
    Verdict.CHOSEN: N_("Vald tid:"),
    Verdict.NONE_SUITS: N_("Ingen av tiderna passar."),
}
"""What the source answered."""


DUE: dict[Channel, str] = {
    Channel.REPORT: N_("Senast då ska du ha fått återkoppling. Det säger lagen."),
    Channel.TIP: N_("Senast då vill vi ha gett dig besked om vad som har hänt med tipset."),
}
"""What the date of feedback means: a duty for reports (lag 2021:890, 5 kap. 8 § p. 3), an aim for tips."""

DUE_LABELS: dict[Channel, str] = {
    Channel.REPORT: N_("Återkoppling senast"),
    Channel.TIP: N_("Besked senast"),
}
"""What the date of feedback is called."""

SEALED: dict[SealedBy, str] = {
    SealedBy.BROWSER: N_("Det som skickades in förseglades i webbläsaren, innan det lämnade den."),
    SealedBy.SERVER: N_("Det du skickade in förseglades av servern när det kom fram. Det lagrades aldrig läsbart."),
}
"""Which of the two ways a case came in."""


def author(stored: str) -> str:
    """``source`` or ``staff``, from who wrote a record."""
    return "source" if stored == "source" else "staff"
