"""How a use case registers its line: what it does, and which entries of the handling log it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, propose, seal_text
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import Account, Session
from tipportal.domain.approvals import Proposal
from tipportal.domain.handlinglog import EntryKind
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import sign_in


@dataclass(frozen=True)
class World:
    """A staffed installation with a report and a tip, and one before its founding."""

    story: Story
    empty: Story
    report: PlayedCase
    tip: PlayedCase

    @property
    def handler(self) -> Account:
        return self.tip.members["h1"].account

    def proposal(self) -> Proposal:
        case = self.story.report()
        object.__setattr__(self, "report", case)
        reasons = seal_text(self.story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
        return propose(
            self.story.handler,
            case,
            AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
            reasons,
        )

    def entered(self) -> tuple[Member, Session]:
        member = self.story.municipality.handlers()[0]
        self.story.clock.advance(120)
        secret = sign_in.sign_in(
            self.story.handler, member.person.email, member.person.password, self.story.otp(member)
        ).secret
        found = sign_in.account_of(self.story.handler, secret)
        assert found is not None
        return member, found[1]

    def unit(self) -> str:
        return next(str(row["id"]) for row in self.story.contents()["units"] if row["name"] == "Kommunkansliet")


Act = Callable[[], object]
LINES: dict[str, tuple[Callable[[World], Act], list[EntryKind]]] = {}


def line(name: str, *kinds: EntryKind) -> Callable[[Callable[[World], Act]], Callable[[World], Act]]:
    """Register how a use case is made ready and done, and the entries that doing it leaves."""

    def register(ready: Callable[[World], Act]) -> Callable[[World], Act]:
        LINES[name] = (ready, list(kinds))
        return ready

    return register


def reads(name: str, act: Callable[[World], object]) -> None:
    """Register a use case that leaves nothing."""
    LINES[name] = (lambda world: lambda: act(world), [])
