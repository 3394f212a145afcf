"""A policy in words: whom it covers, who is in each function, and where each report goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.organisations import Channel
from tipportal.domain.riskareas import risk_area
from tipportal.domain.routing import UNKNOWN, SubjectRole
from tipportal.domain.texts import N_

from .explaining import Sentence
from .policy import PANEL_SIZE, Policy, Route, When

CHANNELS = {Channel.TIP: N_("tips"), Channel.REPORT: N_("rapport")}
ROLES = {
    SubjectRole.UNKNOWN: N_("okänd"),
    SubjectRole.EMPLOYEE: N_("anställd"),
    SubjectRole.MANAGER: N_("chef"),
    SubjectRole.SENIOR_POSITION: N_("någon i ledande ställning"),
    SubjectRole.ELECTED_OFFICIAL: N_("förtroendevald"),
    SubjectRole.SUPPLIER: N_("leverantör eller utförare"),
    SubjectRole.PRIVATE_PERSON: N_("privatperson"),
}
DEFAULTS = {
    Channel.TIP: N_("Tips går annars till %(route)s."),
    Channel.REPORT: N_("Rapporter går annars till %(route)s."),
}


@dataclass(frozen=True, slots=True)
class Description:
    """A policy in sentences: who is covered and who receives, the functions, the rules in their order, the ladder.

    ``because``: why, for each rule, as the policy itself words it.
    """

    covers: tuple[Sentence, ...]
    functions: tuple[Sentence, ...]
    rules: tuple[tuple[Sentence, str], ...]
    ladder: tuple[Sentence, ...]


def describe(policy: Policy, names: Mapping[str, str]) -> Description:
    """Put a policy in words. ``names``: what each id of the register is called; an unknown id stands for itself."""
    known = {**names, **{function.id: function.name for function in policy.functions}}
    return Description(
        covers=tuple(_covers(policy, known)),
        functions=tuple(_functions(policy, known)),
        rules=tuple(_rules(policy, known)),
        ladder=tuple(
            Sentence(
                N_("Steg %(number)d: %(functions)s träder in."),
                {"number": number, "functions": _named(rung, known)},
            )
            for number, rung in enumerate(policy.ladder, 1)
        ),
    )


def _covers(policy: Policy, names: Mapping[str, str]) -> Iterator[Sentence]:
    yield Sentence(N_("Gäller för %(names)s."), {"names": _named(policy.organisations, names)})
    for row in policy.authorities:
        what = [
            *(str(each) for each in _channels(row.channels)),
            *(names.get(each, each) for each in row.organisations),
            *_areas(row.areas),
        ]
        authority = names.get(row.authority, row.authority)
        if what:
            values = {"authority": authority, "what": ", ".join(what)}
            yield Sentence(N_("%(authority)s är mottagande myndighet för %(what)s."), values)
        else:
            yield Sentence(N_("%(authority)s är mottagande myndighet."), {"authority": authority})


def _functions(policy: Policy, names: Mapping[str, str]) -> Iterator[Sentence]:
    for function in policy.functions:
        values = {
            "function": function.name,
            "authority": names.get(function.authority, function.authority),
            "members": _named(function.members, names),
        }
        yield Sentence(N_("%(function)s hos %(authority)s: %(members)s."), values)


def _rules(policy: Policy, names: Mapping[str, str]) -> Iterator[tuple[Sentence, str]]:
    for rule in policy.rules:
        values = {"when": _when(rule.when, names), "route": _route(rule.route, names)}
        yield Sentence(N_("Om %(when)s: till %(route)s."), values), rule.route.because
    for channel, route in sorted(policy.defaults.items()):
        yield Sentence(DEFAULTS[channel], {"route": _route(route, names)}), route.because


def _route(route: Route, names: Mapping[str, str]) -> Sentence:
    to = _named(route.to, names)
    size = "" if route.panel_size == PANEL_SIZE else f" ({route.panel_size})"
    if route.excludes:
        values = {"to": f"{to}{size}", "excludes": _named(route.excludes, names)}
        return Sentence(N_("%(to)s, utan någon från %(excludes)s"), values)
    return Sentence("%(to)s", {"to": f"{to}{size}"})


def _when(when: When, names: Mapping[str, str]) -> Sentence:
    """The condition as one sentence of parts; each part is a sentence, so that all of it can be translated."""
    parts: list[Sentence] = []
    if when.channels:
        parts.append(Sentence(N_("kanalen är %(values)s"), {"values": _either(_channels(when.channels))}))
    if when.organisations:
        parts.append(Sentence(N_("det gäller %(values)s"), {"values": _named(when.organisations, names)}))
    if when.areas:
        parts.append(Sentence(N_("området är %(values)s"), {"values": _either(_areas(when.areas))}))
    if when.subject_roles:
        roles = [Sentence(ROLES[role]) for role in when.subject_roles]
        parts.append(Sentence(N_("den som berörs är %(values)s"), {"values": _either(roles)}))
    if when.concerns:
        named = [names.get(each.partition(":")[2], each) for each in when.concerns]
        parts.append(Sentence(N_("%(values)s berörs"), {"values": ", ".join(named)}))
    return _joined(parts, N_("%(one)s och %(other)s"))


def _either(values: Sequence[str | Sentence]) -> Sentence:
    return _joined([each if isinstance(each, Sentence) else Sentence("%(to)s", {"to": each}) for each in values])


def _joined(parts: Sequence[Sentence], word: str = N_("%(one)s eller %(other)s")) -> Sentence:
    whole = parts[0]
    for part in parts[1:]:
        whole = Sentence(word, {"one": whole, "other": part})
    return whole


def _channels(channels: Sequence[Channel]) -> list[Sentence]:
    return [Sentence(CHANNELS[channel]) for channel in channels]


def _areas(areas: Sequence[str]) -> list[str]:
    return [area.name_sv if key != UNKNOWN and (area := risk_area(key)) is not None else key for key in areas]


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(each, each) for each in ids) or "–"
