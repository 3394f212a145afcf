"""The fields of the two public forms: what is asked and what may be answered.

Names and texts are the same with and without JavaScript (design 07, Public side; 08, Form fields). What the source
chooses for the routing comes before the first free text: a case that nobody could receive is turned away there.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from . import orgnumber
from .organisations import Channel
from .riskareas import RISK_AREAS
from .routing import NO_PARTY, UNKNOWN, SubjectRole
from .texts import N_

PREFER_NOT = "prefer_not"
ANONYMOUS = "anonymous"
NAMED = "named"
WHAT_HAPPENED_LENGTH = 100_000
_LONG_LENGTH = 5_000
VAULT_LENGTH = 1_000
"""What a reporter tells of themselves is sealed apart, in a vault that takes two to open (protocol, 4b)."""
_SHORT_LENGTH = 500
_BOTH = (Channel.TIP, Channel.REPORT)
_REPORT = (Channel.REPORT,)


class Kind(enum.StrEnum):
    """How a question is answered: one line, free text, one of the choices, any number of them."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. ``notice`` is what the source is told when it is chosen, if anything."""

    value: str
    label: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A field of a form. Label, hint and choices are Swedish and msgids.

    ``max_length`` counts Unicode code points, a line break (LF) being one, 0 where nothing is typed.
    ``default`` is what stands chosen from the start. ``channels`` are the forms that ask. The choices of ``concerns``
    are only those that every organisation has: its own parties stand before them.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    max_length: int = 0
    default: str = ""
    channels: tuple[Channel, ...] = _BOTH


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading on the sectioned page."""

    key: str
    heading: str
    questions: tuple[Question, ...]
    intro: str = ""


_UNKNOWN = Choice(UNKNOWN, N_("Vet inte"))
_PREFER_NOT = Choice(PREFER_NOT, N_("Vill inte svara"))
_YES_NO = (Choice("yes", N_("Ja")), Choice("no", N_("Nej")), _UNKNOWN)

SECTIONS: tuple[Section, ...] = (
    Section(
        "recipients",
        N_("Vem som får läsa"),
        (
            Question(
                "area",
                Kind.CHOICE,
                N_("Vad handlar det om?"),
                N_("Välj det område som ligger närmast."),
                (*(Choice(area.key, area.name_sv) for area in RISK_AREAS), _UNKNOWN),
            ),
            Question(
                "subject_role",
                Kind.CHOICE,
                N_("Vilken roll har den som det gäller?"),
                N_("Välj det som stämmer bäst. Du behöver inte veta säkert."),
                (
                    Choice(SubjectRole.EMPLOYEE, N_("En anställd")),
                    Choice(SubjectRole.MANAGER, N_("En chef")),
                    Choice(SubjectRole.SENIOR_POSITION, N_("Någon i ledande ställning, till exempel en direktör")),
                    Choice(SubjectRole.ELECTED_OFFICIAL, N_("En förtroendevald, till exempel en lokal politiker")),
                    Choice(SubjectRole.SUPPLIER, N_("En leverantör eller utförare")),
                    Choice(SubjectRole.PRIVATE_PERSON, N_("En privatperson")),
                    _UNKNOWN,
                ),
            ),
            Question(
                "concerns",
                Kind.MANY,
                N_("Berörs någon av dem som kan ta emot ärendet?"),
                N_(
                    "Den som hör till en enhet eller grupp som du väljer får inte läsa ärendet. Väljer du alla som kan "
                    "ta emot går det inte att lämna ärendet här. Vänd dig då till en extern myndighet, polisen eller "
                    "medier."
                ),
                (Choice(NO_PARTY, N_("Nej, ingen av dem")), _UNKNOWN),
            ),
        ),
        N_("Med svaren här väljer systemet vilka som får läsa ärendet."),
    ),
    Section(
        "events",
        N_("Vad som har hänt"),
        (
            Question(
                "what_happened",
                Kind.LONG,
                N_("Vad har hänt?"),
                N_(
                    "Berätta med egna ord vad du har sett eller hört. Du behöver inte kunna bevisa något. "
                    "Skriv inte uppgifter som rör Sveriges säkerhet."
                ),
                required=True,
                max_length=WHAT_HAPPENED_LENGTH,
            ),
            Question(
                "who",
                Kind.LONG,
                N_("Vem eller vilka gäller det?"),
                N_("Till exempel en person, ett företag eller en förening. Skriv inte personnummer."),
                max_length=_LONG_LENGTH,
            ),
            Question(
                orgnumber.FIELD,
                Kind.TEXT,
                N_("Organisationsnummer"),
                N_("Om du vet det: tio siffror, till exempel 212000-0142."),
                max_length=40,
            ),
            Question(
                "when",
                Kind.TEXT,
                N_("När hände det?"),
                N_("Ungefär räcker, till exempel ”i våras” eller ”sedan 2024”."),
                max_length=_SHORT_LENGTH,
            ),
            Question("ongoing", Kind.CHOICE, N_("Pågår det fortfarande?"), choices=_YES_NO),
            Question(
                "where",
                Kind.TEXT,
                N_("Var hände det?"),
                N_("Till exempel en arbetsplats, en adress eller en webbplats."),
                max_length=_SHORT_LENGTH,
            ),
        ),
    ),
    Section(
        "knowledge",
        N_("Vad du vet"),
        (
            Question(
                "how_known",
                Kind.LONG,
                N_("Hur vet du det här?"),
                N_(
                    "Till exempel att du såg det själv, att någon berättade eller att det finns dokument. "
                    "Tänk på att svaret kan visa vem du är."
                ),
                max_length=_LONG_LENGTH,
            ),
            Question(
                "amount",
                Kind.CHOICE,
                N_("Ungefär hur mycket pengar handlar det om?"),
                choices=(
                    Choice("none", N_("Det handlar inte om pengar")),
                    Choice("under_10000", N_("Mindre än 10 000 kronor")),
                    Choice("10000_100000", N_("10 000 till 100 000 kronor")),
                    Choice("100000_1000000", N_("100 000 till 1 miljon kronor")),
                    Choice("1000000_10000000", N_("1 till 10 miljoner kronor")),
                    Choice("over_10000000", N_("Mer än 10 miljoner kronor")),
                    _UNKNOWN,
                ),
            ),
            # An authority may not ask who has given information to the press (TF 3 kap. 5 §), so neither does the form.
            Question(
                "told_others",
                Kind.LONG,
                N_("Har du berättat det här för någon annan?"),
                N_(
                    "Till exempel polisen eller en annan myndighet. Skriv inte om kontakter med medier: "
                    "dem har du rätt att hålla för dig själv."
                ),
                max_length=_LONG_LENGTH,
            ),
            Question(
                "reported_before",
                Kind.LONG,
                N_("Har du rapporterat det här tidigare?"),
                N_("Skriv i så fall ungefär när och till vem, och hur det togs emot."),
                max_length=_LONG_LENGTH,
                channels=_REPORT,
            ),
        ),
    ),
    Section(
        "safety",
        N_("Fara och repressalier"),
        (
            Question(
                "risk",
                Kind.CHOICE,
                N_("Är någon i fara?"),
                N_("Vänta inte på svar här om det är bråttom: ring 112."),
                (
                    Choice("yes", N_("Ja"), N_("Ring 112 om det är akut. Det du skriver här läses inte genast.")),
                    Choice("no", N_("Nej")),
                    _UNKNOWN,
                ),
            ),
            Question(
                "reprisals",
                Kind.CHOICE,
                N_("Har du blivit utsatt för något för att du rapporterar, eller är du orolig för det?"),
                N_("Till exempel hot, omplacering eller att någon försöker hindra dig. Lagen förbjuder repressalier."),
                (
                    Choice("no", N_("Nej")),
                    Choice("feared", N_("Jag är orolig för det")),
                    Choice("happening", N_("Ja, det händer eller har hänt")),
                    _UNKNOWN,
                    _PREFER_NOT,
                ),
                channels=_REPORT,
            ),
        ),
    ),
    Section(
        "you",
        N_("Du och kontakten med dig"),
        (
            # Lag 2021:890, 1 kap. 8 § p. 2: the closed list of persons, coarse, so that it does not single anybody out.
            Question(
                "relation",
                Kind.CHOICE,
                N_("Vilken koppling har du till verksamheten?"),
                N_("Lagens skydd gäller den som har fått veta saken genom sitt arbete eller något liknande."),
                (
                    Choice("employee", N_("Jag är anställd")),
                    Choice("applicant", N_("Jag söker eller har frågat efter arbete")),
                    Choice("volunteer", N_("Jag är volontär, eller vill bli det")),
                    Choice("trainee", N_("Jag är praktikant, eller vill bli det")),
                    Choice("under_direction", N_("Jag är inhyrd, eller arbetar under verksamhetens ledning")),
                    Choice("contractor", N_("Jag är egenföretagare och utför eller söker uppdrag")),
                    Choice("board", N_("Jag sitter i styrelsen eller ett annat ledande eller granskande organ")),
                    Choice("shareholder", N_("Jag är aktieägare och verksam i bolaget")),
                    Choice("former", N_("Jag har tidigare haft en sådan koppling")),
                    Choice(
                        "none",
                        N_("Ingen av dem"),
                        N_("Då gäller lagens skydd troligen inte dig. Du kan lämna ett tips i stället."),
                    ),
                    _PREFER_NOT,
                ),
                channels=_REPORT,
            ),
            Question(
                "identity",
                Kind.CHOICE,
                N_("Vill du vara anonym?"),
                N_(
                    "Vi lämnar ut uppgifter som kan avslöja dig bara om lagen tillåter eller kräver det, "
                    "och berättar det först om det går."
                ),
                (
                    Choice(ANONYMOUS, N_("Ja, jag vill vara anonym")),
                    Choice(
                        NAMED,
                        N_("Nej, de som tar emot rapporten får veta mitt namn"),
                        N_(
                            "Skriv ditt namn bland kontaktuppgifterna. De förseglas för sig, och det krävs två för att "
                            "öppna dem. Om rapporten inte omfattas av lagen gäller inte lagens särskilda sekretess för "
                            "ditt namn."
                        ),
                    ),
                ),
                default=ANONYMOUS,
                channels=_REPORT,
            ),
            Question(
                "contact_mode",
                Kind.CHOICE,
                N_("Hur vill du helst ha kontakt?"),
                N_("Med ärendekoden kan du alltid läsa svar och svara på frågor utan att lämna några uppgifter."),
                (
                    Choice("written", N_("Skriftligt, med ärendekoden")),
                    Choice("phone", N_("På telefon"), N_("Skriv ett nummer bland kontaktuppgifterna.")),
                    Choice("meeting", N_("Vid ett möte"), N_("Tid och plats kan ni komma överens om med ärendekoden.")),
                    _PREFER_NOT,
                ),
                channels=_REPORT,
            ),
            Question(
                "contact",
                Kind.LONG,
                N_("Namn och kontaktuppgifter"),
                N_(
                    "Lämna tomt om du vill vara anonym. Det du skriver här förseglas för sig: två av dem som tar emot "
                    "rapporten behövs för att öppna det, och då får du veta det och varför."
                ),
                max_length=VAULT_LENGTH,
                channels=_REPORT,
            ),
            # A tip has no secrecy of its own, and the words of design 04 say so before anything is written.
            Question(
                "contact",
                Kind.LONG,
                N_("Kontaktuppgifter"),
                N_(
                    "Tips är normalt offentliga. Den som tipset gäller kan få läsa det. "
                    "Skriv inte ditt namn om du vill vara anonym. "
                    "Med ärendekoden kan du läsa svar och svara på frågor utan att lämna några uppgifter."
                ),
                max_length=_LONG_LENGTH,
                channels=(Channel.TIP,),
            ),
            Question(
                "heard_how",
                Kind.CHOICE,
                N_("Hur fick du veta att du kan vända dig hit?"),
                choices=(
                    Choice("website", N_("På webbplatsen")),
                    Choice("intranet", N_("På intranätet")),
                    Choice("poster", N_("På en affisch eller ett kort")),
                    Choice("person", N_("Någon berättade")),
                    Choice("news", N_("I nyheter eller sociala medier")),
                    Choice("other", N_("På annat sätt")),
                    _UNKNOWN,
                    _PREFER_NOT,
                ),
            ),
        ),
    ),
)


def form(channel: Channel) -> tuple[Section, ...]:
    """The sections of a channel's form, each with the questions that the channel asks, in their order."""
    chosen = (
        (section, tuple(question for question in section.questions if channel in question.channels))
        for section in SECTIONS
    )
    return tuple(Section(s.key, s.heading, questions, s.intro) for s, questions in chosen if questions)


def questions(channel: Channel) -> dict[str, Question]:
    """The questions of a channel's form by name, in their order."""
    return {question.name: question for section in form(channel) for question in section.questions}
