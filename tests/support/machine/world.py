"""Both sides of one installation, as the machine's rules use them: whoever acts does it through the real use cases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support import members
from tests.support.setting_up import decided, two
from tests.support.story import DAY, REPORT, TIP, Story
from tipportal.cli.demo_changes import Administrator
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import PlayedCase, ask, hand_in
from tipportal.cli.demo_staffing import Member, signer
from tipportal.domain.approvals import Proposal
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.changes import parse_change, sign_change
from tipportal.envelope.epochs import Epoch
from tipportal.usecases import changes, scheduled, sign_in

from .judging import Facts, Step, Told, excluded_by_facts, judge
from .seen import Seen, look


@dataclass(frozen=True)
class Waiting:
    """A proposal on a case; with the epoch that comes with letting somebody in."""

    case: PlayedCase
    proposal: Proposal
    made: members.Made | None = None
    signed: Epoch | None = None


@dataclass
class World:
    """What there is to act on. ``counted``: what happened, so that a test can say that enough did."""

    story: Story
    told: Told = field(default_factory=Told)
    cases: list[PlayedCase] = field(default_factory=list)
    proposals: list[Waiting] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.keys: Mapping[str, bytes] = {
            member.account.id: member.identity.signing_key.verification_key.raw
            for member in self.story.municipality.members
            if member.identity is not None
        }
        self.owner = self.story.municipality.function.organisation_id
        self.seen = look(self.story)
        self._looked = 0
        self.published_at = self.story.clock()

    def judge(self) -> Seen:
        """Hold what has just happened against the invariants."""
        after = look(self.story, self.seen)
        handlers = self.story.municipality.handlers()
        self._looked += 1
        everybody = [handler.account.id for handler in handlers]
        left = sorted({account for _, account in self.told.left}) or everybody
        # One after the other: now anybody, now somebody who is kept out of something.
        among = left if self._looked % 2 else everybody
        looker = among[self._looked // 2 % len(among)]
        judge(Step(self.story, self.seen, after, self.told, self.keys), lookers=(looker,))
        for kind in (entry["kind"] for entry in after.log[len(self.seen.log) :]):
            self.counted[kind] += 1
        self.seen, self.told.ticked = after, False
        return after

    def attempt(self, what: str, do: Callable[[], object]) -> bool:
        """Do something that the program may refuse, in words."""
        try:
            do()
        except Refusal as refusal:
            self.counted[f"{what} refused: {refusal.code}"] += 1
            return False
        self.counted[what] += 1
        return True

    def is_let_in(self, member: Member) -> bool:
        """Whether the handler face lets somebody in today, as ``handler.sessions`` asks it at each request."""
        with self.story.database.read() as uow:
            account = uow.accounts.by_id(member.account.id)
        return (
            account is not None
            and account.state.value == "active"
            and (account.role.value != "handler" or sign_in.is_designated(self.story.handler, account))
        )

    # The source.

    def submit(self, channel: Channel, area: str, role: str, concerns: tuple[str, ...]) -> None:
        """Somebody writes: the panel is asked for, and the case sealed to it and handed in."""
        answers = {**(REPORT if channel is Channel.REPORT else TIP), "area": area}
        today = look(self.story, self.seen)
        facts = Facts(self.owner, area, concerns, excluded_by_facts(today, self.owner, area, concerns))

        def leave() -> None:
            offer = ask(self.story.public, channel, area=area, subject_role=role, concerns=concerns)
            case = hand_in(self.story.public, self.story.municipality, offer, self.story.source(), answers)
            self.cases.append(case)
            self.told.cases[case.reference] = facts

        self.attempt("submit", leave)

    # Time.

    def pass_days(self, days: int) -> None:
        """Days go by, each with its ``tick``."""
        for _ in range(days):
            self.story.clock.advance(DAY)
            self.tick()
            if days > 1:
                self.judge()

    def tick(self) -> None:
        """The periodic work."""
        self.told.tick(self.story.clock())
        self.counted["standbys released"] += scheduled.tick(self.story.handler).standbys_released

    # Administrators.

    def administrators(self) -> list[Administrator]:
        """The two, with their keys."""
        both = two(self.story)
        return [both.proposer, both.approver]

    def administrating(self) -> list[Member]:
        """The two, as people of the municipality."""
        accounts = [each.account.id for each in self.administrators()]
        members = {member.account.id: member for member in self.story.municipality.members}
        return [members[account] for account in accounts]

    def publish(self) -> None:
        """The directory as the register is now."""
        if self.attempt("publish", lambda: publish(two(self.story))):
            self.published_at = self.story.clock()

    def propose_change(self, kind: ChangeKind, payload: Mapping[str, Json]) -> str | None:
        """Propose a change; its id, unless it was refused."""
        made: list[str] = []
        self.attempt(f"propose {kind.value}", lambda: made.append(two(self.story).propose(kind, payload)[0]))
        return made[0] if made else None

    def approve_change(self, row: Mapping[str, Any], by: Member) -> bool:
        """Approve a change as anybody who has keys."""
        administrator = signer(by)
        act = parse_change(parse_canonical(bytes(row["act"])))
        signature = sign_change(act, administrator.key)
        done = self.attempt(
            f"approve {row['kind']}",
            lambda: changes.approve(self.story.handler, administrator.account, row["id"], signature),
        )
        if done and str(row["kind"]) == ChangeKind.CLOCK:
            self.told.doubted, self.told.tick_at = False, self.story.clock()
        return done

    def change(self, kind: ChangeKind, payload: Mapping[str, Json]) -> bool:
        """Propose and approve a change in one go."""
        change_id = self.propose_change(kind, payload)
        if change_id is None:
            return False
        row = look(self.story, self.seen).by_id("changes")[change_id]
        return self.approve_change(row, self.administrating()[1])

    def register(self, *operations: Mapping[str, Json]) -> dict[str, Json]:
        """The payload of a register change."""
        return {"operations": list(operations), "decision": decided(self.story)}


def payload_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a proposal or a change is about."""
    value: dict[str, Any] = json.loads(row["payload"])
    return value
