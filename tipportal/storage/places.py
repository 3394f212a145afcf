"""The places of cases in their present epoch: statements put together once, since each page and each tick asks them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.accounts import AccountState
from tipportal.domain.approvals import ProposalState
from tipportal.domain.cases import CaseState, GrantKind
from tipportal.domain.separations import Seat
from tipportal.domain.trustees import RecoveryState

from .prepared import Prepared
from .rows import accounts, cases, grants, prepared_epochs, proposals, reads, recoveries

_FIRST = grants.alias("first")
_DONE = (CaseState.CLOSED, CaseState.LOCKED)


def of_case(connection: Connection, case_id: str) -> Sequence[Seat]:
    """The places of a case in the order of the draw; absences are not read."""
    return [seat for _, seat in _read(_ONE.rows(connection, {"case_id": case_id}))]


def of_open(connection: Connection, case_ids: Sequence[str]) -> Mapping[str, Sequence[Seat]]:
    """Those of the cases that are neither closed nor locked, by case."""
    found: defaultdict[str, list[Seat]] = defaultdict(list)
    for case_id, seat in _read(connection.execute(_OPEN, {"case_ids": case_ids})):
        found[case_id].append(seat)
    return found


def _read(rows: Iterable[Any]) -> Iterable[tuple[str, Seat]]:
    for case_id, holder, member, unit_id, function_id, kind, released, standby, state, seen in rows:
        here = state is AccountState.ACTIVE
        yield (
            case_id,
            Seat(
                holder=holder,
                member=member,
                unit_id=unit_id,
                function_id=function_id,
                panel=kind is GrantKind.PANEL,
                released=released,
                first_standby=standby,
                here=here,
                present=here,
                opened=seen,
            ),
        )


def _places(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    # Somebody who was let in later has keys of the first epoch too, but did not stand by in genesis. Pseudonyms
    # only rise, so they and all who came in with them have none before the first that an approved act let in.
    first, own = prepared_epochs.c.member, grants.c.member
    let_in = (
        sa.select(prepared_epochs.c.proposal_id)
        .join(proposals, proposals.c.id == prepared_epochs.c.proposal_id)
        .where(
            proposals.c.case_id == grants.c.case_id,
            proposals.c.state == ProposalState.APPROVED,
            sa.or_(
                sa.func.length(first) < sa.func.length(own),
                sa.and_(sa.func.length(first) == sa.func.length(own), first <= own),
            ),
        )
        .correlate(grants)
        .exists()
    )
    # What trustees recover has a panel that genesis knows nothing of.
    recovered = (
        sa.select(recoveries.c.id)
        .where(recoveries.c.case_id == grants.c.case_id, recoveries.c.state == RecoveryState.DONE)
        .correlate(grants)
        .exists()
    )
    first_standby = (
        sa.select(_FIRST.c.holder)
        .where(
            _FIRST.c.case_id == grants.c.case_id,
            _FIRST.c.epoch == 0,
            _FIRST.c.holder == grants.c.holder,
            _FIRST.c.kind == GrantKind.STANDBY,
        )
        .correlate(grants)
        .exists()
    )
    opened = (
        sa.select(reads.c.seq)
        .where(reads.c.case_id == grants.c.case_id, reads.c.account_id == grants.c.holder)
        .correlate(grants)
        .exists()
    )
    return (
        sa.select(
            grants.c.case_id,
            grants.c.holder,
            grants.c.member,
            grants.c.unit_id,
            grants.c.function_id,
            grants.c.kind,
            grants.c.released,
            sa.and_(first_standby, ~let_in, ~recovered),
            accounts.c.state,
            opened,
        )
        .join_from(grants, cases, sa.and_(cases.c.id == grants.c.case_id, cases.c.epoch == grants.c.epoch))
        .join(accounts, accounts.c.id == grants.c.holder)
        .where(which, sa.or_(grants.c.kind == GrantKind.PANEL, grants.c.kind == GrantKind.STANDBY))
        # By length first, so that h10 comes after h9.
        .order_by(grants.c.case_id, sa.func.length(grants.c.member), grants.c.member)
    )


_ONE = Prepared(_places(cases.c.id == sa.bindparam("case_id", type_=sa.Text)))
_OPEN = _places(
    sa.and_(cases.c.state.not_in(_DONE), cases.c.id.in_(sa.bindparam("case_ids", expanding=True, type_=sa.Text)))
)
