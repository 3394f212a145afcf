"""What the case page says of the assessment, of the facts that the follow-up counts, of links and of clocks: msgids."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.alarms import AlarmStep, Watch
from tipportal.domain.followup import labels
from tipportal.domain.links import LinkKind
from tipportal.domain.texts import N_
from tipportal.domain.triage import (
    NOT_COVERED_REASONS,
    CoveredGround,
    HeardHow,
    Named,
    Origin,
    Reason,
    RelationGroup,
    ReprisalConcern,
)


@dataclass(frozen=True, slots=True)
class Gate:
    """One question of the assessment: its criteria, and the ground that a "no" leads to."""

    key: str
    name: str
    law: str
    criteria: tuple[str, ...]
    no: Reason


GATES: tuple[Gate, ...] = (
    Gate(
        "person",
        N_("Vem rapporterar?"),
        N_("1 kap. 8 § 2"),
        (
            N_("a) anställd, b) den som söker eller frågar efter arbete, c) volontär, d) praktikant"),
            N_("e) inhyrd eller annan som arbetar under verksamhetens ledning, f) egenföretagare som utför uppdrag"),
            N_("g) ledamot i styrelse, ledning eller tillsyn, h) aktieägare som är verksam i bolaget"),
            N_("i) den som tidigare har hört till någon av grupperna"),
            N_("Svaret gäller rapportörens koppling till verksamheten. Ta inte reda på vem personen är."),
        ),
        Reason.NOT_WORK_RELATED_PERSON,
    ),
    Gate(
        "context",
        N_("Arbetsrelaterat sammanhang?"),
        N_("1 kap. 2 §"),
        (
            N_("Personen har fått veta saken, eller fått tillgång till uppgifterna, genom sitt arbete eller liknande."),
            N_("Det räcker inte att personen råkar arbeta i kommunen, om saken blev känd helt utanför arbetet."),
        ),
        Reason.NOT_WORK_RELATED_CONTEXT,
    ),
    Gate(
        "wrongdoing",
        N_("Missförhållande?"),
        N_("1 kap. 2 §"),
        (
            N_("Något klandervärt som verksamheten gör eller låter bli: lagbrott, brott mot regler, något oetiskt."),
            N_("Att någon är missnöjd med ett beslut eller ett bemötande är i regel inte ett missförhållande."),
            N_("Det räcker att rapportören har skälig anledning att tro att uppgifterna är sanna."),
        ),
        Reason.NOT_WRONGDOING,
    ),
    Gate(
        "interest",
        N_("Allmänintresse, eller brott mot EU-rätten?"),
        N_("1 kap. 2 §"),
        (
            N_("Allmänintresse: det berör fler än den enskilde och allmänheten har intresse av att det kommer fram."),
            N_("Rör saken bara rapportörens egna arbets- eller anställningsförhållanden har den i regel inte det."),
            N_("Brott mot sådan EU-rätt som visselblåsardirektivet (2019/1937) räknar upp räcker i sig."),
        ),
        Reason.NO_PUBLIC_INTEREST,
    ),
)

_NOT_TOLD = N_("Inte uppgett")
COVERED = {
    CoveredGround.PUBLIC_INTEREST: N_("Missförhållande av allmänintresse"),
    CoveredGround.EU_LAW_BREACH: N_("Överträdelse av EU-rätt som direktivet räknar upp"),
}
REASONS = {reason: labels.REASONS[reason] for reason in Reason}
NOT_COVERED = {reason: label for reason, label in REASONS.items() if reason in NOT_COVERED_REASONS}
ORIGINS = {origin: labels.ORIGINS[origin] for origin in Origin}
RELATIONS = {group: labels.RELATIONS[group] for group in RelationGroup} | {RelationGroup.NOT_TOLD: _NOT_TOLD}
NAMED = {Named.ANONYMOUS: N_("Anonym"), Named.NAMED: N_("Har lämnat namn")}
REPRISALS = {
    ReprisalConcern.NO: N_("Nej"),
    ReprisalConcern.FEARED: N_("Oro för repressalier"),
    ReprisalConcern.HAPPENING: N_("Repressalier har skett"),
    ReprisalConcern.UNKNOWN: N_("Inte uppgett"),
}
HEARD = {how: labels.HEARD[how] for how in HeardHow} | {HeardHow.UNKNOWN: _NOT_TOLD}
LINKS = {
    LinkKind.DUPLICATE: N_("Samma händelse"),
    LinkKind.SAME_PROVIDER: N_("Samma utförare eller leverantör"),
    LinkKind.RELATED: N_("Hör ihop på annat sätt"),
}
ALARMS = {
    (Watch.ACKNOWLEDGE, AlarmStep.PANEL): N_("Larm: högst två dagar kvar att bekräfta mottagandet"),
    (Watch.ACKNOWLEDGE, AlarmStep.LADDER): N_("Larm: bekräftelsen är inte lämnad. Ta hjälp av en annan funktion."),
    (Watch.FEEDBACK, AlarmStep.PANEL_EARLY): N_("Larm: högst två veckor kvar till återkopplingen"),
    (Watch.FEEDBACK, AlarmStep.PANEL): N_("Larm: högst fem dagar kvar till återkopplingen"),
    (Watch.FEEDBACK, AlarmStep.STANDBY): N_("Larm: högst två dagar kvar till återkopplingen. Ta hjälp av ersättaren."),
    (Watch.FEEDBACK, AlarmStep.LADDER): N_("Larm: återkopplingen är inte given. Ta hjälp av en annan funktion."),
    (Watch.RETENTION, AlarmStep.PANEL_EARLY): N_("Larm: högst sex månader kvar tills ärendet låses"),
    (Watch.RETENTION, AlarmStep.PANEL): N_("Larm: högst två månader kvar tills ärendet låses"),
}

ASSESSING: dict[str, str] = {
    "act-assess": N_("{covered} Grund: {ground}."),
    "act-assess-covered": N_("Rapporten omfattas av lagen."),
    "act-assess-not-covered": N_("Rapporten omfattas inte av lagen."),
    "gate-yes": N_("ja"),
    "gate-no": N_("nej"),
    "gate-unclear": N_("oklart"),
    "gate-line": N_("{gate} {answer}"),
    "relation-answer": N_("Rapportören svarade: {answer}"),
    "choose-ground": N_("Välj en grund först."),
    "quarantined-now": N_("Ärendet är i karantän. Ring säkerhetsskyddschefen nu. Skriv inget om innehållet i mejl."),
    "draft-taken": N_("Utkastet ligger i rutan för återkoppling. Läs igenom och ändra innan du skickar."),
    "draft-kept": N_("Rutan för återkoppling är inte tom. Töm den först om du vill ha utkastet."),
    "reclassify-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "act-reclassify-in": N_("Nya i ärendegruppen: {names}."),
    "act-reclassify-standbys": N_("Nya ersättare: {names}."),
    "act-reclassify-out": N_("De som inte tar emot rapporter lämnar ärendet."),
    "reclassify-panel": N_(
        "För få i ärendegruppen är utsedda att ta emot rapporter. En ny grupp lottas därför bland dem som är det, med "
        "ersättare, och tas in när två av er har godkänt. Alla andra förlorar då sina nycklar."
    ),
    "act-reclassify": N_("Gör tipset till en rapport enligt visselblåsarlagen"),
    "notice-reclassified": N_(
        "Det du lämnade som tips behandlar vi nu som en rapport enligt visselblåsarlagen. Din identitet skyddas då av "
        "sekretess, och från och med nu läser bara de som är utsedda att ta emot rapporter. Tiderna räknas från den "
        "dag då ditt tips kom in."
    ),
}
"""Texts of the scripts, with places in braces."""

FACTS: dict[str, str] = {
    "triage-form-done": N_("Uppgifterna är sparade."),
    "triage-none": N_("Inget är ifyllt än. Förslagen är hämtade ur det som kom in: kontrollera dem."),
    "triage-version": N_("Version {version}, av {name} {date}."),
    "triage-changed": N_("{name} har ändrat: {fields}. Det du har fyllt i är kvar. Spara igen om det gäller."),
    "triage-same": N_("{name} har sparat samma uppgifter."),
    "choose-type": N_("Välj minst en typ."),
    "links-none": N_("Inga länkade ärenden."),
    "link-form-done": N_("Ärendena är länkade."),
    "link-choose": N_("Välj ärende och hur de hör ihop."),
    "linkable-none": N_("Du har inga andra ärenden hos samma myndighet."),
    "link-matches": N_("Samma organisationsnummer som i det här ärendet, bland ärenden du har öppnat: {references}."),
    "link-no-matches": N_("Inget organisationsnummer i det här ärendet finns i andra ärenden som du har öppnat nyss."),
    "link-match": N_("{reference} (samma organisationsnummer)"),
}
"""Texts of the tab with facts and links."""

TRIAGE_TEXTS = {
    **ASSESSING,
    **FACTS,
    **{f"ground-assess-{key}": label for key, label in (*COVERED.items(), *NOT_COVERED.items())},
    **{f"link-{kind}": label for kind, label in LINKS.items()},
}
