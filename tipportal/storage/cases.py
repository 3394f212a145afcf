"""Cases with their epochs and grants."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import (
    Case,
    CaseState,
    Epoch,
    EpochState,
    Grant,
    GrantKind,
    Outcome,
    RecordKind,
    StoredRecord,
    Stream,
)
from tipportal.domain.errors import CaseExists, Conflict, EpochExists
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import Row
from tipportal.domain.selection import EVERYTHING, Selection
from tipportal.domain.texts import N_

from . import queries
from .blobs import StagedBlobs
from .faults import guarded
from .mapping import columns_of, names_of, values_of
from .prepared import Prepared
from .records import Records
from .rows import cases, epochs, grants, holdings, reads, records

_CASE = columns_of(cases, Case)
_EPOCH = columns_of(epochs, Epoch)
_GRANT = columns_of(grants, Grant)
_FIND = sa.select(*_CASE)
_HELD = queries.held_by(sa.bindparam("account", type_=sa.Text), sa.bindparam("today", type_=sa.Date))
_BY_LOOKUP = Prepared(_FIND.where(cases.c.lookup_digest == sa.bindparam("lookup")))
_ADD = Prepared(sa.insert(cases), [*names_of(Case), "settled", "decision"])
_ADD_EPOCH = Prepared(sa.insert(epochs), [*names_of(Epoch), "settled"])
_ADD_GRANT = Prepared(sa.insert(grants), [*names_of(Grant), "released"])
_FOR_HOLDER = _FIND.where(cases.c.reference == sa.bindparam("reference"), _HELD)
_BY_ID_FOR_HOLDER = _FIND.where(cases.c.id == sa.bindparam("case"), _HELD)
_RELEASED_AT_ONCE = (GrantKind.PANEL, GrantKind.SOURCE)
_BY_AN_ACT_OF_A_SOURCE = ("source", "server")


class Cases:
    """Implements ``ports.Cases`` in one transaction."""

    def __init__(self, connection: Connection, blobs: StagedBlobs) -> None:
        self._connection = connection
        self._records = Records(connection, blobs)
        # The case that this transaction has added, as long as nothing but its first keys has followed.
        self._new: Case | None = None

    def add(self, case: Case, *, decision: bytes | None = None) -> None:
        """Keep a case with the sealed reasons for its panel.

        Raises Conflict on a taken reference, CaseExists on a taken lookup digest.
        """
        refusals = {
            "uq_cases_reference": Conflict(N_("Ärendenumret är upptaget."), field="reference"),
            "uq_cases_lookup_digest": CaseExists(N_("Det finns redan ett ärende med den här koden.")),
        }
        with guarded(self._connection, refusals, single=True):
            _ADD.run(self._connection, {**values_of(case), "settled": False, "decision": decision})
        self._new = case

    def decision(self, case_id: str) -> bytes | None:
        """The sealed reasons for the case's panel, if it has any."""
        return self._connection.execute(sa.select(cases.c.decision).where(cases.c.id == case_id)).scalar_one_or_none()

    def by_lookup(self, lookup_digest: bytes) -> Case | None:
        """The case that a code leads to."""
        row = _BY_LOOKUP.row(self._connection, {"lookup": lookup_digest})
        return None if row is None else Case(*row)

    def for_holder(self, reference: str, account_id: str, today: date) -> Case | None:
        """The case with a reference, if the account may see it on the Stockholm date ``today``; else None."""
        return self._one(_FOR_HOLDER, {"reference": reference, "account": account_id, "today": today})

    def by_id_for_holder(self, case_id: str, account_id: str, today: date) -> Case | None:
        """The same question by the case's id."""
        return self._one(_BY_ID_FOR_HOLDER, {"case": case_id, "account": account_id, "today": today})

    def rows_for(
        self,
        account_id: str,
        *,
        after: tuple[date, str] | None,
        limit: int,
        selection: Selection = EVERYTHING,
        now: int,
    ) -> Sequence[Row]:
        """A page of the holder's list; see ``ports.Cases``."""
        page = queries.Page(account_id, after=after, limit=limit, selection=selection)
        return queries.rows_for(self._connection, page, now)

    def rows_of(self, account_id: str, case_ids: Sequence[str], now: int) -> Sequence[Row]:
        """Those of these cases that are the holder's own, oldest first."""
        return queries.rows_of(self._connection, account_id, case_ids, now)

    def counts_for(self, account_id: str, now: int) -> dict[str, int]:
        """What the holder's list counts; see ``ports.Cases``."""
        return queries.counts_for(self._connection, account_id, now)

    def add_epoch(self, epoch: Epoch) -> None:
        """Begin an epoch; the one before it closes with it. Raises EpochExists."""
        exists = EpochExists(N_("Någon annan i ärendegruppen hann före. Försök igen."))
        with guarded(self._connection, {"pk_epochs": exists, "uq_epochs_one_open": exists}, single=epoch.epoch == 0):
            if epoch.epoch > 0:
                self._close(epoch.case_id, epochs.c.epoch < epoch.epoch)
            settled = epoch.opened_by not in _BY_AN_ACT_OF_A_SOURCE
            _ADD_EPOCH.run(self._connection, {**values_of(epoch), "settled": settled})

    def close_epoch(self, case_id: str, epoch: int) -> None:
        """Take no more records under an epoch's keys."""
        self._close(case_id, epochs.c.epoch == epoch)

    def epochs(self, case_id: str) -> Sequence[Epoch]:
        """A case's epochs, oldest first."""
        query = sa.select(*_EPOCH).where(epochs.c.case_id == case_id).order_by(epochs.c.epoch)
        return [Epoch(*row) for row in self._connection.execute(query)]

    def add_grant(self, grant: Grant) -> None:
        """Keep a sealed key. Raises Conflict when the holder has one of the kind, or the pseudonym is another's."""
        self.add_grants([grant])

    def add_grants(self, new: Sequence[Grant]) -> None:
        """Keep sealed keys, all or none, in few statements. Raises Conflict as ``add_grant``."""
        twice = Conflict(N_("En nyckel finns redan."), field="grants")
        rows = [{**values_of(grant), "released": grant.kind in _RELEASED_AT_ONCE} for grant in new]
        with guarded(self._connection, {"pk_grants": twice, "uq_grants_case_id_epoch_member_kind": twice}):
            _ADD_GRANT.run_each(self._connection, rows)
        self._list([grant for grant in new if grant.kind is GrantKind.PANEL])

    def grants(self, case_id: str, epoch: int | None = None) -> Sequence[Grant]:
        """A case's grants, withheld ones too, by epoch, then member number."""
        query = sa.select(*_GRANT).where(grants.c.case_id == case_id)
        if epoch is not None:
            query = query.where(grants.c.epoch == epoch)
        return self._grants(query)

    def grants_of(self, case_id: str, holder: str) -> Sequence[Grant]:
        """The holder's own released grants, by epoch."""
        return self._grants(
            sa.select(*_GRANT).where(grants.c.case_id == case_id, grants.c.holder == holder, grants.c.released)
        )

    def add_record(self, record: StoredRecord) -> None:
        """Keep a record. Raises SequenceConflict, EpochClosed; see ``ports.Cases``."""
        self.add_records([record])

    def add_records(self, new: Sequence[StoredRecord]) -> None:
        """Keep records in this order, all or none, in few statements. Raises as ``add_record``."""
        self._new = None
        self._records.add(new)

    def records(self, case_id: str, streams: Sequence[Stream]) -> Sequence[StoredRecord]:
        """A case's records, by stream, then number."""
        return self._records.of_case(case_id, streams)

    def last_record(self, case_id: str, stream: Stream) -> StoredRecord | None:
        """The newest record of a stream."""
        return self._records.last(case_id, stream)

    def newest(self, case_ids: Sequence[str], kind: RecordKind) -> dict[str, StoredRecord]:
        """The newest record of a kind in each case that has one."""
        return self._records.newest(case_ids, kind)

    def advance(
        self,
        case: Case,
        *,
        state: CaseState | None = None,
        epoch: int | None = None,
        covered: bool | None = None,
        feedback_on: date | None = None,
        closed_on: date | None = None,
        outcome: Outcome | None = None,
    ) -> Case:
        """Write what is given if state and epoch are still as in ``case``. Raises Conflict otherwise."""
        given = {
            "state": state,
            "epoch": epoch,
            "covered": covered,
            "feedback_on": feedback_on,
            "closed_on": closed_on,
            "outcome": outcome,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if not changes:
            return case
        self._new = None
        changed = self._connection.execute(
            sa.update(cases)
            .where(cases.c.id == case.id, cases.c.state == case.state, cases.c.epoch == case.epoch)
            .values(changes)
        )
        if changed.rowcount != 1:
            raise Conflict(N_("Ärendet har ändrats under tiden. Läs om sidan och försök igen."))
        if state is not None:
            self._connection.execute(sa.update(holdings).where(holdings.c.case_id == case.id).values(state=state))
        if epoch is not None:
            self._unlist_who_left(case.id, epoch)
        return dataclasses.replace(case, **changes)

    def reopen(self, case: Case, state: CaseState) -> Case:
        """Take back that the case was closed. Raises Conflict unless state and epoch are still as in ``case``."""
        covered = None if state is CaseState.ACKNOWLEDGED else case.covered
        case = self.advance(case, state=state)
        taken_back: dict[str, Any] = {"closed_on": None, "outcome": None, "covered": covered}
        self._connection.execute(sa.update(cases).where(cases.c.id == case.id).values(taken_back))
        return dataclasses.replace(case, **taken_back)

    def reclassify(self, case: Case) -> Case:
        """Make a report of a tip, as one that nobody has assessed. Raises Conflict as ``advance``."""
        changes: dict[str, Any] = {
            "channel": Channel.REPORT,
            "state": CaseState.ACKNOWLEDGED,
            "covered": None,
            "feedback_on": None,
        }
        changed = self._connection.execute(
            sa.update(cases)
            .where(
                cases.c.id == case.id,
                cases.c.state == case.state,
                cases.c.epoch == case.epoch,
                cases.c.channel == Channel.TIP,
            )
            .values(changes)
        )
        if changed.rowcount != 1:
            raise Conflict(N_("Ärendet har ändrats under tiden. Läs om sidan och försök igen."))
        listed = sa.update(holdings).where(holdings.c.case_id == case.id)
        self._connection.execute(listed.values(channel=Channel.REPORT, state=CaseState.ACKNOWLEDGED))
        return dataclasses.replace(case, **changes)

    def mark_read(self, case_id: str, account_id: str, seq: int) -> None:
        """Note that the holder has opened the dialogue up to ``seq``; never less far than before."""
        mine = sa.and_(reads.c.case_id == case_id, reads.c.account_id == account_id)
        known = self._connection.execute(sa.select(reads.c.seq).where(mine)).scalar_one_or_none()
        # No race between looking and writing: writers are serialised (ports.Storage).
        if known is None:
            organisation = sa.select(cases.c.organisation_id).where(cases.c.id == case_id).scalar_subquery()
            self._connection.execute(
                sa.insert(reads).values(organisation_id=organisation, case_id=case_id, account_id=account_id, seq=seq)
            )
        elif known < seq:
            self._connection.execute(sa.update(reads).where(mine).values(seq=seq))
        self._connection.execute(
            sa.update(holdings)
            .where(holdings.c.case_id == case_id, holdings.c.account_id == account_id)
            .values(unread=_has_unread(sa.literal(case_id), sa.literal(account_id)))
        )

    def standings(self) -> Iterator[tuple[str, CaseState, bool | None, Outcome | None]]:
        """Reference, state, covered and outcome of every case."""
        query = sa.select(cases.c.reference, cases.c.state, cases.c.covered, cases.c.outcome)
        rows = self._connection.execute(query)
        return ((reference, state, covered, outcome) for reference, state, covered, outcome in rows)

    def _close(self, case_id: str, which: sa.ColumnElement[bool]) -> None:
        self._connection.execute(
            sa.update(epochs)
            .where(epochs.c.case_id == case_id, which, epochs.c.state == EpochState.OPEN)
            .values(state=EpochState.CLOSED)
        )

    def _list(self, panel: Sequence[Grant]) -> None:
        case = self._new
        if case is None or any(grant.case_id != case.id or grant.epoch for grant in panel):
            _LIST_FOR_HOLDER.run_each(
                self._connection, [{"holder": grant.holder, "case": grant.case_id} for grant in panel]
            )
            return
        # Nothing has to be looked up: nobody has had a key of the case before, and it has no message yet.
        _LIST_NEW.run_each(
            self._connection,
            [
                {
                    "organisation_id": case.organisation_id,
                    "account_id": grant.holder,
                    "case_id": case.id,
                    "received_on": case.received_on,
                    "reference": case.reference,
                    "channel": case.channel,
                    "state": case.state,
                    "function_id": grant.function_id,
                    "unread": False,
                }
                for grant in panel
            ],
        )

    def _unlist_who_left(self, case_id: str, epoch: int) -> None:
        staying = sa.select(grants.c.holder).where(
            grants.c.case_id == case_id, grants.c.epoch == epoch, grants.c.released
        )
        self._connection.execute(
            sa.delete(holdings).where(holdings.c.case_id == case_id, holdings.c.account_id.not_in(staying))
        )
        # A recovery may have drawn somebody for another function than before.
        serves = _function_of(holdings.c.account_id, sa.literal(case_id), holdings)
        self._connection.execute(sa.update(holdings).where(holdings.c.case_id == case_id).values(function_id=serves))

    def _grants(self, query: sa.Select[*tuple[Any, ...]]) -> Sequence[Grant]:
        # By length first, so that h10 comes after h9.
        ordered = query.order_by(grants.c.epoch, sa.func.length(grants.c.member), grants.c.member)
        return [Grant(*row) for row in self._connection.execute(ordered)]

    def _one(self, query: sa.Select[*tuple[Any, ...]], values: dict[str, Any]) -> Case | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else Case(*row)


def list_for_holder(connection: Connection, account_id: str, case_id: str) -> None:
    """Put a case on an account's list; again does nothing."""
    _LIST_FOR_HOLDER.run_each(connection, [{"holder": account_id, "case": case_id}])


def _function_of(
    account_id: sa.ColumnElement[str], case_id: sa.ColumnElement[str], outside: sa.Table[Any]
) -> sa.ScalarSelect[str]:
    """The function for which the account has its newest key of a case; ``outside``: the statement's own table."""
    return (
        sa.select(grants.c.function_id)
        .where(
            grants.c.case_id == case_id,
            grants.c.holder == account_id,
            # Spelt out: a prepared statement takes no list.
            sa.or_(grants.c.kind == GrantKind.PANEL, grants.c.kind == GrantKind.STANDBY),
        )
        .order_by(grants.c.epoch.desc())
        .limit(1)
        .correlate(outside)
        .scalar_subquery()
    )


def _has_unread(case_id: sa.ColumnElement[str], account_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    # Correlated by hand: of itself SQLAlchemy looks one level up only, and would read the cases anew two levels down.
    read = (
        sa.select(reads.c.seq)
        .where(reads.c.case_id == case_id, reads.c.account_id == account_id)
        .correlate(cases)
        .scalar_subquery()
    )
    return (
        sa.select(records.c.seq)
        .where(
            records.c.case_id == case_id,
            records.c.stream == Stream.DIALOGUE,
            records.c.seq > sa.func.coalesce(read, -1),
            records.c.author == "source",
            # Spelt out: a prepared statement takes no list.
            sa.or_(records.c.kind == RecordKind.MESSAGE, records.c.kind == RecordKind.FORM),
        )
        .correlate(cases)
        .exists()
    )


_HOLDER = sa.bindparam("holder", type_=sa.Text)
_LISTED = [
    "organisation_id",
    "account_id",
    "case_id",
    "received_on",
    "reference",
    "channel",
    "state",
    "function_id",
    "unread",
]
_LIST_NEW = Prepared(sa.insert(holdings), _LISTED)
_LIST_FOR_HOLDER = Prepared(
    sa.insert(holdings).from_select(
        _LISTED,
        sa.select(
            cases.c.organisation_id,
            _HOLDER,
            cases.c.id,
            cases.c.received_on,
            cases.c.reference,
            cases.c.channel,
            cases.c.state,
            _function_of(_HOLDER, cases.c.id, cases),
            _has_unread(cases.c.id, _HOLDER),
        ).where(
            cases.c.id == sa.bindparam("case", type_=sa.Text),
            ~sa.select(holdings.c.case_id)
            .where(holdings.c.case_id == cases.c.id, holdings.c.account_id == _HOLDER)
            .correlate(cases)
            .exists(),
        ),
    )
)
