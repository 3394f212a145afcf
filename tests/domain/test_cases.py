"""The life of a case: every act in every state, and the reference that is said aloud."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.cases import (
    REFERENCE_ALPHABET,
    STREAM_OF,
    Case,
    CaseState,
    Outcome,
    RecordKind,
    SealedBy,
    Stream,
    after_assessment,
    after_closing,
    after_feedback,
    after_follow_up_begun,
    reference,
)
from tipportal.domain.errors import CaseLocked, IllegalTransition
from tipportal.domain.organisations import Channel
from tipportal.domain.retention import may_write, must_be_open_to_source

QUIET = settings(derandomize=True, deadline=None)
TODAY = date(2026, 4, 24)
LAST = date(2028, 4, 23)
"""The last day of a case that was closed today."""
TIP, REPORT = Channel.TIP, Channel.REPORT
RECEIVED, ACKNOWLEDGED, ASSESSED, FOLLOW_UP, FEEDBACK, CLOSED, LOCKED = CaseState


def _case(channel: Channel, state: CaseState, *, covered: bool | None = None, feedback_on: date | None = None) -> Case:
    return Case(
        id="c",
        organisation_id="o",
        authority_id="o",
        reference="ABC-DEF-GHJ",
        channel=channel,
        state=state,
        sealed_by=SealedBy.BROWSER,
        lookup_digest=b"",
        source_recipient=b"",
        source_verification_key=b"",
        genesis_hash=None,
        submission_digest=b"",
        policy_version=0,
        directory_version=0,
        epoch=0,
        received_on=TODAY,
        acknowledged_on=TODAY,
        feedback_on=feedback_on,
        closed_on=None,
        covered=covered,
        outcome=None,
    )


EVERY_CASE = [
    _case(channel, state, covered=covered, feedback_on=feedback_on)
    for channel, state, covered, feedback_on in product(Channel, CaseState, (None, False, True), (None, TODAY))
]


def _allowed(act: Callable[[Case], CaseState]) -> set[tuple[Channel, CaseState, bool | None, bool, CaseState]]:
    """Each case in which an act is allowed, as (channel, state, covered, feedback given, state after)."""
    allowed = set()
    for case in EVERY_CASE:
        try:
            after = act(case)
        except IllegalTransition:
            continue
        allowed.add((case.channel, case.state, case.covered, case.feedback_on is not None, after))
    return allowed


@pytest.mark.parametrize("covered", [False, True])
def test_only_an_acknowledged_report_is_assessed_and_only_once(*, covered: bool) -> None:
    allowed = _allowed(lambda case: after_assessment(case, covered=covered))
    assert {(channel, state, after) for channel, state, _, _, after in allowed} == {(REPORT, ACKNOWLEDGED, ASSESSED)}


def test_follow_up_begins_in_an_acknowledged_tip_and_in_a_report_found_covered() -> None:
    allowed = {(channel, state, covered) for channel, state, covered, _, _ in _allowed(after_follow_up_begun)}
    assert allowed == {(REPORT, ASSESSED, True), *((TIP, ACKNOWLEDGED, covered) for covered in (None, False, True))}
    assert {after for *_, after in _allowed(after_follow_up_begun)} == {FOLLOW_UP}


def test_feedback_on_a_report_waits_for_the_assessment() -> None:
    refused = {(case.channel, case.state, case.covered) for case in EVERY_CASE} - {
        row[:3] for row in _allowed(after_feedback)
    }
    assert refused == {(REPORT, state, None) for state in (RECEIVED, ACKNOWLEDGED, ASSESSED, FOLLOW_UP)}


def test_feedback_moves_a_case_forward_and_never_back() -> None:
    order = list(CaseState)
    for _, state, _, _, after in _allowed(after_feedback):
        assert order.index(after) >= order.index(state)
        assert after is (state if state in (CLOSED, LOCKED) else FEEDBACK)


def test_a_report_closes_after_feedback_with_the_outcome_that_the_assessment_allows() -> None:
    for outcome in Outcome:
        allowed = _allowed(partial(after_closing, outcome=outcome))
        reports = {(state, covered, feedback) for channel, state, covered, feedback, _ in allowed if channel is REPORT}
        open_states = {RECEIVED, ACKNOWLEDGED, ASSESSED, FOLLOW_UP, FEEDBACK}
        covered = outcome is not Outcome.NOT_COVERED
        expected = set() if outcome is Outcome.JUNK else open_states
        assert reports == {(state, covered, True) for state in expected}


def test_a_tip_closes_after_follow_up_and_is_never_found_not_covered() -> None:
    for outcome in Outcome:
        allowed = _allowed(partial(after_closing, outcome=outcome))
        tips = {state for channel, state, _, _, _ in allowed if channel is TIP}
        early = {ACKNOWLEDGED} if outcome is Outcome.JUNK else set()
        assert tips == (set() if outcome is Outcome.NOT_COVERED else {FOLLOW_UP, FEEDBACK} | early)


def test_what_is_closed_stays_so() -> None:
    acts: list[Callable[[Case], CaseState]] = [
        lambda case: after_assessment(case, covered=True),
        after_follow_up_begun,
        lambda case: after_closing(case, Outcome.CONFIRMED),
    ]
    for act in acts:
        assert not {row for row in _allowed(act) if row[1] in (CLOSED, LOCKED)}


def test_the_whole_life_of_a_report_and_of_a_tip() -> None:
    report = _case(REPORT, ACKNOWLEDGED)
    report = replace(report, state=after_assessment(report, covered=True), covered=True)
    report = replace(report, state=after_follow_up_begun(report))
    report = replace(report, state=after_feedback(report), feedback_on=TODAY)
    assert after_closing(report, Outcome.CONFIRMED) is CLOSED
    tip = _case(TIP, ACKNOWLEDGED)
    tip = replace(tip, state=after_follow_up_begun(tip))
    assert after_closing(tip, Outcome.UNFOUNDED) is CLOSED


def test_a_report_that_is_not_covered_gets_feedback_and_closes_as_that() -> None:
    report = _case(REPORT, ASSESSED, covered=False)
    with pytest.raises(IllegalTransition):
        after_follow_up_begun(report)
    report = replace(report, state=after_feedback(report), feedback_on=TODAY)
    with pytest.raises(IllegalTransition):
        after_closing(report, Outcome.CONFIRMED)
    assert after_closing(report, Outcome.NOT_COVERED) is CLOSED


def test_dialogue_is_open_until_the_lock_and_the_day_alone_locks() -> None:
    for case in EVERY_CASE:
        for closed_on, today in ((None, TODAY), (TODAY, LAST), (TODAY, LAST + timedelta(days=1))):
            over = case.state is LOCKED or (case.state is CLOSED and closed_on is not None and today > LAST)
            for judged in (may_write, must_be_open_to_source):
                with pytest.raises(CaseLocked) if over else nullcontext():
                    judged(replace(case, closed_on=closed_on), today)


def test_every_kind_of_record_has_its_stream() -> None:
    # A form belongs to the stream that it is sent to.
    assert set(STREAM_OF) == set(RecordKind) - {RecordKind.GENESIS, RecordKind.EPOCH, RecordKind.FORM}
    assert {kind for kind, stream in STREAM_OF.items() if stream is Stream.DIALOGUE} == {
        RecordKind.REPORT,
        RecordKind.MESSAGE,
        RecordKind.FEEDBACK,
        RecordKind.NOTICE,
    }
    assert Stream.GENESIS not in STREAM_OF.values()


@QUIET
@given(st.binary(min_size=16, max_size=40))
def test_a_reference_is_nine_characters_that_are_not_mistaken(random: bytes) -> None:
    text = reference(random)
    assert [len(group) for group in text.split("-")] == [3, 3, 3]
    assert set(text) - {"-"} <= set(REFERENCE_ALPHABET)
    assert reference(random[:16]) == text


def test_references_use_their_whole_alphabet_and_no_look_alikes() -> None:
    assert not set("IOQW01") & set(REFERENCE_ALPHABET)
    assert len(set(REFERENCE_ALPHABET)) == len(REFERENCE_ALPHABET) == 30
    made = {reference((number * (2**128 // 997)).to_bytes(16, "big")) for number in range(997)}
    assert len(made) == 997
    assert {character for text in made for character in text} == {*REFERENCE_ALPHABET, "-"}


def test_a_reference_needs_its_randomness() -> None:
    with pytest.raises(ValueError, match="random"):
        reference(b"x" * 15)
