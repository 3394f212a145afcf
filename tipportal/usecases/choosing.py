"""Who receives a case: drawn from the policy in force and the register of today, with the reasons (04).

Nothing of cases enters the draw, so that asking with one set of facts after the other does not tell who has a case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tipportal.domain.errors import NotFound
from tipportal.domain.handlinglog import Json
from tipportal.domain.independence.board import Board
from tipportal.domain.independence.drawing import Draw, Seat, draw
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import FUNCTION, ORGANISATION, UNIT, Facts, Policy
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import UNKNOWN, Candidate, Drawn, RoutingFacts
from tipportal.domain.texts import N_

from . import listed
from .boards import LaidOut
from .context import Context

DECISION_VERSION = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was drawn for a case, by which policy, and why. ``function_names`` are the panel's, in its order."""

    drawn: Drawn
    draw: Draw
    facts: Facts
    policy_version: int
    register_version: int
    function_names: tuple[str, ...]

    @property
    def authority_id(self) -> str:
        """The receiving authority."""
        return self.draw.authority


def choose(
    ctx: Context, laid_out: LaidOut, organisation_id: str, channel: Channel, facts: RoutingFacts, nonce: str
) -> Choice:
    """Draw the panel for routing facts. The same nonce and facts give the same, as long as register and policy do.

    ``laid_out`` is what ``laid_out_for`` gave for the organisation and channel; ``nonce`` is the form token's. Raises
    NoPanel when nobody remains.
    """
    listed.must_be_in_force(laid_out.directory, ctx.today())
    whole = Facts(channel, organisation_id, facts.area or UNKNOWN, facts.subject_role, facts.concerns)
    chosen = json.dumps(facts.as_json(), sort_keys=True).encode()
    seed = ctx.keyed("panel", organisation_id.encode(), channel.value.encode(), nonce.encode(), chosen)
    drawn = draw(laid_out.chooser, whole, seed)
    names = {function.id: function.name for function in laid_out.in_force.policy.functions}
    return Choice(
        drawn=Drawn(
            panel=tuple(_candidate(laid_out, seat) for seat in drawn.panel),
            standby=tuple(_candidate(laid_out, seat) for seat in drawn.standby),
        ),
        draw=drawn,
        facts=whole,
        policy_version=laid_out.in_force.version,
        register_version=laid_out.register_version,
        function_names=tuple(names[function] for function in dict.fromkeys(seat.function for seat in drawn.panel)),
    )


def laid_out_for(ctx: Context, uow: UnitOfWork, organisation_id: str, channel: Channel) -> LaidOut:
    """An open channel's policy with the register of today. Raises NotFound when the channel is not open."""
    found = ctx.boards.of(uow, organisation_id, ctx.today())
    if found is None or channel not in found.in_force.policy.defaults or not _is_open(uow, organisation_id, channel):
        raise NotFound(N_("Sidan finns inte."))
    return found


def _is_open(uow: UnitOfWork, organisation_id: str, channel: Channel) -> bool:
    # What no two administrators have opened is not there. Whatever lapses later never closes it.
    return uow.changes.channel_open(organisation_id, channel)


def known_parties(policy: Policy, board: Board) -> frozenset[str]:
    """Everything that can be named as concerned: units and organisations of the register, functions of the policy."""
    return frozenset({
        *(f"{UNIT}{unit.id}" for unit in board.register.units),
        *(f"{ORGANISATION}{organisation.id}" for organisation in board.register.organisations),
        *(f"{FUNCTION}{function.id}" for function in policy.functions),
    })  # fmt: skip


def decision_body(choice: Choice, salt: bytes) -> dict[str, Json]:
    """Who was chosen for a case, who was not, and why: what is sealed to the case, and committed to in the log.

    ``salt``: 32 random bytes, so that the commitment in the log cannot be tried out against guesses.
    """
    taken, facts = choice.draw, choice.facts
    members = {candidate.account_id: member for member, _, candidate in choice.drawn.members()}

    def seats(those: tuple[Seat, ...]) -> list[Json]:
        return [
            {
                "member": members[seat.person],
                "person": seat.person,
                "function": seat.function,
                "unit": seat.place.unit,
                "rank": seat.rank,
                "away": seat.away,
            }
            for seat in those
        ]

    return {
        "v": DECISION_VERSION,
        "salt": salt.hex(),
        "channel": facts.channel.value,
        "organisation": facts.organisation,
        "area": facts.area,
        "subject_role": facts.subject_role.value,
        "concerns": sorted(facts.concerns),
        "authority": taken.authority,
        "policy": choice.policy_version,
        "register": choice.register_version,
        "rule": taken.rule,
        "because": taken.route.because,
        "to": list(taken.route.to),
        "excludes": list(taken.route.excludes),
        "rungs": taken.rungs,
        "firm_alone": taken.firm_alone,
        "panel": seats(taken.panel),
        "standby": seats(taken.standby),
        "passed_over": [{"person": person, "why": why.value} for person, why in taken.passed_over],
    }


def _candidate(laid_out: LaidOut, seat: Seat) -> Candidate:
    keys = laid_out.keys[seat.person]
    return Candidate(
        account_id=seat.person,
        function_id=seat.function,
        unit_id=seat.place.unit,
        party=seat.place.party,
        external=seat.place.external,
        rank=seat.rank,
        recipient=keys.recipient,
        verification_key=keys.verification_key,
    )
