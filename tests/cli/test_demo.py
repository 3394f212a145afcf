from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
from click.testing import CliRunner

from tipportal.cli import main
from tipportal.cli.demo_organisations import OPEN_SLUGS
from tipportal.settings import Settings
from tipportal.storage import Database

PERSON = {"name", "title", "role", "email", "password", "totp_secret", "passphrase"}
ORDINARY_EXIT = (0, -signal.SIGTERM)


def test_demo_tells_its_addresses_and_people_on_the_first_line_and_starts_again_as_it_was(tmp_path: Path) -> None:
    data, port = tmp_path / "data", _free_port()
    with _demo(data, port) as told:
        assert told["public"] == f"http://localhost:{port}"
        assert told["handler"] == f"http://localhost:{port}/handlaggare/"
        assert told["organisations"] == list(OPEN_SLUGS)
        assert told["organisations"][0] == "bjorkvik"
        assert all(set(person) >= PERSON for person in told["people"])
        assert [person["role"] for person in told["people"]].count("handler") == 5
        assert [person["role"] for person in told["people"]].count("administrator") == 2
        assert all(len(person["passphrase"].split()) == 7 for person in told["people"] if person["role"] == "handler")
        assert all(len(pyotp.TOTP(person["totp_secret"]).now()) == 6 for person in told["people"])
        for slug in told["organisations"]:
            with urllib.request.urlopen(f"{told['public']}/{slug}/", timeout=30) as page:  # noqa: S310 - this machine
                assert page.status == 200
        taken = CliRunner().invoke(main, ["demo", "--port", str(port), "--data", str(data)])
        assert taken.exit_code == 1
        assert taken.output.startswith(f"Error: port {port}: ")
    assert (data.stat().st_mode | (data / "demo-people.json").stat().st_mode) & 0o077 == 0

    environment = {
        "TIPPORTAL_DATA_DIR": str(data),
        "TIPPORTAL_SECRET_KEY_FILE": str(next(path for path in data.iterdir() if path.name.startswith("secret"))),
        "TIPPORTAL_PUBLIC_URL": told["public"],
    }
    verified = CliRunner().invoke(main, ["log", "verify", "--json"], env=environment, catch_exceptions=False)
    assert verified.exit_code == 0
    assert json.loads(verified.output)["size"] > 40
    seeded = _states(environment)
    assert len(seeded) == 11

    with _demo(data, port) as again:
        assert again == told
    assert _states(environment) == seeded


def test_sign_in_without_a_demo_or_for_nobody_is_said_in_one_line(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["demo", "--data", str(tmp_path), "--sign-in", "anna"])
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)

    (tmp_path / "demo-people.json").write_text("[]")
    refused = CliRunner().invoke(main, ["demo", "--data", str(tmp_path), "--sign-in", "ingen"])
    assert (refused.exit_code, refused.output) == (1, "Error: nobody in the demo is called ingen\n")


@contextmanager
def _demo(data: Path, port: int) -> Iterator[dict[str, Any]]:
    """A running demo, by what its first line says; it ends by itself when it is asked to."""
    command = [sys.executable, "-c", "from tipportal.cli import main; main()"]
    with subprocess.Popen(
        [*command, "demo", "--port", str(port), "--data", str(data), "--json"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(timeout=30)
    assert ended in ORDINARY_EXIT


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _states(environment: dict[str, str]) -> list[str]:
    settings = Settings.from_env(environment)
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        with database.read() as uow:
            return sorted(state.value for _, state, _, _ in uow.cases.standings())
    finally:
        database.close()
