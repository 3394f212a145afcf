"""A second opinion on a draw, from the design's words: what is wrong with who was drawn, or with drawing nobody.

It knows the policy by the oracle's sets of names, and shares no code with the draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from tests.support.independence_oracle import Oracle, People, Question
from tipportal.domain.independence.drawing import Draw, Seat
from tipportal.domain.policies.policy import Facts, Route


@dataclass(frozen=True)
class Allowed:
    """Who may take part, in which order they are asked, and what a panel is here."""

    oracle: Oracle
    people: People
    size: int
    functions: set[str]
    parties: set[str]
    levels: list[list[str]]

    def present(self, rungs: int) -> People:
        """Those who are not away, of the route's functions and of so many rungs."""
        asked = [function for level in self.levels[: rungs + 1] for function in level]
        members = frozenset().union(*(self.oracle.members(function) for function in asked))
        away = {
            each.person
            for each in self.oracle.register.absences
            if each.first <= self.oracle.today and (each.last is None or self.oracle.today <= each.last)
        }
        return (self.people & members) - away

    def is_panel(self, panel: People) -> bool:
        return self.oracle.is_panel(panel, self.size, self.functions, self.parties)

    def is_mixed(self, panel: People) -> bool:
        return len({self.oracle.unit(person) for person in panel}) >= 2

    def has(self, rungs: int, *, mixed: bool) -> bool:
        """Whether those present make a panel: from two units, or of whatever kind is valid."""
        return any(
            self.is_panel(panel) and (not mixed or self.is_mixed(panel))
            for panel in map(frozenset, combinations(sorted(self.present(rungs)), self.size))
        )

    def asked(self, person: str) -> tuple[int, int, int, str]:
        """How early a person is asked, and for which function: level, place in it, rank."""
        for number, level in enumerate(self.levels):
            for place, function in enumerate(level):
                if person in self.oracle.members(function):
                    ranks = [
                        each.rank
                        for each in self.oracle.register.designations
                        if (each.person, each.function) == (person, function)
                        and each.valid_from <= self.oracle.today
                        and (each.valid_to is None or each.valid_to >= self.oracle.today)
                    ]
                    return number, place, min(ranks), function
        raise AssertionError(person)


def allowed(oracle: Oracle, facts: Facts) -> Allowed:
    """Who may take part when all of these parties are concerned."""
    route, authority = _route(oracle, facts)
    levels = [
        [function for function in functions if oracle.functions[function].authority == authority]
        for functions in (route.to, *oracle.policy.ladder)
    ]
    functions = {function for level in levels for function in level}
    people = frozenset().union(*(oracle.members(function) for function in functions))
    people -= oracle.declared({f"organisation:{facts.organisation}", f"area:{facts.area}"})
    for concern in (*facts.concerns, *(f"organisation:{each}" for each in route.excludes)):
        people -= oracle.excluded_by(concern)
    parties = {oracle.whole(facts.organisation), oracle.whole(authority)}
    return Allowed(oracle, people, route.panel_size, functions, parties, levels)


def faults(oracle: Oracle, facts: Facts, drawn: Draw | None) -> Iterator[str]:
    """Everything that is wrong with a draw; ``drawn`` is None when nobody was drawn."""
    may = allowed(oracle, facts)
    last = len(may.levels) - 1
    if drawn is None:
        if may.has(last, mixed=False):
            yield "there was a panel"
        return
    panel, everybody = [seat.person for seat in drawn.panel], [*drawn.panel, *drawn.standby]
    if sorted(seat.person for seat in everybody) != sorted(may.people):
        yield "not exactly those who may take part, each once"
        return
    if len(panel) != may.size or not may.is_panel(frozenset(panel)):
        yield "no valid panel"
    if not set(panel) <= may.present(drawn.rungs):
        yield "somebody away, or from a rung that was not asked"
    if drawn.firm_alone == may.is_mixed(frozenset(panel)):
        yield "a firm alone is not said"
    if drawn.firm_alone and may.has(last, mixed=True):
        yield "a firm alone where others could"
    if drawn.rungs and may.has(drawn.rungs - 1, mixed=not drawn.firm_alone):
        yield "a rung too many"
    if any((seat.rank, seat.function) != may.asked(seat.person)[2:] for seat in everybody):
        yield "asked for another function or rank"
    yield from _order(may, drawn)


def _order(may: Allowed, drawn: Draw) -> Iterator[str]:
    present = may.present(drawn.rungs)
    first, *others = drawn.panel
    panel = frozenset(seat.person for seat in drawn.panel)
    earlier = {person for person in present if may.asked(person)[:3] < may.asked(first.person)[:3]}
    if any(
        person in candidate
        and may.is_panel(frozenset(candidate))
        and may.is_mixed(frozenset(candidate)) != drawn.firm_alone
        for person in earlier
        for candidate in combinations(sorted(present), may.size)
    ):
        yield "somebody should have been asked first"

    def instead(seat: Seat, person: str) -> bool:
        swapped = panel - {seat.person} | {person}
        return may.is_panel(swapped) and may.is_mixed(swapped)

    for seat in others:
        free = [person for person in present - panel if instead(seat, person) and not _external(may, person)]
        if seat.place.external and free:
            yield "an external party where others could"
        if may.size == 2 and not drawn.firm_alone:
            elsewhere = [person for person in free if may.oracle.party(person) != may.oracle.party(first.person)]
            if may.oracle.party(seat.person) == may.oracle.party(first.person) and elsewhere:
                yield "both of one party where another could"
    waiting = [(seat.away, *may.asked(seat.person)[:3]) for seat in drawn.standby]
    if waiting != sorted(waiting):
        yield "standby in another order"


def _external(may: Allowed, person: str) -> bool:
    return may.oracle.kind[may.oracle.home[may.oracle.works_in[person]]] == "external"


def _route(oracle: Oracle, facts: Facts) -> tuple[Route, str]:
    concerns = facts.concerns or {None}
    questions = [Question(facts.channel, facts.organisation, facts.area, facts.subject_role, c) for c in concerns]
    for rule in oracle.policy.rules:
        # With several parties concerned the first rule that fits any of them decides.
        met = [q for q in questions if oracle.meets(rule.when, q)]
        if met:
            return rule.route, oracle.authority(met[0])
    return oracle.policy.defaults[facts.channel], oracle.authority(questions[0])
