"""Keeps how staff entered a case, and the codes that sources have replaced."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case
from tipportal.domain.errors import AlreadyDecided, CaseExists
from tipportal.domain.intake import Code, Intake, ReplacedCode
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import cases, intakes, replaced_codes

_INTAKE = columns_of(intakes, Intake)
_REPLACED = columns_of(replaced_codes, ReplacedCode)


class Intakes:
    """Implements ``ports.Intakes`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, intake: Intake) -> None:
        """Keep how a case came."""
        self._connection.execute(sa.insert(intakes), values_of(intake))

    def of_case(self, case_id: str) -> Intake | None:
        """How a case came that staff entered."""
        row = self._connection.execute(sa.select(*_INTAKE).where(intakes.c.case_id == case_id)).one_or_none()
        return None if row is None else Intake(*row)

    def replaced(self, case_id: str) -> ReplacedCode | None:
        """The source's own keys, if they have replaced what staff handed over."""
        row = self._connection.execute(sa.select(*_REPLACED).where(replaced_codes.c.case_id == case_id)).one_or_none()
        return None if row is None else ReplacedCode(*row)

    def replace_code(self, case: Case, replaced: ReplacedCode, lookup_digest: bytes, on: date) -> None:
        """Let a case answer to the new code alone. Raises AlreadyDecided, CaseExists; see ``ports.Intakes``."""
        changed = self._connection.execute(
            sa.update(intakes)
            .where(intakes.c.case_id == case.id, intakes.c.code == Code.GIVEN)
            .values(code=Code.REPLACED, replaced_on=on)
        )
        if changed.rowcount != 1:
            raise AlreadyDecided(N_("Koden är redan bytt."))
        taken = CaseExists(N_("Det finns redan ett ärende med den här koden."))
        with guarded(self._connection, {"uq_cases_lookup_digest": taken}):
            # To be settled once more: where the row now lies would tell when the source first came.
            self._connection.execute(
                sa.update(cases).where(cases.c.id == case.id).values(lookup_digest=lookup_digest, settled=False)
            )
        self._connection.execute(sa.insert(replaced_codes), values_of(replaced))
