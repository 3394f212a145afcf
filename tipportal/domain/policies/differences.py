"""What changed between two policies, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tipportal.domain.texts import N_

from .explaining import Sentence
from .policy import Policy, Rule
from .writing import inline_route, inline_when


def differences(old: Policy, new: Policy) -> tuple[Sentence, ...]:
    """Every change from ``old`` to ``new``; empty exactly when they are equal."""
    return tuple(_all(old, new))


def _all(old: Policy, new: Policy) -> Iterator[Sentence]:
    yield from _listed(
        N_("Omfattar nu %(id)s."), N_("Omfattar inte längre %(id)s."), old.organisations, new.organisations
    )
    if moved(old.organisations, new.organisations):
        yield Sentence(N_("Organisationerna står i en annan ordning."))
    yield from _functions(old, new)
    if old.authorities != new.authorities:
        yield Sentence(N_("Mottagande myndigheter är ändrade."))
    yield from _listed(
        N_("Kanalen %(id)s är ny."),
        N_("Kanalen %(id)s finns inte längre."),
        tuple(sorted(channel.value for channel in old.defaults)),
        tuple(sorted(channel.value for channel in new.defaults)),
    )
    for channel, route in sorted(new.defaults.items()):
        if channel in old.defaults and old.defaults[channel] != route:
            values = {"channel": channel.value, "old": inline_route(old.defaults[channel]), "new": inline_route(route)}
            yield Sentence(N_("Annars i kanalen %(channel)s: %(new)s, förut: %(old)s."), values)
    if old.ladder != new.ladder:
        values = {"old": _ladder(old), "new": _ladder(new)}
        yield Sentence(N_("Stegen är %(new)s, förut: %(old)s."), values)
    yield from _rules(old.rules, new.rules)


def _functions(old: Policy, new: Policy) -> Iterator[Sentence]:
    before = {function.id: function for function in old.functions}
    after = {function.id: function for function in new.functions}
    yield from _listed(N_("Ny funktion: %(id)s."), N_("Borttagen funktion: %(id)s."), tuple(before), tuple(after))
    kept = [id_ for id_ in before if id_ in after]
    for id_ in kept:
        was, is_ = before[id_], after[id_]
        gone = N_("%(function)s: %(id)s är inte längre medlem.")
        extra = {"function": id_}
        yield from _listed(N_("%(function)s: %(id)s är ny medlem."), gone, was.members, is_.members, extra)
        if moved(was.members, is_.members):
            yield Sentence(N_("%(function)s: medlemmarna står i en annan ordning."), extra)
        renamed = (
            (N_("%(function)s heter nu %(new)s, förut: %(old)s."), was.name, is_.name),
            (N_("%(function)s hör nu till %(new)s, förut: %(old)s."), was.authority, is_.authority),
        )
        for text, one, other in renamed:
            if one != other:
                yield Sentence(text, {**extra, "old": one, "new": other})
    if moved(tuple(before), tuple(after)):
        yield Sentence(N_("Funktionerna står i en annan ordning."))


def _rules(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Sentence]:
    """Rules are told apart by their conditions, which no two rules of a sound policy share."""
    before = {rule.when: rule.route for rule in old}
    after = {rule.when: rule.route for rule in new}
    for when, route in before.items():
        if when not in after:
            values = {"when": inline_when(when), "route": inline_route(route)}
            yield Sentence(N_("Borttagen regel: %(when)s → %(route)s."), values)
    for when, route in after.items():
        values = {"when": inline_when(when), "route": inline_route(route)}
        if when not in before:
            yield Sentence(N_("Ny regel: %(when)s → %(route)s."), values)
        elif before[when] != route:
            changed = {**values, "old": inline_route(before[when])}
            yield Sentence(N_("Ändrad regel: %(when)s → %(route)s, förut: %(old)s."), changed)
    if moved(tuple(before), tuple(after)):
        yield Sentence(N_("Reglerna står i en annan ordning, och den första som passar gäller."))


def _listed(
    added: str,
    gone: str,
    old: Sequence[str],
    new: Sequence[str],
    extra: Mapping[str, str] | None = None,
) -> Iterator[Sentence]:
    yield from (Sentence(added, {"id": each, **(extra or {})}) for each in new if each not in old)
    yield from (Sentence(gone, {"id": each, **(extra or {})}) for each in old if each not in new)


def moved(old: Sequence[object], new: Sequence[object]) -> bool:
    """Whether what stands in both stands in another order."""
    return [each for each in old if each in new] != [each for each in new if each in old]


def _ladder(policy: Policy) -> str:
    return " → ".join(", ".join(rung) for rung in policy.ladder)
