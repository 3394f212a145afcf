"""The invariants of 04 held against two moments and what happened between them: one step of the machine.

Each function raises AssertionError with what is wrong. What is read is read by ``seen``, or asked of the use cases as
whoever looks at a page does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.support.story import Story
from tipportal.domain.errors import NotFound
from tipportal.usecases import approve, desk, duties, firstscreen, handle, logbook, separating

from .kept_out import kept_out
from .seen import Row, Seen, day_of, weekdays
from .signatures import acts_are_by_two

DOUBT = 36 * 3600
NOVEMBER = 11
READING = frozenset({"access_refused", "opened"})
LONGEST_HOLIDAYS = 5
"""Working days that a run of Swedish holidays can take out of a fortnight."""


@dataclass(frozen=True)
class Facts:
    """What a source said of a case, and whom that kept out on the day."""

    organisation: str
    area: str
    concerns: tuple[str, ...]
    out: frozenset[str]


@dataclass
class Told:
    """What whoever plays both sides knows without asking the program.

    ``left``: who has left which case, by reference. ``tick_at``: when ``tick`` ran last or two confirmed the clock.
    """

    cases: dict[str, Facts] = field(default_factory=dict)
    left: set[tuple[str, str]] = field(default_factory=set)
    tick_at: int | None = None
    doubted: bool = False
    ticked: bool = False

    def tick(self, now: int) -> None:
        """``tick`` runs."""
        if self.tick_at is not None and abs(now - self.tick_at) > DOUBT:
            self.doubted = True
        self.tick_at = now
        self.ticked = True


@dataclass(frozen=True)
class Step:
    """Two moments, and what is known besides."""

    story: Story
    before: Seen
    after: Seen
    told: Told
    keys: Mapping[str, bytes]


def policy_members(seen: Seen) -> dict[str, set[str]]:
    """Whom the newest policy names in each function."""
    document = max(seen.rows["policies"], key=lambda row: row["version"])["document"]
    return {each["id"]: set(each["members"]) for each in tomllib.loads(document)["policy"]["function"]}


def excluded_by_facts(seen: Seen, organisation: str, area: str, concerns: tuple[str, ...]) -> frozenset[str]:
    """Whom a submission with these facts keeps out now."""
    return frozenset(kept_out(seen, organisation, area, concerns, policy_members(seen)))


def panels_hold(step: Step) -> None:
    """Invariant 1, and who may not be drawn: at each submission, and in each open epoch."""
    after, known = step.after, {case["id"] for case in step.before.rows["cases"]}
    for case in after.rows["cases"]:
        seats = after.seats(case)
        panel = [seat for seat in seats if seat["kind"] == "panel"]
        if case["id"] not in known:
            for seat in seats:
                _may_be_drawn(after, seat, on_panel=seat["kind"] == "panel")
        if _is_open(after, case):
            assert len({seat["holder"] for seat in panel}) >= 2, f"{case['reference']}: a panel of fewer than two"
            units = {after.counted_unit(seat["holder"]) for seat in panel}
            assert len(units) >= 2, f"{case['reference']}: a panel from one unit"


def _may_be_drawn(seen: Seen, seat: Row, *, on_panel: bool) -> None:
    person = seat["holder"]
    account, listed = seen.by_id("accounts")[person], seen.by_id("people").get(person, {})
    assert account["role"] == "handler", "drawn without being a handler"
    assert not listed.get("elected"), "an elected person was drawn"
    assert not listed.get("auditor"), "an auditor was drawn"
    assert seen.may_read(seat), "drawn without an account in use or a designation in force"
    assert not (on_panel and seen.away(person)), "on a panel while away"


def nobody_excluded_holds_anything(step: Step) -> None:
    """Invariant 2, in the database: neither who left nor whom the facts kept out has any key, share or line."""
    after = step.after
    kept = {(row["case_id"], row["account_id"]) for row in after.rows["separations"]}
    named = {(after.case(reference)["id"], account) for reference, account in step.told.left}
    assert named <= kept, "somebody who left a case is no longer kept out of it"
    for reference, facts in step.told.cases.items():
        kept |= {(after.case(reference)["id"], account) for account in facts.out}
    has = {(row["case_id"], row["holder"]) for row in after.grants}
    has |= {(row["case_id"], row["account_id"]) for table in ("holdings", "reads") for row in after.rows[table]}
    assert kept.isdisjoint(has | after.shares), "somebody excluded holds a key, a share or a line of a list"


def lists_show_own_cases_only(step: Step, person: str) -> None:
    """Invariant 2, as it is seen: lists, numbers, titles and cards tell of own cases alone."""
    ctx, after = step.story.handler, step.after
    with step.story.database.read() as uow:
        account = uow.accounts.by_id(person)
    assert account is not None
    mine = {
        case["reference"]
        for case in after.rows["cases"]
        if any(seat["holder"] == person and after.in_force(seat) for seat in after.acting(case))
    }
    every = [case["reference"] for case in after.rows["cases"]]
    assert {row.case.reference for row in handle.my_cases(ctx, account).rows} == mine
    assert {one.case.reference for one in handle.titles(ctx, account, every[:50])} == mine
    first, numbers = firstscreen.first_screen(ctx, account), handle.counts(ctx, account)
    assert {one.row.case.reference for rows in (first.new, first.mine, first.needs_action) for one in rows} <= mine
    assert numbers["mine"] == sum(after.case(one)["state"] not in {"closed", "locked"} for one in mine)
    assert {card.case.reference for card in desk.approvals(ctx, account)} <= mine
    assert {one.case.reference for one in approve.waiting(ctx, account)} <= mine
    review = duties.waiting(ctx, account)
    assert {case.reference for group in (review.reviews, review.restrictions) for case, _ in group} <= mine
    left = {reference for reference, who in step.told.left if who == person}
    left |= {reference for reference, facts in step.told.cases.items() if person in facts.out}
    assert left.isdisjoint(one.case.reference for one in separating.deciding(ctx, account))
    for reference in sorted(set(every) - mine)[:1]:
        with pytest.raises(NotFound):
            desk.case_frame(ctx, account, reference)


def duties_are_reviewed_by_another(step: Step) -> None:
    """Invariant 4: each duty has its date within two working days, and is reviewed by somebody else."""
    for duty in step.after.rows["duties"]:
        done = day_of(duty["done_at"])
        assert 2 <= weekdays(done, duty["review_by"]) <= 2 + LONGEST_HOLIDAYS
        assert duty["reviewed_by"] != duty["done_by"]
        if done.month == NOVEMBER:
            # No holidays in it and right after it: exact.
            assert weekdays(done, duty["review_by"]) == 2, "a review is due later than in two working days"


def second_looks_are_by_another(step: Step) -> None:
    """Invariant 4 among administrators: nobody looks at what they did themselves, or at what is about themselves."""
    before = {row["id"]: row for row in step.before.rows["reviews"]}
    for review in step.after.rows["reviews"]:
        assert review["reviewed_by"] is None or review["reviewed_by"] not in {review["done_by"], review["person_id"]}
        was = before.get(review["id"])
        if review["outcome"] == "lifted" and was is not None and was["outcome"] is None:
            by = step.before.by_id("accounts")[review["reviewed_by"]]
            assert (by["role"], by["state"]) == ("administrator", "active"), "lifted by no administrator"


def epochs_hold(step: Step) -> None:
    """Whoever is a member of an open epoch has its key, and a closed epoch takes nothing more (03)."""
    after, before = step.after, step.before
    closed = {(row["case_id"], row["epoch"]) for row in before.rows["epochs"] if row["state"] == "closed"}
    for place in closed:
        assert after.written.get(place) == before.written.get(place), "something was written under closed keys"
    for case in after.rows["cases"]:
        for kind in ("panel", "standby"):
            holders = [seat["holder"] for seat in after.seats(case) if seat["kind"] == kind]
            assert len(holders) == len(set(holders))
        if _is_open(after, case):
            listed = {row["account_id"] for row in after.rows["holdings"] if row["case_id"] == case["id"]}
            assert listed == {seat["holder"] for seat in after.acting(case)}, "a list differs from the keys"
        gone = {r["account_id"]: r["epoch"] for r in after.rows["separations"] if r["case_id"] == case["id"]}
        if any(epoch == case["epoch"] for epoch in gone.values()):
            assert not _is_open(after, case), "somebody left, and the epoch is still open"


def standbys_step_in_for_a_reason(step: Step) -> None:
    """Invariant 6: each release has one of its conditions, and none comes while the clock is doubted."""
    before, after = step.before, step.after
    known = {(row["case_id"], row["account_id"]) for row in before.rows["releases"]}
    for release in after.rows["releases"]:
        if (release["case_id"], release["account_id"]) in known:
            continue
        case = after.by_id("cases")[release["case_id"]]
        reason = str(release["reason"])
        if reason == "separation":
            new = [row for row in after.rows["separations"] if row not in before.rows["separations"]]
            assert [row for row in new if row["case_id"] == case["id"]], "released for a separation that was none"
            continue
        assert not step.told.doubted, "a standby was released while the clock is doubted"
        assert case["received_on"] < after.today, "released on the day of receipt"
        assert _CONDITIONS[reason](step, case), f"released as {reason}, which was not so"


def _few_are_there(step: Step, case: Row) -> bool:
    present = [seat for seat in step.before.acting(case) if step.after.there(seat)]
    units = {step.after.counted_unit(seat["holder"]) for seat in present}
    return len(present) < 2 or len(units) < 2


def _not_opened(step: Step, case: Row) -> bool:
    read = {row["account_id"] for row in step.before.rows["reads"] if row["case_id"] == case["id"]}
    opened = [seat for seat in step.before.acting(case) if seat["holder"] in read]
    return len(opened) < 2 and _are_over(step, _since(step, case), 2)


def _unanswered(step: Step, case: Row) -> bool:
    return any(
        row["case_id"] == case["id"] and row["state"] == "open" and _are_over(step, day_of(row["proposed_at"]), 2)
        for row in step.before.rows["proposals"]
    )


def _idle(step: Step, case: Row) -> bool:
    return _are_over(step, _since(step, case), 15)


def _near(step: Step, case: Row) -> bool:
    # Three months from receipt or acknowledgement (5 kap. 8 §), and a week before it, or more with holidays.
    return (
        case["feedback_on"] is None and (step.after.today - case["received_on"]).days >= 89 - 7 - 2 * LONGEST_HOLIDAYS
    )


def _are_over(step: Step, start: date, working_days: int) -> bool:
    """Whether so many weekdays after ``start`` have gone to their end: a Saturday comes after Friday's."""
    return weekdays(start, step.after.today - timedelta(days=1)) >= working_days


def _since(step: Step, case: Row) -> date:
    stepped_in = [day_of(row["at"]) for row in step.before.rows["releases"] if row["case_id"] == case["id"]]
    received: date = case["received_on"]
    return max([received, *stepped_in])


_CONDITIONS: dict[str, Callable[[Step, Row], bool]] = {
    "too_few_present": _few_are_there,
    "not_opened": _not_opened,
    "unanswered": _unanswered,
    "idle": _idle,
    "date_near": _near,
}


def nobody_is_left_alone(step: Step) -> None:
    """Invariant 6, the other way: after ``tick`` no case waits with fewer than two present while a standby could."""
    if not step.told.ticked or step.told.doubted:
        return
    for case in step.after.rows["cases"]:
        if case["state"] in {"closed", "locked"} or case["received_on"] >= step.after.today:
            continue
        acting = {seat["holder"] for seat in step.after.acting(case)}
        there = [seat["holder"] for seat in step.after.seats(case) if step.after.there(seat)]
        if len(acting.intersection(there)) < 2 and not acting.issuperset(there):
            raise AssertionError(f"{case['reference']}: fewer than two present, and a standby who could step in waits")


def the_log_holds(step: Step) -> None:
    """Nothing is found wrong with the log, and what took effect since stands on two signatures."""
    new = step.after.log[len(step.before.log) :]
    if all(entry["kind"] in READING for entry in new):
        # Verified with the next that did something: looking leaves entries too.
        return
    found = logbook.verify(step.story.handler).findings
    assert found == (), found
    acts_are_by_two(step.before, step.after, step.keys)


def judge(step: Step, *, lookers: Collection[str] = ()) -> None:
    """All of it. ``lookers``: whose pages are looked at besides those of whoever has just left a case."""
    panels_hold(step)
    nobody_excluded_holds_anything(step)
    duties_are_reviewed_by_another(step)
    second_looks_are_by_another(step)
    epochs_hold(step)
    standbys_step_in_for_a_reason(step)
    nobody_is_left_alone(step)
    the_log_holds(step)
    known = {(row["case_id"], row["account_id"]) for row in step.before.rows["separations"]}
    gone = [row for row in step.after.rows["separations"] if (row["case_id"], row["account_id"]) not in known]
    for person in sorted({*lookers} | {row["account_id"] for row in gone}):
        lists_show_own_cases_only(step, person)


def _is_open(seen: Seen, case: Row) -> bool:
    return any(
        row["state"] == "open"
        for row in seen.rows["epochs"]
        if (row["case_id"], row["epoch"]) == (case["id"], case["epoch"])
    )
