from __future__ import annotations

import base64
from datetime import date

import pytest

from tipportal.domain.checkpoints import (
    ALARM_DAYS,
    Checkpoint,
    CheckpointError,
    KeptCheckpoint,
    is_due,
    month_of,
    origin_of,
    parse_checkpoint,
    witnessing,
)

ROOT = bytes(range(32))
TEXT = f"example.com/log\n20852163\n{base64.b64encode(ROOT).decode()}\n"
NOON = 1_795_431_600
"""2026-11-23 12:00 in Stockholm."""


def test_text_goes_there_and_back() -> None:
    read = parse_checkpoint(TEXT)
    assert read == Checkpoint("example.com/log", 20852163, ROOT)
    assert read.text() == TEXT
    assert parse_checkpoint(TEXT + "more to come\n") == read
    assert origin_of(bytes(16)) == "tipportal/" + "00" * 16


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", TEXT[:-1], TEXT + "\n", TEXT.replace("208", "0208"), TEXT.replace("208", "-208"),
        TEXT.replace("20852163", "٢"), TEXT.replace("20852163", "9" * 19), TEXT.replace("=", ""),
        TEXT.replace("AAEC", "AAE"), "\n" + TEXT, TEXT.replace("Hh8=", "Hh9="), TEXT.replace("=\n", "= \n"),
    ],
)  # fmt: skip
def test_no_other_text_is_a_checkpoint(text: str) -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


def test_the_day_s_checkpoint_is_made_once_and_when_there_is_something_new() -> None:
    today = date(2026, 11, 23)
    kept = KeptCheckpoint(10, ROOT, "", "", NOON)
    assert not is_due(None, 0, today)
    assert is_due(None, 1, today)
    assert not is_due(kept, 11, today)
    assert is_due(kept, 11, date(2026, 11, 24))
    assert not is_due(kept, 10, date(2026, 11, 24))
    # A log that has become shorter is not passed over in silence: signing it is tried, and refused.
    assert is_due(kept, 9, date(2026, 11, 24))


def test_red_after_35_days_without_an_acknowledgement() -> None:
    founded = date(2026, 1, 1)
    assert witnessing(date(2026, 2, 5), founded, None).days == ALARM_DAYS
    assert not witnessing(date(2026, 2, 5), founded, None).overdue
    assert witnessing(date(2026, 2, 6), founded, None).overdue
    after = witnessing(date(2026, 12, 28), founded, NOON)
    assert (after.days, after.overdue, after.ever) == (35, False, True)
    assert witnessing(date(2026, 12, 29), founded, NOON).overdue
    assert witnessing(date(2026, 11, 22), founded, NOON).days == 0
    assert month_of(date(2026, 3, 1)) == "2026-03"
