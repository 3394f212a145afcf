"""Keeps who has been kept out of a case, who has stepped in, and what was prepared for those who decide it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.approvals import Proposal, ProposalState
from tipportal.domain.cases import Case, CaseState, GrantKind
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import Conflict, IllegalTransition
from tipportal.domain.prepared import PreparedEpoch, PreparedGrant
from tipportal.domain.releases import Release, ReleaseReason, Watched
from tipportal.domain.separations import EndedExclusion, Seat, Separation, Vacancy
from tipportal.domain.texts import N_

from . import cases as kept_cases
from . import places
from .faults import guarded
from .mapping import columns_of, names_of, values_of
from .proposals import PROPOSAL, WITH_APPROVAL
from .queries import serving
from .rows import (
    cases,
    deciders,
    disposed_without,
    ended_exclusions,
    grants,
    hidden_cases,
    holdings,
    lent_shares,
    prepared_epochs,
    prepared_grants,
    proposals,
    reads,
    reasons,
    records,
    releases,
    separations,
    vacancies,
    vault_shares,
)

_CASE = columns_of(cases, Case)
_SEPARATION = columns_of(separations, Separation)
_RELEASE = columns_of(releases, Release)
_ENDED = columns_of(ended_exclusions, EndedExclusion)
_EPOCH = columns_of(prepared_epochs, PreparedEpoch, "grants")
_GRANT = columns_of(prepared_grants, PreparedGrant)
_SEATED = (GrantKind.PANEL, GrantKind.STANDBY)
_DONE = (CaseState.CLOSED, CaseState.LOCKED)


class Separations:
    """Implements ``ports.Separations`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def separate(self, separation: Separation) -> None:
        """Keep an exclusion, and take away every grant and every line of a list. Raises Conflict when there is one."""
        twice = Conflict(N_("Personen har redan lämnat ärendet."))
        with guarded(self._connection, {"pk_separations": twice}):
            self._connection.execute(sa.insert(separations), values_of(separation))
        self._take_keys(separation.case_id, separation.account_id)

    def vacate(self, vacancy: Vacancy) -> None:
        """Keep that a seat is vacant, and take away what ``separate`` does: others may let the person in again."""
        self._connection.execute(sa.insert(vacancies), values_of(vacancy))
        self._take_keys(vacancy.case_id, vacancy.account_id)

    def of_case(self, case_id: str) -> Sequence[Separation]:
        """Who has left a case, oldest first."""
        query = sa.select(*_SEPARATION).where(separations.c.case_id == case_id)
        ordered = query.order_by(separations.c.at, separations.c.account_id)
        return [Separation(*row) for row in self._connection.execute(ordered)]

    def cases_without(self, account_id: str) -> frozenset[str]:
        """The references of the cases that the person has been kept out of, or that are hidden from them."""
        without = (
            sa.select(cases.c.reference)
            .join_from(table, cases, cases.c.id == table.c.case_id)
            .where(table.c.account_id == account_id)
            for table in (separations, hidden_cases)
        )
        gone = sa.select(disposed_without.c.reference).where(disposed_without.c.account_id == account_id)
        return frozenset(self._connection.execute(sa.union(*without, gone)).scalars())

    def hide(self, case: Case, account_ids: Sequence[str]) -> None:
        """Keep that the case is as if it were not there before these accounts."""
        of = {"organisation_id": case.organisation_id, "case_id": case.id}
        if account_ids:
            self._connection.execute(sa.insert(hidden_cases), [{**of, "account_id": one} for one in account_ids])

    def is_hidden(self, case_id: str, account_id: str) -> bool:
        """Whether the case is as if it were not there before the account."""
        query = sa.select(hidden_cases.c.case_id).where(
            hidden_cases.c.case_id == case_id, hidden_cases.c.account_id == account_id
        )
        return self._connection.execute(query).one_or_none() is not None

    def release(self, release: Release) -> None:
        """Give a standby their grants of all epochs so far, and put the case on their list. Again does nothing."""
        changed = self._connection.execute(
            sa.update(grants)
            .where(
                grants.c.case_id == release.case_id,
                grants.c.holder == release.account_id,
                grants.c.kind == GrantKind.STANDBY,
                ~grants.c.released,
            )
            .values(released=True)
        )
        if not changed.rowcount:
            return
        mine = sa.and_(releases.c.case_id == release.case_id, releases.c.account_id == release.account_id)
        if self._connection.execute(sa.select(releases.c.at).where(mine)).one_or_none() is None:
            self._connection.execute(sa.insert(releases), values_of(release))
        kept_cases.list_for_holder(self._connection, release.account_id, release.case_id)

    def releases(self, case_id: str) -> Sequence[Release]:
        """Who has stepped in, oldest first."""
        query = sa.select(*_RELEASE).where(releases.c.case_id == case_id).order_by(releases.c.at, releases.c.account_id)
        return [Release(*row) for row in self._connection.execute(query)]

    def seats(self, case_id: str) -> Sequence[Seat]:
        """The places of the present epoch in the order of the draw; absences are not read."""
        return places.of_case(self._connection, case_id)

    def pseudonyms(self, case_id: str) -> Sequence[str]:
        """Every pseudonym that anybody has had in the case."""
        seated = sa.select(grants.c.member).where(grants.c.case_id == case_id, grants.c.kind.in_(_SEATED))
        left = sa.select(separations.c.member).where(separations.c.case_id == case_id)
        gone = sa.select(vacancies.c.member).where(vacancies.c.case_id == case_id)
        return self._connection.execute(seated.union(left, gone)).scalars().all()

    def watched_ids(self, after: str, limit: int) -> Sequence[str]:
        """A keyset page of the ids of the cases that are neither closed nor locked."""
        query = sa.select(cases.c.id).where(cases.c.state.not_in(_DONE), cases.c.id > after)
        return self._connection.execute(query.order_by(cases.c.id).limit(limit)).scalars().all()

    def watched(self, case_ids: Sequence[str]) -> Iterator[Watched]:
        """Those of these cases that are neither closed nor locked, with what decides about releases."""
        which = sa.and_(cases.c.state.not_in(_DONE), cases.c.id.in_(case_ids))
        seats = places.of_open(self._connection, case_ids)
        written = self._by_case(
            sa.select(records.c.case_id, sa.func.max(records.c.written_on)).where(records.c.author != "source"),
            records.c.case_id,
            which,
        )
        acted = self._by_case(
            sa.select(
                proposals.c.case_id,
                sa.func.max(sa.func.coalesce(proposals.c.decided_at, proposals.c.proposed_at)),
                # One of an epoch before waits for nobody: it cannot be approved any more.
                sa.func.min(
                    sa.case(
                        (
                            sa.and_(proposals.c.state == ProposalState.OPEN, proposals.c.epoch == cases.c.epoch),
                            proposals.c.proposed_at,
                        )
                    )
                ),
            ),
            proposals.c.case_id,
            which,
        )
        stepped: defaultdict[str, list[tuple[int, ReleaseReason]]] = defaultdict(list)
        query = sa.select(releases.c.case_id, releases.c.at, releases.c.reason)
        for of_case, at, reason in self._connection.execute(
            query.join(cases, cases.c.id == releases.c.case_id).where(which)
        ):
            stepped[of_case].append((at, reason))
        for row in self._connection.execute(sa.select(*_CASE).where(which).order_by(cases.c.id)):
            case = Case(*row)
            acted_at, unanswered_at = acted.get(case.id, (None, None))
            yield Watched(
                case=case,
                seats=tuple(seats.get(case.id, ())),
                written_on=written.get(case.id, (None,))[0],
                acted_at=acted_at,
                unanswered_at=unanswered_at,
                released_at=max((at for at, _ in stepped[case.id]), default=None),
                released_for=frozenset(reason for _, reason in stepped[case.id]),
            )

    def end_exclusion(self, ended: EndedExclusion) -> None:
        """Keep that a party is let in again. Raises IllegalTransition when it has been."""
        twice = IllegalTransition(N_("Uteslutningen har redan hävts."))
        with guarded(self._connection, {"uq_ended_exclusions_case_id_party": twice}):
            self._connection.execute(sa.insert(ended_exclusions), values_of(ended))

    def ended_exclusions(self, case_id: str) -> Sequence[EndedExclusion]:
        """Parties that two have let in again, oldest first."""
        query = sa.select(*_ENDED).where(ended_exclusions.c.case_id == case_id)
        ordered = query.order_by(ended_exclusions.c.holds_from, ended_exclusions.c.proposal_id)
        return [EndedExclusion(*row) for row in self._connection.execute(ordered)]

    def prepare(self, proposal_id: str, epoch: PreparedEpoch) -> None:
        """Keep the epoch that a proposal to let somebody in has made."""
        values = {"proposal_id": proposal_id, **values_of(epoch, "grants")}
        self._connection.execute(sa.insert(prepared_epochs), values)
        of = {"proposal_id": proposal_id, "organisation_id": epoch.organisation_id}
        self._connection.execute(sa.insert(prepared_grants), [{**of, **values_of(grant)} for grant in epoch.grants])

    def prepared(self, proposal_id: str) -> PreparedEpoch | None:
        """The epoch that came with a proposal."""
        mine = prepared_epochs.c.proposal_id == proposal_id
        row = self._connection.execute(sa.select(*_EPOCH).where(mine)).one_or_none()
        if row is None:
            return None
        query = sa.select(*_GRANT).where(prepared_grants.c.proposal_id == proposal_id)
        ordered = query.order_by(prepared_grants.c.epoch, prepared_grants.c.member, prepared_grants.c.kind)
        made = tuple(PreparedGrant(*grant) for grant in self._connection.execute(ordered))
        fields: dict[str, Any] = dict(zip(names_of(PreparedEpoch, "grants"), row, strict=True))
        return PreparedEpoch(**fields, grants=made)

    def forget_prepared(self) -> int:
        """Take away the keys that came with proposals which no longer wait: how many.

        They have been handed out, or nobody will ever be let in by them; of whom it was, the epoch keeps the trace.
        """
        done = sa.select(proposals.c.id).where(proposals.c.state != ProposalState.OPEN)
        return self._connection.execute(
            sa.delete(prepared_grants).where(prepared_grants.c.proposal_id.in_(done))
        ).rowcount

    def keep_reasons(self, proposal: Proposal, file: bytes, decided_by: Sequence[str]) -> None:
        """Keep reasons that only the deciders (account ids) can open, and who they are."""
        of = {"proposal_id": proposal.id, "organisation_id": proposal.organisation_id}
        self._connection.execute(sa.insert(reasons), {**of, "file": file})
        self._connection.execute(sa.insert(deciders), [{**of, "account_id": decider} for decider in decided_by])

    def reasons(self, proposal_id: str) -> bytes | None:
        """The reasons that are kept apart with a proposal."""
        query = sa.select(reasons.c.file).where(reasons.c.proposal_id == proposal_id)
        return self._connection.execute(query).scalar_one_or_none()

    def reasons_for(self, case_id: str, account_id: str) -> dict[str, bytes]:
        """The reasons kept apart of the case's proposals that the person decides, by proposal."""
        query = (
            sa.select(reasons.c.proposal_id, reasons.c.file)
            .join_from(reasons, proposals, proposals.c.id == reasons.c.proposal_id)
            .join(deciders, deciders.c.proposal_id == proposals.c.id)
            .where(proposals.c.case_id == case_id, deciders.c.account_id == account_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def case_to_decide(self, proposal_id: str, account_id: str, today: date) -> Case | None:
        """The case of a proposal about a colleague, if the person decides it and still has a seat in the case."""
        query = (
            sa.select(*_CASE)
            .join_from(proposals, cases, cases.c.id == proposals.c.case_id)
            .join(deciders, deciders.c.proposal_id == proposals.c.id)
            .where(proposals.c.id == proposal_id, deciders.c.account_id == account_id, _seated(account_id, today))
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Case(*row)

    def to_decide(self, account_id: str, now: int) -> Sequence[tuple[Case, Proposal]]:
        """Proposals about a colleague that wait for somebody who stands by, oldest first."""
        query = (
            sa.select(*_CASE, *PROPOSAL)
            .select_from(WITH_APPROVAL.join(cases, cases.c.id == proposals.c.case_id))
            .join(deciders, deciders.c.proposal_id == proposals.c.id)
            .where(
                deciders.c.account_id == account_id,
                proposals.c.proposer != account_id,
                proposals.c.state == ProposalState.OPEN,
                proposals.c.epoch == cases.c.epoch,
                proposals.c.expires_at > now,
                _seated(account_id, stockholm_date(now), released=False),
            )
            .order_by(proposals.c.proposed_at, proposals.c.id)
        )
        width = len(_CASE)
        return [(Case(*row[:width]), Proposal(*row[width:])) for row in self._connection.execute(query)]

    def held_by(self, account_id: str, before: date | None = None) -> int:
        """In how many cases that are not locked the person has a seat in the present epoch, vacant or not.

        ``before``: only those received before that day.
        """
        vacant = (
            sa.select(vacancies.c.case_id)
            .where(
                vacancies.c.case_id == cases.c.id,
                vacancies.c.epoch == cases.c.epoch,
                vacancies.c.account_id == account_id,
            )
            .correlate(cases)
            .exists()
        )
        when = sa.true() if before is None else cases.c.received_on < before
        query = (
            sa.select(sa.func.count())
            .select_from(cases)
            .where(cases.c.state != CaseState.LOCKED, sa.or_(_seated(account_id), vacant), when)
        )
        return self._connection.execute(query).scalar_one()

    def forget_grants(self, account_id: str) -> None:
        """Take away all that is left of a person's keys, in every case."""
        for table, who in ((grants, grants.c.holder), (holdings, holdings.c.account_id)):
            self._connection.execute(sa.delete(table).where(who == account_id))

    def cases_of(self, account_id: str) -> Sequence[Case]:
        """The cases where the person has a seat in the present epoch, locked ones too, by id."""
        query = sa.select(*_CASE).where(_seated(account_id)).order_by(cases.c.id)
        return [Case(*row) for row in self._connection.execute(query)]

    def _take_keys(self, case_id: str, account_id: str) -> None:
        for table, who in (
            (grants, grants.c.holder),
            (holdings, holdings.c.account_id),
            (reads, reads.c.account_id),
            (vault_shares, vault_shares.c.holder),
            (lent_shares, lent_shares.c.lender),
        ):
            self._connection.execute(sa.delete(table).where(table.c.case_id == case_id, who == account_id))

    def _by_case(
        self, query: sa.Select[*tuple[Any, ...]], case_id: sa.ColumnElement[str], which: sa.ColumnElement[bool]
    ) -> dict[str, tuple[Any, ...]]:
        grouped = query.join(cases, cases.c.id == case_id).where(which).group_by(case_id)
        return {row[0]: tuple(row[1:]) for row in self._connection.execute(grouped)}


def _seated(account_id: str, today: date | None = None, *, released: bool | None = None) -> sa.ColumnElement[bool]:
    """Whether the account has a key of the present epoch of ``cases``, handed to them or withheld.

    With ``today``, only where they are designated on that Stockholm date to the function that it is for.
    """
    which = [
        grants.c.case_id == cases.c.id,
        grants.c.epoch == cases.c.epoch,
        grants.c.holder == account_id,
        grants.c.kind.in_(_SEATED),
    ]
    if today is not None:
        which.append(grants.c.function_id.in_(serving(account_id, today)))
    if released is not None:
        which.append(grants.c.released if released else ~grants.c.released)
    return sa.select(grants.c.holder).where(*which).correlate(cases).exists()
