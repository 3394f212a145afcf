"""Lag 2021:890, 7 kap. 8 §: personal data is used for two years after closing at most; what is disposed of is gone."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.story import DAY, Story
from tests.usecases.test_retention import close, disposal_decision, on, retain
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import reply, stored
from tipportal.domain.errors import CaseLocked
from tipportal.domain.retention import clock_of
from tipportal.envelope.payloads import Retention
from tipportal.storage.retention import belonging
from tipportal.usecases import handle, logbook, registration, scheduled


@pytest.mark.parametrize(
    ("closed", "ends"),
    [
        (date(2026, 11, 23), date(2028, 11, 23)),
        (date(2027, 2, 28), date(2029, 2, 28)),
        (date(2028, 2, 29), date(2030, 2, 28)),
        (date(2026, 12, 31), date(2028, 12, 31)),
        (date(2027, 3, 28), date(2029, 3, 28)),
    ],
)
def test_two_years_end_on_their_day(closed: date, ends: date) -> None:
    assert clock_of(closed).ends == ends


def test_nobody_is_handed_a_case_two_years_after_it_was_closed(story: Story) -> None:
    case = story.tip()
    close(story, case)
    on(story, date(2028, 11, 22))
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    # The first second of the day in Sweden.
    story.clock.now += DAY // 2
    assert story.handler.today() == date(2028, 11, 23)
    for member in (case.members["h1"], case.members["h2"]):
        with pytest.raises(CaseLocked):
            handle.open_case(story.handler, member.account, case.reference)


def test_what_is_disposed_of_is_in_no_row_and_no_file(story: Story) -> None:
    case = story.tip()
    reply(story.public, case, "Här är bilden.", files=[MadeFile("bild.png", "image/png", bytes(90_000))])
    close(story, case)
    disposal_decision(story)
    case_id = stored(story.handler, case).id
    assert len(list(story.blobs.rglob("*.age"))) == 1

    retain(story, case, Retention.DISPOSE)

    rows = story.contents()
    for name in belonging():
        assert case_id not in {row.get("case_id") for row in rows[name]}, name
    assert case_id not in {row["id"] for row in rows["cases"]}
    assert not list(story.blobs.rglob("*.age"))
    assert logbook.verify(story.handler).findings == ()


def test_every_document_is_registered_on_the_next_working_day_even_of_a_case_that_is_locked(story: Story) -> None:
    case = story.tip()
    close(story, case)
    scheduled.tick(story.handler)
    on(story, date(2028, 11, 23))
    ticked = scheduled.tick(story.handler)
    # A leap of two years is not believed at once.
    assert (ticked.cases_locked, ticked.lines_registered) == (0, 0)
    story.change("DELETE FROM clock_watch")
    ticked = scheduled.tick(story.handler)
    assert (ticked.cases_locked, ticked.lines_registered) == (1, 1)
    [line] = registration.of_case(story.handler, case.members["h1"].account, case.reference)
    assert (line.dated, line.fed_on) == (date(2026, 11, 23), date(2028, 11, 23))
