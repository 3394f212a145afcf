"""Draw a panel once more, for a case that goes to others than those who first received it, by the facts of the case."""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain import riskareas, routing
from tipportal.domain.cases import Case
from tipportal.domain.errors import Invalid
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Candidate
from tipportal.domain.texts import N_
from tipportal.envelope.genesis import Role

from .choosing import choose, known_parties, laid_out_for
from .context import Context

MOST_TRIES = 64


def draw_again(
    ctx: Context,
    uow: UnitOfWork,
    case: Case,
    channel: Channel,
    seed: str,
    *,
    area: str,
    subject_role: str,
    concerns: Sequence[str],
) -> list[tuple[bool, Candidate]]:
    """Who receives the case by the channel's policy, with whether on the panel; nobody who has left it.

    The same seed gives the same draw. Raises Invalid, NoPanel.
    """
    laid_out = laid_out_for(ctx, uow, case.organisation_id, channel)
    parties = known_parties(laid_out.in_force.policy, laid_out.board)
    # What the case was about may have gone since; what is left still keeps people out.
    still = [concern for concern in concerns if concern in parties]
    facts = routing.parse_facts(area, subject_role, still, areas=riskareas.KEYS, parties=parties)
    left = {separation.account_id for separation in uow.separations.of_case(case.id)}
    for number in range(MOST_TRIES):
        drawn = choose(ctx, laid_out, case.organisation_id, channel, facts, f"{seed}/{number}").drawn
        members = [(role == Role.PANEL, candidate) for _, role, candidate in drawn.members()]
        # A panel is never changed by hand: one with somebody who has left the case is drawn again, without standbys
        # who have left.
        if any(panel and candidate.account_id in left for panel, candidate in members):
            continue
        return [one for one in members if one[1].account_id not in left]
    raise Invalid(N_("Ingen ärendegrupp går att välja utan någon som har lämnat ärendet."), field="concerns")
