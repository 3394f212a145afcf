"""What keeps trustees, their ceremonies and recoveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.cases import Case, Grant
from tipportal.domain.trustees import CaseTrustee, Drill, Recovery, RecoveryState, TrusteeSet


class Trustees(Protocol):
    """Trustees of an installation, and recoveries of single cases."""

    def add_set(self, trustees: TrusteeSet) -> None:
        """Keep a new set. Raises Conflict when its version exists."""

    def set_of(self, version: int) -> TrusteeSet | None:
        """A set by its version."""

    def newest(self) -> TrusteeSet | None:
        """The newest set, acknowledged or not."""

    def current(self) -> TrusteeSet | None:
        """The set in force: the newest that has been acknowledged."""

    def acknowledge(self, version: int, on: date) -> None:
        """Put a set in force."""

    def add_to_case(self, trustees: Sequence[CaseTrustee]) -> None:
        """Keep whom an epoch names."""

    def of_case(self, case_id: str) -> Sequence[CaseTrustee]:
        """The trustees of all of a case's epochs, by epoch and pseudonym."""

    def replace_shares(self, case_id: str, shares: Sequence[Grant]) -> None:
        """Put these shares in the place of all that the case has; the other grants stay."""

    def shares_made_by(self, case_id: str) -> str | None:
        """The member who made a case's shares last; None while they are as the source's browser left them."""

    def note_maker(self, case: Case, member: str) -> None:
        """Keep which member has made a case's shares."""

    def remove_grant(self, grant: Grant) -> None:
        """Delete a member's grant, in place of which a recovery gives another."""

    def shares_outside(self, version: int, *, without: str | None) -> int:
        """How many cases have shares that are held by others than a set's trustees, or none in some epoch."""

    def holding_shares(self) -> frozenset[str]:
        """The ids of the trustees who hold a share of any case."""

    def case_by_reference(self, reference: str) -> Case | None:
        """A case, whoever has its keys: only to recover it."""

    def case_by_id(self, case_id: str) -> Case | None:
        """The same by its id."""

    def begin_recovery(self, recovery: Recovery) -> None:
        """Keep a recovery that two have agreed on. Raises Conflict while another of the case is open."""

    def open_recoveries(self) -> Sequence[Recovery]:
        """The recoveries that wait for the trustees."""

    def recovery(self, recovery_id: str) -> Recovery | None:
        """A recovery by its id."""

    def settle_recovery(self, recovery_id: str, state: RecoveryState, epoch: int | None) -> None:
        """Say how a recovery ended. Raises Conflict unless it is open."""

    def add_drill(self, drill: Drill) -> None:
        """Keep a drill."""

    def newest_drill(self, version: int) -> Drill | None:
        """The newest drill with a set."""
