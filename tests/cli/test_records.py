"""The diary feed, registry numbers and retention from the command line, at a story's time."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.installation import keep_time, settings_for
from tests.support.story import DAY, Story, staffed
from tests.usecases.test_retention import NUMBER, close, disposal_decision, on, retain
from tipportal.cli import main
from tipportal.cli.demo_playing import reply, stored
from tipportal.envelope.payloads import Retention
from tipportal.usecases import registration

Run = Callable[..., Result]


@pytest.fixture
def story(database_kind: str, tmp_path: Path) -> Iterator[Story]:
    with staffed(database_kind, tmp_path) as made:
        yield made


@pytest.fixture
def run(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    keep_time(monkeypatch, story.clock)
    environment = settings_for(tmp_path, story.url)

    def invoke(*arguments: object, **extra: str) -> Result:
        said = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, said, env={**environment, **extra}, catch_exceptions=False)

    return invoke


def test_the_feed_goes_out_once_and_registry_numbers_come_back(story: Story, run: Run, tmp_path: Path) -> None:
    case = story.tip()
    reply(story.public, case, "Det händer fortfarande.")
    story.clock.advance(DAY)
    out = tmp_path / "diarium"
    out.mkdir()
    # ``tick`` puts them there by itself where the setting names a folder.
    assert run("tick", TIPPORTAL_REGISTRATION_DIR=str(out)).exit_code == 0
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o640}
    lines = json.loads(next(data for name, data in files.items() if name.endswith(".json")))["lines"]
    assert [line["date"] for line in lines] == ["2026-11-23"] * 2

    again = run("registration", "export", out)
    assert (again.exit_code, again.output) == (0, f"0 files written to {out}\n")
    elsewhere = tmp_path / "again"
    elsewhere.mkdir()
    assert run("registration", "export", elsewhere, "--days", "1").output == f"2 files written to {elsewhere}\n"
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == files
    assert run("registration", "export", tmp_path / "none").exit_code == 2

    numbers = tmp_path / "numbers.csv"
    rows = "".join(f"{line['number']},KS 2026/{place}\n" for place, line in enumerate(lines, start=812))
    numbers.write_text(f"number,registry_number\n{rows}", encoding="utf-8-sig")
    for kept in (2, 0):
        assert run("registration", "import", numbers).output == f"{kept} registry numbers kept\n"
    listed = registration.of_case(story.handler, case.members["h1"].account, case.reference)
    assert sorted(str(line.registry_number) for line in listed) == ["KS 2026/812", "KS 2026/813"]


def test_a_file_with_a_fault_is_taken_in_no_part(story: Story, run: Run, tmp_path: Path) -> None:
    case = story.tip()
    story.clock.advance(DAY)
    registration.feed_due(story.handler)
    [line] = registration.of_case(story.handler, case.members["h1"].account, case.reference)
    numbers = tmp_path / "numbers.csv"
    good = f"number,registry_number\n{line.number},KS 1\n"
    for data, said in (
        (b"diarienummer\nKS 1\n", "number,registry_number"),
        (f"{good}TP-0,KS 2\n".encode(), "Rad 3"),
        (f"{good}{line.number}\n".encode(), "Rad 3"),
        (f"{good}{line.number},\xe5\n".encode("latin-1"), "not a text file in UTF-8"),
        (f"{good}\0,KS 2\n".encode(), "Rad 3"),
        (f"{good}{'9' * 200_000},KS 2\n".encode(), "not a text file in UTF-8"),
    ):
        numbers.write_bytes(data)
        refused = run("registration", "import", numbers)
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    [line] = registration.of_case(story.handler, case.members["h1"].account, case.reference)
    assert line.registry_number is None


def test_retention_lists_what_is_due_and_what_is_gone(story: Story, run: Run) -> None:
    kept, gone, running = story.tip(), story.tip(), story.tip()
    for case in (kept, gone):
        close(story, case)
    disposal_decision(story)
    on(story, date(2028, 4, 1))
    close(story, running)
    on(story, date(2028, 5, 23))
    retain(story, gone, Retention.DISPOSE)
    told = run("retention", TIPPORTAL_BACKUP_DAYS="30")
    assert (told.exit_code, told.output.splitlines()) == (
        0,
        [
            f"{kept.reference}  closed 2026-11-23  ends 2028-11-23  first_alarm  no decision",
            f"{gone.reference}  disposed 2028-05-24  {NUMBER}  out of the last backup 2028-06-23",
        ],
    )
    organisation = stored(story.handler, kept).organisation_id
    retain(story, kept, Retention.PRESERVE, "ARK 1")
    listed = json.loads(run("retention", "--json", TIPPORTAL_BACKUP_DAYS="30").output)
    assert listed == {
        "due": [
            {
                "reference": kept.reference,
                "organisation": organisation,
                "channel": "tip",
                "stage": "first_alarm",
                "closed_on": "2026-11-23",
                "ends_on": "2028-11-23",
                "profile": "preserve",
                "decision": "preserve",
                "decision_number": "ARK 1",
            }
        ],
        "disposed": [
            {
                "reference": gone.reference,
                "organisation": organisation,
                "channel": "tip",
                "received_on": "2026-11-23",
                "closed_on": "2026-11-23",
                "disposed_on": "2028-05-24",
                "decision_number": NUMBER,
                "complete_on": "2028-06-23",
            }
        ],
    }
