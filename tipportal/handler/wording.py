"""How states, outcomes, kinds and people are called on this face: Swedish, and msgids."""

from __future__ import annotations

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.cases import CaseState, Outcome
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_

STATES = {
    CaseState.RECEIVED: N_("Mottaget"),
    CaseState.ACKNOWLEDGED: N_("Nytt"),
    CaseState.ASSESSED: N_("Bedömt"),
    CaseState.UNDER_FOLLOW_UP: N_("Under uppföljning"),
    CaseState.FEEDBACK_GIVEN: N_("Återkoppling given"),
    CaseState.CLOSED: N_("Avslutat"),
    CaseState.LOCKED: N_("Låst"),
}
CHANNELS = {Channel.TIP: N_("Tips"), Channel.REPORT: N_("Rapport")}
OUTCOMES = {
    Outcome.CONFIRMED: N_("Bekräftat"),
    Outcome.PARTLY_CONFIRMED: N_("Delvis bekräftat"),
    Outcome.UNFOUNDED: N_("Ogrundat"),
    Outcome.CANNOT_BE_INVESTIGATED: N_("Kan inte utredas"),
    Outcome.NOT_COVERED: N_("Omfattas inte av lagen"),
    Outcome.REFERRED: N_("Hänvisat vidare"),
}
ROLES = {
    Role.HANDLER: N_("Handläggare"),
    Role.ADMINISTRATOR: N_("Administratör"),
    Role.AUDITOR: N_("Revisor"),
}
ACCOUNT_STATES = {
    AccountState.INVITED: N_("Inbjuden"),
    AccountState.ACTIVE: N_("Aktiv"),
    AccountState.SUSPENDED: N_("Avstängd"),
}
ACTORS = {
    "source": N_("Tipslämnaren"),
    "staff_for_source": N_("Personal åt tipslämnaren"),
    "system": N_("Portalen"),
    "person": N_("En person"),
}
ENTRIES = {
    EntryKind.INSTALLATION_FOUNDED: N_("Installationen grundades"),
    EntryKind.ORGANISATION_ADDED: N_("En organisation lades till"),
    EntryKind.UNIT_ADDED: N_("En enhet lades till"),
    EntryKind.FUNCTION_ADDED: N_("En funktion lades till"),
    EntryKind.ACCOUNT_INVITED: N_("En person bjöds in"),
    EntryKind.ACCOUNT_ENROLLED: N_("En person registrerade sig"),
    EntryKind.DESIGNATION_MADE: N_("En person utsågs"),
    EntryKind.POLICY_ACTIVATED: N_("Kanaler öppnades"),
    EntryKind.POLICY_REFUSED: N_("Kanaler fick inte öppnas"),
    EntryKind.SIGNED_IN: N_("Loggade in"),
    EntryKind.SIGN_IN_REFUSED: N_("Inloggning nekades"),
    EntryKind.SIGNED_OUT: N_("Loggade ut"),
    EntryKind.IDENTITY_UNLOCKED: N_("Hämtade sin låsta identitet"),
    EntryKind.ENROLMENT_REFUSED: N_("Registrering nekades"),
    EntryKind.CASE_RECEIVED: N_("Ärendet kom in"),
    EntryKind.CASE_ACKNOWLEDGED: N_("Mottagandet bekräftades"),
    EntryKind.SOURCE_MESSAGE_RECEIVED: N_("Meddelande från tipslämnaren"),
    EntryKind.OPENED: N_("Öppnade ärendet"),
    EntryKind.FILE_OPENED: N_("Öppnade en bifogad fil"),
    EntryKind.ACCESS_REFUSED: N_("Åtkomst nekades"),
    EntryKind.EPOCH_BEGUN: N_("Bytte ärendets nycklar"),
    EntryKind.MESSAGE_SENT: N_("Skickade ett meddelande till tipslämnaren"),
    EntryKind.FEEDBACK_GIVEN: N_("Gav återkoppling"),
    EntryKind.NOTE_ADDED: N_("Skrev en anteckning"),
    EntryKind.TITLE_SET: N_("Satte rubrik"),
    EntryKind.FOLLOW_UP_BEGUN: N_("Började uppföljningen"),
    EntryKind.PROPOSED: N_("Lade ett förslag"),
    EntryKind.APPROVED: N_("Godkände ett förslag"),
    EntryKind.DECLINED: N_("Avslog eller tog tillbaka ett förslag"),
    EntryKind.APPROVAL_REFUSED: N_("Ett godkännande nekades"),
    EntryKind.CASE_ASSESSED: N_("Bedömningen gäller"),
    EntryKind.CASE_CLOSED: N_("Ärendet avslutades"),
}
