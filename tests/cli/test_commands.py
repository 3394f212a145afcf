from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests.support import databases
from tests.support.installation import settings_for
from tipportal.cli import main
from tipportal.cli.demo_staffing import enrol_person
from tipportal.contexts import context_for
from tipportal.domain.accounts import Account
from tipportal.settings import Settings
from tipportal.storage import Database
from tipportal.storage.engines import normalised
from tipportal.storage.guards import drop_statements
from tipportal.storage.rows import metadata
from tipportal.usecases.enrol import Invited

Run = Callable[..., Result]
FOUND = (
    "found", "--slug", "vik", "--name", "Viks kommun",
    "--administrator", "Karin", "karin@vik.example", "--administrator", "Olof", "olof@vik.example",
)  # fmt: skip


def test_installation_is_founded_and_the_rest_is_done_by_the_two(run: Run, environment: dict[str, str]) -> None:
    founded = run(*FOUND)
    assert founded.exit_code == 0
    links = re.findall(
        r"^(\w+) <\S+>: http://localhost:8000/handlaggare/registrera#([\w-]{43})$", founded.output, re.MULTILINE
    )
    assert [name for name, _ in links] == ["Karin", "Olof"]
    checked = run("channels", "check")
    assert checked.exit_code == 0
    assert "vik, tips: stängd\n  saknas Aktivera en policy" in checked.output

    for email, (_, token) in zip(("karin@vik.example", "olof@vik.example"), links, strict=True):
        _enrol(environment, email, token)

    assert "  klart  Två administratörer utan samma närmaste chef" in run("channels", "check").output
    assert json.loads(run("log", "verify", "--json").output)["findings"] == []


def test_open_channel_that_lost_its_people_is_named_with_exit_1(run: Run, environment: dict[str, str]) -> None:
    run(*FOUND)
    with _sql(environment) as connection:
        organisation = connection.execute(sa.text("SELECT id FROM organisations")).scalar_one()
        connection.execute(
            sa.text(
                "INSERT INTO openings (organisation_id, channel, open, trial, changed_at)"
                " VALUES (:o, 'tip', true, false, 0)"
            ),
            {"o": organisation},
        )

    checked = run("channels", "check")

    assert checked.exit_code == 1
    assert "vik, tips: öppen\n  saknas " in checked.output
    assert "vik, rapporter: stängd\n" in checked.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("found", "--slug", "vik", "--name", "Vik"),
        ("found", "--slug", "vik", "--name", "Vik", "--administrator", "A", "a@vik.example"),
        ("found", "--slug", "vik", "--name", "Vik", "--kind", "kingdom"),
        # What would set anything up by one person alone is no command.
        ("channels", "open", "vik"),
        ("organisation", "add", "vik", "--name", "Vik", "--kind", "company"),
        ("unit", "add", "vik", "--name", "Kansliet"),
        ("function", "add", "vik", "--name", "Funktionen"),
        ("invite", "vik", "--name", "Anna", "--email", "anna@vik.example"),
        ("designate", "f", "a", "--decision", "1", "--decided-on", "2026-01-01"),
        ("log", "verify", "--xml"),
        ("log",),
        ("nothing",),
        (),
    ],
)
def test_wrong_use_is_exit_2_and_changes_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as url:
        environment = settings_for(tmp_path, url)
        before = _dump(environment)

        assert CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False).exit_code == 2
        assert _dump(environment) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("found", "--slug", "annan", *FOUND[3:]),
        (*FOUND[:-2], "Eva", "eva@vik.example"),
    ],
    ids=" ".join,
)
def test_refusal_is_exit_1_with_its_reason_in_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as url:
        environment = settings_for(tmp_path, url)
        assert CliRunner().invoke(main, FOUND, env=environment).exit_code == 0
        before = _dump(environment)

        refused = CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)

        assert refused.exit_code == 1
        assert re.fullmatch(r"Error: .+\n", refused.output)
        assert _dump(environment) == before


def test_settings_that_cannot_be_used_are_all_named_at_once(run: Run) -> None:
    refused = run("tick", TIPPORTAL_PUBLIC_URL="nowhere", TIPPORTAL_SURPRISE="1")

    assert refused.exit_code == 2
    assert "TIPPORTAL_PUBLIC_URL" in refused.output
    assert "TIPPORTAL_SURPRISE" in refused.output


def test_database_without_tables_is_said_plainly_and_upgraded_by_the_command(
    database_kind: str, tmp_path: Path
) -> None:
    with databases.empty(database_kind, tmp_path) as url:
        environment = settings_for(tmp_path, url)

        def run(*arguments: str) -> Result:
            return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)

        for command in (("tick",), ("log", "verify"), ("channels", "check"), FOUND):
            refused = run(*command)
            assert refused.exit_code == 1
            assert refused.output.endswith("run first: tipportal db upgrade\n")
        for _ in range(2):
            assert run("db", "upgrade").exit_code == 0
        assert run(*FOUND).exit_code == 0
        assert run("tick").exit_code == 0


def test_database_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")

    for command in (("db", "upgrade"), ("tick",)):
        refused = CliRunner().invoke(main, command, env=environment, catch_exceptions=False)
        assert refused.exit_code == 1
        assert re.fullmatch(r"Error: .+\n", refused.output)


def test_tick_says_what_it_did(run: Run) -> None:
    run(*FOUND)

    ticked = run("tick")

    said = (
        "0 entries joined, 0 rows settled, 0 proposals expired, 0 sessions ended, 0 abandoned files removed, "
        "0 cases given a standby, 0 lines registered, 0 cases locked, 0 checkpoints made, "
        "0 files of reports made, 0 letters sent\n"
    )
    assert (ticked.exit_code, ticked.output) == (0, said)


def test_log_verify_is_exit_1_and_names_the_place_after_tampering(run: Run, environment: dict[str, str]) -> None:
    run(*FOUND)
    whole = run("log", "verify")
    assert whole.exit_code == 0
    assert whole.output.splitlines()[-1] == "Loggen är hel."
    with _sql(environment) as connection:
        for statement in drop_statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("DELETE FROM log_entries WHERE position = 1")

    as_text, as_json = run("log", "verify"), run("log", "verify", "--json")

    assert (as_text.exit_code, as_json.exit_code) == (1, 1)
    assert "FEL" in as_text.output
    assert {"index": 2, "what": "Post 1 saknas."} in json.loads(as_json.output)["findings"]


def test_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"

    made = CliRunner().invoke(main, ["secret", str(file)])
    kept = file.read_bytes()
    again = CliRunner().invoke(main, ["secret", str(file)])

    assert (made.exit_code, made.output, len(kept)) == (0, "", 32)
    assert file.stat().st_mode & 0o777 == 0o600
    assert again.exit_code == 1
    assert file.read_bytes() == kept


def _enrol(environment: dict[str, str], email: str, token: str) -> None:
    settings = Settings.from_env(environment)
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        context = context_for(settings, database, "handler")
        with database.read() as uow:
            account = uow.accounts.by_email(email)
        assert isinstance(account, Account)
        enrol_person(context, Invited(account, token), "handläggare")
    finally:
        database.close()


@contextmanager
def _sql(environment: dict[str, str]) -> Iterator[sa.Connection]:
    engine = sa.create_engine(normalised(environment["TIPPORTAL_DATABASE_URL"]))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _dump(environment: dict[str, str]) -> list[str]:
    with _sql(environment) as connection:
        return [repr(connection.execute(sa.select(*table.columns)).all()) for table in metadata.sorted_tables]
