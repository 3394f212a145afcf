"""What administrators see of the register, the accounts and the policies: one consistent snapshot, no case in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from tipportal.domain.accounts import Account, Role
from tipportal.domain.errors import NotFound
from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.organisations import (
    Absence,
    DeclaredConflict,
    Designation,
    Firm,
    Function,
    Organisation,
    OrganisationKind,
    Person,
    SharingAgreement,
    Unit,
)
from tipportal.domain.policies.policy import PolicyInForce
from tipportal.domain.riskareas import risk_area
from tipportal.domain.texts import N_

from .context import Context
from .ending import ending

"""How long before a designation ends administrators are warned (04)."""
Option = tuple[str, str]


class _Row(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Row)


@dataclass(frozen=True)
class Branch:
    """A unit with what stands below it in the line of command."""

    unit: Unit
    below: tuple[Branch, ...]


@dataclass(frozen=True)
class Survey:
    """The register as it stands on the Stockholm date ``today``.

    What looks for one of something by its id raises NotFound. Options are ids and what to call them, by name.
    """

    today: date
    version: int
    organisations: Sequence[Organisation]
    units: Sequence[Unit]
    functions: Sequence[Function]
    people: Sequence[Person]
    designations: Sequence[Designation]
    absences: Sequence[Absence]
    conflicts: Sequence[DeclaredConflict]
    firms: Sequence[Firm]
    agreements: Sequence[SharingAgreement]
    accounts: Sequence[Account]
    policies: Mapping[str, PolicyInForce]
    proofs: Mapping[str, KeptProof]

    def organisation(self, organisation_id: str) -> Organisation:
        """The organisation with an id."""
        return _found(self.organisations, organisation_id)

    def unit(self, unit_id: str) -> Unit:
        """The unit with an id."""
        return _found(self.units, unit_id)

    def function(self, function_id: str) -> Function:
        """The function with an id."""
        return _found(self.functions, function_id)

    def person(self, person_id: str) -> Person:
        """The person with an id."""
        return _found(self.people, person_id)

    def designation(self, designation_id: str) -> Designation:
        """The designation with an id."""
        return _found(self.designations, designation_id)

    def absence(self, absence_id: str) -> Absence:
        """The absence with an id."""
        return _found(self.absences, absence_id)

    def conflict(self, conflict_id: str) -> DeclaredConflict:
        """The declared conflict with an id."""
        return _found(self.conflicts, conflict_id)

    def agreement(self, agreement_id: str) -> SharingAgreement:
        """The sharing agreement with an id."""
        return _found(self.agreements, agreement_id)

    def account(self, account_id: str) -> Account:
        """The account with an id."""
        return _found(self.accounts, account_id)

    def firm(self, organisation_id: str) -> Firm:
        """The contract with a firm, by the firm's own organisation."""
        for firm in self.firms:
            if firm.organisation_id == organisation_id:
                return firm
        raise NotFound(N_("Sidan finns inte."))

    def organisation_options(self) -> list[Option]:
        """Organisations that have not ended."""
        return [(each.id, each.name) for each in self.organisations if each.ended_on is None]

    def external_options(self) -> list[Option]:
        """External organisations."""
        externals = {each.id for each in self.organisations if each.kind is OrganisationKind.EXTERNAL}
        return [option for option in self.organisation_options() if option[0] in externals]

    def unit_options(self) -> list[Option]:
        """Units, with their organisation."""
        return [
            (unit.id, f"{unit.name}, {self.names[unit.organisation_id]}")
            for unit in self.units
            if unit.ended_on is None
        ]

    def function_options(self) -> list[Option]:
        """Functions, with their receiving authority."""
        return [(each.id, self.function_name(each.id)) for each in self.functions if each.ended_on is None]

    def person_options(self) -> list[Option]:
        """People, with their unit."""
        return [self._person_option(person) for person in self.people if person.ended_on is None]

    def handler_options(self) -> list[Option]:
        """People who have, or may get, an account as handler: neither the elected nor auditors nor administrators."""
        others = {account.id for account in self.accounts if account.role is not Role.HANDLER}
        return [
            self._person_option(person)
            for person in self.people
            if person.ended_on is None and not (person.elected or person.auditor or person.id in others)
        ]

    def invitable_options(self) -> list[Option]:
        """People without an account."""
        invited = {account.id for account in self.accounts}
        return [
            self._person_option(person)
            for person in self.people
            if person.ended_on is None and person.id not in invited
        ]

    def external_person_options(self) -> list[Option]:
        """People of external organisations."""
        externals = {key for key, _ in self.external_options()}
        return [
            self._person_option(person)
            for person in self.people
            if person.ended_on is None and person.organisation_id in externals
        ]

    def function_name(self, function_id: str) -> str:
        """A function with its receiving authority: several authorities call theirs the same."""
        function = self.function(function_id)
        return f"{function.name}, {self.names[function.organisation_id]}"

    def designations_by_function(self) -> list[Designation]:
        """Designations by the name of their function, in the order in which people are asked."""
        return sorted(
            self.designations,
            key=lambda each: (self.function_name(each.function_id), each.rank, self.names.get(each.account_id, "")),
        )

    def expiring(self) -> Iterator[tuple[Designation, int]]:
        """Designations that end within thirty days and nothing follows, soonest first, with the days that are left."""
        for designation, last in ending(self.designations, self.today):
            yield designation, (last - self.today).days

    def tree(self, organisation_id: str) -> tuple[Branch, ...]:
        """The lines of command of an organisation: its units, each below the one above it."""
        units = [unit for unit in self.units if unit.organisation_id == organisation_id and unit.ended_on is None]
        known = {unit.id for unit in units}
        below: dict[str | None, list[Unit]] = {}
        for unit in units:
            below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)

        def branches(above: str | None) -> tuple[Branch, ...]:
            return tuple(Branch(unit, branches(unit.id)) for unit in below.get(above, ()))

        return branches(None)

    @property
    def absences_now(self) -> list[Absence]:
        """Absences that go on or are to come."""
        return [each for each in self.absences if each.last is None or each.last >= self.today]

    @property
    def conflicts_now(self) -> list[DeclaredConflict]:
        """Declared conflicts that hold."""
        return [each for each in self.conflicts if each.ended_on is None or each.ended_on >= self.today]

    def party(self, subject: str) -> str:
        """What the subject of a conflict is called: a person, unit, organisation or risk area."""
        kind, _, named = subject.partition(":")
        area = risk_area(named) if kind == "area" else None
        return area.name_sv if area is not None else self.names.get(named, named)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each id is called, of whatever kind."""
        rows: Iterable[Organisation | Unit | Function | Person | Account]
        rows = (*self.accounts, *self.organisations, *self.units, *self.functions, *self.people)
        return {row.id: row.name for row in rows}

    def _person_option(self, person: Person) -> Option:
        return person.id, f"{person.name}, {self.names.get(person.unit_id, '–')}"


def survey(ctx: Context) -> Survey:
    """Read everything at once."""
    with ctx.storage.read() as uow:
        register = uow.register
        organisations, accounts = register.organisations(), uow.accounts.all()
        people = {each.id: each for each in register.people()}
        # Handlers stand in the register by their account alone, until a change gives them a row.
        for each in accounts:
            if each.unit_id is not None and each.id not in people:
                people[each.id] = Person(each.id, each.organisation_id, each.name, each.unit_id)
        policies = {each.id: register.policy(each.id) for each in organisations}
        proofs = {each.id: register.proof(each.id) for each in organisations}
        return Survey(
            today=ctx.today(),
            version=register.version(),
            organisations=organisations,
            units=register.units(),
            functions=register.functions(),
            people=sorted(people.values(), key=lambda person: (person.name, person.id)),
            designations=register.designations(),
            absences=register.absences(),
            conflicts=register.conflicts(),
            firms=register.firms(),
            agreements=register.sharing_agreements(),
            accounts=accounts,
            policies={key: found for key, found in policies.items() if found is not None},
            proofs={key: found for key, found in proofs.items() if found is not None},
        )


def _found(rows: Sequence[T], wanted: str) -> T:
    for row in rows:
        if row.id == wanted:
            return row
    raise NotFound(N_("Sidan finns inte."))
