"""Keeps trustees, their ceremonies and recoveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case, Grant, GrantKind
from tipportal.domain.errors import Conflict
from tipportal.domain.texts import N_
from tipportal.domain.trustees import CaseTrustee, Drill, Recovery, RecoveryState, Trustee, TrusteeSet

from .faults import guarded
from .mapping import columns_of, names_of, values_of
from .prepared import Prepared
from .rows import (
    case_trustees,
    cases,
    drills,
    epochs,
    grants,
    hidden_cases,
    recoveries,
    renewed_shares,
    trustee_sets,
    trustees,
)
from .versions import Versions

_SET = columns_of(trustee_sets, TrusteeSet, "trustees")
_TRUSTEE = columns_of(trustees, Trustee)
_OF_CASE = columns_of(case_trustees, CaseTrustee)
_RECOVERY = columns_of(recoveries, Recovery)
_DRILL = columns_of(drills, Drill)
_CASE = columns_of(cases, Case)
# Run by every submission.
_ADD_TO_CASE = Prepared(sa.insert(case_trustees), names_of(CaseTrustee))
_SHARE = grants.c.kind == GrantKind.TRUSTEE_SHARE


class Trustees:
    """Implements ``ports.Trustees`` in one transaction."""

    def __init__(self, connection: Connection, versions: Versions) -> None:
        self._connection = connection
        self._versions = versions

    def add_set(self, those: TrusteeSet) -> None:
        """Keep a new set. Raises Conflict when its version exists."""
        with guarded(self._connection, {"pk_trustee_sets": Conflict(N_("Det finns redan."))}):
            self._connection.execute(sa.insert(trustee_sets), values_of(those, "trustees"))
            self._connection.execute(
                sa.insert(trustees),
                [
                    {
                        **values_of(trustee),
                        "organisation_id": those.organisation_id,
                        "set_version": those.version,
                        "position": position,
                    }
                    for position, trustee in enumerate(those.trustees)
                ],
            )

    def set_of(self, version: int) -> TrusteeSet | None:
        """A set by its version."""
        return self._one(trustee_sets.c.version == version)

    def newest(self) -> TrusteeSet | None:
        """The newest set, acknowledged or not."""
        return self._one(sa.true())

    def current(self) -> TrusteeSet | None:
        """The set in force: the newest that has been acknowledged."""
        return self._one(trustee_sets.c.acknowledged_on.is_not(None))

    def acknowledge(self, version: int, on: date) -> None:
        """Put a set in force."""
        self._connection.execute(
            sa.update(trustee_sets).where(trustee_sets.c.version == version).values(acknowledged_on=on)
        )
        self._versions.touched()

    def add_to_case(self, those: Sequence[CaseTrustee]) -> None:
        """Keep whom an epoch names."""
        if those:
            _ADD_TO_CASE.run_each(self._connection, [values_of(one) for one in those])

    def of_case(self, case_id: str) -> Sequence[CaseTrustee]:
        """The trustees of all of a case's epochs, by epoch and pseudonym."""
        query = (
            sa.select(*_OF_CASE)
            .where(case_trustees.c.case_id == case_id)
            .order_by(case_trustees.c.epoch, sa.func.length(case_trustees.c.member), case_trustees.c.member)
        )
        return [CaseTrustee(*row) for row in self._connection.execute(query)]

    def replace_shares(self, case_id: str, shares: Sequence[Grant]) -> None:
        """Put these shares in the place of all that the case has; the other grants stay."""
        self._connection.execute(sa.delete(grants).where(grants.c.case_id == case_id, _SHARE))
        self._connection.execute(sa.insert(grants), [{**values_of(share), "released": False} for share in shares])

    def shares_made_by(self, case_id: str) -> str | None:
        """The member who made a case's shares last; None while they are as the source's browser left them."""
        query = sa.select(renewed_shares.c.member).where(renewed_shares.c.case_id == case_id)
        return self._connection.execute(query).scalar_one_or_none()

    def note_maker(self, case: Case, member: str) -> None:
        """Keep which member has made a case's shares."""
        self._connection.execute(sa.delete(renewed_shares).where(renewed_shares.c.case_id == case.id))
        row = {"organisation_id": case.organisation_id, "case_id": case.id, "member": member}
        self._connection.execute(sa.insert(renewed_shares), row)

    def remove_grant(self, grant: Grant) -> None:
        """Delete a member's grant, in place of which a recovery gives another."""
        self._connection.execute(
            sa.delete(grants).where(
                grants.c.case_id == grant.case_id,
                grants.c.epoch == grant.epoch,
                grants.c.holder == grant.holder,
                grants.c.kind == grant.kind,
            )
        )

    def shares_outside(self, version: int, *, without: str | None) -> int:
        """How many cases have shares that are held by others than a set's trustees, or none in some epoch.

        ``without`` those that are hidden from an account.
        """
        inside = sa.select(trustees.c.id).where(trustees.c.set_version == version)
        foreign = sa.select(grants.c.case_id).where(_SHARE, grants.c.holder.not_in(inside))
        lacking = sa.select(epochs.c.case_id).where(
            ~sa.exists().where(grants.c.case_id == epochs.c.case_id, grants.c.epoch == epochs.c.epoch, _SHARE)
        )
        found = sa.union(foreign, lacking).subquery()
        hidden = sa.select(hidden_cases.c.case_id).where(hidden_cases.c.account_id == without)
        query = sa.select(sa.func.count()).select_from(found).where(found.c.case_id.not_in(hidden))
        return self._connection.execute(query).scalar_one()

    def holding_shares(self) -> frozenset[str]:
        """The ids of the trustees who hold a share of any case."""
        return frozenset(self._connection.execute(sa.select(grants.c.holder).where(_SHARE).distinct()).scalars())

    def case_by_reference(self, reference: str) -> Case | None:
        """A case, whoever has its keys: only to recover it."""
        return self._case(cases.c.reference == reference)

    def case_by_id(self, case_id: str) -> Case | None:
        """The same by its id."""
        return self._case(cases.c.id == case_id)

    def begin_recovery(self, recovery: Recovery) -> None:
        """Keep a recovery that two have agreed on. Raises Conflict while another of the case is open."""
        already = Conflict(N_("Ärendet återställs redan."))
        with guarded(self._connection, {"uq_recoveries_open_case_id": already}):
            self._connection.execute(sa.insert(recoveries), values_of(recovery))

    def open_recoveries(self) -> Sequence[Recovery]:
        """The recoveries that wait for the trustees."""
        query = sa.select(*_RECOVERY).where(recoveries.c.state == RecoveryState.OPEN).order_by(recoveries.c.id)
        return [Recovery(*row) for row in self._connection.execute(query)]

    def recovery(self, recovery_id: str) -> Recovery | None:
        """A recovery by its id."""
        row = self._connection.execute(sa.select(*_RECOVERY).where(recoveries.c.id == recovery_id)).one_or_none()
        return None if row is None else Recovery(*row)

    def settle_recovery(self, recovery_id: str, state: RecoveryState, epoch: int | None) -> None:
        """Say how a recovery ended. Raises Conflict unless it is open."""
        changed = self._connection.execute(
            sa.update(recoveries)
            .where(recoveries.c.id == recovery_id, recoveries.c.state == RecoveryState.OPEN)
            .values(state=state, epoch=epoch)
        )
        if changed.rowcount != 1:
            raise Conflict(N_("Återställningen är redan avslutad."))

    def add_drill(self, drill: Drill) -> None:
        """Keep a drill."""
        self._connection.execute(sa.insert(drills), values_of(drill))

    def newest_drill(self, version: int) -> Drill | None:
        """The newest drill with a set."""
        query = (
            sa.select(*_DRILL)
            .where(drills.c.set_version == version)
            .order_by(drills.c.done_on.desc(), drills.c.id)
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Drill(*row)

    def _case(self, condition: sa.ColumnElement[bool]) -> Case | None:
        row = self._connection.execute(sa.select(*_CASE).where(condition)).one_or_none()
        return None if row is None else Case(*row)

    def _one(self, condition: sa.ColumnElement[bool]) -> TrusteeSet | None:
        query = sa.select(*_SET).where(condition).order_by(trustee_sets.c.version.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        of_set = sa.select(*_TRUSTEE).where(trustees.c.set_version == row.version).order_by(trustees.c.position)
        named = tuple(Trustee(*one) for one in self._connection.execute(of_set))
        organisation_id, version, threshold, change_id, acknowledged_on = row
        return TrusteeSet(organisation_id, version, threshold, change_id, acknowledged_on, named)
