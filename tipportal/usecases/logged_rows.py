"""What stands in the register held against the log: designations, people's keys and policies have no row of their own.

Whoever edits such a row behind the program's back gives somebody access that no two administrators gave; the log still
says what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.envelope.keys import VerificationKey

Body: TypeAlias = dict[str, object]
Designated: TypeAlias = tuple[object, object, object, object]


@dataclass(slots=True)
class RowAudit:
    """Follows what entries say of rows: designations by id, and the newest version of each organisation's policy."""

    designations: dict[str, Designated] = field(default_factory=dict)
    policies: dict[str, object] = field(default_factory=dict)

    def follow(self, kind: object, facts: Body) -> None:
        """Take in an entry."""
        named = str(facts.get("id"))
        match kind:
            case EntryKind.DESIGNATION_MADE:
                held = (facts.get("person"), facts.get("function"), facts.get("valid_from"), facts.get("valid_to"))
                self.designations[named] = held
            case EntryKind.DESIGNATION_ENDED if named in self.designations:
                self.designations[named] = (*self.designations[named][:3], facts.get("valid_to"))
            case EntryKind.POLICY_ACTIVATED:
                organisations = facts.get("organisations")
                for each in organisations if isinstance(organisations, list) else []:
                    self.policies[str(each)] = facts.get("version")
            case _:
                pass

    def compare(
        self, uow: UnitOfWork, keys: Mapping[str, VerificationKey], found: Callable[[int | None, str], None]
    ) -> None:
        """Say where rows differ. ``keys`` are those with which people enrolled, by account."""
        kept: dict[str, Designated] = {
            each.id: (
                each.account_id,
                each.function_id,
                each.valid_from.isoformat(),
                None if each.valid_to is None else each.valid_to.isoformat(),
            )
            for each in uow.register.designations()
        }
        for designation in sorted({*kept} | {*self.designations}):
            if kept.get(designation) != self.designations.get(designation):
                found(None, f"Utseende {designation} står på ett annat sätt i databasen än i loggen.")
        for account in uow.accounts.all():
            known = keys.get(account.id)
            if account.verification_key is not None and (known is None or known.raw != account.verification_key):
                found(None, f"Konto {account.id} har en annan nyckel i databasen än i loggen.")
        for organisation, version in sorted(self.policies.items()):
            policy = uow.register.policy(organisation)
            if policy is None or policy.version != version:
                found(None, f"Policyn för {organisation} är en annan i databasen än i loggen.")
