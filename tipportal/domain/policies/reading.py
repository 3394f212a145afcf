"""Reads a policy and a register from TOML, strictly: either both, sound and whole, or every fault with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tipportal.domain.organisations import Channel, Ground, OrganisationKind, SharingBasis
from tipportal.domain.routing import SubjectRole
from tipportal.domain.texts import N_

from .explaining import Sentence
from .policy import PANEL_SIZE, AuthorityRow, Policy, PolicyFunction, Route, Rule, When
from .positions import Path, lines_of
from .register import (
    Absence,
    DeclaredConflict,
    Firm,
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
    Sharing,
)
from .schema import SCHEMA
from .soundness import soundness_faults
from .structure import shape_faults

_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong, in which file, on which line (from 1)."""

    file: str
    line: int
    what: Sentence

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class FaultyPolicy(Exception):
    """The files cannot be used. ``faults``: everything that is wrong, in the order of the files' lines."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    content: dict[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, what: Sentence) -> FileFault:
        return FileFault(self.name, self.line(path), what)


def read(files: Sequence[tuple[str, str]], today: date) -> tuple[Policy, Register]:
    """Read a policy and a register from one file or two: ``files`` are names and TOML texts, ``today`` in Stockholm.

    Raises FaultyPolicy when a file is not TOML, has another shape than the schema's, or contradicts itself.
    """
    sources = _sources(files)
    holders: dict[str, _Source] = {}
    for source in sources:
        for part in source.content:
            if part in holders:
                twice = Sentence(N_("%(name)s finns i mer än en fil."), {"name": part})
                raise FaultyPolicy([source.fault((part,), twice)])
            holders[part] = source
    missing = [part for part in ("policy", "register") if part not in holders]
    if missing:
        needed = Sentence(N_("%(name)s saknas."), {"name": ", ".join(missing)})
        raise FaultyPolicy([sources[0].fault((), needed)])
    policy = _policy(holders["policy"].content["policy"])
    register = _register(holders["register"].content["register"])
    faults = [holders[str(path[0])].fault(path, what) for path, what in soundness_faults(policy, register, today)]
    if faults:
        raise FaultyPolicy(_in_order(faults))
    return policy, register


def read_policy(name: str, text: str) -> Policy:
    """Read only the policy of a file, by its shape alone. Raises FaultyPolicy."""
    (source,) = _sources([(name, text)])
    if "policy" not in source.content:
        raise FaultyPolicy([source.fault((), Sentence(N_("%(name)s saknas."), {"name": "policy"}))])
    return _policy(source.content["policy"])


def _sources(files: Sequence[tuple[str, str]]) -> list[_Source]:
    sources, faults = [], []
    for name, text in files:
        try:
            content = tomllib.loads(text)
            lines = lines_of(text.replace("\r\n", "\n"))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            faults.append(_not_toml(name, text, str(error)))
            continue
        source = _Source(name, content, lines)
        sources.append(source)
        faults += [source.fault(path, what) for path, what in shape_faults(content, SCHEMA)]
    if faults:
        raise FaultyPolicy(_in_order(faults))
    return sources


def _not_toml(name: str, text: str, message: str) -> FileFault:
    at = _LINE.search(message)
    line = int(at[1]) if at else text.count("\n") + 1
    return FileFault(name, line, Sentence(N_("Raden är inte giltig TOML: %(message)s."), {"message": message}))


def _in_order(faults: list[FileFault]) -> list[FileFault]:
    return sorted(faults, key=lambda fault: (fault.file, fault.line))


def _policy(raw: Mapping[str, Any]) -> Policy:
    return Policy(
        organisations=tuple(raw["organisations"]),
        functions=tuple(
            PolicyFunction(row["id"], row["name"], row["authority"], tuple(row["members"])) for row in raw["function"]
        ),
        authorities=tuple(
            AuthorityRow(
                row["authority"],
                tuple(map(Channel, row.get("channel", ()))),
                tuple(row.get("organisation", ())),
                tuple(row.get("area", ())),
            )
            for row in raw["authority"]
        ),
        defaults={channel: _route(raw["default"][channel.value]) for channel in Channel if channel in raw["default"]},
        ladder=tuple(tuple(rung) for rung in raw["ladder"]),
        rules=tuple(Rule(_when(row["when"]), _route(row)) for row in raw.get("rule", ())),
    )


def _when(raw: Mapping[str, Any]) -> When:
    return When(
        tuple(map(Channel, raw.get("channel", ()))),
        tuple(raw.get("organisation", ())),
        tuple(raw.get("area", ())),
        tuple(map(SubjectRole, raw.get("subject_role", ()))),
        tuple(raw.get("concerns", ())),
    )


def _route(raw: Mapping[str, Any]) -> Route:
    return Route(tuple(raw["to"]), raw["because"], raw.get("panel_size", PANEL_SIZE), tuple(raw.get("excludes", ())))


def _register(raw: Mapping[str, Any]) -> Register:
    return Register(
        organisations=tuple(
            RegisteredOrganisation(row["id"], row["name"], OrganisationKind(row["kind"]), row.get("part_of"))
            for row in raw["organisation"]
        ),
        units=tuple(
            RegisteredUnit(row["id"], row["name"], row["organisation"], row.get("parent"), row.get("head"))
            for row in raw["unit"]
        ),
        people=tuple(
            Person(row["id"], row["name"], row["unit"], row.get("elected", False), row.get("auditor", False))
            for row in raw["person"]
        ),
        designations=tuple(
            RegisteredDesignation(
                row["person"],
                row["function"],
                Ground(row["ground"]),
                row["decision"],
                row["valid_from"],
                row.get("valid_to"),
                row.get("rank", 1),
            )
            for row in raw["designation"]
        ),
        absences=tuple(Absence(row["person"], row["first"], row.get("last")) for row in raw.get("absence", ())),
        conflicts=tuple(DeclaredConflict(row["person"], tuple(row["subjects"])) for row in raw.get("conflict", ())),
        firms=tuple(
            Firm(row["organisation"], row["client"], tuple(row["named_persons"]), tuple(row.get("other_mandates", ())))
            for row in raw.get("firm", ())
        ),
        sharings=tuple(
            Sharing(
                row["organisation"],
                row["function"],
                SharingBasis(row["basis"]),
                row["decision"],
                row["valid_from"],
                row.get("valid_to"),
            )
            for row in raw.get("sharing", ())
        ),
    )
