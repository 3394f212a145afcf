"""What the log keeps of a change of policy: every change, counted, in bounded room, and nobody's id."""

from __future__ import annotations

import json
from dataclasses import fields, replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.random_policies import random_policy
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import MOST_LINES, MOST_NAMED, Changed, What, changed, since
from tipportal.domain.policies.differences import differences
from tipportal.domain.policies.policy import AuthorityRow, Policy, PolicyFunction, PolicyInForce, Route, Rule, When

SEEDS = st.integers(0, 2**32 - 1)
OLD = Policy(
    organisations=("town",),
    functions=(
        PolicyFunction("main", "Funktionen", "town", ("anna", "bo", "cia")),
        PolicyFunction("out", "Ombudet", "town", ("dan",)),
    ),
    authorities=(AuthorityRow("town"),),
    defaults={channel: Route(("main",), "så") for channel in Channel},
    ladder=(("out",),),
    rules=(Rule(When(concerns=("unit:kansli",)), Route(("out",), "jäv")),),
)


def _one(**parts: object) -> Changed:
    (found,) = changed(OLD, replace(OLD, **parts))  # type: ignore[arg-type] # the tests name real fields
    return found


def _unique(policy: Policy) -> bool:
    return len({rule.when for rule in policy.rules}) == len(policy.rules)


@settings(derandomize=True, deadline=None, max_examples=60, database=None)
@given(SEEDS, SEEDS)
def test_nothing_is_listed_exactly_when_nothing_is_told_to_the_two_who_decide(one: int, other: int) -> None:
    old, new = random_policy(one)[0], random_policy(other)[0]
    # No two rules of a sound policy share a condition.
    assume(_unique(old) and _unique(new))

    for part in fields(Policy):
        mixed = replace(old, **{part.name: getattr(new, part.name)})
        assert bool(changed(old, mixed)) == bool(differences(old, mixed)) == (old != mixed), part.name
    assert changed(old, old) == ()


@settings(derandomize=True, deadline=None, max_examples=60, database=None)
@given(SEEDS, SEEDS)
def test_no_person_and_no_unit_is_named(one: int, other: int) -> None:
    (old, register), (new, _) = random_policy(one), random_policy(other)
    told = since(dict.fromkeys(new.organisations, PolicyInForce(1, old)), new)
    written = {text for each in told for line in each.to_json()["lines"] for text in line["of"]}  # type: ignore[union-attr, index, call-overload]
    named = {f"function:{each.id}" for policy in (old, new) for each in policy.functions}
    named |= {f"organisation:{each.id}" for each in register.organisations} | {"organisation:company"}
    named |= {f"channel:{each}" for each in Channel}

    assert written <= named


def test_members_are_counted_and_not_named() -> None:
    main, out = OLD.functions
    found = changed(OLD, replace(OLD, functions=(replace(main, members=("eva", "fia", "cia")), out)))

    assert found == (
        Changed(What.MEMBERS_ADDED, ("function:main",), 2),
        Changed(What.MEMBERS_REMOVED, ("function:main",), 2),
    )
    assert "anna" not in json.dumps([each.to_json() for each in found])


def test_condition_of_a_rule_is_not_told_but_where_it_leads() -> None:
    rule = Rule(When(channels=(Channel.TIP,), concerns=("unit:ledning",)), Route(("out",), "chefen"))

    assert _one(rules=(*OLD.rules, rule)) == Changed(What.RULES_ADDED, ("function:out", "channel:tip"))
    assert _one(rules=()) == Changed(What.RULES_REMOVED, ("function:out",))


def test_size_of_a_panel_is_told_before_and_after() -> None:
    defaults = {**OLD.defaults, Channel.REPORT: Route(("main",), "så", panel_size=3)}

    found = _one(defaults=defaults)

    assert found == Changed(What.PANEL_SIZE, ("channel:report", "function:main"), sizes=(2, 3))
    assert found.to_json() == {"what": "panel_size", "of": ["channel:report", "function:main"], "sizes": [2, 3]}


def test_other_parts_each_have_a_word() -> None:
    moved = (replace(OLD.functions[0], authority="school"), OLD.functions[1])
    assert _one(organisations=("town", "school")) == Changed(What.ORGANISATION_COVERED, ("organisation:school",))
    assert _one(functions=moved) == Changed(What.FUNCTION_MOVED, ("function:main", "organisation:school"))
    assert _one(functions=tuple(reversed(OLD.functions))) == Changed(What.ORDER)
    assert _one(authorities=(AuthorityRow("school"),)).of == ("organisation:town", "organisation:school")
    assert _one(ladder=(("main",), ("out",))) == Changed(What.LADDER, ("function:main", "function:out"))


def test_each_organisation_is_told_what_changed_for_it() -> None:
    new = replace(OLD, organisations=("town", "school", "homes"))
    other = replace(OLD, organisations=("school",))

    found = since({"town": PolicyInForce(1, OLD), "school": PolicyInForce(4, other), "homes": None}, new)

    assert [(each.since, each.organisations) for each in found] == [
        (1, ("town",)),
        (4, ("school",)),
        (None, ("homes",)),
    ]
    covered = [[line.of for line in each.changes.lines if line.what is What.ORGANISATION_COVERED] for each in found]
    assert covered == [
        [("organisation:school",), ("organisation:homes",)],
        [("organisation:town",), ("organisation:homes",)],
        [],
    ]


def test_what_the_log_has_no_room_for_is_counted() -> None:
    many = tuple(f"o{number}" for number in range(60))
    (found,) = since(dict.fromkeys(many, PolicyInForce(1, OLD)), replace(OLD, organisations=many))
    rule = Rule(When(organisations=many), Route(("out",), "alla"))
    wide = _one(rules=(*OLD.rules, rule))

    assert len(found.changes.lines) == MOST_LINES
    assert sum(found.changes.rest.values()) + MOST_LINES == len(many) + 1
    assert (len(wide.of), wide.more) == (MOST_NAMED, 61 - MOST_NAMED)
