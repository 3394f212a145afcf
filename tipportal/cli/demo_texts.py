"""What the demo's sources tell. Everybody and everything in it is made up."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.organisations import Channel

from .demo_organisations import EDUCATION, HEALTH_AND_CARE, HOUSING, RESCUE
from .demo_playing import Answers
from .demo_staffing import SLUG


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody leaves, where, and through which channel."""

    organisation: str
    channel: Channel
    answers: Answers

    @property
    def area(self) -> str:
        """The risk area, empty where the source knew of none."""
        return str(self.answers.get("area", ""))

    @property
    def subject_role(self) -> str:
        """Whom it concerns, as a role."""
        return str(self.answers.get("subject_role", "unknown"))


HOME_CARE = Telling(
    HEALTH_AND_CARE,
    Channel.TIP,
    {
        "area": "hemtjanst",
        "subject_role": "supplier",
        "what_happened": (
            "Jag är granne till en äldre man som har hemtjänst från ett privat företag. Enligt schemat på hans "
            "kylskåp ska de komma fyra gånger om dagen. Det kommer någon på morgonen, ibland på kvällen, men aldrig "
            "mitt på dagen. Han säger själv att de skriver upp besöken ändå."
        ),
        "who": "Hemtjänstföretaget Omsorg i Björkvik AB",
        "when": "Sedan ett par månader, varje vecka",
        "ongoing": "yes",
        "where": "Storgatan",
        "how_known": "Jag ser det själv från mitt fönster.",
    },
)
GRANT = Telling(
    SLUG,
    Channel.TIP,
    {
        "area": "foreningsbidrag",
        "what_happened": (
            "Föreningen har sökt aktivitetsbidrag för över hundra barn, men på träningarna är det sällan fler än "
            "femton. Närvarolistorna fylls i efteråt."
        ),
        "amount": "100000_1000000",
        "ongoing": "unknown",
    },
)
INVOICES = Telling(
    SLUG,
    Channel.REPORT,
    {
        "area": "fakturahantering",
        "subject_role": "manager",
        "what_happened": (
            "Jag arbetar med fakturor. Samma konsult fakturerar två förvaltningar för samma timmar, och fakturorna "
            "attesteras av en chef på Ekonomienheten som är delägare i konsultens bolag. Jag har påpekat det men "
            "fått höra att jag inte ska lägga mig i."
        ),
        "relation": "employee",
        "ongoing": "yes",
        "amount": "100000_1000000",
        "reported_before": "Ja, muntligen till min närmaste chef.",
        "reprisals": "feared",
        "contact_mode": "written",
    },
)
ASSISTANCE = Telling(
    HEALTH_AND_CARE,
    Channel.REPORT,
    {
        "area": "personlig-assistans",
        "subject_role": "supplier",
        "what_happened": (
            "Jag är personlig assistent åt en man i Björkvik. Han låg på sjukhus i tre veckor, men bolaget "
            "rapporterade assistans dygnet runt också de dagarna. Vi assistenter fick skriva under tidrapporter för "
            "pass som aldrig blev av."
        ),
        "who": "Assistansbolaget Trygg Vardag i Mitt AB",
        "when": "För ett par månader sedan",
        "relation": "employee",
        "ongoing": "no",
        "reprisals": "feared",
    },
)
FLATS = Telling(
    HOUSING,
    Channel.REPORT,
    {
        "area": "hyresavtal-fastigheter",
        "subject_role": "employee",
        "what_happened": (
            "Nycklarna till de nyrenoverade lägenheterna på Kvarngatan kvitteras ut flera dagar innan lägenheterna "
            "läggs ut i bostadskön. De som flyttar in är bekanta till en av förvaltarna. En av dem sa till mig att "
            "man betalar vid sidan om."
        ),
        "where": "Kvarngatan 3–9",
        "how_known": "Jag lämnar ut nycklar och ser kvittenserna.",
        "relation": "under_direction",
        "ongoing": "yes",
    },
)
SCHEDULE = Telling(
    EDUCATION,
    Channel.REPORT,
    {
        "what_happened": (
            "Jag får nästan alla stängningar på förskolan medan två kollegor aldrig har dem. Jag har bett om ett "
            "rättvist schema flera gånger. Ingen lyssnar."
        ),
        "relation": "employee",
        "ongoing": "yes",
        "reported_before": "Ja, till rektorn.",
    },
)
FUEL_CARD = Telling(
    RESCUE,
    Channel.REPORT,
    {
        "area": "inkop",
        "subject_role": "employee",
        "what_happened": (
            "Ett av stationens tankkort används på lördagar när bilen som det hör till står inne. Det är bensin, men "
            "bilen går på diesel. Det syns på månadens sammanställning från bensinbolaget."
        ),
        "amount": "10000_100000",
        "relation": "employee",
        "ongoing": "yes",
    },
)
PARKING = Telling(
    SLUG,
    Channel.TIP,
    {
        "area": "parkeringstillstand",
        "subject_role": "private_person",
        "what_happened": (
            "På torget står varje dag en bil på platsen för rörelsehindrade. Tillståndet i rutan tillhör nog någon "
            "som är död. Den som kör är i fyrtioårsåldern och springer till jobbet."
        ),
        "where": "Stora torget",
        "ongoing": "yes",
    },
)
PRESCHOOL = Telling(
    EDUCATION,
    Channel.TIP,
    {
        "area": "fristaende-utbildningsverksamhet",
        "subject_role": "supplier",
        "what_happened": (
            "En fristående förskola får pengar för fler barn än de har. När jag lämnar på morgonen är det halvtomt, "
            "och på listan i hallen står namn på barn som ingen har träffat."
        ),
        "ongoing": "unknown",
    },
)
RECRUITMENT = Telling(
    SLUG,
    Channel.REPORT,
    {
        "area": "rekrytering",
        "subject_role": "manager",
        "what_happened": (
            "En chef på Kommunkansliet har anställt sin systers son som utredare. Tjänsten annonserades aldrig, och "
            "de två som hade sökt en liknande tjänst tidigare fick inte veta något."
        ),
        "relation": "employee",
        "ongoing": "unknown",
    },
)
TRAVEL = Telling(
    SLUG,
    Channel.REPORT,
    {
        "area": "upphandling",
        "subject_role": "employee",
        "what_happened": (
            "Hon arbetar med kommunens avtal. Leverantören av möten och konferenser har bjudit två på Kommunkansliet "
            "på en resa till Lissabon en månad innan avtalet förlängdes. Hon har sett bilder från resan."
        ),
        "relation": "employee",
        "reprisals": "feared",
    },
)
MINUTES = (
    "Du ringde kl. 9.10. Du berättade att leverantören av möten och konferenser har bjudit två personer på "
    "Kommunkansliet på en resa till Lissabon, en månad innan avtalet förlängdes. Du har sett bilder från resan."
)
