"""Handing what a case says over to somebody who can act on it: to whom, on what basis, and what comes of it (06).

Lag (2021:890), 5 kap. 10 §, and offentlighets- och sekretesslagen, 10 kap. What each basis demands in words is a data
file (``handovers.toml``); the words that acts and the log carry are closed here.
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .deadlines import add_months
from .errors import IllegalTransition, Invalid
from .measures import MOST_KRONOR
from .texts import N_

ASK_MONTHS = (3, 6, 12, 24)
"""How long after a handover its recipient is asked what came of it (01)."""


class Recipient(enum.StrEnum):
    """Who may be handed something. The enumeration only grows."""

    POLICE = "police"
    PROSECUTOR = "prosecutor"
    EKOBROTTSMYNDIGHETEN = "ekobrottsmyndigheten"
    TAX_AGENCY = "tax_agency"
    FORSAKRINGSKASSAN = "forsakringskassan"
    IVO = "ivo"
    ARBETSFORMEDLINGEN = "arbetsformedlingen"
    BOLAGSVERKET = "bolagsverket"
    CSN = "csn"
    EHALSOMYNDIGHETEN = "ehalsomyndigheten"
    KRONOFOGDEN = "kronofogden"
    MIGRATIONSVERKET = "migrationsverket"
    PENSIONSMYNDIGHETEN = "pensionsmyndigheten"
    UNEMPLOYMENT_FUND = "unemployment_fund"
    OTHER_AUTHORITY = "other_authority"
    COMMITTEE = "committee"
    MUNICIPAL_COMPANY = "municipal_company"
    HEAD_OF_HR = "head_of_hr"
    HEAD_OF_SECURITY = "head_of_security"
    CHIEF_EXECUTIVE = "chief_executive"
    EXECUTIVE_COMMITTEE_CHAIR = "executive_committee_chair"
    COUNCIL_PRESIDIUM = "council_presidium"
    AUDITORS = "auditors"


RECIPIENTS: Mapping[str, str] = {
    Recipient.POLICE: N_("Polismyndigheten"),
    Recipient.PROSECUTOR: N_("Åklagarmyndigheten"),
    Recipient.EKOBROTTSMYNDIGHETEN: N_("Ekobrottsmyndigheten"),
    Recipient.TAX_AGENCY: N_("Skatteverket"),
    Recipient.FORSAKRINGSKASSAN: N_("Försäkringskassan"),
    Recipient.IVO: N_("Inspektionen för vård och omsorg"),
    Recipient.ARBETSFORMEDLINGEN: N_("Arbetsförmedlingen"),
    Recipient.BOLAGSVERKET: N_("Bolagsverket"),
    Recipient.CSN: N_("Centrala studiestödsnämnden (CSN)"),
    Recipient.EHALSOMYNDIGHETEN: N_("E-hälsomyndigheten"),
    Recipient.KRONOFOGDEN: N_("Kronofogdemyndigheten"),
    Recipient.MIGRATIONSVERKET: N_("Migrationsverket"),
    Recipient.PENSIONSMYNDIGHETEN: N_("Pensionsmyndigheten"),
    Recipient.UNEMPLOYMENT_FUND: N_("En arbetslöshetskassa"),
    Recipient.OTHER_AUTHORITY: N_("En annan myndighet"),
    Recipient.COMMITTEE: N_("En nämnd i kommunen"),
    Recipient.MUNICIPAL_COMPANY: N_("Ett kommunalt bolag"),
    Recipient.HEAD_OF_HR: N_("HR-chefen"),
    Recipient.HEAD_OF_SECURITY: N_("Säkerhetschefen"),
    Recipient.CHIEF_EXECUTIVE: N_("Kommundirektören"),
    Recipient.EXECUTIVE_COMMITTEE_CHAIR: N_("Kommunstyrelsens ordförande"),
    Recipient.COUNCIL_PRESIDIUM: N_("Kommunfullmäktiges presidium"),
    Recipient.AUDITORS: N_("Revisorerna"),
}
"""What each is called, for handlers, sources and reports alike."""
ELECTED = frozenset({Recipient.EXECUTIVE_COMMITTEE_CHAIR, Recipient.COUNCIL_PRESIDIUM, Recipient.AUDITORS})
"""Elected persons: they only ever receive the result (04, Words)."""


class LegalBasis(enum.StrEnum):
    """What lets something be handed over. The enumeration only grows."""

    ACT_5_10 = "act_5_10"
    ACT_5_10_OSL_10_28 = "act_5_10_osl_10_28"
    OSL_10_24 = "osl_10_24"
    OSL_10_27 = "osl_10_27"
    OSL_10_28 = "osl_10_28"
    OSL_10_15A = "osl_10_15a"
    ACT_2024_307 = "act_2024_307"
    ACT_2008_206 = "act_2008_206"
    BENEFIT_CRIME_ACT_6 = "benefit_crime_act_6"
    RESULT_ONLY = "result_only"
    NO_SECRECY = "no_secrecy"


class Told(enum.StrEnum):
    """Whether whoever reported is told before (lag 2021:890, 5 kap. 8 § p. 4)."""

    GIVEN = "given"
    WITHHELD = "withheld"
    NOT_NEEDED = "not_needed"


class Result(enum.StrEnum):
    """What a recipient says came of a handover: counted, beside what they write under seal."""

    NONE = "none"
    ONGOING = "ongoing"
    POLICE_REPORT = "police_report"
    RECOVERY_CLAIM = "recovery_claim"
    STOPPED_PAYMENT = "stopped_payment"
    SANCTION = "sanction"
    OTHER = "other"


WITH_AMOUNT = frozenset({Result.RECOVERY_CLAIM, Result.STOPPED_PAYMENT})


@dataclass(frozen=True, slots=True)
class BasisRule:
    """What a basis is called, says and demands. Texts are Swedish and msgids. ``weighing``: a written one is needed.

    ``recipients``: who may be handed something on it; empty means anybody but the elected.
    """

    basis: LegalBasis
    name: str
    explains: str
    demands: tuple[str, ...]
    weighing: bool
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """The data file: when a human last read it against the law, from what, and what it says."""

    reviewed_on: date
    source: str
    bases: Mapping[LegalBasis, BasisRule]


@dataclass(frozen=True, slots=True)
class Handover:
    """Something that two have handed over. ``content`` is the digest (32 bytes) of the sealed form that says what."""

    id: str
    organisation_id: str
    case_id: str
    proposal_id: str
    recipient: Recipient
    basis: LegalBasis
    notice: Told
    content: bytes
    handed_on: date


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the recipient, due ``months`` after the handover.

    ``token_digest`` (32 bytes) is of the link in use, made for the keys of ``epoch``; None until a member has made one.
    """

    organisation_id: str
    case_id: str
    handover_id: str
    months: int
    asked_on: date
    token_digest: bytes | None = field(default=None, repr=False)
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a recipient answered, once. ``file`` is sealed to the work recipient of ``epoch``; ``kronor`` whole."""

    organisation_id: str
    case_id: str
    handover_id: str
    months: int
    reported_on: date
    result: Result
    kronor: int | None
    epoch: int
    file: bytes


def due_months(handed_on: date, today: date) -> tuple[int, ...]:
    """Which of the four questions are due on the Stockholm date ``today``."""
    return tuple(months for months in ASK_MONTHS if add_months(handed_on, months) <= today)


def check_handover(rules: HandoverRules, recipient: Recipient, basis: LegalBasis) -> None:
    """Raise IllegalTransition when this recipient cannot be handed anything on this basis."""
    if recipient in ELECTED and basis is not LegalBasis.RESULT_ONLY:
        raise IllegalTransition(N_("Förtroendevalda och revisorer får bara resultatet. Välj den grunden."))
    allowed = rules.bases[basis].recipients
    if allowed and recipient not in allowed:
        raise IllegalTransition(N_("Den mottagaren omfattas inte av den rättsliga grunden."))


def check_report(result: Result, kronor: int | None) -> None:
    """Raise Invalid unless the amount belongs to the result: whole kronor where money is what came of it."""
    if (kronor is not None) and result not in WITH_AMOUNT:
        raise Invalid(N_("Ett belopp hör bara till återkrav och stoppade utbetalningar."), field="amount")
    if kronor is not None and not 0 <= kronor <= MOST_KRONOR:
        raise Invalid(N_("Skriv beloppet i hela kronor, från 0 till 1 000 000 000 000."), field="amount")


def read_rules(text: str) -> HandoverRules:
    """Read the data file strictly: every basis exactly once. Raises ValueError."""
    data = tomllib.loads(text)
    _exactly(data, {"reviewed_on", "source", "basis"})
    rules = [_basis(item) for item in data["basis"]]
    bases = {rule.basis: rule for rule in rules}
    if set(bases) != set(LegalBasis) or len(rules) != len(bases):
        raise ValueError("each basis stands once")
    if type(data["reviewed_on"]) is not date or not data["source"]:
        raise ValueError("reviewed_on is a date, source a text")
    return HandoverRules(data["reviewed_on"], str(data["source"]), bases)


def _basis(item: dict[str, object]) -> BasisRule:
    _exactly(item, {"key", "name", "explains", "demands", "weighing", "recipients"})
    demands, recipients = item["demands"], item["recipients"]
    if not isinstance(demands, list) or not isinstance(recipients, list) or not isinstance(item["weighing"], bool):
        raise ValueError("demands and recipients are lists, weighing is true or false")  # noqa: TRY004 - of the file
    return BasisRule(
        basis=LegalBasis(str(item["key"])),
        name=str(item["name"]),
        explains=str(item["explains"]),
        demands=tuple(str(each) for each in demands),
        weighing=item["weighing"],
        recipients=tuple(Recipient(str(each)) for each in recipients),
    )


def _exactly(item: Mapping[str, object], names: set[str]) -> None:
    if set(item) != names:
        raise ValueError(f"members are {sorted(names)}")
