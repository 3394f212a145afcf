"""What reports call the categories that they count by: Swedish, and msgids. Keys are those of the log."""

from __future__ import annotations

from collections.abc import Mapping

from tipportal.domain import handovers
from tipportal.domain.cases import Outcome
from tipportal.domain.handovers import Result
from tipportal.domain.measures import Amount, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import What
from tipportal.domain.texts import N_
from tipportal.domain.triage import HeardHow, Named, Origin, Reason, RelationGroup, ReprisalConcern

CHANNELS: Mapping[str, str] = {Channel.TIP: N_("Tips"), Channel.REPORT: N_("Rapport")}
ORIGINS: Mapping[str, str] = {
    Origin.REPORT: N_("Rapport i formuläret"),
    Origin.TIP: N_("Tips i formuläret"),
    Origin.ORAL: N_("Muntligt till personal"),
    Origin.WRITTEN: N_("Skriftligt till personal"),
    Origin.OWN_CONTROL: N_("Egen kontroll"),
    Origin.OTHER_AUTHORITY: N_("Annan myndighet"),
}
RELATIONS: Mapping[str, str] = {
    RelationGroup.ACTIVE: N_("Verksam i organisationen"),
    RelationGroup.CONTRACTOR: N_("Leverantör eller uppdragstagare"),
    RelationGroup.BEFORE_OR_AFTER: N_("Har varit eller vill bli verksam där"),
    RelationGroup.OUTSIDE: N_("Utanför organisationen"),
    RelationGroup.NOT_TOLD: N_("Inte uppgett eller inte bedömt än"),
}
NAMED: Mapping[str, str] = {
    Named.ANONYMOUS: N_("Anonym"),
    "other": N_("Har lämnat namn, eller inte bedömt än"),
}
REPRISALS: Mapping[str, str] = {
    ReprisalConcern.NO: N_("Ingen oro för repressalier"),
    ReprisalConcern.FEARED: N_("Oro för repressalier"),
    ReprisalConcern.HAPPENING: N_("Repressalier har skett"),
    ReprisalConcern.UNKNOWN: N_("Inte uppgett eller inte bedömt än"),
}
HEARD: Mapping[str, str] = {
    HeardHow.WEBSITE: N_("På webbplatsen"),
    HeardHow.INTRANET: N_("På intranätet"),
    HeardHow.POSTER: N_("På en affisch eller ett kort"),
    HeardHow.PERSON: N_("Någon berättade"),
    HeardHow.NEWS: N_("I nyheter eller sociala medier"),
    HeardHow.OTHER: N_("På annat sätt"),
    HeardHow.UNKNOWN: N_("Inte uppgett eller inte bedömt än"),
}
REASONS: Mapping[str, str] = {
    Reason.NOT_WORK_RELATED_PERSON: N_("Rapportören hör inte till personkretsen"),
    Reason.NOT_WORK_RELATED_CONTEXT: N_("Inte i ett arbetsrelaterat sammanhang"),
    Reason.NO_PUBLIC_INTEREST: N_("Inte av allmänintresse"),
    Reason.OWN_EMPLOYMENT_TERMS_ONLY: N_("Rör bara egna anställningsvillkor"),
    Reason.NOT_WRONGDOING: N_("Inte ett missförhållande"),
    Reason.OTHER_ORGANISATION: N_("Gäller en annan organisation"),
    Reason.SECURITY_CLASSIFIED: N_("Innehåller säkerhetsskyddsklassificerade uppgifter"),
    Reason.TOO_VAGUE: N_("För oklart för att kunna bedömas"),
    Reason.ALREADY_HANDLED: N_("Hanteras redan"),
    Reason.COMPLAINT_OR_QUESTION: N_("Klagomål eller fråga"),
}
AWAITING, FOLLOWED_UP = "awaiting", "followed_up"
ASIDE, OPEN, ASSESSED, CONFIRMED, NOT_CONFIRMED = "aside", "open", "assessed", "any_confirmed", "not_confirmed"
NO_REASON = "no_reason"
ENDED: Mapping[str, str] = {
    Outcome.CONFIRMED: N_("Bekräftat"),
    Outcome.PARTLY_CONFIRMED: N_("Delvis bekräftat"),
    Outcome.UNFOUNDED: N_("Ogrundat"),
    Outcome.CANNOT_BE_INVESTIGATED: N_("Kan inte utredas"),
    Outcome.REFERRED: N_("Hänvisat vidare"),
}
ASIDE_REASONS: Mapping[str, str] = {
    **{f"{ASIDE}:{reason}": name for reason, name in REASONS.items()},
    f"{ASIDE}:{NO_REASON}": N_("Inget skäl är antecknat"),
}
STANDINGS: Mapping[str, str] = {
    AWAITING: N_("Inte bedömt än"),
    FOLLOWED_UP: N_("Bedömt och följs upp"),
    **ENDED,
    **ASIDE_REASONS,
}
"""Where a case stands: each is in exactly one."""
STANDING_GROUPS: Mapping[str, tuple[str, ...]] = {
    ASIDE: tuple(ASIDE_REASONS),
    OPEN: (AWAITING, FOLLOWED_UP),
    ASSESSED: (FOLLOWED_UP, *ENDED),
    CONFIRMED: (Outcome.CONFIRMED.value, Outcome.PARTLY_CONFIRMED.value),
    NOT_CONFIRMED: (
        Outcome.UNFOUNDED.value, Outcome.CANNOT_BE_INVESTIGATED.value, Outcome.REFERRED.value, *ASIDE_REASONS,
    ),
}  # fmt: skip
GROUPED: Mapping[str, str] = {
    ASIDE: N_("Omfattas inte av lagen, eller uppenbart skräp"),
    OPEN: N_("Inte avslutat än"),
    ASSESSED: N_("Togs upp till uppföljning"),
    CONFIRMED: N_("Bekräftat helt eller delvis"),
    NOT_CONFIRMED: N_("Avslutat utan att bekräftas"),
}
PUBLIC_STANDINGS: Mapping[str, str] = {
    CONFIRMED: GROUPED[CONFIRMED],
    "other": N_("Inte bekräftat, eller inte avslutat än"),
    ASIDE: GROUPED[ASIDE],
}
"""The same in fewer groups: in public each has to be large to be seen."""
PUBLIC_RELATIONS: Mapping[str, str] = {
    "active": RELATIONS["active"],
    "other": N_("Annan grupp, inte uppgett eller inte bedömt än"),
}
PUBLIC_ORIGINS: Mapping[str, str] = {
    "form": N_("Formulären för tips och rapporter"),
    "other": N_("Till personal, egen kontroll eller annan myndighet"),
}
PUBLIC_REPRISALS: Mapping[str, str] = {
    "concern": N_("Oro för repressalier, eller repressalier"),
    "other": N_("Ingen oro, inte uppgett eller inte bedömt än"),
}
PUBLIC_TIMES: Mapping[str, str] = {
    "in_time": N_("I tid"),
    "other": N_("För sent, undantag i lagen, eller tiden har inte gått ut"),
}
ACKNOWLEDGED: Mapping[str, str] = {
    "in_time": N_("I tid"),
    "late": N_("För sent eller inte alls"),
    "exception": N_("Undantag i lagen"),
    "not_due": N_("Tiden har inte gått ut"),
}
FED_BACK: Mapping[str, str] = {
    "in_time": N_("I tid"),
    "late": N_("För sent eller inte alls"),
    "not_due": N_("Tiden har inte gått ut, eller ingen att ge återkoppling till"),
}
DIALOGUE: Mapping[str, str] = {"dialogue": N_("Dialog"), "silent": N_("Ingen dialog")}
EVENTS: Mapping[str, str] = {
    "recusal": N_("En handläggare har lämnat ärendet för jäv"),
    "standby": N_("En ersättare har trätt in"),
    "reprisal": N_("Oro för repressalier har antecknats"),
    "after_care": N_("Eftervård har gjorts"),
    "identity_opened": N_("Två har öppnat uppgifter om vem rapportören är"),
    "identity_disclosed": N_("Två har lämnat ut vem rapportören är"),
    "reopened": N_("Ärendet har öppnats igen"),
    "reclassified": N_("Bytt kanal, från tips till rapport eller tvärtom"),
}
"""What has happened in a case, and is counted to the period in which it did."""
MEASURES: Mapping[str, str] = {
    MeasureKind.POLICE_REPORT: N_("Polisanmälan"),
    MeasureKind.WRONGFUL_PAYMENT_NOTICE: N_("Underrättelse enligt lag (2008:206)"),
    MeasureKind.TAX_AGENCY_REGISTRATION: N_("Underrättelse till Skatteverket om folkbokföring"),
    MeasureKind.TAX_AGENCY_TAX: N_("Anmälan till Skatteverket om skatt"),
    MeasureKind.SOCIAL_INSURANCE_NOTICE: N_("Anmälan till Försäkringskassan"),
    MeasureKind.INSPECTORATE_NOTICE: N_("Anmälan till Ivo"),
    MeasureKind.DISCLOSURE_ACT_2024_307: N_("Uppgifter lämnade enligt lag (2024:307)"),
    MeasureKind.DISCLOSURE_OSL_10_15A: N_("Uppgifter lämnade enligt 10 kap. 15 a § OSL"),
    MeasureKind.RECOVERY_CLAIM: N_("Återkrav"),
    MeasureKind.STOPPED_PAYMENT: N_("Stoppad utbetalning"),
    MeasureKind.SANCTION: N_("Sanktion mot en utförare"),
    MeasureKind.CONTRACT_ENDED: N_("Avtal avslutat"),
    MeasureKind.HR_MEASURE: N_("Arbetsrättslig åtgärd"),
    MeasureKind.CHANGED_CONTROL: N_("Ändrad kontroll eller rutin"),
    MeasureKind.EXTERNAL_INVESTIGATION: N_("Extern utredning"),
    MeasureKind.HANDED_OVER: N_("Överlämnat"),
    MeasureKind.CONCERN_FOR_CHILD: N_("Orosanmälan"),
    MeasureKind.LEX_SARAH: N_("Lex Sarah"),
    MeasureKind.LEX_MARIA: N_("Lex Maria"),
    MeasureKind.NO_MEASURE: N_("Ingen åtgärd"),
}
STEPS: Mapping[str, str] = {
    SanctionStep.ACTION_PLAN: N_("Åtgärdsplan"),
    SanctionStep.WARNING: N_("Varning"),
    SanctionStep.LOCAL_STEP: N_("Steg enligt de egna villkoren"),
    SanctionStep.DEAUTHORISATION: N_("Avauktorisation"),
}
NO_MEASURE: Mapping[str, str] = {
    NoMeasureReason.UNFOUNDED: N_("Uppgifterna stämmer inte"),
    NoMeasureReason.NOT_PROVABLE: N_("Det går inte att visa"),
    NoMeasureReason.ALREADY_HANDLED: N_("Det är redan åtgärdat"),
    NoMeasureReason.NOT_OURS: N_("Det är inte kommunens sak"),
    NoMeasureReason.TOO_OLD: N_("Det är för länge sedan"),
    NoMeasureReason.MINOR: N_("Det är av ringa betydelse"),
    NoMeasureReason.OTHER: N_("Annat skäl"),
}
AMOUNTS: Mapping[str, str] = {
    Amount.CLAIMED: N_("Återkrävt"),
    Amount.RECOVERED: N_("Återbetalt"),
    Amount.STOPPED: N_("Stoppat"),
    Amount.COST: N_("Kostnad för externa utredningar"),
}
RESULTS: Mapping[str, str] = {
    Result.NONE: N_("Ingen åtgärd"),
    Result.ONGOING: N_("Arbete pågår"),
    Result.POLICE_REPORT: N_("Polisanmälan eller förundersökning"),
    Result.RECOVERY_CLAIM: N_("Återkrav"),
    Result.STOPPED_PAYMENT: N_("Stoppad utbetalning"),
    Result.SANCTION: N_("Sanktion eller arbetsrättslig åtgärd"),
    Result.OTHER: N_("Annan åtgärd"),
}
RECIPIENTS: Mapping[str, str] = handovers.RECIPIENTS
CHANGES: Mapping[What, str] = {
    What.ORGANISATION_COVERED: N_("Policyn omfattar nu %(of)s."),
    What.ORGANISATION_LEFT: N_("Policyn omfattar inte längre %(of)s."),
    What.FUNCTION_ADDED: N_("Ny funktion: %(of)s."),
    What.FUNCTION_REMOVED: N_("Funktion som har tagits bort: %(of)s."),
    What.FUNCTION_RENAMED: N_("Nytt namn på funktionen: %(of)s."),
    What.FUNCTION_MOVED: N_("Funktionen hör nu till en annan myndighet: %(of)s."),
    What.MEMBERS_ADDED: N_("Nya medlemmar: %(of)s."),
    What.MEMBERS_REMOVED: N_("Medlemmar som har lämnat: %(of)s."),
    What.MEMBERS_ORDERED: N_("Medlemmarna tillfrågas i en annan ordning: %(of)s."),
    What.AUTHORITIES: N_("Mottagande myndighet är ändrad: %(of)s."),
    What.CHANNEL_ADDED: N_("Policyn gäller nu också kanalen: %(of)s."),
    What.CHANNEL_REMOVED: N_("Policyn gäller inte längre kanalen: %(of)s."),
    What.PANEL_SIZE: N_("Ärendegruppens minsta storlek är ändrad: %(of)s."),
    What.ROUTE: N_("Ärenden som ingen regel gäller går en annan väg: %(of)s."),
    What.LADDER: N_("Stegen av ersättare är ändrad: %(of)s."),
    What.RULES_ADDED: N_("Nya regler: %(of)s."),
    What.RULES_REMOVED: N_("Borttagna regler: %(of)s."),
    What.RULES_CHANGED: N_("Regler som leder någon annanstans: %(of)s."),
    What.RULES_ORDERED: N_("Reglerna prövas i en annan ordning."),
    What.REASON: N_("Motiveringen är ändrad: %(of)s."),
    What.ORDER: N_("Organisationer eller funktioner står i en annan ordning."),
}
"""What changed in a policy. ``of``: the functions, channels and organisations that it concerns."""
OPERATIONS: Mapping[str, str] = {
    "add_organisation": N_("Ny organisation"),
    "change_organisation": N_("Ändrad organisation"),
    "add_unit": N_("Ny enhet"),
    "change_unit": N_("Ändrad enhet eller ny chef"),
    "add_function": N_("Ny funktion"),
    "change_function": N_("Ändrad funktion"),
    "add_person": N_("Ny person i registret"),
    "change_person": N_("Ändrad person i registret"),
    "designate": N_("Nytt utseende"),
    "end_designation": N_("Utseende som upphör"),
    "add_absence": N_("Frånvaro"),
    "end_absence": N_("Frånvaro som upphör"),
    "add_conflict": N_("Anmält jäv"),
    "end_conflict": N_("Jäv som upphör"),
    "set_firm": N_("Avtal med en extern part"),
    "end_firm": N_("Avtal med en extern part som upphör"),
    "add_sharing_agreement": N_("Delning av en funktion"),
    "end_sharing_agreement": N_("Delning av en funktion som upphör"),
}
"""What two change in the register."""
