"""Requests for release of a document or of the log (TF 2 kap. 15–19 §§; OSL 6 kap. 3 and 7–8 §§).

Who asks and why is neither asked nor kept: nobody may inquire into either further than the test of harm needs (TF
2 kap. 18 §), so there is no field for it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date

from .deadlines import working_days_after
from .errors import AlreadyDecided, Invalid
from .texts import N_

APPEAL_WEEKS = 3
"""FL 44 §: an appeal has come in within three weeks of the day on which the person was told of the decision."""


class Asked(enum.StrEnum):
    """What somebody asks for."""

    CASE = "case"
    LOG = "log"
    OTHER = "other"


class Answered(enum.StrEnum):
    """How a request ends."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class Provision(enum.StrEnum):
    """By which rule something is not released: a closed list, so that no decision quotes a case."""

    OSL_32_3B = "osl_32_3b"
    OSL_17_3B = "osl_17_3b"
    OSL_17_1 = "osl_17_1"
    OSL_17_1B = "osl_17_1b"
    OSL_18_1 = "osl_18_1"
    OSL_21_1 = "osl_21_1"
    OSL_21_3 = "osl_21_3"
    OSL_26_1 = "osl_26_1"
    OSL_26_5 = "osl_26_5"
    OSL_39_1 = "osl_39_1"
    NOT_A_PUBLIC_RECORD = "not_a_public_record"


PROVISION_TEXTS = {
    Provision.OSL_32_3B: "32 kap. 3 b § OSL",
    Provision.OSL_17_3B: "17 kap. 3 b § OSL",
    Provision.OSL_17_1: "17 kap. 1 § OSL",
    Provision.OSL_17_1B: "17 kap. 1 b § OSL",
    Provision.OSL_18_1: "18 kap. 1 § OSL",
    Provision.OSL_21_1: "21 kap. 1 § OSL",
    Provision.OSL_21_3: "21 kap. 3 § OSL",
    Provision.OSL_26_1: "26 kap. 1 § OSL",
    Provision.OSL_26_5: "26 kap. 5 § OSL",
    Provision.OSL_39_1: "39 kap. 1–3 §§ OSL",
    Provision.NOT_A_PUBLIC_RECORD: "2 kap. TF (inte en allmän handling)",
}


@dataclass(frozen=True, slots=True)
class LogRange:
    """Entries of the log by index, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A request and how it was answered. ``copy`` is the digest of the sealed form with the masked copy, if kept."""

    id: str
    organisation_id: str
    asked: Asked
    case_id: str | None
    log_first: int | None
    log_last: int | None
    received_on: date
    due_on: date
    received_by: str
    answered: Answered | None = None
    provisions: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    copy: bytes | None = None


def due_on(received: date) -> date:
    """When it is to be answered: at once or as soon as possible (TF 2 kap. 15 §), read as the next working day."""
    return working_days_after(received, 1)


def check_range(asked: LogRange, size: int) -> None:
    """Raise Invalid for a range that the log does not have."""
    if not 0 <= asked.first <= asked.last < size:
        raise Invalid(N_("Loggen har inte de posterna."), field="log_first")


def check_answer(request: Disclosure, answered: Answered, provisions: frozenset[Provision]) -> None:
    """Raise AlreadyDecided, or Invalid for a refusal without a provision or a whole release with one."""
    if request.answered is not None:
        raise AlreadyDecided(N_("Begäran är redan avgjord."))
    if (answered is Answered.GRANTED) is bool(provisions):
        raise Invalid(
            N_("Ange bestämmelse när något inte lämnas ut, och ingen när allt lämnas ut."), field="provisions"
        )


def appeal_text(provisions: frozenset[Provision], authority: str) -> str:
    """The reasons and the appeal notice of a decision not to release, in Swedish, as the decision is.

    OSL 6 kap. 3 and 7–8 §§; FL 33 and 43–45 §§. It names nobody and nothing of the case.
    """
    listed = "; ".join(PROVISION_TEXTS[one] for one in Provision if one in provisions)
    return (
        f"{authority} har beslutat att inte lämna ut uppgifterna, helt eller delvis, med stöd av: {listed}.\n\n"
        "Så här överklagar du\n"
        f"Beslutet får överklagas till kammarrätten. Skriv till {authority}: myndigheten prövar först om överklagandet "
        "har kommit in i rätt tid och om beslutet ska ändras, och skickar det annars vidare till kammarrätten. "
        "Överklagandet ska ha kommit in till myndigheten inom tre veckor från den dag då du fick del av beslutet. "
        "Skriv vilket beslut du överklagar och hur du vill att det ska ändras. Lämna uppgifter så att domstolen kan nå "
        "dig. Du behöver inte säga varför du vill ha handlingen."
    )
