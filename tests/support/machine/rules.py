"""The rules: what anybody may try next, right or wrong, at random."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support import members
from tests.support.setting_up import decided
from tests.support.story import DAY, staffed
from tipportal.cli.demo_changes import Operation
from tipportal.cli.demo_playing import PlayedCase, act_on, offered_proposal, reply, seal_notice, seal_text, sign, write
from tipportal.cli.demo_staffing import Member
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.duties import DutyKind, Verdict
from tipportal.domain.handlinglog import instant
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground, Seat
from tipportal.envelope.acts import parse_act
from tipportal.envelope.bodies import NoticeKind
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.payloads import AssessPayload, ClosePayload, EndExclusionPayload, Outcome, Payload
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import approve, at_once, changes, duties, epochs, handle, letting_in, separating

from .seen import Seen, look
from .world import Waiting, World

NUMBERS = st.integers(min_value=0, max_value=63)
"""Which of several: taken modulo how many there are."""


class Machine(RuleBasedStateMachine):
    """One installation from its founding on."""

    kind: ClassVar[str]
    counted: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        directory = Path(tempfile.mkdtemp(prefix="tipportal-machine-"))
        self._stack.callback(shutil.rmtree, directory)
        self.world = World(self._stack.enter_context(staffed(self.kind, directory)))

    def teardown(self) -> None:
        """Take it all away again."""
        self.counted.update(self.world.counted)
        self._stack.close()

    @property
    def seen(self) -> Seen:
        """What stands in the database."""
        return self.world.seen

    def case(self, number: int) -> PlayedCase:
        """One of the cases."""
        return self.world.cases[number % len(self.world.cases)]

    def handler(self, number: int) -> Member:
        """One of the handlers."""
        handlers = self.world.story.municipality.handlers()
        return handlers[number % len(handlers)]

    def insider(self, case: PlayedCase, number: int) -> str | None:
        """The pseudonym of somebody who acts in a case and is let in today."""
        seats = self.seen.acting(self.seen.case(case.reference))
        let_in = [seat["member"] for seat in seats if self.world.is_let_in(case.members[seat["member"]])]
        return let_in[number % len(let_in)] if let_in else None

    @initialize()
    def two_cases(self) -> None:
        """There is something to work with."""
        self.world.submit(Channel.REPORT, "fakturahantering", "employee", ())
        self.world.submit(Channel.TIP, "hemtjanst", "unknown", ())

    @invariant()
    def holds(self) -> None:
        """After every step."""
        self.world.judge()

    # Sources.

    @rule(
        channel=st.sampled_from(list(Channel)),
        area=st.sampled_from(["", "hemtjanst", "fakturahantering", "upphandling"]),
        role=st.sampled_from(["unknown", "manager", "elected_official"]),
        picks=st.lists(NUMBERS, max_size=2, unique=True),
    )
    def submit(self, channel: Channel, area: str, role: str, picks: list[int]) -> None:
        """A submission with any facts, also such as the form would not offer."""
        seen = look(self.world.story, self.seen)
        parties = [f"unit:{row['id']}" for row in seen.rows["units"]]
        parties += [f"organisation:{row['id']}" for row in seen.rows["organisations"]]
        parties += [f"function:{self.world.story.municipality.counsel.id}"]
        concerns = tuple(sorted({parties[pick % len(parties)] for pick in picks}))
        self.world.submit(channel, area, role, concerns)

    @rule(number=NUMBERS)
    def answer(self, number: int) -> None:
        """A source writes; its browser begins the next epoch first where one is needed."""
        case = self.case(number)
        self.begin_epoch(number, 0, by_source=True)
        self.world.attempt("reply", lambda: reply(self.world.story.public, case, "Det har hänt igen."))

    # The handlers of a case.

    @rule(number=NUMBERS, who=NUMBERS)
    def open_and_write(self, number: int, who: int) -> None:
        """A member opens the case, reads and writes."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        story = self.world.story
        self.world.attempt("open", lambda: handle.open_case(story.handler, case.members[by].account, case.reference))
        self.world.attempt("write", lambda: write(story.handler, case, Kind.MESSAGE, "Tack.", by=by))

    @rule(number=NUMBERS, who=NUMBERS, by_source=st.booleans())
    def begin_epoch(self, number: int, who: int, *, by_source: bool) -> None:
        """Whoever writes next begins the epoch that somebody's leaving made necessary."""
        story, case, by = self.world.story, self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        standing = members.view_of(story, case, by).standing
        if standing.next_members is None:
            return
        new = members.next_epoch(story, case, by=by, author=SOURCE if by_source else None)
        if by_source:
            token = case.keys.lookup_token
            self.world.attempt("epoch by source", lambda: epochs.begin_epoch_as_source(story.public, token, new))
        else:
            self.world.attempt("epoch by member", lambda: members.begin(story, case, new, by=by))

    @rule(number=NUMBERS, who=NUMBERS, ground=st.sampled_from(list(Ground)))
    def recuse(self, number: int, who: int, ground: Ground) -> None:
        """Somebody leaves by their own word; also somebody who is not in the case."""
        case, person = self.case(number), self.handler(who)
        if not self.world.is_let_in(person):
            return
        story, account = self.world.story, person.account
        if self.world.attempt("recuse", lambda: separating.recuse(story.handler, account, case.reference, ground)):
            self.world.told.left.add((case.reference, account.id))

    @rule(number=NUMBERS, who=NUMBERS, whom=NUMBERS, then=st.booleans())
    def propose_excluding(self, number: int, who: int, whom: int, *, then: bool) -> None:
        """A member proposes to keep a colleague out; perhaps another agrees straight away."""
        case, by = self.case(number), self.insider(self.case(number), who)
        others = [seat["member"] for seat in self.seen.seats(self.seen.case(case.reference)) if seat["member"] != by]
        if by is None or not others:
            return
        story, about = self.world.story, others[whom % len(others)]
        if about not in members.view_of(story, case, by).standing.deciders:
            return

        def propose() -> None:
            proposal = members.propose_excluding(story, case, about, by=by)
            self.world.proposals.append(Waiting(case, proposal))

        if self.world.attempt("propose exclude_member", propose) and then:
            self.world.judge()
            self.approve_proposal(0, whom, right=True)

    @rule(number=NUMBERS, who=NUMBERS, what=st.sampled_from(["assess", "close", "end_exclusion"]), then=st.booleans())
    def propose(self, number: int, who: int, what: str, *, then: bool) -> None:
        """Anybody who is let in proposes an act, right or wrong; perhaps another agrees straight away."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        story = self.world.story

        def propose() -> None:
            reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by=by)
            digest = reasons.digest.hex()
            payloads: dict[str, Payload] = {
                "assess": AssessPayload(covered=True, reasons=digest),
                "close": ClosePayload(Outcome.CONFIRMED, digest),
                "end_exclusion": EndExclusionPayload("ab" * 32, digest),
            }
            payload = payloads[what]
            offered = offered_proposal(case.members[by], act_on(story.handler, case, payload), payload, reasons)
            account = case.members[by].account
            proposal = approve.propose(story.handler, account, case.reference, offered)
            self.world.proposals.append(Waiting(case, proposal))

        if what == "close":
            account = case.members[by].account
            self.world.attempt("follow up", lambda: handle.begin_follow_up(story.handler, account, case.reference))
        if self.world.attempt(f"propose {what}", propose) and then:
            self.world.judge()
            self.approve_proposal(0, who, right=True)

    @rule(number=NUMBERS, who=NUMBERS, whom=NUMBERS, then=st.booleans())
    def propose_adding(self, number: int, who: int, whom: int, *, then: bool) -> None:
        """A member proposes to let somebody in, as a browser would: nobody whom the facts keep out."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        story = self.world.story
        found = letting_in.candidates(story.handler, case.members[by].account, case.reference)
        out = self.world.told.cases[case.reference].out
        people = [one.person for one in found.people if one.person.account_id not in out]
        if not people or members.view_of(story, case, by).standing.next_members is None:
            return
        person = people[whom % len(people)]
        new = next(m for m in story.municipality.handlers() if m.account.id == person.account_id)
        seat = Seat(
            holder=person.account_id,
            member=found.pseudonym,
            unit_id=person.unit_id,
            function_id=person.function_id,
            panel=True,
            released=True,
            first_standby=False,
        )
        wider = PlayedCase(case.reference, case.keys, {**case.members, seat.member: new})

        def propose() -> None:
            proposal, made, signed = members.propose_adding(story, wider, new, seat, by=by)
            self.world.proposals.append(Waiting(wider, proposal, made, signed))

        if self.world.attempt("propose add_member", propose) and then:
            self.world.judge()
            self.approve_proposal(0, who, right=True)

    @precondition(lambda self: self.world.proposals)
    @rule(number=NUMBERS, who=NUMBERS, right=st.booleans())
    def approve_proposal(self, number: int, who: int, *, right: bool) -> None:
        """Anybody approves: a member of the case, or any handler."""
        waiting = self.world.proposals[-1 - number % min(len(self.world.proposals), 4)]
        case, proposal = waiting.case, waiting.proposal
        if right:
            seats = self.seen.seats(self.seen.case(case.reference))
            mine = [seat["member"] for seat in seats if seat["holder"] != proposal.proposer]
            person = case.members[mine[who % len(mine)]] if mine else self.handler(who)
        else:
            person = self.handler(who)
        if not self.world.is_let_in(person):
            return
        story = self.world.story

        def decide() -> None:
            records: Any = ()
            if waiting.made is not None and waiting.signed is not None:
                by = self.seen.name(case.reference, person.account.id)
                members.agree_adding(story, case, proposal, waiting.made, waiting.signed, by=by)
                index = next(i for i, one in enumerate(self.world.cases) if one.reference == case.reference)
                self.world.cases[index] = case
                return
            if proposal.kind.value == "end_exclusion":
                told = seal_notice(
                    story.handler,
                    case,
                    NoticeKind.EXCLUSION_ENDS,
                    "Upphör.",
                    by=self.seen.name(case.reference, person.account.id),
                )
                records = [told]
            act = parse_act(parse_canonical(proposal.act))
            approve.approve(story.handler, person.account, proposal.id, sign(person, act), records)

        if self.world.attempt(f"approve {proposal.kind.value}", decide) and proposal.kind.value == "exclude_member":
            gone = [
                row for row in look(story, self.seen).rows["separations"] if row not in self.seen.rows["separations"]
            ]
            self.world.told.left |= {(case.reference, row["account_id"]) for row in gone}

    @precondition(lambda self: self.world.proposals)
    @rule(number=NUMBERS, who=NUMBERS)
    def decline_proposal(self, number: int, who: int) -> None:
        """Anybody declines."""
        waiting = self.world.proposals[number % len(self.world.proposals)]
        person, story = self.handler(who), self.world.story
        if self.world.is_let_in(person):
            self.world.attempt("decline", lambda: approve.decline(story.handler, person.account, waiting.proposal.id))

    @rule(number=NUMBERS, who=NUMBERS, kind=st.sampled_from([DutyKind.ACUTE_DANGER, DutyKind.LEX_SARAH]))
    def do_at_once(self, number: int, who: int, kind: DutyKind) -> None:
        """What one does at once."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is not None:
            ctx, account = self.world.story.handler, case.members[by].account
            self.world.attempt("duty", lambda: duties.do_at_once(ctx, account, case.reference, kind))

    @precondition(lambda self: self.seen.rows["duties"])
    @rule(number=NUMBERS, who=NUMBERS)
    def review(self, number: int, who: int) -> None:
        """Anybody reviews."""
        rows, person = self.seen.rows["duties"], self.handler(who)
        duty, ctx = rows[number % len(rows)], self.world.story.handler
        if self.world.is_let_in(person):
            self.world.attempt("review", lambda: duties.review(ctx, person.account, duty["id"], Verdict.UPHELD))

    # The register.

    @rule(who=NUMBERS, days=st.sampled_from([0, 3, 10, 45, None]))
    def go_away(self, who: int, days: int | None) -> None:
        """Somebody notes their own absence from today: short, long, or until further."""
        person, ctx = self.handler(who), self.world.story.handler
        last = None if days is None else ctx.today() + timedelta(days=days)
        self.world.attempt("absence", lambda: at_once.note_absence(ctx, person.account, person.account.id, last))

    @precondition(lambda self: self.seen.rows["absences"])
    @rule(number=NUMBERS)
    def come_back(self, number: int) -> None:
        """Two note that somebody is back: yesterday was the last day."""
        rows = self.seen.rows["absences"]
        row, today = rows[number % len(rows)], self.world.story.handler.today()
        last = max(row["first"], today - timedelta(days=1)).isoformat()
        self.world.change(
            ChangeKind.REGISTER, self.world.register({"do": "end_absence", "id": row["id"], "last": last})
        )

    @rule(who=NUMBERS, days=st.sampled_from([0, 1, 5]))
    def end_designation(self, who: int, days: int) -> None:
        """All of somebody's designations end, today or in a few days."""
        person, today = self.handler(who).account.id, self.world.story.handler.today()
        last = (today + timedelta(days=days)).isoformat()
        mine = [row for row in self.seen.rows["designations"] if row["account_id"] == person]
        current = [row["id"] for row in mine if row["valid_to"] is None or row["valid_to"] > today]
        operations = [{"do": "end_designation", "id": each, "valid_to": last} for each in current]
        if operations:
            self.world.change(ChangeKind.REGISTER, self.world.register(*operations))

    @rule(who=NUMBERS)
    def designate(self, who: int) -> None:
        """Somebody whose designation has ended gets another, and the directory says so."""
        person, today = self.handler(who).account.id, self.world.story.handler.today()
        if self.seen.designated(person):
            return
        story = self.world.story
        operation: Operation = {
            "do": "designate",
            "id": story.handler.new_id(),
            "function": story.municipality.function.id,
            "person": person,
            "ground": "employment",
            "decision_number": "KS 2026/200",
            "decided_on": today.isoformat(),
            "valid_from": today.isoformat(),
            "valid_to": None,
            "rank": 1,
        }
        self.world.change(ChangeKind.REGISTER, self.world.register(operation))
        self.world.publish()

    @rule(who=NUMBERS, unit=NUMBERS)
    def lead(self, who: int, unit: int) -> None:
        """Somebody becomes the head of a unit."""
        units = self.seen.rows["units"]
        operation = {"do": "change_unit", "id": units[unit % len(units)]["id"], "head": self.handler(who).account.id}
        self.world.change(ChangeKind.REGISTER, self.world.register(operation))

    @rule(who=NUMBERS, what=st.sampled_from(["area:hemtjanst", "area:upphandling", "unit"]), number=NUMBERS)
    def declare_conflict(self, who: int, what: str, number: int) -> None:
        """Somebody declares a conflict of interest."""
        units, ctx = self.seen.rows["units"], self.world.story.handler
        subject = f"unit:{units[number % len(units)]['id']}" if what == "unit" else what
        self.world.attempt("conflict", lambda: at_once.declare_conflict(ctx, self.handler(who).account, subject))

    @precondition(lambda self: any(row["ended_on"] is None for row in self.seen.rows["conflicts"]))
    @rule(number=NUMBERS)
    def end_conflict(self, number: int) -> None:
        """Two end a declared conflict."""
        rows = [row for row in self.seen.rows["conflicts"] if row["ended_on"] is None]
        today = self.world.story.handler.today().isoformat()
        operation = {"do": "end_conflict", "id": rows[number % len(rows)]["id"], "ended_on": today}
        self.world.change(ChangeKind.REGISTER, self.world.register(operation))

    # Changes by two.

    @rule(what=st.sampled_from(["unit", "policy", "suspend", "reactivate", "close"]), who=NUMBERS)
    def propose_change(self, what: str, who: int) -> None:
        """A change is proposed, and waits."""
        story, person = self.world.story, self.handler(who).account.id
        if what == "unit":
            operation: Operation = {
                "do": "add_unit",
                "id": story.handler.new_id(),
                "organisation": self.world.owner,
                "name": "IT",
                "external": False,
                "parent": None,
                "head": None,
            }
            self.world.propose_change(ChangeKind.REGISTER, self.world.register(operation))
        elif what == "policy":
            newest = max(self.seen.rows["policies"], key=lambda row: row["version"])
            text = str(newest["document"]).replace("Det här gäller", "Numera gäller")
            payload: Operation = {"policy": text, "register": None, "decision": decided(story)}
            self.world.propose_change(ChangeKind.POLICY, payload)
        else:
            decision = decided(story)
            self.world.propose_change(ChangeKind.ACCOUNT, {"account": person, "do": what, "decision": decision})

    @precondition(lambda self: self.seen.rows["changes"])
    @rule(number=NUMBERS, who=NUMBERS)
    def approve_change(self, number: int, who: int) -> None:
        """Anybody approves a change: the other administrator, the same one, or a handler."""
        rows = self.seen.changes()
        people = [m for m in self.world.story.municipality.members if m.identity is not None]
        self.world.approve_change(rows[number % len(rows)], people[who % 3])

    @precondition(lambda self: self.seen.rows["changes"])
    @rule(number=NUMBERS)
    def decline_change(self, number: int) -> None:
        """The other administrator declines a change."""
        rows = self.seen.changes()
        ctx, by = self.world.story.handler, self.world.administrators()[1].account
        self.world.attempt("decline change", lambda: changes.decline(ctx, by, rows[number % len(rows)]["id"]))

    @rule(who=NUMBERS)
    def suspend(self, who: int) -> None:
        """One administrator suspends an account at once."""
        ctx, by = self.world.story.handler, self.world.administrators()[0].account
        self.world.attempt("suspend", lambda: at_once.suspend(ctx, by, self.handler(who).account.id))

    @rule(who=NUMBERS, deed=st.sampled_from(["reactivate", "close"]))
    def decide_about_account(self, who: int, deed: str) -> None:
        """Two open an account again, or close it for good."""
        account = self.handler(who).account.id
        if not self.seen.active(account):
            payload: Operation = {"account": account, "do": deed, "decision": decided(self.world.story)}
            self.world.change(ChangeKind.ACCOUNT, payload)

    # Time.

    @rule(days=st.integers(min_value=1, max_value=4))
    def days_pass(self, days: int) -> None:
        """Days go by."""
        self.world.pass_days(days)

    @rule(days=st.sampled_from([3, 20, -2]))
    def clock_leaps(self, days: int) -> None:
        """The clock is moved, and ``tick`` runs."""
        self.world.story.clock.advance(days * DAY)
        self.world.tick()

    @precondition(lambda self: self.world.told.doubted)
    @rule()
    def confirm_clock(self) -> None:
        """Two say that the clock is right."""
        self.world.change(ChangeKind.CLOCK, {"now": instant(self.world.story.clock())})
