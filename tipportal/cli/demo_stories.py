"""The demo's eleven cases, each with what has been done about it until today. Days are counted backwards from today."""

from __future__ import annotations

from datetime import timedelta

from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.measures import Amount, MeasureKind
from tipportal.domain.pressing import SOON_DAYS
from tipportal.domain.triage import Origin, Reason, RelationGroup, ReprisalConcern
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.payloads import Outcome
from tipportal.usecases import checkpoints
from tipportal.usecases.firstscreen import received_by
from tipportal.usecases.handovers import ask_due

from . import demo_files as made
from . import demo_texts as texts
from .demo_cases import Stage, Story, coded_keys
from .demo_work import register_first, repaid, sort_in, take_measure, tick_off, write_minutes

FOUNDED = 112
"""Days before today: the oldest report is overdue, so the demo is more than three months old."""
LATE_DAYS = 8


def stories(stage: Stage) -> tuple[Story, ...]:
    """Cases in every state, over the organisations, to be played side by side."""
    new, asked, done = coded_keys(stage.public)
    due = (stage.opens_on - received_by(stage.opens_on + timedelta(days=SOON_DAYS))).days
    return (
        _grant(stage, done),
        _assistance(stage, due + LATE_DAYS),
        _flats(stage, due),
        _preschool(stage),
        _schedule(stage),
        _parking(stage),
        _invoices(stage, asked),
        _fuel_card(stage),
        _recruitment(stage),
        _home_care(stage, new),
        _travel(stage),
        _witnessing(stage),
    )


def _grant(stage: Stage, keys: SourceKeys) -> Story:
    """A tip that two have closed as confirmed."""
    yield 109
    case = stage.leave(texts.GRANT, panel="Anna Maria", keys=keys)
    yield 108
    stage.begin(case, "Aktivitetsbidrag för barn som inte finns")
    areas = ("foreningsbidrag",)
    sort_in(stage.handler, case, IrregularityType.IMPROPER_PAYMENT, origin=Origin.TIP, areas=areas)
    yield 106
    register_first(stage.handler, case, f"KS {stage.opens_on.year}/207")
    stage.follow_up(case)
    stage.note(
        case,
        "Jämfört närvarolistor med hallens bokningar: tre av fyra kvällar stod hallen tom.",
        files=[made.bookings()],
    )
    yield 101
    stage.hand_over(
        case,
        Recipient.POLICE,
        LegalBasis.OSL_10_24,
        "En förening har fått aktivitetsbidrag för barn som inte har deltagit. Hallen har stått tom tre av fyra "
        "kvällar som redovisats. Närvarolistor och hallens bokningar finns hos kommunen.",
        reasons="Misstänkt bedrägeri. Polisen behöver uppgiften för att kunna ingripa.",
    )
    yield 86
    claimed = {Amount.CLAIMED: 46_000, Amount.RECOVERED: 0}
    claim = take_measure(stage.handler, case, MeasureKind.RECOVERY_CLAIM, "Bidraget krävs tillbaka.", amounts=claimed)
    take_measure(
        stage.handler,
        case,
        MeasureKind.CHANGED_CONTROL,
        "Bokningssystemet jämförs med närvarolistorna före varje utbetalning.",
        by="h2",
    )
    yield 84
    stage.give_feedback(
        case,
        "Tack. Vi har granskat föreningens närvarolistor och krävt tillbaka bidraget, eftersom listorna inte stämmer "
        "med bokningarna av hallen. Beslutet är bifogat.",
        files=[made.decision()],
    )
    yield 80
    stage.close(case, Outcome.CONFIRMED, "Bidraget är återkrävt och föreningen har medgett felet.")
    yield 41
    repaid(stage.handler, case, claim, 20_000, "Första delbetalningen har kommit.")
    yield 7
    ask_due(stage.handler)


def _assistance(stage: Stage, received: int) -> Story:
    """A report whose feedback is overdue."""
    yield received
    case = stage.leave(texts.ASSISTANCE, panel="Anna Maria")
    yield received - 3
    stage.begin(case, "Assistans fakturerad under sjukhusvistelse")
    sort_in(
        stage.handler,
        case,
        IrregularityType.WELFARE_CRIME,
        IrregularityType.FALSE_REGISTRATION,
        origin=Origin.REPORT,
        areas=("personlig-assistans",),
        relation=RelationGroup.ACTIVE,
        reprisals=ReprisalConcern.FEARED,
    )
    yield received - 5
    stage.assess(case, "Felaktiga utbetalningar av allmänna medel: av allmänintresse.", "public_interest")
    stage.follow_up(case)
    yield received - 20
    stage.note(case, "Begärt in tidrapporterna för de tre veckorna. Bolaget har bett om anstånd två gånger.", by="h2")
    yield 12
    stage.note(case, "Tidrapporterna har kommit. Signaturerna är lika på alla pass. Polisanmälan förbereds.")
    noted = {"when": "Ja: tidrapporterna är underskrivna av någon annan än den som ska ha arbetat."}
    tick_off(stage.handler, case, "police_report", ("when", "timing"), noted)


def _flats(stage: Stage, received: int) -> Story:
    """A report about the company: the source has answered, nobody has read it, and feedback is due within days."""
    yield received
    case = stage.leave(texts.FLATS, panel="Anna Maria")
    yield received - 1
    stage.begin(case, "Lägenheter på Kvarngatan utanför bostadskön")
    yield received - 4
    stage.assess(case, "Mutor vid tilldelning av bostäder skulle vara ett missförhållande.", "public_interest")
    stage.follow_up(case)
    yield received - 6
    stage.tell(case, "Tack för din rapport. Kan du säga ungefär vilka datum nycklarna kvitterades ut?", by="h2")
    yield 4
    stage.answer(case, "Den 3, 4 och 17 i månaden. Kvittenserna sitter i den gröna pärmen på kontoret på Kvarngatan 3.")


def _preschool(stage: Stage) -> Story:
    """A tip that could not be investigated: the question was never answered."""
    yield 74
    case = stage.leave(texts.PRESCHOOL, panel="Johan Erik")
    yield 72
    stage.begin(case, "Barn på listan som ingen har träffat")
    stage.follow_up(case)
    stage.tell(case, "Tack. Vet du vilken förskola det gäller? Det framgår inte av tipset.")
    yield 36
    stage.give_feedback(case, "Vi kan inte gå vidare utan att veta vilken förskola det gäller.")
    stage.close(case, Outcome.CANNOT_BE_INVESTIGATED, "Frågan till tipslämnaren är obesvarad efter 30 dagar.")


def _schedule(stage: Stage) -> Story:
    """A report that the act does not cover, closed as that."""
    yield 61
    case = stage.leave(texts.SCHEDULE, panel="Johan Maria")
    yield 59
    stage.begin(case, "Schema på en förskola")
    reasons = (Reason.OWN_EMPLOYMENT_TERMS_ONLY,)
    relation = RelationGroup.ACTIVE
    other = IrregularityType.OTHER
    sort_in(stage.handler, case, other, origin=Origin.REPORT, relation=relation, reasons=reasons)
    yield 57
    stage.assess(case, "Gäller bara den egna arbetssituationen och saknar allmänintresse.", "own_employment_terms_only")
    yield 55
    stage.give_feedback(
        case,
        "Lagen gäller missförhållanden av allmänintresse. Det du beskriver rör din egen arbetssituation och omfattas "
        "därför inte. Ditt skyddsombud eller ditt fackförbund kan hjälpa dig vidare.",
        by="h2",
    )
    yield 54
    stage.close(case, Outcome.NOT_COVERED, "Omfattas inte; återkoppling med skäl är given.")


def _parking(stage: Stage) -> Story:
    """A tip with feedback given, and a proposal to close it that waits for the second person."""
    yield 41
    case = stage.leave(texts.PARKING, panel="Anna Maria")
    yield 40
    stage.begin(case, "Parkeringstillstånd på torget", by="h2")
    stage.follow_up(case, by="h2")
    yield 6
    stage.give_feedback(case, "Vi har kontrollerat tillståndet. Det är giltigt och används av rätt person.", by="h2")
    yield 2
    stage.propose_closing(
        case, Outcome.UNFOUNDED, "Tillståndet är personligt och giltigt. Inget fel har begåtts.", by="h2"
    )


def _invoices(stage: Stage, keys: SourceKeys) -> Story:
    """A report under follow-up with a dialogue. It concerns a unit, whose controller is left out of the panel."""
    yield 19
    case = stage.leave(
        texts.INVOICES,
        panel="Anna Maria",
        keys=keys,
        concerns=[stage.unit_of("Johan")],
        files=[made.invoice(4711, "Omsorgsförvaltningen", 80), made.invoice(4712, "Utbildningsförvaltningen", 80)],
    )
    yield 18
    stage.begin(case, "Dubbla konsultfakturor, attest av delägare")
    yield 17
    stage.assess(case, "Rör jäv vid attest: missförhållande av allmänintresse.", "public_interest")
    stage.follow_up(case, by="h2")
    stage.tell(case, "Tack för att du berättar. Vet du ungefär hur länge det har pågått, och finns fakturorna kvar?")
    yield 14
    stage.answer(
        case,
        "Sedan ett halvår. Alla fakturor ligger i ekonomisystemet, sök på konsultens namn. Jag bifogar min lista.",
        files=[made.hours_by_department()],
    )
    yield 13
    stage.note(case, "Elva fakturor med samma timmar på två förvaltningar, tillsammans 486 000 kronor.", by="h2")
    stage.read(case)


def _fuel_card(stage: Stage) -> Story:
    """A report to the federation, found covered; the follow-up has not begun."""
    yield 9
    case = stage.leave(texts.FUEL_CARD, panel="Anna Erik")
    yield 8
    stage.begin(case, "Tankkort som används på lördagar")
    yield 6
    stage.assess(case, "Misstänkt trolöshet eller förskingring med förbundets medel.", "public_interest")


def _recruitment(stage: Stage) -> Story:
    """A new report, sealed by the server, that concerns the unit of a handler who cannot know of it."""
    yield 3
    stage.leave_without_javascript(texts.RECRUITMENT, panel="Johan Maria", concerns=[stage.unit_of("Anna")])


def _home_care(stage: Stage, keys: SourceKeys) -> Story:
    """A new tip with a picture, that nobody has opened."""
    yield 1
    stage.leave(texts.HOME_CARE, panel="Anna Maria", keys=keys, files=[made.picture_of_schedule()])


def _travel(stage: Stage) -> Story:
    """A report that somebody made by telephone: its minutes wait for her, and nobody has read what she will say."""
    yield 26
    case = stage.take_in(texts.TRAVEL, by="Sara", concerns=[stage.unit_of("Anna")])
    yield 25
    stage.begin(case, "Resa till Lissabon före förlängt avtal")
    write_minutes(stage.handler, case, texts.MINUTES)
    sort_in(
        stage.handler,
        case,
        IrregularityType.BRIBERY,
        origin=Origin.ORAL,
        areas=("upphandling",),
        relation=RelationGroup.ACTIVE,
        reprisals=ReprisalConcern.FEARED,
    )
    yield 22
    stage.assess(case, "Otillbörlig förmån från en leverantör är av allmänintresse.", "public_interest")
    stage.follow_up(case)


def _witnessing(stage: Stage) -> Story:
    """The auditor has the log's newest checkpoint in her own keeping, and says so."""
    yield 11
    newest = checkpoints.newest(stage.handler)
    if newest is None:
        raise LookupError
    checkpoints.confirm(stage.handler, stage.municipality.named("Lena").account, newest.size)
