"""Random histories of a case's work: after every step the log verifies and sums are what a plain ledger says."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.story import DAY, Story, staffed
from tipportal.cli.demo_playing import PlayedCase, agree, propose, reply, seal_form, seal_text, stored
from tipportal.cli.demo_work import propose_handing_over, take_measure, tick_off
from tipportal.domain.cases import CaseState
from tipportal.domain.errors import Refusal
from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.domain.measures import Amount, MeasureFacts, MeasureKind, sums
from tipportal.envelope.payloads import ActKind, ClosePayload, Outcome, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, handovers, logbook, measures, reopenings

STEPS = 30


class Life:
    """One case, and a ledger of what it should come to: stopped kronor by the measure that stands."""

    def __init__(self, story: Story, case: PlayedCase, chance: random.Random) -> None:
        self.story, self.case, self.chance = story, case, chance
        self.ledger: dict[str, int] = {}
        self.listed: bytes | None = None

    def record(self) -> None:
        kronor = self.chance.randrange(10**6)
        kept = take_measure(
            self.story.handler, self.case, MeasureKind.STOPPED_PAYMENT, "X.", amounts={Amount.STOPPED: kronor}
        )
        self.ledger[kept.id] = kronor

    def correct(self, *, withdrawn: bool = False) -> None:
        if not self.ledger:
            return
        before = self.chance.choice(sorted(self.ledger))
        kronor = self.chance.randrange(10**6)
        ctx, account = self.story.handler, self.case.members["h2"].account
        facts = MeasureFacts(MeasureKind.STOPPED_PAYMENT, ctx.today(), {Amount.STOPPED: kronor})
        form = seal_form(ctx, self.case, "measure", {"description": "Y."}, by="h2")
        after = measures.correct(ctx, account, before, measures.Offered(facts, form), withdrawn=withdrawn)
        del self.ledger[before]
        if not withdrawn:
            self.ledger[after.id] = kronor

    def withdraw(self) -> None:
        self.correct(withdrawn=True)

    def tick_off(self) -> None:
        state = tick_off(self.story.handler, self.case, "lex_sarah", ("at_once",), {}, replaces=self.listed)
        self.listed = state.record

    def hand_over(self) -> None:
        told = {"content": "X."}
        agree(
            self.story.handler,
            self.case,
            propose_handing_over(self.story.handler, self.case, Recipient.POLICE, LegalBasis.OSL_10_24, told),
        )

    def close(self) -> None:
        handle.begin_follow_up(self.story.handler, self.case.members["h1"].account, self.case.reference)
        self._by_two(lambda digest: ClosePayload(Outcome.CONFIRMED, digest))

    def close_again(self) -> None:
        self._by_two(lambda digest: ClosePayload(Outcome.UNFOUNDED, digest))

    def reopen(self) -> None:
        self._by_two(lambda digest: ReasonsPayload(ActKind.REOPEN, digest))

    def answer(self) -> None:
        reply(self.story.public, self.case, "Mer.")

    def decline(self) -> None:
        ctx, account = self.story.handler, self.case.members["h1"].account
        asked = handle.open_case(ctx, account, self.case.reference).work.reopening
        form = seal_form(ctx, self.case, "reopening_declined", {"reasons": "Z."}, by="h1")
        reopenings.decline(ctx, account, self.case.reference, form, upto_seq=0 if asked is None else asked[1])

    def wait(self) -> None:
        self.story.clock.advance(self.chance.randrange(40) * DAY)
        handovers.ask_due(self.story.handler)

    def _by_two(self, payload: Callable[[str], ClosePayload | ReasonsPayload]) -> None:
        reasons = seal_text(self.story.handler, self.case, Kind.ASSESSMENT, "Skäl.", by="h1")
        proposal = propose(self.story.handler, self.case, payload(reasons.digest.hex()), reasons)
        agree(self.story.handler, self.case, proposal)

    def check(self) -> None:
        now = stored(self.story.handler, self.case)
        with self.story.database.read() as uow:
            every = uow.measures.of_case(now.id)
        assert sums(every).get(Amount.STOPPED, 0) == sum(self.ledger.values())
        assert (now.closed_on is None, now.outcome is None) == ((now.state is not CaseState.CLOSED),) * 2
        assert logbook.verify(self.story.handler).findings == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories_hold_together(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a history to be played again, no secret
    with staffed("sqlite", tmp_path) as story:
        life = Life(story, story.tip(), chance)
        steps = [
            life.record, life.record, life.correct, life.withdraw, life.tick_off, life.hand_over, life.close,
            life.close_again, life.reopen, life.answer, life.decline, life.wait,
        ]  # fmt: skip
        done = set()
        for _ in range(STEPS):
            step = chance.choice(steps)
            try:
                step()
            except Refusal:
                # What the state does not allow changes nothing, and the log holds all the same.
                pass
            else:
                done.add(step.__name__)
            life.check()
        assert len(done) >= 8, done
