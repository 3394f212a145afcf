"""The rules: what sources and the handlers of a case may try next, right or wrong, at random."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support import members
from tests.support.story import staffed
from tipportal.cli.demo_playing import PlayedCase, act_on, offered_proposal, reply, seal_notice, seal_text, sign, write
from tipportal.cli.demo_staffing import Member
from tipportal.domain.duties import DutyKind, Verdict
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground, Seat
from tipportal.envelope.acts import parse_act
from tipportal.envelope.bodies import NoticeKind
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.payloads import AssessPayload, ClosePayload, EndExclusionPayload, Outcome, Payload
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import approve, duties, epochs, handle, letting_in, separating

from .seen import Seen, look
from .world import Waiting, World


class CaseRules:
    """One installation from its founding on."""

    def __init__(self, kind: str) -> None:
        self._stack = ExitStack()
        directory = Path(tempfile.mkdtemp(prefix="tipportal-machine-"))
        self._stack.callback(shutil.rmtree, directory)
        self.world = World(self._stack.enter_context(staffed(kind, directory)))

    def teardown(self) -> None:
        """Take it all away again."""
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

    def _waiting(self, number: int) -> Waiting:
        """One of the newest proposals that are open, or of those that are not any longer."""
        state = {row["id"]: row["state"] for row in self.seen.rows["proposals"]}
        still = [one for one in self.world.proposals if state.get(one.proposal.id, "open") == "open"]
        found = still if still and number % 8 else self.world.proposals
        return found[-1 - number % min(len(found), 4)]

    def two_cases(self) -> None:
        """There is something to work with."""
        self.world.submit(Channel.REPORT, "fakturahantering", "employee", ())
        self.world.submit(Channel.TIP, "hemtjanst", "unknown", ())

    # Sources.

    def submit(self, channel: Channel, area: str, role: str, picks: list[int]) -> None:
        """A submission with any facts, also such as the form would not offer."""
        seen = look(self.world.story, self.seen)
        parties = [f"unit:{row['id']}" for row in seen.rows["units"]]
        parties += [f"organisation:{row['id']}" for row in seen.rows["organisations"]]
        parties += [f"function:{self.world.story.municipality.counsel.id}"]
        concerns = tuple(sorted({parties[pick % len(parties)] for pick in picks}))
        self.world.submit(channel, area, role, concerns)

    def answer(self, number: int) -> None:
        """A source writes; its browser begins the next epoch first where one is needed."""
        case = self.case(number)
        self.begin_epoch(number, 0, by_source=True)
        self.world.attempt("reply", lambda: reply(self.world.story.public, case, "Det har hänt igen."))

    # The handlers of a case.

    def open_and_write(self, number: int, who: int) -> None:
        """A member opens the case, reads and writes."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        story = self.world.story
        self.world.attempt("open", lambda: handle.open_case(story.handler, case.members[by].account, case.reference))
        self.world.attempt("write", lambda: write(story.handler, case, Kind.MESSAGE, "Tack.", by=by))

    def begin_epoch(self, number: int, who: int, *, by_source: bool) -> None:
        """Whoever writes next begins the epoch that somebody's leaving made necessary."""
        story, case, by = self.world.story, self.case(number), self.insider(self.case(number), who)
        if by is None:
            return
        standing = members.view_of(story, case, by).standing
        if standing.next_members is None or (number % 4 and not standing.needs_epoch):
            return
        new = members.next_epoch(story, case, by=by, author=SOURCE if by_source else None)
        if by_source:
            token = case.keys.lookup_token
            self.world.attempt("epoch by source", lambda: epochs.begin_epoch_as_source(story.public, token, new))
        else:
            self.world.attempt("epoch by member", lambda: members.begin(story, case, new, by=by))

    def recuse(self, number: int, who: int, ground: Ground) -> None:
        """Somebody leaves by their own word; also somebody who is not in the case."""
        case, person = self.case(number), self.handler(who)
        if not self.world.is_let_in(person):
            return
        story, account = self.world.story, person.account
        if self.world.attempt("recuse", lambda: separating.recuse(story.handler, account, case.reference, ground)):
            self.world.told.left.add((case.reference, account.id))

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
                "assess": AssessPayload(covered=True, ground="public_interest", reasons=digest),
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

    def approve_proposal(self, number: int, who: int, *, right: bool) -> None:
        """Anybody approves: a member of the case, or any handler."""
        waiting = self._waiting(number)
        case, proposal = waiting.case, waiting.proposal
        person = self.handler(who)
        if right:
            now = self.seen.case(case.reference)
            seats = self.seen.acting(now) if who % 4 else self.seen.seats(now)
            mine = [seat["member"] for seat in seats if seat["holder"] != proposal.proposer]
            let_in = [one for one in mine if one in case.members and self.world.is_let_in(case.members[one])]
            person = case.members[let_in[who % len(let_in)]] if let_in else person
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

    def decline_proposal(self, number: int, who: int) -> None:
        """Anybody declines."""
        waiting, story = self._waiting(number), self.world.story
        person = waiting.case.members["h1"] if who % 2 else self.handler(who)
        if self.world.is_let_in(person):
            self.world.attempt("decline", lambda: approve.decline(story.handler, person.account, waiting.proposal.id))

    def do_at_once(self, number: int, who: int, kind: DutyKind) -> None:
        """What one does at once."""
        case, by = self.case(number), self.insider(self.case(number), who)
        if by is not None:
            ctx, account = self.world.story.handler, case.members[by].account
            self.world.attempt("duty", lambda: duties.do_at_once(ctx, account, case.reference, kind))

    def review(self, number: int, who: int) -> None:
        """Anybody reviews."""
        rows, ctx = self.seen.rows["duties"], self.world.story.handler
        waiting = [row for row in rows if row["reviewed_by"] is None] or rows
        duty = waiting[number % len(waiting)]
        case = next(one for one in self.world.cases if self.seen.case(one.reference)["id"] == duty["case_id"])
        by = self.insider(case, who) if who % 4 else None
        person = self.handler(who) if by is None else case.members[by]
        if self.world.is_let_in(person):
            self.world.attempt("review", lambda: duties.review(ctx, person.account, duty["id"], Verdict.UPHELD))
