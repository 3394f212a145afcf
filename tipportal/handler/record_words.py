"""What the pages say of the end of a case, its registration, and requests for release."""

from __future__ import annotations

from tipportal.domain.disclosures import Answered, Asked
from tipportal.domain.registration import Direction, Document
from tipportal.domain.retention import Profile, Purpose, Stage
from tipportal.domain.texts import N_

STAGES = {
    Stage.RUNNING: N_("Gruppen når innehållet till och med dagen före %(day)s."),
    Stage.FIRST_ALARM: N_("Mindre än sex månader återstår: den %(day)s låses ärendet."),
    Stage.SECOND_ALARM: N_(
        "Mindre än två månader återstår: den %(day)s låses ärendet. Besluta om att bevara eller gallra."
    ),
    Stage.OVER: N_("Två år har gått: sedan den %(day)s når ärendegruppen inte innehållet."),
}
PROFILES = {
    Profile.PRESERVE: N_("Utan beslut bevaras ärendet. Det gallras bara enligt ett gallringsbeslut."),
    Profile.ASK: N_(
        "Bolaget behöver ta ställning: lagen sätter en gräns vid två år, arkivlagen säger att handlingar bevaras. "
        "Tills två har beslutat är ärendet låst och inget försvinner."
    ),
}
PURPOSES = {
    Purpose.RETENTION: N_("Besluta om att bevara eller gallra"),
    Purpose.EXPORT: N_("Lämna över till arkivet"),
    Purpose.RELEASE: N_("Någon begär ut handlingar"),
}
ASKED = {
    Asked.CASE: N_("Handlingar i ett ärende"),
    Asked.LOG: N_("Händelseloggen"),
    Asked.OTHER: N_("Något annat"),
}
ANSWERED = {
    Answered.GRANTED: N_("Lämnas ut"),
    Answered.PARTLY: N_("Lämnas ut delvis"),
    Answered.REFUSED: N_("Lämnas inte ut"),
}
DIRECTIONS = {Direction.IN: N_("In"), Direction.OUT: N_("Ut")}
DOCUMENTS = {Document.CASE: N_("Ärendet"), Document.MESSAGE: N_("Meddelande")}
SAID = {
    "act-retain-preserve": N_("Bevara ärendet, enligt beslut {number}"),
    "act-retain-dispose": N_("Gallra ärendet för alltid, enligt beslut {number}"),
    "retain-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "retain-number": N_("Skriv beslutets nummer, eller välj gallringsbeslut."),
    "retain-sure": N_("Kryssa i att du förstår att ett gallrat ärende inte går att få tillbaka."),
    "masking-done": N_("Beslutet är sparat, och den maskerade kopian ligger förseglad i ärendet."),
    "masking-nothing": N_("Markera först den text som ska maskeras."),
    "masking-empty": N_("Välj minst en post att lämna ut."),
    "masking-file": N_("utlamnande"),
    "masking-provisions": N_("Ange bestämmelse när något inte lämnas ut, och ingen när allt lämnas ut."),
}
