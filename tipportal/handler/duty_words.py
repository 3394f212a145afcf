"""What the case page says of duties at once, of the vault with the reporter's name, and of what holds a case back."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.duties import DutyKind, RestrictionKind
from tipportal.domain.texts import N_


@dataclass(frozen=True, slots=True)
class Checklist:
    """A duty at once in plain words: what it is called, when it is one, what to do. All msgids."""

    name: str
    when: str
    steps: tuple[str, ...]
    button: str = N_("Anteckna att det är gjort")


_NOT_THE_SOURCE = N_("Lämna inget som visar vem tipslämnaren är. Det avgörs alltid av två.")

CHECKLISTS: dict[DutyKind, Checklist] = {
    DutyKind.ACUTE_DANGER: Checklist(
        name=N_("Akut fara"),
        when=N_("När någons liv eller hälsa är i fara nu, eller ett allvarligt brott pågår."),
        steps=(
            N_("Ring 112. Vänta inte på en kollega."),
            N_("Säg vad som händer, var det är och vem som är i fara."),
            _NOT_THE_SOURCE,
            N_("Anteckna sedan när du ringde och vilket besked du fick."),
        ),
    ),
    DutyKind.CONCERN_FOR_CHILD: Checklist(
        name=N_("Orosanmälan"),
        when=N_("När du får veta eller misstänker att ett barn far illa. Du behöver inte vara säker."),
        steps=(
            N_("Ring socialtjänsten i barnets kommun, eller socialjouren utanför kontorstid. Är det akut: ring 112."),
            N_("Anmäl det du vet om barnet. Socialtjänsten utreder, inte du."),
            _NOT_THE_SOURCE,
            N_("Anteckna sedan när du anmälde och till vilken socialtjänst."),
        ),
    ),
    DutyKind.LEX_SARAH: Checklist(
        name=N_("Lex Sarah"),
        when=N_("När det gäller ett missförhållande, eller en påtaglig risk för det, i socialtjänst eller LSS."),
        steps=(
            N_("Rapportera genast till den som tar emot lex Sarah-rapporter för verksamheten."),
            N_("Är den personen utpekad: rapportera till någon högre upp, till exempel förvaltningschefen."),
            _NOT_THE_SOURCE,
            N_(
                "Verksamheten utreder, och anmäler till Ivo om det är allvarligt. Anteckna när och till "
                "vem du rapporterade."
            ),
        ),
    ),
    DutyKind.LEX_MARIA: Checklist(
        name=N_("Lex Maria"),
        when=N_("När något i hälso- och sjukvården har lett till, eller kunde ha lett till, en vårdskada."),
        steps=(
            N_("Rapportera till vårdgivaren, i kommunen oftast till den medicinskt ansvariga sjuksköterskan (MAS)."),
            N_("Är den personen utpekad: rapportera till någon högre upp hos vårdgivaren."),
            _NOT_THE_SOURCE,
            N_(
                "Vårdgivaren utreder, och anmäler allvarliga vårdskador till Ivo. Anteckna när och till "
                "vem du rapporterade."
            ),
        ),
    ),
    DutyKind.QUARANTINE: Checklist(
        name=N_("Karantän"),
        when=N_("När det som har kommit in kan skada den som öppnar det, till exempel en skadlig fil."),
        steps=(
            N_("Öppna inget mer i dialogen och spara inga kopior."),
            N_("Har du öppnat en misstänkt fil: koppla från datorn från nätet och ring it-säkerhet."),
            N_(
                "När du trycker på knappen lämnas varken dialogen eller dess filer ut till någon, förrän "
                "två har hävt karantänen."
            ),
            N_("Tipslämnaren kan fortfarande skriva. Tidsfristerna löper som vanligt."),
        ),
        button=N_("Sätt ärendet i karantän"),
    ),
    DutyKind.RELEASE_WITHOUT_SECRECY: Checklist(
        name=N_("Lämna ut en handling utan sekretess"),
        when=N_("När någon begär en allmän handling och inget i den omfattas av sekretess."),
        steps=(
            N_("Pröva begäran genast, uppgift för uppgift. Fråga inte vem som begär eller varför."),
            N_(
                "Uppgifter som kan visa vem tipslämnaren är omfattas alltid av sekretess i ett uppföljningsärende "
                "(32 kap. 3 b § offentlighets- och sekretesslagen)."
            ),
            N_(
                "Är du det minsta osäker: lämna inte ut, utan pröva med en kollega. Den som nekas har "
                "rätt till ett beslut."
            ),
            N_("Anteckna vilken handling som lämnades ut och när."),
        ),
    ),
}
"""In the order in which the page lists them."""

DUTY_NAMES = {kind: checklist.name for kind, checklist in CHECKLISTS.items()} | {
    DutyKind.RECUSAL: N_("Lämnade ärendet på grund av jäv"),
}

RESTRICTION_NAMES = {
    RestrictionKind.DIALOGUE: N_("Dialogen är begränsad"),
    RestrictionKind.QUARANTINE: N_("Ärendet är i karantän"),
}

CARE_TEXTS: dict[str, str] = {
    **{f"duty-{kind.value}": name for kind, name in DUTY_NAMES.items()},
    **{
        f"duty-{kind.value}-form-done": N_("Antecknat. Någon annan i ärendegruppen granskar det inom två arbetsdagar.")
        for kind in CHECKLISTS
    },
    "duty-done-by": N_("Gjordes av {name}."),
    "duty-waits": N_("Ska granskas av någon annan senast {date}."),
    "duty-upheld": N_("Granskades av {name}, som håller med."),
    "duty-objected": N_("Granskades av {name}, som har invändningar. Prata med varandra."),
    "step-waits-there": N_("Ett förslag väntar på godkännande. Se kortet under Åtgärder."),
    "write-notice": N_("Skriv färdigt det som tipslämnaren ska få läsa."),
    "identity-working": N_("Arbetar …"),
    "identity-none": N_("Inget angivet"),
    "hinders-why": N_("Skriv varför det skulle hindra att tipslämnaren får veta det först."),
    "hinders-said": N_("Varför tipslämnaren inte underrättas först:"),
    "vault-second": N_(
        "{name} har lämnat sin del. Delar du om valvet nu får alla som har nyckel till ärendet nya delar, "
        "och de gamla delarna slutar fungera. Ingen av er får se uppgifterna."
    ),
    "vault-lent": N_("Din del är lämnad. Nu behöver någon annan i ärendegruppen öppna ärendet och dela om valvet."),
    "vault-split": N_("Valvet är omdelat. De gamla delarna fungerar inte längre."),
    "refused-share_seed": N_("Delarna passar inte ihop. Be den andra att lämna sin del igen."),
    "review-date": N_("Välj ett datum inom trettio dagar."),
    "open_identity-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "disclose_identity-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "restrict_dialogue-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "lift_restriction-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
    "lift_quarantine-form-done": N_("Förslaget väntar på att någon annan i ärendegruppen godkänner det."),
}
"""Texts of the scripts, with places in braces."""
