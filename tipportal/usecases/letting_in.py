"""Who may be let into a case today: what members choose from, and what the server holds their choice against."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, GrantKind
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Candidate as Drawn
from tipportal.domain.separations import Seat, next_pseudonym, pseudonym_number
from tipportal.envelope.canonical import encode_b64

from .context import Context
from .handle import refused


@dataclass(frozen=True, slots=True)
class Admissible:
    """Somebody who may be let into a case today: designated to a function of its policy, and not kept out of it."""

    account_id: str
    function_id: str
    unit_id: str
    recipient: bytes
    verification_key: bytes

    @staticmethod
    def of(drawn: Drawn) -> Admissible:
        """Somebody who has been drawn, for the function for which they were."""
        return Admissible(drawn.account_id, drawn.function_id, drawn.unit_id, drawn.recipient, drawn.verification_key)

    def named(self) -> dict[str, str]:
        """What an act's payload says of whom it lets in, beside their pseudonym and role."""
        return {
            "function": self.function_id,
            "unit": self.unit_id,
            "recipient": hashlib.sha256(self.recipient).hexdigest(),
            "verification_key": encode_b64(self.verification_key),
        }

    def seat(self, member: str, *, panel: bool) -> Seat:
        """Their place in the case under a pseudonym: on the panel at once, or standing by."""
        return Seat(
            holder=self.account_id,
            member=member,
            unit_id=self.unit_id,
            function_id=self.function_id,
            panel=panel,
            released=panel,
            first_standby=False,
        )


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody who comes into a case, on the panel or standing by, under a pseudonym that nobody in it has had."""

    member: str
    panel: bool
    candidate: Admissible

    @property
    def role(self) -> GrantKind:
        """What their keys are kept as."""
        return GrantKind.PANEL if self.panel else GrantKind.STANDBY

    def seat(self) -> Seat:
        """Their place in the case."""
        return self.candidate.seat(self.member, panel=self.panel)


def new_members(uow: UnitOfWork, case: Case, people: Sequence[tuple[bool, Admissible]]) -> tuple[NewMember, ...]:
    """Give each of those who come in, with whether on the panel, a pseudonym that nobody in the case has had."""
    first = pseudonym_number(next_pseudonym(uow.separations.pseudonyms(case.id)))
    return tuple(NewMember(f"h{number}", panel, person) for number, (panel, person) in enumerate(people, first))


def admissible(ctx: Context, uow: UnitOfWork, case: Case, channel: Channel | None = None) -> tuple[Admissible, ...]:
    """Everybody who may be let into the case today, by function and rank; ``channel``: if it were of that one."""
    policy = uow.register.policy(case.organisation_id)
    if policy is None:
        return ()
    today = ctx.today()
    seated = {seat.holder for seat in uow.separations.seats(case.id)}
    left = {separation.account_id for separation in uow.separations.of_case(case.id)}
    paused = {absence.person for absence in uow.register.snapshot().absences if absence.pauses(today)}
    # Into a report only those who are designated to receive reports (5 kap. 5 §).
    receiving = policy.policy.receivers(channel or case.channel)
    designations = [
        designation
        for function in policy.policy.functions
        if function.id in receiving
        for designation in uow.register.designations(function.id)
        if designation.active(today) and designation.account_id not in seated | left | paused
    ]
    keys = {one.account_id: one for one in uow.register.handler_keys([one.account_id for one in designations])}
    people = {person.id: person for person in uow.register.people()}
    found = []
    for designation in designations:
        key, person = keys.get(designation.account_id), people.get(designation.account_id)
        if key is None or (person is not None and (person.elected or person.auditor)):
            continue
        found.append(
            Admissible(
                key.account_id, designation.function_id, designation.unit_id, key.recipient, key.verification_key
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be let in, with the names that a member chooses by."""

    person: Admissible
    name: str
    function: str
    unit: str
    external: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be let in, and the pseudonym that the next one gets."""

    pseudonym: str
    people: tuple[Candidate, ...]


def candidates(ctx: Context, account: Account, reference: str) -> Candidates:
    """Who may be let into one of the handler's own cases. Raises NotFound."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            people = tuple(_named(uow, person) for person in admissible(ctx, uow, case))
            return Candidates(next_pseudonym(uow.separations.pseudonyms(case.id)), people)
    raise refused(ctx, account)


def _named(uow: UnitOfWork, person: Admissible) -> Candidate:
    account, function = uow.accounts.by_id(person.account_id), uow.register.function(person.function_id)
    unit = uow.register.unit(person.unit_id)
    return Candidate(
        person,
        name="" if account is None else account.name,
        function="" if function is None else function.name,
        unit="" if unit is None else unit.name,
        external=unit is not None and unit.external,
    )
