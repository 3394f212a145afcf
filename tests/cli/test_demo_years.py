"""Years of handling for the follow-up: drawn the same each time, and played through the real use cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.story import DAY, START, Story, staffed
from tipportal.cli.demo_cases import Stage, play
from tipportal.cli.demo_staffing import SLUG
from tipportal.cli.demo_years import REPORTS_A_YEAR, TIPS_A_YEAR, YEAR, Life, live, lives
from tipportal.domain.cases import CaseState
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.measures import MeasureKind
from tipportal.domain.organisations import Channel
from tipportal.envelope.payloads import Outcome
from tipportal.usecases import logbook

LAST = 112


def test_the_years_are_the_same_in_every_demo_and_have_a_municipality_s_volumes() -> None:
    made = lives(5, last=LAST)
    assert made == lives(5, last=LAST)
    assert min(life.left for life in made) > LAST
    by_year = Counter((life.left - 1) // YEAR for life in made)
    assert len(by_year) == 5
    # The newest year ends where the demo's own stories begin.
    assert all(0.6 < by_year[year] / (REPORTS_A_YEAR + TIPS_A_YEAR) <= 1 for year in range(1, 5))
    channels = Counter(life.channel for life in made)
    assert 2 < channels[Channel.TIP] / channels[Channel.REPORT] < 4
    assert any(life.measures for life in made)
    assert any(life.feedback > 95 for life in made)


def test_no_years_are_nothing() -> None:
    assert lives(0, last=LAST) == []


def _measured_report(life: Life) -> bool:
    return life.channel is Channel.REPORT and bool(life.measures) and life.talks


def _claimed_tip(life: Life) -> bool:
    return life.channel is Channel.TIP and any(kind is MeasureKind.RECOVERY_CLAIM for kind, *_ in life.measures)


def _uncovered(life: Life) -> bool:
    return life.channel is Channel.REPORT and life.outcome is Outcome.NOT_COVERED


@pytest.fixture
def story(database_kind: str, tmp_path: Path) -> Iterator[Story]:
    with staffed(database_kind, tmp_path) as made:
        yield made


def test_a_life_goes_through_the_real_use_cases(story: Story) -> None:
    days = 250
    opens = START + days * DAY

    def go_to(days_before: int) -> None:
        story.clock.now = max(story.clock.now, opens - days_before * DAY)

    def pause() -> None:
        story.clock.advance(60)

    stage = Stage(story.public, story.handler, story.municipality, stockholm_date(opens), pause)
    chosen = [
        next(life for life in lives(5, last=LAST) if life.slug == SLUG and wanted(life))
        for wanted in (_measured_report, _claimed_tip, _uncovered)
    ]
    play(
        [live(stage, replace(life, left=days - place, repaid=life.closed + 9)) for place, life in enumerate(chosen)],
        go_to,
    )
    with story.sql() as connection:
        states = connection.execute(sa.text("SELECT state FROM cases")).scalars().all()
        measured = connection.execute(sa.text("SELECT count(*) FROM measures")).scalar_one()
    assert states == [CaseState.CLOSED] * 3
    assert measured >= sum(len(life.measures) for life in chosen)
    assert logbook.verify(story.handler).findings == ()
