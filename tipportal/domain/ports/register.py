"""What keeps organisations, lines of command, people, functions, the decisions about them, and policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.organisations import (
    Absence,
    DeclaredConflict,
    Designation,
    Firm,
    Function,
    Organisation,
    Person,
    SharingAgreement,
    Unit,
)
from tipportal.domain.policies import register as snapshots
from tipportal.domain.policies.policy import Policy, PolicyInForce
from tipportal.domain.routing import HandlerKeys


class Register(Protocol):
    """The register and the policies. Each change of the register raises ``version()`` by one.

    ``add_…`` raises Conflict when the id (an organisation's slug) is taken. ``change_…`` writes the whole row anew and
    raises NotFound when there is none: ending something is a change that sets its last day.
    """

    def version(self) -> int:
        """How many changes there were: the same number means the same register, once committed."""

    @property
    def is_changed(self) -> bool:
        """Whether this unit of work has changed the register, so that its version is not yet anybody else's."""

    def snapshot(self) -> snapshots.Register:
        """Everything that a draw and a proof depend on, without what has ended; each list by id."""

    def add_organisation(self, organisation: Organisation) -> None: ...
    def change_organisation(self, organisation: Organisation) -> None: ...
    def organisation(self, slug: str) -> Organisation | None: ...
    def organisation_by_id(self, organisation_id: str) -> Organisation | None: ...
    def organisations(self) -> Sequence[Organisation]:
        """All, by name."""

    def add_unit(self, unit: Unit) -> None: ...
    def change_unit(self, unit: Unit) -> None: ...
    def unit(self, unit_id: str) -> Unit | None: ...
    def units(self, organisation_id: str | None = None) -> Sequence[Unit]:
        """An organisation's units, or all, by name."""

    def unit_names(self, unit_ids: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """The id, name and organisation's name of each unit, in one query."""

    def add_function(self, function: Function) -> None: ...
    def change_function(self, function: Function) -> None: ...
    def functions(self, organisation_id: str | None = None) -> Sequence[Function]: ...
    def function(self, function_id: str) -> Function | None: ...

    def add_person(self, person: Person) -> None: ...
    def change_person(self, person: Person) -> None: ...
    def person(self, person_id: str) -> Person | None: ...
    def people(self, organisation_id: str | None = None) -> Sequence[Person]:
        """Those with a row of their own, by name."""

    def add_designation(self, designation: Designation) -> None: ...
    def change_designation(self, designation: Designation) -> None: ...
    def designation(self, designation_id: str) -> Designation | None: ...
    def designations(self, function_id: str | None = None) -> Sequence[Designation]:
        """A function's designations, or all, past and coming ones too, by rank."""

    def add_absence(self, absence: Absence) -> None: ...
    def change_absence(self, absence: Absence) -> None: ...
    def remove_absence(self, absence_id: str) -> None:
        """Take an absence away that another has lifted on its first day. Raises NotFound."""

    def absence(self, absence_id: str) -> Absence | None: ...
    def absences(self, person_id: str | None = None) -> Sequence[Absence]:
        """A person's absences, or all, oldest first."""

    def add_conflict(self, conflict: DeclaredConflict) -> None: ...
    def change_conflict(self, conflict: DeclaredConflict) -> None: ...
    def conflict(self, conflict_id: str) -> DeclaredConflict | None: ...
    def conflicts(self, person_id: str | None = None) -> Sequence[DeclaredConflict]:
        """What a person has declared, or all, oldest first."""

    def add_firm(self, firm: Firm) -> None: ...
    def change_firm(self, firm: Firm) -> None: ...
    def firm(self, organisation_id: str) -> Firm | None: ...
    def firms(self) -> Sequence[Firm]:
        """All, by organisation."""

    def add_sharing_agreement(self, agreement: SharingAgreement) -> None: ...
    def change_sharing_agreement(self, agreement: SharingAgreement) -> None: ...
    def sharing_agreement(self, agreement_id: str) -> SharingAgreement | None: ...
    def sharing_agreements(self, organisation_id: str | None = None) -> Sequence[SharingAgreement]:
        """An organisation's agreements, or all, oldest first."""

    def is_designated(self, account_id: str, today: date) -> bool:
        """Whether some designation of the account is active on the Stockholm date ``today``."""

    def expiring(self, today: date, days: int) -> Sequence[Designation]:
        """The designations whose last day is ``today`` or within ``days`` days after it, soonest first."""

    def add_policy(self, policy: Policy, activated_at: int) -> int:
        """Keep a policy for every organisation that it covers, from ``activated_at`` (UTC seconds) on.

        Returns the new version: the same for all of them, one above the highest that any of them had, 0 at first.
        """

    def policy(self, organisation_id: str) -> PolicyInForce | None:
        """The newest version, or None: an organisation without a policy has no open channel."""

    def policies(self) -> Sequence[PolicyInForce]:
        """Every policy that is in force somewhere, each once."""

    def policy_texts(self) -> Sequence[tuple[str, int, str]]:
        """Every version of every organisation's policy, by both, with its text as it is kept."""

    def handler_keys(self, account_ids: Sequence[str]) -> Sequence[HandlerKeys]:
        """The public keys of those of the accounts that are active handlers with keys."""

    def keep_proof(self, proof: KeptProof) -> None:
        """Keep what the newest proof of an organisation's policy found, in place of the one before."""

    def proof(self, organisation_id: str) -> KeptProof | None: ...
