"""The go-live checklist: what keeps a channel closed until it is done, line by line, with what to do (04)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tipportal.domain.changes.change import is_entitled, why_not_together
from tipportal.domain.changes.standing import SUBJECTS, DecisionSubject
from tipportal.domain.organisations import Channel, Organisation, OrganisationKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from . import directory, listed, proofs
from .context import Context

TRIAL = "trial"
_ASKED = (
    DecisionSubject.GUIDELINES,
    DecisionSubject.DELEGATION,
    DecisionSubject.INFORMATION_PLAN,
    DecisionSubject.DPIA,
)
_OWN_PERSON = frozenset({OrganisationKind.COMPANY, OrganisationKind.FEDERATION})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``key`` names it for programs, ``what`` for people; ``to_do`` says how it is done."""

    key: str
    what: Sentence
    done: bool
    to_do: Sentence


Room: TypeAlias = Callable[[Context, UnitOfWork, Organisation, Channel], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """A channel with its lines. It is open since two opened it, whatever the lines say today."""

    organisation: Organisation
    channel: Channel
    open: bool
    trial: bool
    lines: tuple[Line, ...]

    @property
    def ready(self) -> bool:
        """Whether every line is done."""
        return all(line.done for line in self.lines)


def lines(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> tuple[Line, ...]:
    """The lines of a channel, in the order of the rooms."""
    return tuple(itertools.chain.from_iterable(room(ctx, uow, organisation, channel) for room in ROOMS))


def channels(ctx: Context) -> tuple[ChannelStatus, ...]:
    """Every channel of the organisations that sources can choose, by the organisation's name."""
    with ctx.storage.read() as uow:
        standing = {(each.organisation_id, each.channel): each for each in uow.changes.openings()}
        found = []
        for organisation in uow.register.organisations():
            if not organisation.listed or organisation.ended_on is not None:
                continue
            for channel in Channel:
                opening = standing.get((organisation.id, channel))
                found.append(
                    ChannelStatus(
                        organisation,
                        channel,
                        open=opening is not None and opening.open,
                        trial=opening is not None and opening.trial,
                        lines=lines(ctx, uow, organisation, channel),
                    )
                )
    return tuple(found)


def _policy(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> Iterator[Line]:
    """The policy's line: it is there, covers the channel, and its proof holds with the register of today."""
    known = uow.register.policy(organisation.id)
    covered = known is not None and channel in known.policy.defaults
    holds = known is not None and not proofs.counterexamples(known.policy, uow.register.snapshot(), ctx.today())
    yield Line(
        "proof",
        Sentence(N_("Policyn håller, vem som än berörs eller är borta")),
        covered and holds,
        Sentence(
            N_("Aktivera en policy som tar emot i kanalen.")
            if not covered
            else N_("Policyn håller inte. Gå till policyn och lägg till det som prövningen säger.")
        ),
    )


def _administrators(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> Iterator[Line]:
    """Two administrators who can change things together."""
    del ctx, organisation, channel
    register = uow.register.snapshot()
    active = [account.id for account in uow.accounts.all() if is_entitled(account)]
    pairs = itertools.combinations(active, 2)
    yield Line(
        "administrators",
        Sentence(N_("Två administratörer utan samma närmaste chef")),
        any(why_not_together(register, one, other) is None for one, other in pairs),
        Sentence(N_("Bjud in en administratör som har en annan närmaste chef.")),
    )


def _decisions(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> Iterator[Line]:
    """The decisions of the organisation, each with its registry number."""
    del channel
    known = uow.register.policy(organisation.id)
    taken = {each.subject for each in uow.changes.decisions() if each.organisation_id == organisation.id}
    asked = [*_ASKED]
    if known is not None and _others_handle(uow, known.policy, organisation):
        asked.append(DecisionSubject.PROCESSOR_AGREEMENT)
    asked.append(DecisionSubject.TRIAL)
    for subject in asked:
        name = Sentence(SUBJECTS[subject])
        yield Line(
            subject.value,
            Sentence(N_("Beslutat: %(subject)s"), {"subject": name}),
            subject in taken,
            Sentence(N_("Anteckna beslutets diarienummer och datum: %(subject)s."), {"subject": name}),
        )
    if known is not None:
        yield from _agreements(ctx, uow, known.policy, organisation)


def _others_handle(uow: UnitOfWork, policy: Policy, organisation: Organisation) -> bool:
    """Whether handlers of an external party or of another tree of organisations belong to its functions."""
    register = uow.register.snapshot()
    home = {unit.id: unit.organisation for unit in register.units}
    employer = {person.id: home.get(person.unit) for person in register.people}
    above = {each.id: each.part_of for each in register.organisations}
    members = {person for function in policy.functions for person in function.members}
    return any(_root(employer.get(person), above) != _root(organisation.id, above) for person in members)


def _agreements(ctx: Context, uow: UnitOfWork, policy: Policy, organisation: Organisation) -> Iterator[Line]:
    """A line for each function of somebody else that receives for the organisation (5 kap. 3 and 4 §§)."""
    above = {each.id: each.part_of for each in uow.register.organisations()}
    agreed = {each.function_id for each in uow.register.sharing_agreements(organisation.id) if each.active(ctx.today())}
    received = dict.fromkeys(function for route in policy.defaults.values() for function in route.to)
    for function_id in received:
        function = uow.register.function(function_id)
        if function is None or function.organisation_id == organisation.id:
            continue
        others = _root(function.organisation_id, above) != _root(organisation.id, above)
        if others or organisation.kind in _OWN_PERSON:
            name = {"function": function.name}
            yield Line(
                f"sharing:{function.id}",
                Sentence(N_("Avtal om att dela %(function)s"), name),
                function.id in agreed,
                Sentence(N_("Anteckna avtalet om att dela %(function)s i registret."), name),
            )


def _root(organisation_id: str | None, above: dict[str, str | None]) -> str | None:
    seen: set[str] = set()
    while organisation_id is not None and above.get(organisation_id) is not None and organisation_id not in seen:
        seen.add(organisation_id)
        organisation_id = above[organisation_id]
    return organisation_id


def _directory(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> Iterator[Line]:
    """A directory is in force, with the trustees: without one every client refuses to seal anything, or to them."""
    del organisation, channel
    now, known = directory.status_of(uow, ctx.today()), uow.trustees.current()
    without = known is not None and listed.trustees(uow) != known
    if now.root is None:
        to_do = directory.NO_ROOT
    elif now.holds and without:
        to_do = N_("Publicera katalogen på nytt, så att den har nyckelförvaltarna. Till dess får de inga delar.")
    else:
        to_do = N_("Publicera katalogen.")
    yield Line(
        "directory",
        Sentence(N_("Katalogen gäller, med handläggare och nyckelförvaltare")),
        now.holds and not without,
        Sentence(to_do),
    )


def _trustees(ctx: Context, uow: UnitOfWork, organisation: Organisation, channel: Channel) -> Iterator[Line]:
    """Trustees with a paper each, and a drill: without them a case whose handlers are gone would be gone too."""
    del ctx, organisation, channel
    current = uow.trustees.current()
    yield Line(
        "trustees",
        Sentence(N_("Nyckelförvaltare har kvitterat sina papper")),
        current is not None,
        Sentence(N_("Föreslå nyckelförvaltare och håll ceremonin.")),
    )
    yield Line(
        "drill",
        Sentence(N_("Återställning är övad med nyckelförvaltarna")),
        current is not None and uow.trustees.newest_drill(current.version) is not None,
        Sentence(N_("Gör en övning på sidan Nyckelförvaltare.")),
    )


ROOMS: tuple[Room, ...] = (_policy, _administrators, _directory, _trustees, _decisions)
"""A room that has something to ask before a channel opens adds its lines here."""
