"""What keeps who has been kept out of a case, who has stepped in, and what was prepared for those who decide it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import Case
from tipportal.domain.prepared import PreparedEpoch
from tipportal.domain.releases import Release, Watched
from tipportal.domain.separations import EndedExclusion, Seat, Separation, Vacancy


class Separations(Protocol):
    """Exclusions, released standbys, ended exclusions of parties, and what proposals about members carry."""

    def separate(self, separation: Separation) -> None:
        """Keep an exclusion, and take away every grant and every line of a list. Raises Conflict when there is one.

        From then on no grant of the case can be kept for the person: a guard of the table refuses it.
        """

    def of_case(self, case_id: str) -> Sequence[Separation]:
        """Oldest first."""

    def cases_without(self, account_id: str) -> frozenset[str]:
        """The references of the cases that the person has been kept out of: nothing of them is shown to them.

        Those that they have left, and those that were hidden from them when they came.
        """

    def hide(self, case: Case, account_ids: Sequence[str]) -> None:
        """Keep that the case is as if it were not there before these accounts."""

    def is_hidden(self, case_id: str, account_id: str) -> bool: ...
    def vacate(self, vacancy: Vacancy) -> None:
        """Keep that a seat is vacant, and take away every grant and line of a list: they can be given again."""

    def cases_of(self, account_id: str) -> Sequence[Case]:
        """The cases where the person has a seat in the present epoch, locked ones too, by id."""

    def release(self, release: Release) -> None:
        """Give a standby their grants of all epochs so far, and put the case on their list. Again does nothing."""

    def releases(self, case_id: str) -> Sequence[Release]:
        """Oldest first."""

    def seats(self, case_id: str) -> Sequence[Seat]:
        """The places of the present epoch, as drawn. Absences are not read: ``present`` is as ``here``."""

    def pseudonyms(self, case_id: str) -> Sequence[str]:
        """Every pseudonym that anybody has had in the case, those who have left too."""

    def watched_ids(self, after: str, limit: int) -> Sequence[str]:
        """A keyset page of the ids of the cases that are neither closed nor locked: those above ``after``, in order."""

    def watched(self, case_ids: Sequence[str]) -> Iterator[Watched]:
        """Those of these cases that are neither closed nor locked, with what decides about releases."""

    def end_exclusion(self, ended: EndedExclusion) -> None: ...
    def ended_exclusions(self, case_id: str) -> Sequence[EndedExclusion]:
        """Oldest first."""

    def prepare(self, proposal_id: str, epoch: PreparedEpoch) -> None:
        """Keep the epoch that a proposal to let somebody in has made."""

    def prepared(self, proposal_id: str) -> PreparedEpoch | None: ...
    def forget_prepared(self) -> int:
        """Take away the keys that came with proposals which no longer wait: how many."""

    def keep_reasons(self, proposal: Proposal, file: bytes, decided_by: Sequence[str]) -> None:
        """Keep reasons that only the deciders (account ids) can open, and who they are."""

    def reasons(self, proposal_id: str) -> bytes | None: ...
    def reasons_for(self, case_id: str, account_id: str) -> dict[str, bytes]:
        """The reasons of the case's proposals about colleagues that the person decides, by proposal."""

    def case_to_decide(self, proposal_id: str, account_id: str, today: date) -> Case | None:
        """The case of a proposal about a colleague, if the person is one who decides it and still has a seat in it.

        And a designation, on the Stockholm date ``today``, to the function that the seat is for.
        """

    def to_decide(self, account_id: str, now: int) -> Sequence[tuple[Case, Proposal]]:
        """Proposals about a colleague that wait, at ``now`` (UTC seconds), for somebody who stands by; oldest first."""

    def held_by(self, account_id: str, before: date | None = None) -> int:
        """In how many cases that are not locked the person has a seat in the present epoch, vacant or not.

        ``before``: only those received before that day.
        """

    def forget_grants(self, account_id: str) -> None:
        """Take away all that is left of a person's keys, in every case: only when they have no seat anywhere."""
