"""What changed between two policies, as the handling log keeps it: closed words, ids and numbers, and nobody's name.

``differences.py`` tells the same to the two who decide, with the people and the conditions of rules, which do not
belong in a log that outlives both.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.handlinglog import Json
from tipportal.domain.listed import Listed, first

from .differences import moved
from .policy import FUNCTION, ORGANISATION, Policy, PolicyFunction, PolicyInForce, Route, Rule

CHANNEL = "channel:"
"""How a channel is written among functions and organisations."""
MOST_LINES = 24
"""Lines of one activation that the log tells; the others are counted by kind."""
MOST_NAMED = 6
"""Functions, channels and organisations that one line names."""


class What(enum.StrEnum):
    """What can change in a policy. The enumeration only grows: the log names it."""

    ORGANISATION_COVERED = "organisation_covered"
    ORGANISATION_LEFT = "organisation_left"
    FUNCTION_ADDED = "function_added"
    FUNCTION_REMOVED = "function_removed"
    FUNCTION_RENAMED = "function_renamed"
    FUNCTION_MOVED = "function_moved"
    MEMBERS_ADDED = "members_added"
    MEMBERS_REMOVED = "members_removed"
    MEMBERS_ORDERED = "members_ordered"
    AUTHORITIES = "authorities"
    CHANNEL_ADDED = "channel_added"
    CHANNEL_REMOVED = "channel_removed"
    PANEL_SIZE = "panel_size"
    ROUTE = "route"
    LADDER = "ladder"
    RULES_ADDED = "rules_added"
    RULES_REMOVED = "rules_removed"
    RULES_CHANGED = "rules_changed"
    RULES_ORDERED = "rules_ordered"
    REASON = "reason"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Changed:
    """One change, ``number`` times. ``of``: ``function:``, ``channel:`` and ``organisation:`` ids that it concerns.

    ``more``: how many of those are not named. ``sizes``: a panel's least size before and after.
    """

    what: What
    of: tuple[str, ...] = ()
    number: int = 1
    more: int = 0
    sizes: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Json]:
        """The change as it stands in the log: what has its usual value is left out."""
        told: dict[str, Json] = {"what": self.what.value, "of": list(self.of)}
        if self.number > 1:
            told["number"] = self.number
        if self.more:
            told["more"] = self.more
        if self.sizes is not None:
            told["sizes"] = list(self.sizes)
        return told


@dataclass(frozen=True, slots=True)
class Since:
    """What an activation changes for those organisations whose policy had been version ``since`` (None: they had none).

    Of a first policy nothing is listed: all of it is new.
    """

    since: int | None
    organisations: tuple[str, ...]
    changes: Listed[Changed]

    def to_json(self) -> dict[str, Json]:
        """The same as it stands in the log."""
        return {"since": self.since, "organisations": list(self.organisations), **self.changes.to_json()}


def since(before: Mapping[str, PolicyInForce | None], new: Policy) -> tuple[Since, ...]:
    """What ``new`` changes, for each policy that it takes the place of. ``before`` is by organisation covered by it."""
    old = {known.version: known.policy for known in before.values() if known is not None}
    groups: dict[int | None, list[str]] = {}
    for organisation in new.organisations:
        known = before[organisation]
        groups.setdefault(None if known is None else known.version, []).append(organisation)
    most = max(1, MOST_LINES // len(groups))
    return tuple(
        Since(version, tuple(covered), Listed() if version is None else first(changed(old[version], new), most))
        for version, covered in groups.items()
    )


def changed(old: Policy, new: Policy) -> tuple[Changed, ...]:
    """Every change from ``old`` to ``new``, the same ones counted; empty exactly when the two are equal."""
    found = Counter(_all(old, new))
    return tuple(Changed(one.what, one.of, number, one.more, one.sizes) for one, number in found.items())


def _all(old: Policy, new: Policy) -> Iterator[Changed]:
    covered, left = What.ORGANISATION_COVERED, What.ORGANISATION_LEFT
    yield from _listed(covered, left, ORGANISATION, old.organisations, new.organisations)
    yield from _functions(old.functions, new.functions)
    if old.authorities != new.authorities:
        one_sided = {*old.authorities} ^ {*new.authorities}
        rows = [row for row in (*old.authorities, *new.authorities) if row in one_sided]
        yield _change(What.AUTHORITIES, (f"{ORGANISATION}{row.authority}" for row in rows))
    channels = (sorted(old.defaults), sorted(new.defaults))
    yield from _listed(What.CHANNEL_ADDED, What.CHANNEL_REMOVED, CHANNEL, *channels)
    for channel in channels[1]:
        if channel in old.defaults:
            of = (f"{CHANNEL}{channel}", *_to(new.defaults[channel]))
            yield from _route(What.ROUTE, of, old.defaults[channel], new.defaults[channel])
    if old.ladder != new.ladder:
        yield _change(What.LADDER, (f"{FUNCTION}{function}" for rung in new.ladder for function in rung))
    yield from _rules(old.rules, new.rules)
    if moved(old.organisations, new.organisations):
        yield Changed(What.ORDER)
    if moved([each.id for each in old.functions], [each.id for each in new.functions]):
        yield Changed(What.ORDER)


def _functions(old: Sequence[PolicyFunction], new: Sequence[PolicyFunction]) -> Iterator[Changed]:
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    yield from _listed(What.FUNCTION_ADDED, What.FUNCTION_REMOVED, FUNCTION, tuple(before), tuple(after))
    for name in [each for each in before if each in after]:
        was, is_, of = before[name], after[name], (f"{FUNCTION}{name}",)
        if was.name != is_.name:
            yield Changed(What.FUNCTION_RENAMED, of)
        if was.authority != is_.authority:
            yield Changed(What.FUNCTION_MOVED, (*of, f"{ORGANISATION}{is_.authority}"))
        yield from (Changed(What.MEMBERS_ADDED, of) for each in is_.members if each not in was.members)
        yield from (Changed(What.MEMBERS_REMOVED, of) for each in was.members if each not in is_.members)
        if moved(was.members, is_.members):
            yield Changed(What.MEMBERS_ORDERED, of)


def _rules(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Changed]:
    """Rules are told apart by their conditions, which no two rules of a sound policy share."""
    before, after = {rule.when: rule for rule in old}, {rule.when: rule for rule in new}
    yield from (_change(What.RULES_REMOVED, _of(rule)) for when, rule in before.items() if when not in after)
    for when, rule in after.items():
        if when not in before:
            yield _change(What.RULES_ADDED, _of(rule))
        else:
            yield from _route(What.RULES_CHANGED, _of(rule), before[when].route, rule.route)
    if moved(tuple(before), tuple(after)):
        yield Changed(What.RULES_ORDERED)


def _route(what: What, of: Iterable[str], was: Route, now: Route) -> Iterator[Changed]:
    of = tuple(of)
    if was.panel_size != now.panel_size:
        yield _change(What.PANEL_SIZE, of, (was.panel_size, now.panel_size))
    if (was.to, was.excludes) != (now.to, now.excludes):
        yield _change(what, of)
    if was.because != now.because:
        yield _change(What.REASON, of)


def _of(rule: Rule) -> Iterator[str]:
    """Where a rule leads, and of its condition channels and organisations alone: a unit or a role is somebody."""
    yield from _to(rule.route)
    yield from (f"{CHANNEL}{channel}" for channel in rule.when.channels)
    yield from (f"{ORGANISATION}{each}" for each in rule.when.organisations)


def _to(route: Route) -> Iterator[str]:
    return (f"{FUNCTION}{function}" for function in route.to)


def _change(what: What, of: Iterable[str], sizes: tuple[int, int] | None = None) -> Changed:
    named = tuple(dict.fromkeys(of))
    return Changed(what, named[:MOST_NAMED], more=len(named[MOST_NAMED:]), sizes=sizes)


def _listed(added: What, gone: What, prefix: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Changed]:
    yield from (Changed(added, (f"{prefix}{each}",)) for each in new if each not in old)
    yield from (Changed(gone, (f"{prefix}{each}",)) for each in old if each not in new)
