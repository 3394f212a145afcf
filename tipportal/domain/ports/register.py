"""What keeps organisations, units, functions, designations and policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.organisations import Designation, Function, Organisation, Unit
from tipportal.domain.routing import Candidate, Policy


class Register(Protocol):
    """Organisations, units, functions, designations and policies."""

    def add_organisation(self, organisation: Organisation) -> None:
        """Raises Conflict when the slug is taken."""

    def add_unit(self, unit: Unit) -> None: ...
    def add_function(self, function: Function) -> None: ...
    def add_designation(self, designation: Designation) -> None: ...
    def add_policy(self, policy: Policy, activated_at: int) -> None:
        """Raises Conflict when the version exists."""

    def organisation(self, slug: str) -> Organisation | None: ...
    def organisation_by_id(self, organisation_id: str) -> Organisation | None: ...
    def organisations(self) -> Sequence[Organisation]:
        """All, by name."""

    def unit(self, unit_id: str) -> Unit | None: ...
    def units(self, organisation_id: str) -> Sequence[Unit]: ...
    def unit_names(self, unit_ids: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """The id, name and organisation's name of each unit, in one query."""

    def functions(self, organisation_id: str | None = None) -> Sequence[Function]: ...
    def function(self, function_id: str) -> Function | None: ...
    def designations(self, function_id: str) -> Sequence[Designation]: ...
    def policy(self, organisation_id: str) -> Policy | None:
        """The newest version, or None: an organisation without a policy has no open channel."""

    def candidates(self, function_id: str, today: date) -> Sequence[Candidate]:
        """Active handlers with keys who are designated to the function today, ordered by account id."""
