"""Facts of a case: closed sets that bear release, read strictly, in the order of their sets."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tipportal.domain.elsewhere import LANGUAGES, read_elsewhere
from tipportal.domain.errors import Invalid
from tipportal.domain.irregularities import TYPE_NAMES, UNDUE_INFLUENCE, IrregularityType
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import questions
from tipportal.domain.triage import (
    NOT_COVERED_REASONS,
    RELATION_GROUPS,
    CoveredGround,
    Facts,
    HeardHow,
    Origin,
    ReprisalConcern,
    check_origin,
    read_facts,
)
from tipportal.envelope.payloads import GROUNDS

RAW: dict[str, object] = {
    "origin": "report",
    "types": ["bribery", "improper_payment"],
    "areas": ["upphandling", "hemtjanst"],
    "relation": "active",
    "named": "anonymous",
    "reprisals": "feared",
    "heard_how": "intranet",
    "reasons": [],
}


def test_facts_stand_in_the_order_of_their_sets() -> None:
    facts = read_facts(RAW)
    assert [one.value for one in facts.types] == ["improper_payment", "bribery"]
    assert facts.areas == ("hemtjanst", "upphandling")
    assert read_facts(facts.as_json()) == facts
    assert set(facts.as_json()) == {field.name for field in fields(Facts)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", "rumour"),
        ("origin", None),
        ("types", []),
        ("types", ["bribery", "gossip"]),
        ("types", "bribery"),
        ("types", ["bribery"] * 99),
        ("areas", ["hemtjanst", "nowhere"]),
        ("relation", "employee"),
        ("named", "yes"),
        ("reprisals", ""),
        ("heard_how", "prefer_not"),
        ("reasons", ["because"]),
    ],
)
def test_what_is_in_no_set_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read_facts({**RAW, field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("field", sorted(RAW))
def test_every_fact_is_asked_for(field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_facts({name: value for name, value in RAW.items() if name != field})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("origin", "channel", "entered", "holds"),
    [
        (Origin.REPORT, Channel.REPORT, None, True),
        (Origin.TIP, Channel.TIP, None, True),
        # A tip that became a report came as a tip all the same.
        (Origin.TIP, Channel.REPORT, None, True),
        (Origin.REPORT, Channel.TIP, None, False),
        (Origin.OWN_CONTROL, Channel.TIP, None, False),
        (Origin.OWN_CONTROL, Channel.TIP, Origin.OWN_CONTROL, True),
        (Origin.TIP, Channel.TIP, Origin.ORAL, False),
    ],
)
def test_the_origin_is_how_the_case_came(origin: Origin, channel: Channel, entered: Origin | None, holds: bool) -> None:  # noqa: FBT001
    if holds:
        check_origin(origin, channel, entered)
    else:
        with pytest.raises(Invalid):
            check_origin(origin, channel, entered)


def test_every_answer_of_the_form_has_its_fact() -> None:
    asked = questions(Channel.REPORT)
    answers = {
        name: {choice.value for choice in asked[name].choices} for name in ("relation", "reprisals", "heard_how")
    }
    assert set(RELATION_GROUPS) == answers["relation"]
    assert {one.value for one in ReprisalConcern} == answers["reprisals"] - {"prefer_not"}
    assert {one.value for one in HeardHow} == answers["heard_how"] - {"prefer_not"}


def test_groups_of_who_told_are_coarse() -> None:
    # Whoever sits on a board or owns shares is one of few: no group has them alone.
    groups = [RELATION_GROUPS[answer] for answer in ("board", "shareholder", "volunteer", "trainee", "employee")]
    assert len(set(groups)) == 1


def test_grounds_that_are_signed_are_those_of_the_domain() -> None:
    assert GROUNDS[True] == {ground.value for ground in CoveredGround}
    assert GROUNDS[False] == {reason.value for reason in NOT_COVERED_REASONS}


def test_every_kind_of_irregularity_has_a_name() -> None:
    assert set(TYPE_NAMES) == set(IrregularityType)
    assert len(set(TYPE_NAMES.values())) == len(TYPE_NAMES)
    assert set(IrregularityType) > UNDUE_INFLUENCE


def test_whoever_is_not_covered_is_told_why_and_where_else_to_turn() -> None:
    drafts = read_elsewhere().drafts
    assert set(drafts) == {(reason, language) for reason in NOT_COVERED_REASONS for language in LANGUAGES}
    assert len(set(drafts.values())) == len(drafts)
    assert all("\n– " in draft and "{" not in draft for draft in drafts.values())
