"""Who else shares the demo's function: committees, a municipal company, and a federation that designates for itself."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.organisations import OrganisationKind
from tipportal.usecases.context import Context

from .demo_changes import Administrators
from .demo_policy import activate, decision, open_channels, policy_of, record_decisions
from .demo_staffing import (
    COUNSEL,
    DECIDED,
    HANDLERS,
    IN_FORCE,
    SLUG,
    Municipality,
    designate,
    ids,
    prepare_organisation,
)

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
    owned: bool = True
    """By the municipality, or a part of it."""


SHARING = (
    _Founding(EXECUTIVE_COMMITTEE, "Kommunstyrelsen i Björkvik", OrganisationKind.COMMITTEE, listed=False),
    _Founding(HEALTH_AND_CARE, "Omsorgsnämnden i Björkvik", OrganisationKind.COMMITTEE),
    _Founding(EDUCATION, "Utbildningsnämnden i Björkvik", OrganisationKind.COMMITTEE),
    _Founding(HOUSING, "Björkviks Bostäder AB", OrganisationKind.COMPANY),
    _Founding(RESCUE, "Räddningstjänsten Mittbygden", OrganisationKind.FEDERATION, owned=False),
)
OPEN_SLUGS = (SLUG, *(founding.slug for founding in SHARING if founding.listed))
"""Every organisation that takes tips and reports in the demo, the municipality first."""


def let_others_share(ctx: Context, municipality: Municipality) -> None:
    """Open the municipality's function to its committees and company, and a shared one to the federation.

    A municipality is no authority of its own: what comes in to it is received by its executive committee. The
    federation is another authority: it designates the same handlers by decisions of its own board (lag 2021:890,
    5 kap. 4 §).
    """
    two, home = municipality.administrators(ctx), municipality.function.organisation_id
    owners = {founding.slug: two.ctx.new_id() for founding in SHARING}
    two.register(
        [
            {
                "do": "add_organisation",
                "id": owners[founding.slug],
                "slug": founding.slug,
                "name": founding.name,
                "kind": founding.kind.value,
                "listed": founding.listed,
                "part_of": home if founding.owned else None,
            }
            for founding in SHARING
        ]
    )
    decided_on = two.ctx.today() - DECIDED
    two.register(
        [
            {
                "do": "add_sharing_agreement",
                "id": two.ctx.new_id(),
                "organisation": owners[HOUSING],
                "function": municipality.function.id,
                "basis": "5:4",
                "decision_number": f"BB {decided_on.year}/7",
                "decided_on": decided_on.isoformat(),
                "valid_from": (two.ctx.today() - IN_FORCE).isoformat(),
                "valid_to": None,
            }
        ]
    )
    prepare_organisation(two, municipality, home, owners[EXECUTIVE_COMMITTEE])
    for slug in (HEALTH_AND_CARE, EDUCATION, HOUSING):
        prepare_organisation(two, municipality, owners[slug], owners[slug])
        open_channels(two, decision(owners[slug], f"KS {decided_on.year}/118", decided_on))
    _let_federation_share(two, municipality, owners[RESCUE])


def _let_federation_share(two: Administrators, municipality: Municipality, federation: str) -> None:
    decided_on = two.ctx.today() - DECIDED
    number = f"RFM {decided_on.year}/31"
    function = (two.ctx.new_id(), "Visselblåsarfunktionen, delad med Björkvik")
    counsel = (two.ctx.new_id(), COUNSEL)
    handlers, outsiders = municipality.handlers(), municipality.outsiders()
    posts = {post.name: post for post in HANDLERS}
    two.register(
        [
            *(
                {"do": "add_function", "id": id_, "organisation": federation, "name": name}
                for id_, name in (function, counsel)
            ),
            *(
                designate(two.ctx, id_, member, post.ground, post.rank, number)
                for (id_, _), members in ((function, handlers), (counsel, outsiders))
                for member in members
                for post in (posts[member.person.name],)
            ),
        ]
    )
    by = decision(federation, number, decided_on)
    activate(two, policy_of(federation, federation, (*function, ids(handlers)), (*counsel, ids(outsiders))), by)
    record_decisions(two, by)
    open_channels(two, by)
