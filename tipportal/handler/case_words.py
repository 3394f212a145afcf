"""What the case page says of its members, of who has left it, and of acts by two: msgids, with places in braces."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.texts import N_

GROUNDS = {
    "concerned": N_("Saken gäller mig eller min enhet"),
    "close_person": N_("Saken gäller någon som står mig nära"),
    "representative": N_("Jag är ställföreträdare eller ombud i saken"),
    "earlier_handling": N_("Jag har handlagt saken tidigare"),
    "line_of_command": N_("Jag är chef över eller lyder under någon som saken gäller"),
    "threat": N_("Jag är hotad eller utsatt för påtryckning"),
    "other": N_("Något annat gör att jag inte är opartisk"),
}
"""Why somebody leaves a case of their own accord: 16 § förvaltningslagen in plain words, and threats."""

GROUP: dict[str, str] = {
    "choose": N_("Välj"),
    "member-panel": N_("I ärendegruppen"),
    "member-released": N_("Ersättare, har gått in"),
    "member-standby": N_("Ersättare"),
    "left-recused": N_("{date}: {name} lämnade ärendet på grund av jäv."),
    "left-excluded": N_("{date}: {name} skildes från ärendet av två andra."),
    "ground-failed": N_("Grunden går inte att öppna ({reason})."),
    "why-default": N_(
        "Ingen särskild regel gäller, så kanalens grundregel bestämde (fördelning, version {version}): {because}"
    ),
    "why-rule": N_("Regel {number} i fördelningen, version {version}, bestämde: {because}"),
    "why-rungs": N_("Det räckte inte med dem som regeln nämner. {count} steg till på stegen togs med."),
    "why-firm": N_("Ärendegruppen är en enda extern firma. Det står i årsrapporten."),
    "why-passed-concerned": N_("{count} tillfrågades inte därför att de berörs av det som tipslämnaren pekade ut."),
    "why-passed-conflict": N_("{count} tillfrågades inte därför att de har anmält jäv."),
    "why-passed-rule": N_("{count} tillfrågades inte därför att regeln räknar deras organisation som berörd."),
    "why-passed-not_serving": N_("{count} tillfrågades inte därför att de inte tjänstgör."),
    "why-checked": N_(
        "Beslutet är öppnat i din webbläsare. "
        "Det är samma beslut som händelseloggen och tipslämnarens första post anger."
    ),
    "why-failed": N_("Beslutet om vilka som tar emot ärendet går inte att lita på ({reason}). Det visas inte."),
    "why-none": N_("Ärendet har inget sparat beslut om vilka som tar emot det."),
    "recuse-ground": N_("Välj grund först."),
    "recuse-sure": N_("Kryssa i att du förstår att det inte går att ångra."),
    "exclude-deciders": N_("Om det gäller {name} avgör {deciders}."),
    "a-standby": N_("{name} (ersättare, {unit})"),
    "kept-out": N_(
        "{count} visas inte, därför att tipslämnaren har pekat ut deras enhet eller funktion. "
        "Avsluta uteslutningen först om de behövs."
    ),
    "refused-excluded": N_("Tipslämnaren har pekat ut personens enhet eller funktion. Avsluta uteslutningen först."),
    "refused-directory_members": N_(
        "Personen står inte i handläggarkatalogen med de här nycklarna, eller är inte utsedd i dag."
    ),
    "no-candidates": N_("Det finns ingen som kan tas in just nu."),
    "exclude_member-form-done": N_("Förslaget väntar på att någon annan av dem som avgör godkänner det."),
    "add_member-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "end_exclusion-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "grant-failed": N_(
        "Din nyckel till period {epoch} öppnar inte. Det som skrevs då visas som fel nedan. "
        "Säg till de andra i ärendegruppen."
    ),
    "case-no-key": N_("Din nyckel öppnar inte ärendet. Säg till de andra i ärendegruppen: de kan ta in dig på nytt."),
}
"""Texts of the tab about the group."""

ACTS: dict[str, str] = {
    "act-exclude_member": N_("Skilj {name} från ärendet"),
    "act-add_member-panel": N_("Ta in {name} i ärendegruppen: {function}, {unit}"),
    "act-add_member-standby": N_("Ta in {name} som ersättare: {function}, {unit}"),
    "act-end_exclusion": N_("Låt uteslutningen upphöra: {party}"),
    "act-open_identity": N_("Öppna tipslämnarens namn eller kontaktuppgifter"),
    "act-disclose_identity-given": N_("Lämna ut vem tipslämnaren är till {to}. Tipslämnaren får veta det först."),
    "act-disclose_identity-withheld": N_(
        "Lämna ut vem tipslämnaren är till {to}, utan att tipslämnaren får veta det först"
    ),
    "act-restrict_dialogue": N_("Begränsa dialogen: inga filer tas emot. Prövas igen {date}."),
    "act-lift_restriction": N_("Ta bort begränsningen av dialogen"),
    "act-lift_quarantine": N_("Häv karantänen"),
    "disclosed-police": N_("polisen"),
    "disclosed-prosecutor": N_("åklagaren"),
    "disclosed-court": N_("domstol"),
    "disclosed-authority": N_("en annan myndighet"),
    "disclosed-other": N_("någon annan"),
    "party-unknown": N_("en part som inte står i beslutet"),
    "approver-standby": N_("en ersättare"),
    "reasons-apart": N_("Skälen kan bara de läsa som avgör."),
    "notice-exclusion_ends": N_(
        "Du bad att en enhet inte skulle ta del av ditt ärende. "
        "Två av oss har bestämt att det ska upphöra om sju dagar. "
        "Säg till före dess om du har något att invända, och skriv inget mer som enheten inte får läsa."
    ),
    "notice-identity_opened": N_(
        "Två av oss har öppnat ditt namn eller dina kontaktuppgifter, därför att det behövs för att utreda saken."
    ),
    "notice-identity_disclosed": N_(
        "Vi kommer att lämna ut vem du är, därför att lagen kräver eller tillåter det. Här är skälet:"
    ),
    "notice-dialogue_restricted": N_(
        "Just nu kan du inte bifoga filer i ärendet. Du kan fortfarande skriva till oss. "
        "Vi prövar det igen inom trettio dagar. Skälet är:"
    ),
    "notice-restriction_lifted": N_("Nu kan du bifoga filer i ärendet igen."),
}
"""What acts by two are called on their cards, and the words that whoever approves may send to the source."""

ACT_NAMES = {
    ActKind.EXCLUDE_MEMBER: N_("En kollega ska lämna ärendet"),
    ActKind.ADD_MEMBER: N_("En person ska tas in i ärendet"),
    ActKind.END_EXCLUSION: N_("En uteslutning ska upphöra"),
    ActKind.OPEN_IDENTITY: N_("Tipslämnarens namn eller kontaktuppgifter ska öppnas"),
    ActKind.DISCLOSE_IDENTITY: N_("Vem tipslämnaren är ska lämnas ut"),
    ActKind.RESTRICT_DIALOGUE: N_("Dialogen ska begränsas"),
    ActKind.LIFT_RESTRICTION: N_("Begränsningen av dialogen ska tas bort"),
    ActKind.LIFT_QUARANTINE: N_("Karantänen ska hävas"),
    ActKind.HAND_OVER: N_("Uppgifter ska lämnas över"),
    ActKind.REOPEN: N_("Ärendet ska öppnas igen"),
}
"""What an act is called where nothing of the case has been opened."""

CASE_TEXTS = {**GROUP, **ACTS}
