"""Random histories of how cases end: after each step the log verifies, and a plain ledger says who may read and decide.

The ledger counts by itself: nothing here asks the program when two years are over, or whose word is missing.
"""

from __future__ import annotations

import calendar
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.archived import decide
from tests.support.setting_up import two
from tests.support.story import DAY, Story, staffed
from tests.usecases.test_intake import offered, stated
from tests.usecases.test_retention import close, decide_to, disposal_decision, reopen
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import PlayedCase, members_of, reply, seal_case, write
from tipportal.domain.errors import CaseLocked, CaseNotFound, NotFound, Refusal
from tipportal.domain.organisations import Channel
from tipportal.domain.registration import is_feed_day
from tipportal.domain.retention import Purpose
from tipportal.envelope.payloads import Retention
from tipportal.envelope.records import Kind
from tipportal.usecases import archiving, dialogue, handle, intake, logbook, registration, retention, scheduled

STEPS = 60
SEED = 1
"""A history with all of what is named below."""
MOST_CASES = 4
HAPPEN = {
    "tip", "intake", "close", "reopen", "preserve", "dispose", "export", "fetch", "ask", "allow", "alarms", "locked",
    "number",
}  # fmt: skip
"""What the history has at least once; and so many kinds of refusals."""
REFUSED = 5


def months_after(day: date, months: int) -> date:
    """The same day number so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass
class Followed:
    """A case, and what should hold of it."""

    played: PlayedCase
    documents: list[date]
    closed_on: date | None = None
    asked: str | None = None
    open_until: date | None = None
    decided: bool = False
    exported: bool = False
    gone: bool = False
    alarms: list[tuple[str, str]] = field(default_factory=list)

    def ended(self, today: date) -> bool:
        return self.closed_on is not None and today >= months_after(self.closed_on, 24)

    def is_open(self, today: date) -> bool:
        return self.open_until is not None and today <= self.open_until

    def readable(self, today: date) -> bool:
        return not self.ended(today) or self.is_open(today)

    def decidable(self, today: date) -> bool:
        return self.closed_on is not None and self.readable(today)


class Ending:
    """One installation's cases on their way out. ``moves``: what the ledger allows in a case, and how it is done."""

    def __init__(self, story: Story, chance: random.Random) -> None:
        self.story, self.chance = story, chance
        self.cases: list[Followed] = []
        self.fed_upto = date.min
        self.published = self.today
        self.done: Counter[str] = Counter()
        self.moves: dict[str, tuple[Callable[[Followed], bool], Callable[[Followed], None]]] = {
            "say": (lambda case: not case.ended(self.today), self._say),
            "close": (lambda case: case.closed_on is None, self._close),
            "reopen": (lambda case: case.closed_on is not None and not case.ended(self.today), self._reopen),
            "preserve": (lambda case: case.decidable(self.today), self._preserve),
            "dispose": (
                # The recorded decision lets a case go as soon as it is closed, and the diary has had it all.
                lambda case: case.decidable(self.today) and case.documents[-1] <= self.fed_upto,
                self._dispose,
            ),
            "export": (lambda case: case.decidable(self.today), self._export),
            "fetch": (lambda case: case.exported and case.decidable(self.today), self._fetch),
            "ask": (
                lambda case: case.ended(self.today) and case.asked is None and not case.is_open(self.today),
                self._ask,
            ),
            "allow": (lambda case: case.asked is not None, self._allow),
            "allow alone": (lambda _: False, self._allow_alone),
            "number": (lambda case: case.documents[0] <= self.fed_upto, self._number),
        }  # fmt: skip
        self.weights = {"say": 1, "close": 6, "reopen": 0.5, "dispose": 0.5, "preserve": 1, "ask": 6, "allow": 8}

    @property
    def today(self) -> date:
        return self.story.handler.today()

    def step(self) -> None:
        """Something happens. Most often what the ledger allows; the program must agree, whichever it is."""
        left = [case for case in self.cases if not case.gone]
        if not left or self.chance.random() < 0.35:
            self.chance.choice([self._tip, self._take_in, self._wait, self._wait, self._tick, self._tick])()
            return
        case = self.chance.choice(left)
        allowed = {name: check(case) for name, (check, _) in self.moves.items()}
        wanted = self.chance.random() < 0.75
        names = [name for name in self.moves if allowed[name] is wanted]
        # What has not happened yet sooner than what has.
        new = [name for name in names if (name if wanted else f"{name} refused") not in self.done] or names
        among = new if self.chance.random() < 0.6 else names
        (name,) = self.chance.choices(among, [self.weights.get(name, 2) for name in among])
        try:
            self.moves[name][1](case)
        except Refusal as refusal:
            if wanted:
                raise AssertionError(name) from refusal
            self.done[f"{name} refused"] += 1
        else:
            assert wanted, name
            self.done[name] += 1

    # What comes in.

    def _tip(self) -> None:
        if len(self.cases) < MOST_CASES:
            self._publish()
            self.cases.append(Followed(self.story.tip(), [self.today]))
            self.done["tip"] += 1

    def _take_in(self) -> None:
        if len(self.cases) >= MOST_CASES:
            return
        self._publish()
        story, keys = self.story, self.story.source()
        typist = self.chance.choice(story.municipality.handlers()).account
        offer = offered(story, typist, Channel.TIP)
        sealed = seal_case(story.handler, offer, keys, {"what_happened": "Hon ringde."})
        intake.enter(story.handler, typist, sealed, stated(story))
        played = PlayedCase(offer.reference, keys, members_of(story.municipality, offer))
        self.cases.append(Followed(played, [self.today]))
        self.done["intake"] += 1

    def _publish(self) -> None:
        """The directory, which is in force for five weeks."""
        if self.today > self.published + timedelta(days=30):
            publish(two(self.story))
            self.published = self.today

    # What is done in a case.

    def _say(self, case: Followed) -> None:
        if self.chance.random() < 0.5:
            reply(self.story.public, case.played, "Mer.")
        else:
            write(self.story.handler, case.played, Kind.MESSAGE, "Tack.", by="h1")
        case.documents.append(self.today)

    def _close(self, case: Followed) -> None:
        close(self.story, case.played)
        case.closed_on, case.exported = self.today, False

    def _reopen(self, case: Followed) -> None:
        reopen(self.story, case.played)
        case.closed_on, case.decided = None, False

    def _preserve(self, case: Followed) -> None:
        decide_to(self.story, case.played, Retention.PRESERVE)
        case.decided = True

    def _dispose(self, case: Followed) -> None:
        decide_to(self.story, case.played, Retention.DISPOSE)
        case.gone = True

    def _export(self, case: Followed) -> None:
        decide(self.story, case.played)
        case.exported = True

    def _fetch(self, case: Followed) -> None:
        archiving.fetch(self.story.handler, case.played.members["h2"].account, case.played.reference)

    def _ask(self, case: Followed) -> None:
        account, purpose = case.played.members["h1"].account, self.chance.choice(list(Purpose))
        case.asked = retention.ask_opening(self.story.handler, account, case.played.reference, purpose).id

    def _allow(self, case: Followed, by: str = "h2") -> None:
        account, opening = case.played.members[by].account, case.asked or "0" * 32
        retention.allow_opening(self.story.handler, account, case.played.reference, opening)
        case.asked, case.open_until = None, self.today + timedelta(days=6)

    def _allow_alone(self, case: Followed) -> None:
        self._allow(case, "h1")

    def _number(self, case: Followed) -> None:
        ctx, account, reference = self.story.handler, case.played.members["h1"].account, case.played.reference
        lines = registration.of_case(ctx, account, reference)
        number = self.chance.choice(lines).number if lines else "TP-0"
        registration.set_registry_number(ctx, account, reference, number, f"KS {self.chance.randrange(99)}")

    # Time.

    def _wait(self) -> None:
        self.story.clock.advance(self.chance.choice((1, 2, 70, 200, 300, 400)) * DAY)

    def _tick(self) -> None:
        # A leap of the clock is another test's.
        self.story.change("DELETE FROM clock_watch")
        ticked = scheduled.tick(self.story.handler)
        if is_feed_day(self.today):
            self.fed_upto = self.today - timedelta(days=1)
        for case in self.cases:
            if case.closed_on is None or case.decided or case.gone or case.ended(self.today):
                continue
            ends = months_after(case.closed_on, 24).isoformat()
            for step, months in (("panel_early", 18), ("panel", 22)):
                if self.today >= months_after(case.closed_on, months) and (step, ends) not in case.alarms:
                    case.alarms.append((step, ends))
        self.done += Counter(tick=1, locked=ticked.cases_locked, alarms=ticked.alarms_raised)

    def check(self) -> None:
        """Hold the installation against the ledger."""
        story = self.story
        assert logbook.verify(story.handler).findings == ()
        gone = {case.played.reference for case in self.cases if case.gone}
        assert {stub.reference for stub in retention.disposed(story.handler)} == gone
        for case in self.cases:
            with story.database.read() as uow:
                entries = [json.loads(data) for data in uow.log.entries_of_case(case.played.reference)]
                lines = uow.diary.of_case(case.played.reference)
            raised = [each["facts"] for each in entries if each["kind"] == "alarm_raised"]
            told = [(facts["step"], facts["due"]) for facts in raised if facts["watch"] == "retention"]
            assert sorted(told) == sorted(case.alarms)
            assert sorted(line.dated for line in lines) == [day for day in case.documents if day <= self.fed_upto]
        if self.cases and self.chance.random() < 0.5:
            self._read(self.chance.choice(self.cases))

    def _read(self, case: Followed) -> None:
        story, played = self.story, case.played
        source = _refusal(lambda: dialogue.open_by_token(story.public, played.keys.lookup_token))
        panel = _refusal(lambda: handle.open_case(story.handler, played.members["h1"].account, played.reference))
        if case.gone:
            assert (source, panel) == (CaseNotFound, NotFound)
        else:
            assert source is (CaseLocked if case.ended(self.today) else None)
            assert panel is (None if case.readable(self.today) else CaseLocked)


def _refusal(read: Callable[[], object]) -> type[Refusal] | None:
    try:
        read()
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_cases_end_as_a_plain_ledger_says(tmp_path: Path, kind: str) -> None:
    with staffed(kind, tmp_path) as story:
        disposal_decision(story)
        ending = Ending(story, random.Random(SEED))  # noqa: S311 - a history to be played again, no secret
        for _ in range(STEPS):
            ending.step()
            ending.check()
        assert ending.done.keys() >= HAPPEN, ending.done
        assert len([name for name in ending.done if name.endswith("refused")]) >= REFUSED, ending.done
