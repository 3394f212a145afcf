"""Writes a policy and a register as TOML in one exact form: the same value always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from .policy import PANEL_SIZE, Policy, Route, When
from .register import Register

_Value: TypeAlias = "str | int | date | Sequence[_Value] | Mapping[str, _Value] | None"


def write_policy(policy: Policy) -> str:
    """The policy part as TOML text. ``reading.read`` gives the same policy back."""
    lines = ["[policy]", *_pairs({"organisations": policy.organisations, "ladder": policy.ladder})]
    for function in policy.functions:
        fields: Mapping[str, _Value] = {
            "id": function.id, "name": function.name, "authority": function.authority, "members": function.members,
        }  # fmt: skip
        lines += _table("[[policy.function]]", fields)
    for row in policy.authorities:
        fields = {
            "authority": row.authority, "channel": row.channels, "organisation": row.organisations, "area": row.areas,
        }  # fmt: skip
        lines += _table("[[policy.authority]]", fields)
    for channel, route in sorted(policy.defaults.items()):
        lines += _table(f"[policy.default.{channel.value}]", _route(route))
    for rule in policy.rules:
        lines += _table("[[policy.rule]]", {"when": _when(rule.when), **_route(rule.route)})
    return "\n".join(lines) + "\n"


def write_register(register: Register) -> str:
    """The register part as TOML text. ``reading.read`` gives the same register back."""
    tables: list[tuple[str, Iterable[Mapping[str, _Value]]]] = [
        (
            "organisation",
            ({"id": o.id, "name": o.name, "kind": o.kind.value, "part_of": o.part_of} for o in register.organisations),
        ),
        (
            "unit",
            (
                {"id": u.id, "name": u.name, "organisation": u.organisation, "parent": u.parent, "head": u.head}
                for u in register.units
            ),
        ),
        (
            "person",
            (
                {"id": p.id, "name": p.name, "unit": p.unit, "elected": p.elected or None, "auditor": p.auditor or None}
                for p in register.people
            ),
        ),
        (
            "designation",
            (
                {
                    "person": d.person,
                    "function": d.function,
                    "ground": d.ground.value,
                    "decision": d.decision,
                    "valid_from": d.valid_from,
                    "valid_to": d.valid_to,
                    "rank": None if d.rank == 1 else d.rank,
                }
                for d in register.designations
            ),
        ),
        ("absence", ({"person": a.person, "first": a.first, "last": a.last} for a in register.absences)),
        ("conflict", ({"person": c.person, "subjects": c.subjects} for c in register.conflicts)),
        (
            "firm",
            (
                {
                    "organisation": f.organisation,
                    "client": f.client,
                    "named_persons": f.named_persons,
                    "other_mandates": f.other_mandates,
                }
                for f in register.firms
            ),
        ),
        (
            "sharing",
            (
                {
                    "organisation": s.organisation,
                    "function": s.function,
                    "basis": s.basis.value,
                    "decision": s.decision,
                    "valid_from": s.valid_from,
                    "valid_to": s.valid_to,
                }
                for s in register.sharings
            ),
        ),
    ]
    lines = ["[register]"]
    for name, rows in tables:
        for row in rows:
            lines += _table(f"[[register.{name}]]", row)
    return "\n".join(lines) + "\n"


def inline_route(route: Route) -> str:
    """A route as one TOML value."""
    return _value(_said(_route(route)))


def inline_when(when: When) -> str:
    """A condition as one TOML value."""
    return _value(_when(when))


def _route(route: Route) -> Mapping[str, _Value]:
    size = None if route.panel_size == PANEL_SIZE else route.panel_size
    return {"to": route.to, "panel_size": size, "excludes": route.excludes, "because": route.because}


def _when(when: When) -> Mapping[str, _Value]:
    names = ("channel", "organisation", "area", "subject_role", "concerns")
    return {name: part for name, part in zip(names, when.parts(), strict=True) if part}


def _table(head: str, fields: Mapping[str, _Value]) -> list[str]:
    return ["", head, *_pairs(fields)]


def _pairs(fields: Mapping[str, _Value]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in _said(fields).items()]


def _said(fields: Mapping[str, _Value]) -> Mapping[str, _Value]:
    # What is not said is not written: absent and empty mean the same in every optional field.
    return {key: value for key, value in fields.items() if value is not None and value != ()}


def _value(value: _Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's; DEL alone is allowed in one and not in the other, and our texts never hold it.
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(part)}" for key, part in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return str(value)
