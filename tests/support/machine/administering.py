"""The rules: what administrators and time may do next, right or wrong, at random."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.support.setting_up import decided
from tests.support.story import DAY
from tipportal.cli.demo_changes import Operation
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import instant
from tipportal.usecases import at_once, changes, reviewing

from .rules import CaseRules
from .seen import Row

ENOUGH = 3
"""Handlers who can be drawn, below which nobody more goes: a panel and a standby."""
PUBLISHED_EVERY = 20 * DAY


class Machine(CaseRules):
    """One installation from its founding on, with everybody in it."""

    def serving(self) -> int:
        """How many handlers could be drawn today: where nobody is left, nothing happens any more."""
        handlers = [member.account.id for member in self.world.story.municipality.handlers()]
        return sum(self.seen.active(one) and self.seen.designated(one) and not self.seen.away(one) for one in handlers)

    def may(self, name: str) -> bool:
        """Whether a move has anything to act on, and leaves enough handlers to go on with."""
        return CONDITIONS.get(name, _always)(self)

    # The register.

    def go_away(self, who: int, days: int | None, *, by_other: bool = False) -> None:
        """Somebody's absence from today is noted, by themselves or an administrator: short, long, until further."""
        person, ctx = self.handler(who), self.world.story.handler
        by = self.world.administrators()[who % 2].account if by_other else person.account
        last = None if days is None else ctx.today() + timedelta(days=days)
        self.world.attempt("absence", lambda: at_once.note_absence(ctx, by, person.account.id, last))

    def lasting(self) -> list[Row]:
        """Absences that are not over."""
        today = self.seen.today
        return [row for row in self.seen.rows["absences"] if row["last"] is None or row["last"] >= today]

    def come_back(self, number: int) -> None:
        """Two note that somebody is back: yesterday was the last day."""
        rows = self.lasting()
        row, today = rows[number % len(rows)], self.world.story.handler.today()
        last = max(row["first"], today - timedelta(days=1)).isoformat()
        self.world.change(
            ChangeKind.REGISTER, self.world.register({"do": "end_absence", "id": row["id"], "last": last})
        )

    def end_designation(self, who: int, days: int) -> None:
        """All of somebody's designations end, today or in a few days."""
        person, today = self.handler(who).account.id, self.world.story.handler.today()
        last = (today + timedelta(days=days)).isoformat()
        mine = [row for row in self.seen.rows["designations"] if row["account_id"] == person]
        current = [row["id"] for row in mine if row["valid_to"] is None or row["valid_to"] > today]
        operations = [{"do": "end_designation", "id": each, "valid_to": last} for each in current]
        if operations:
            self.world.change(ChangeKind.REGISTER, self.world.register(*operations))

    def undesignated(self) -> list[str]:
        """Handlers without a designation in force."""
        handlers = [member.account.id for member in self.world.story.municipality.handlers()]
        return [one for one in handlers if not self.seen.designated(one)]

    def designate(self, who: int) -> None:
        """Somebody whose designation has ended gets another, and the directory says so."""
        people, today = self.undesignated(), self.world.story.handler.today()
        if not people:
            return
        person = people[who % len(people)]
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

    def lead(self, who: int, unit: int) -> None:
        """Somebody becomes the head of a unit, or nobody is any longer."""
        units = self.seen.rows["units"]
        head = self.handler(who).account.id if who % 3 else None
        operation: Operation = {"do": "change_unit", "id": units[unit % len(units)]["id"], "head": head}
        self.world.change(ChangeKind.REGISTER, self.world.register(operation))

    def declare_conflict(self, who: int, what: str, number: int) -> None:
        """Somebody declares a conflict of interest."""
        units, ctx = self.seen.rows["units"], self.world.story.handler
        subject = f"unit:{units[number % len(units)]['id']}" if what == "unit" else what
        self.world.attempt("conflict", lambda: at_once.declare_conflict(ctx, self.handler(who).account, subject))

    def end_conflict(self, number: int) -> None:
        """Two end a declared conflict."""
        rows = [row for row in self.seen.rows["conflicts"] if row["ended_on"] is None]
        today = self.world.story.handler.today().isoformat()
        operation = {"do": "end_conflict", "id": rows[number % len(rows)]["id"], "ended_on": today}
        self.world.change(ChangeKind.REGISTER, self.world.register(operation))

    # Changes by two.

    def propose_change(self, what: str, who: int, *, then: bool = False) -> None:
        """A change is proposed, and waits; or the other administrator agrees straight away."""
        if what == "close" and self.serving() <= ENOUGH:
            return
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
            said = [("Det här gäller", "Numera gäller"), ("Numera gäller", "Det här gäller")]
            text = str(newest["document"])
            before, after = next(pair for pair in said if pair[0] in text)
            text = text.replace(before, after)
            payload: Operation = {"policy": text, "register": None, "decision": decided(story)}
            self.world.propose_change(ChangeKind.POLICY, payload)
        else:
            decision = decided(story)
            self.world.propose_change(ChangeKind.ACCOUNT, {"account": person, "do": what, "decision": decision})
        if then:
            self.world.judge()
            for newest in self.seen.changes()[-1:]:
                self.world.approve_change(newest, self.world.administrating()[1])

    def approve_change(self, number: int, who: int) -> None:
        """Anybody approves a change: the other administrator, the same one, or a handler."""
        rows = self.seen.changes()
        people = [m for m in self.world.story.municipality.members if m.identity is not None]
        self.world.approve_change(rows[number % len(rows)], people[who % 3])

    def decline_change(self, number: int) -> None:
        """The other administrator declines a change."""
        rows = self.seen.changes()
        ctx, by = self.world.story.handler, self.world.administrators()[1].account
        self.world.attempt("decline change", lambda: changes.decline(ctx, by, rows[number % len(rows)]["id"]))

    def suspend(self, who: int) -> None:
        """One administrator suspends an account at once: a handler's, now and then an administrator's."""
        ctx, (one, other) = self.world.story.handler, self.world.administrators()
        handlers = [member.account.id for member in self.world.story.municipality.handlers()]
        active = [each for each in handlers if self.seen.active(each)] or handlers
        by, whom = (one.account, other.account.id) if who % 16 == 0 else (other.account, active[who % len(active)])
        self.world.attempt("suspend", lambda: at_once.suspend(ctx, by, whom))

    def to_look_at(self) -> list[Row]:
        """What nobody has looked at yet."""
        return [row for row in self.seen.rows["reviews"] if row["outcome"] is None]

    def look_again(self, number: int, who: int, *, upheld: bool) -> None:
        """An administrator looks at what was done at once; also whoever did it, who may not."""
        rows, ctx = self.to_look_at(), self.world.story.handler
        if not rows:
            return
        review, by = rows[number % len(rows)]["id"], self.world.administrators()[who % 2].account
        what, do = ("uphold", reviewing.uphold) if upheld else ("lift", reviewing.lift)
        self.world.attempt(what, lambda: do(ctx, by, review))

    def inactive(self) -> list[str]:
        """Handlers whose account is not in use."""
        handlers = [member.account.id for member in self.world.story.municipality.handlers()]
        return [one for one in handlers if not self.seen.active(one)]

    def decide_about_account(self, who: int, deed: str) -> None:
        """Two open an account again, or close it for good."""
        people = self.inactive()
        if people:
            account = people[who % len(people)]
            payload: Operation = {"account": account, "do": deed, "decision": decided(self.world.story)}
            self.world.change(ChangeKind.ACCOUNT, payload)

    # Time.

    def days_pass(self, days: int) -> None:
        """Days go by. The directory is issued again in time, as a calendar would have it."""
        self.world.pass_days(days)
        if self.world.story.clock() - self.world.published_at > PUBLISHED_EVERY:
            self.world.judge()
            self.world.publish()

    def clock_leaps(self, days: int, *, seen: bool = False) -> None:
        """The clock is moved, and ``tick`` runs; perhaps two notice straight away."""
        self.world.story.clock.advance(days * DAY)
        self.world.tick()
        if seen:
            self.world.judge()
            self.confirm_clock()

    def confirm_clock(self) -> None:
        """Two say that the clock is right."""
        self.world.change(ChangeKind.CLOCK, {"now": instant(self.world.story.clock())})


def _always(machine: Machine) -> bool:
    del machine
    return True


def _enough(machine: Machine) -> bool:
    return machine.serving() > ENOUGH


CONDITIONS: dict[str, Callable[[Machine], bool]] = {
    **dict.fromkeys(("go_away", "end_designation", "suspend", "propose_suspending"), _enough),
    **dict.fromkeys(("approve_change", "decline_change"), lambda machine: bool(machine.seen.rows["changes"])),
    **dict.fromkeys(("approve_proposal", "decline_proposal"), lambda machine: bool(machine.world.proposals)),
    "come_back": lambda machine: bool(machine.lasting()),
    "designate": lambda machine: bool(machine.undesignated()),
    "end_conflict": lambda machine: any(row["ended_on"] is None for row in machine.seen.rows["conflicts"]),
    "look_again": lambda machine: bool(machine.to_look_at()),
    "decide_about_account": lambda machine: bool(machine.inactive()),
    "confirm_clock": lambda machine: machine.world.told.doubted,
    "review": lambda machine: bool(machine.seen.rows["duties"]),
}
"""When a move can be made at all; the others always."""
