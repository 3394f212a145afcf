"""Who else shares the demo's function: committees, a municipal company, and a federation that designates for itself."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.organisations import Channel, Ground, OrganisationKind
from tipportal.usecases import administer
from tipportal.usecases.context import Context

from .demo_staffing import DECIDED, IN_FORCE, SLUG, Municipality

EXECUTIVE_COMMITTEE = "kommunstyrelsen"
HEALTH_AND_CARE = "omsorgsnamnden"
EDUCATION = "utbildningsnamnden"
HOUSING = "bjorkviks-bostader"
RESCUE = "raddningstjansten"


@dataclass(frozen=True, slots=True)
class _Founding:
    slug: str
    name: str
    kind: OrganisationKind
    listed: bool = True


SHARING = (
    _Founding(EXECUTIVE_COMMITTEE, "Kommunstyrelsen i Björkvik", OrganisationKind.COMMITTEE, listed=False),
    _Founding(HEALTH_AND_CARE, "Omsorgsnämnden i Björkvik", OrganisationKind.COMMITTEE),
    _Founding(EDUCATION, "Utbildningsnämnden i Björkvik", OrganisationKind.COMMITTEE),
    _Founding(HOUSING, "Björkviks Bostäder AB", OrganisationKind.COMPANY),
    _Founding(RESCUE, "Räddningstjänsten Mittbygden", OrganisationKind.FEDERATION),
)
OPEN_SLUGS = (SLUG, *(founding.slug for founding in SHARING if founding.listed))
"""Every organisation that takes tips and reports in the demo, the municipality first."""
DESIGNATED_BY_FEDERATION = {"Anna": 1, "Johan": 1, "Maria": 2, "Erik": 2}
"""Rank by first name."""


def let_others_share(ctx: Context, municipality: Municipality) -> None:
    """Open the municipality's function to its committees and company, and a shared one to the federation.

    A municipality is no authority of its own: what comes in to it is received by its executive committee. The
    federation is another authority: it designates the same handlers by decisions of its own board (lag 2021:890,
    5 kap. 4 §).
    """
    for founding in SHARING:
        administer.add_organisation(
            ctx, slug=founding.slug, name=founding.name, kind=founding.kind, listed=founding.listed
        )
    shared = municipality.function.id
    _open(ctx, SLUG, shared, EXECUTIVE_COMMITTEE)
    for slug in (HEALTH_AND_CARE, EDUCATION, HOUSING):
        _open(ctx, slug, shared, slug)
    function = administer.add_function(ctx, organisation=RESCUE, name="Visselblåsarfunktionen, delad med Björkvik")
    decided_on = ctx.today() - DECIDED
    for name, rank in DESIGNATED_BY_FEDERATION.items():
        administer.designate(
            ctx,
            function_id=function.id,
            account_id=municipality.named(name).account.id,
            ground=Ground.EMPLOYMENT,
            decision_number=f"RFM {decided_on.year}/31",
            decided_on=decided_on,
            valid_from=ctx.today() - IN_FORCE,
            rank=rank,
        )
    _open(ctx, RESCUE, function.id, RESCUE)


def _open(ctx: Context, organisation: str, function_id: str, authority: str) -> None:
    administer.open_channels(ctx, organisation=organisation, routes=dict.fromkeys(Channel, (function_id, authority)))
