"""The risk areas for irregularities that the portal counts by: 47, in the order of the Swedish alphabet.

Source: the table of risk areas in Oskarshamn municipality's action plan against welfare crime and other irregularities
2026-2028, with its evident slips of the pen mended. Keys stand in sealed records and in the handling log: they never
change and are never used again for something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from .texts import N_


@dataclass(frozen=True, slots=True)
class RiskArea:
    """One area: ``key`` is an ASCII slug for machines, ``name_sv`` the Swedish name and msgid of its translations."""

    key: str
    name_sv: str


RISK_AREAS: tuple[RiskArea, ...] = (
    RiskArea("alkoholutskankningstillstand", N_("Alkoholutskänkningstillstånd")),
    RiskArea("anhoriganstallningar", N_("Anhöriganställningar")),
    RiskArea("anslutningsbidrag", N_("Anslutningsbidrag")),
    RiskArea("arbetsmarknadsinsatser", N_("Arbetsmarknadsinsatser")),
    RiskArea("barnomsorgsavgifter", N_("Barnomsorgsavgifter")),
    RiskArea("bisysslor", N_("Bisysslor")),
    RiskArea("bostadsanpassning", N_("Bostadsanpassning")),
    RiskArea("byggentreprenader", N_("Byggentreprenader")),
    RiskArea("bygglov", N_("Bygglov")),
    RiskArea("ekonomiskt-bistand", N_("Ekonomiskt bistånd (försörjningsstöd)")),
    RiskArea("externa-placeringar", N_("Externa placeringar (ÄO, OF, IFO)")),
    RiskArea("externa-uppdragstagare", N_("Externa uppdragstagare")),
    RiskArea("externa-utforare", N_("Externa utförare (ÄO, OF, IFO)")),
    RiskArea("fakturahantering", N_("Fakturahantering")),
    RiskArea("familjehemsplaceringar", N_("Familjehemsplaceringar (IFO)")),
    RiskArea("folkbokforing", N_("Folkbokföring")),
    RiskArea("fristaende-utbildningsverksamhet", N_("Fristående utbildningsverksamhet")),
    RiskArea("foreningsbidrag", N_("Föreningsbidrag/IOP-avtal")),
    RiskArea("forsaljning-fastigheter", N_("Försäljning fastigheter")),
    RiskArea("hem-for-vard-och-boende", N_("Hem för vård och boende (HVB)")),
    RiskArea("hemtjanst", N_("Hemtjänst (ÄO)")),
    RiskArea("hemvardsbidrag", N_("Hemvårdsbidrag")),
    RiskArea("hyresavtal-fastigheter", N_("Hyresavtal fastigheter inkl. arrenden")),
    RiskArea("hyresavtal-foreningar", N_("Hyresavtal föreningar")),
    RiskArea("halsoskyddstillsyn", N_("Hälsoskyddstillsyn")),
    RiskArea("inackorderingsbidrag", N_("Inackorderingsbidrag")),
    RiskArea("inkop", N_("Inköp")),
    RiskArea("korttidsvard", N_("Korttidsvård")),
    RiskArea("kostnadsersattningar-apl", N_("Kostnadsersättningar vid APL")),
    RiskArea("livsmedelstillstand", N_("Livsmedelstillstånd")),
    RiskArea("livsmedelstillsyn", N_("Livsmedelstillsyn")),
    RiskArea("mark-och-exploatering", N_("Mark och exploatering")),
    RiskArea("markrattigheter", N_("Markrättigheter")),
    RiskArea("miljotillstand", N_("Miljötillstånd")),
    RiskArea("miljotillsyn", N_("Miljötillsyn")),
    RiskArea("parkeringstillstand", N_("Parkeringstillstånd")),
    RiskArea("personlig-assistans", N_("Personlig assistans")),
    RiskArea("rekrytering", N_("Rekrytering")),
    RiskArea("statsbidrag-larlingsutbildning", N_("Statsbidrag till företag vid lärlingsutbildning")),
    RiskArea("stiftelser", N_("Stiftelser (inkl. fonder)")),
    RiskArea("sarskilda-boenden", N_("Särskilda boenden")),
    RiskArea("upphandlad-specialistvard", N_("Upphandlad specialistvård (SSK)")),
    RiskArea("upphandlad-vuxenutbildning", N_("Upphandlad vuxenutbildning")),
    RiskArea("upphandling", N_("Upphandling")),
    RiskArea("upplaggning-av-leverantorer", N_("Uppläggning av leverantörer")),
    RiskArea("vardval", N_("Vårdval (LOV)")),
    RiskArea("overformynderi", N_("Överförmynderi")),
)

KEYS: frozenset[str] = frozenset(area.key for area in RISK_AREAS)
"""All keys, to check a choice against."""

_BY_KEY = {area.key: area for area in RISK_AREAS}


def risk_area(key: str) -> RiskArea | None:
    """The area with this key, or None."""
    return _BY_KEY.get(key)
