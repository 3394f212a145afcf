"""The kinds of irregularities that the follow-up counts, beside the risk areas (design 06).

Keys stand in the handling log: they never change and are never used again for something else.
"""

from __future__ import annotations

import enum

from .texts import N_


class IrregularityType(enum.StrEnum):
    """What it is about. A case can be several at once."""

    IMPROPER_PAYMENT = "improper_payment"
    WELFARE_CRIME = "welfare_crime"
    BRIBERY = "bribery"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    THEFT_OR_MISUSE = "theft_or_misuse"
    PROCUREMENT = "procurement"
    ACCOUNTING = "accounting"
    SECONDARY_OCCUPATION = "secondary_occupation"
    FALSE_REGISTRATION = "false_registration"
    QUALITY_OR_SAFETY = "quality_or_safety"
    WORKING_ENVIRONMENT = "working_environment"
    ENVIRONMENT = "environment"
    PERSONAL_DATA = "personal_data"
    ABUSE_OF_POSITION = "abuse_of_position"
    INFLUENCE_THREAT = "influence_threat"
    INFLUENCE_HARASSMENT = "influence_harassment"
    INFLUENCE_DAMAGE = "influence_damage"
    INFLUENCE_VIOLENCE = "influence_violence"
    INFLUENCE_CORRUPTION = "influence_corruption"
    REPRISAL = "reprisal"
    OTHER = "other"


UNDUE_INFLUENCE: frozenset[IrregularityType] = frozenset(
    {
        IrregularityType.INFLUENCE_THREAT,
        IrregularityType.INFLUENCE_HARASSMENT,
        IrregularityType.INFLUENCE_DAMAGE,
        IrregularityType.INFLUENCE_VIOLENCE,
        IrregularityType.INFLUENCE_CORRUPTION,
    }
)
"""Undue influence on those who serve or decide, in its forms."""

TYPE_NAMES: dict[IrregularityType, str] = {
    IrregularityType.IMPROPER_PAYMENT: N_("Felaktig utbetalning"),
    IrregularityType.WELFARE_CRIME: N_("Välfärdsbrott"),
    IrregularityType.BRIBERY: N_("Mutor"),
    IrregularityType.CONFLICT_OF_INTEREST: N_("Jäv eller intressekonflikt"),
    IrregularityType.THEFT_OR_MISUSE: N_("Stöld eller missbruk av resurser"),
    IrregularityType.PROCUREMENT: N_("Fel vid inköp eller upphandling"),
    IrregularityType.ACCOUNTING: N_("Fel i bokföring eller attest"),
    IrregularityType.SECONDARY_OCCUPATION: N_("Otillåten bisyssla"),
    IrregularityType.FALSE_REGISTRATION: N_("Falska uppgifter i folkbokföring eller register"),
    IrregularityType.QUALITY_OR_SAFETY: N_("Allvarlig brist i kvalitet eller säkerhet"),
    IrregularityType.WORKING_ENVIRONMENT: N_("Arbetsmiljö"),
    IrregularityType.ENVIRONMENT: N_("Miljö och hälsoskydd"),
    IrregularityType.PERSONAL_DATA: N_("Personuppgifter och informationssäkerhet"),
    IrregularityType.ABUSE_OF_POSITION: N_("Missbruk av ställning"),
    IrregularityType.INFLUENCE_THREAT: N_("Otillåten påverkan: hot"),
    IrregularityType.INFLUENCE_HARASSMENT: N_("Otillåten påverkan: trakasserier"),
    IrregularityType.INFLUENCE_DAMAGE: N_("Otillåten påverkan: skadegörelse"),
    IrregularityType.INFLUENCE_VIOLENCE: N_("Otillåten påverkan: våld"),
    IrregularityType.INFLUENCE_CORRUPTION: N_("Otillåten påverkan: korruption"),
    IrregularityType.REPRISAL: N_("Repressalier"),
    IrregularityType.OTHER: N_("Annat"),
}
