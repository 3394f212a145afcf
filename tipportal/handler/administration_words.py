"""How kinds, grounds, decisions and changes are called on the administrators' pages: Swedish, and msgids."""

from __future__ import annotations

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.organisations import Ground, OrganisationKind
from tipportal.domain.texts import N_

ORGANISATION_KINDS = {
    OrganisationKind.MUNICIPALITY: N_("Kommun"),
    OrganisationKind.COMMITTEE: N_("Nämnd"),
    OrganisationKind.DEPARTMENT: N_("Förvaltning"),
    OrganisationKind.COMPANY: N_("Bolag"),
    OrganisationKind.FEDERATION: N_("Kommunalförbund"),
    OrganisationKind.EXTERNAL: N_("Extern part"),
}
GROUNDS = {
    Ground.EMPLOYMENT: N_("Anställning"),
    Ground.CONTRACT_5_5: N_("Avtal enligt 5 kap. 5 §"),
    Ground.ASSIGNMENT_OSL_2_1: N_("Personligt uppdrag enligt 2 kap. 1 § OSL"),
}
BASES = {
    "5:3": N_("5 kap. 3 § (bolag med 50–249 arbetstagare)"),
    "5:4": N_("5 kap. 4 § (kommuner)"),
    "other": N_("Annan grund"),
}
CHANGES = {
    ChangeKind.REGISTER: N_("Registret"),
    ChangeKind.POLICY: N_("Policyn"),
    ChangeKind.CHANNEL: N_("En kanal"),
    ChangeKind.DECISION: N_("Ett beslut"),
    ChangeKind.INVITE: N_("En inbjudan"),
    ChangeKind.KEYS: N_("En persons nycklar"),
    ChangeKind.ACCOUNT: N_("Ett konto"),
    ChangeKind.TRUSTEES: N_("Nyckelförvaltarna"),
    ChangeKind.CEREMONY: N_("Nyckelceremonin"),
    ChangeKind.DIRECTORY: N_("Katalogen"),
    ChangeKind.CLOCK: N_("Klockan"),
    ChangeKind.RECOVER_CASE: N_("Ett ärende återställs"),
    ChangeKind.RESTORE: N_("Ett konto återställs"),
    ChangeKind.PUBLISH: N_("En uppföljning publiceras"),
}
CHANGE_STATES = {
    "open": N_("Väntar"),
    "approved": N_("Godkänd"),
    "declined": N_("Avslagen eller återtagen"),
    "expired": N_("Gick ut"),
}
