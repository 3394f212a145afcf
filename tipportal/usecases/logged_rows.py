"""What stands in the register held against the log: designations, people's keys and the text of policies.

Whoever edits such a row behind the program's back gives somebody access that no two administrators gave; the log still
says what they did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.policies.reading import FaultyPolicy, read_policy
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope.keys import VerificationKey

from .logtree import Found

Body: TypeAlias = dict[str, object]
Designated: TypeAlias = tuple[object, object, object, object]
_FILE = "policy.toml"


@dataclass(slots=True)
class RowAudit:
    """Follows what entries say of rows: designations by id, and every version of each organisation's policy.

    ``policies``: by organisation and version the SHA-256 of the text in hex, and the change that brought it.
    """

    designations: dict[str, Designated] = field(default_factory=dict)
    policies: dict[tuple[str, object], tuple[object, str]] = field(default_factory=dict)

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
                    self.policies[str(each), facts.get("version")] = (facts.get("document"), str(facts.get("change")))
            case _:
                pass

    def compare(self, uow: UnitOfWork, keys: Mapping[str, VerificationKey], found: Found) -> None:
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
                found(
                    None,
                    N_("Utseende %(designation)s står på ett annat sätt i databasen än i loggen."),
                    designation=designation,
                )
        for account in uow.accounts.all():
            known = keys.get(account.id)
            if account.verification_key is not None and (known is None or known.raw != account.verification_key):
                found(None, N_("Konto %(account)s har en annan nyckel i databasen än i loggen."), account=account.id)
        self._compare_policies(uow, found)

    def _compare_policies(self, uow: UnitOfWork, found: Found) -> None:
        """Old versions too: by them the cases of their time were given to their members."""
        texts: dict[tuple[str, object], str] = {
            (organisation, version): text for organisation, version, text in uow.register.policy_texts()
        }
        payloads = dict(uow.changes.approved())
        for organisation, version in sorted({*texts} | {*self.policies}, key=str):
            text, logged = texts.get((organisation, version)), self.policies.get((organisation, version))
            if text is None or logged is None:
                found(
                    None,
                    N_("Policyn för %(organisation)s är en annan i databasen än i loggen."),
                    organisation=organisation,
                )
            elif hashlib.sha256(text.encode()).hexdigest() != logged[0]:
                found(
                    None,
                    N_("Policyn för %(organisation)s, version %(version)s, har en annan text än den i loggen."),
                    organisation=organisation,
                    version=version,
                )
            elif not _says_what_was_signed(text, payloads.get(logged[1], b"")):
                found(
                    None,
                    N_("Policyn för %(organisation)s, version %(version)s, är inte den som undertecknades."),
                    organisation=organisation,
                    version=version,
                )


def _says_what_was_signed(text: str, payload: bytes) -> bool:
    """Whether a text means what the payload of its change does: that is read and written anew before it is kept."""
    try:
        signed = json.loads(payload)["policy"]
        return read_policy(_FILE, text) == read_policy(_FILE, str(signed))
    except (FaultyPolicy, ValueError, KeyError, TypeError):
        return False
