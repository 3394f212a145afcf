"""Keeps the facts that the follow-up counts, and links between cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case
from tipportal.domain.errors import IllegalTransition, TriageChanged
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.links import Link
from tipportal.domain.texts import N_
from tipportal.domain.triage import Facts, Reason, Triage

from .faults import guarded
from .mapping import columns_of, values_of
from .queries import held_by
from .rows import case_links, cases, triages

_CASE = columns_of(cases, Case)
_LINK = columns_of(case_links, Link)
_LISTS = ("types", "areas", "reasons")


class Triages:
    """Implements ``ports.Triages`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_case(self, case_id: str) -> Triage | None:
        """The newest facts of a case."""
        row = self._connection.execute(sa.select(triages).where(triages.c.case_id == case_id)).mappings().one_or_none()
        if row is None:
            return None
        facts = Facts(
            origin=row["origin"],
            types=tuple(IrregularityType(key) for key in row["types"].split()),
            areas=tuple(row["areas"].split()),
            relation=row["relation"],
            named=row["named"],
            reprisals=row["reprisals"],
            heard_how=row["heard_how"],
            reasons=tuple(Reason(key) for key in row["reasons"].split()),
        )
        return Triage(case_id, row["organisation_id"], row["version"], facts, row["member"], row["entered_at"])

    def keep(self, triage: Triage) -> None:
        """Keep a version. Raises TriageChanged unless it follows on the one that is kept."""
        values: dict[str, Any] = {**values_of(triage, "facts"), **values_of(triage.facts)}
        values.update({name: " ".join(values[name]) for name in _LISTS})
        changed = TriageChanged(N_("Någon annan har ändrat uppgifterna. Det du har fyllt i är kvar: jämför och spara."))
        if triage.version == 1:
            with guarded(self._connection, {"pk_triages": changed}):
                self._connection.execute(sa.insert(triages), values)
            return
        before = sa.and_(triages.c.case_id == triage.case_id, triages.c.version == triage.version - 1)
        if self._connection.execute(sa.update(triages).where(before).values(values)).rowcount != 1:
            raise changed


class Links:
    """Implements ``ports.Links`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, links: Sequence[Link]) -> None:
        """Keep both directions. Raises IllegalTransition when the two are linked already."""
        already = IllegalTransition(N_("Ärendena är redan länkade."))
        with guarded(self._connection, {"uq_case_links_standing": already}):
            self._connection.execute(sa.insert(case_links), [values_of(link) for link in links])

    def end(self, link: Link, on: date) -> Sequence[Link]:
        """End both directions; gives both as they were. Raises IllegalTransition when the link has ended."""
        pair = (link.case_id, link.other_case_id)
        both = sa.and_(
            case_links.c.case_id.in_(pair), case_links.c.other_case_id.in_(pair), case_links.c.ended_on.is_(None)
        )
        ended = [Link(*row) for row in self._connection.execute(sa.select(*_LINK).where(both))]
        if not ended:
            raise IllegalTransition(N_("Länken är redan borttagen."))
        self._connection.execute(sa.update(case_links).where(both).values(ended_on=on))
        return ended

    def standing(self, case_id: str, account_id: str, today: date) -> Sequence[tuple[Link, Case]]:
        """The links whose other case the account may see too: of any other not even the number is told."""
        query = (
            sa.select(*_LINK, *_CASE)
            .select_from(sa.join(case_links, cases, cases.c.id == case_links.c.other_case_id))
            .where(case_links.c.case_id == case_id, case_links.c.ended_on.is_(None), held_by(account_id, today))
            .order_by(case_links.c.linked_on, case_links.c.mark)
        )
        width = len(_LINK)
        return [(Link(*row[:width]), Case(*row[width:])) for row in self._connection.execute(query)]

    def linkable(self, case: Case, account_id: str, today: date, limit: int) -> Sequence[Case]:
        """Other cases of the same authority that the account may see, newest first."""
        query = (
            sa.select(*_CASE)
            .where(cases.c.authority_id == case.authority_id, cases.c.id != case.id, held_by(account_id, today))
            .order_by(cases.c.received_on.desc(), cases.c.reference.desc())
            .limit(limit)
        )
        return [Case(*row) for row in self._connection.execute(query)]
