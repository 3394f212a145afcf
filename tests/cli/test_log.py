"""The log's commands: a key of its own, checkpoints, an export, and verifying that file with no settings at all."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.story import Story, staffed
from tipportal.cli import main
from tipportal.usecases import checkpoints


def test_from_a_key_to_a_file_that_verifies_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with staffed("sqlite", tmp_path) as story:
        _set_up(story, tmp_path, monkeypatch)
        assert "there is no key" in _run("log", "checkpoint", code=1)
        vkey = _run("log", "key", "--new").strip()
        path = tmp_path / "log-key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "File exists" in _run("log", "key", "--new", code=1)
        assert _run("log", "key").strip() == vkey
        note = _run("log", "checkpoint")
        assert note == _run("log", "checkpoint")
        assert json.loads(_run("log", "checkpoint", "--json"))["note"] == note
        assert "0 checkpoints made" in _run("tick")
        kept = tmp_path / "kept.txt"
        kept.write_text(note.replace("\n", "\r\n"))
        assert "Loggen är hel." in _run("log", "verify", "--checkpoint", str(kept))
        told = json.loads(_run("log", "verify", "--json"))
        assert (told["covered"], told["findings"]) == (told["size"], [])
        exported = tmp_path / "log.jsonl"
        _run("log", "export", str(exported))
        assert "File exists" in _run("log", "export", str(exported), code=1)

        for name in ("DATA_DIR", "PUBLIC_URL", "SECRET_KEY_FILE"):
            monkeypatch.delenv(f"TIPPORTAL_{name}", raising=False)
        offline = ("log", "verify", "--export", str(exported), "--checkpoint", str(kept))
        assert "Loggen är hel." in _run(*offline, "--key", vkey)
        assert "give --key" in _run(*offline, code=2)
        assert "not as" in _run(*offline, "--key", vkey[:-2], code=1)
        lines = exported.read_bytes().splitlines(keepends=True)
        exported.write_bytes(b"".join(lines[:-1]))
        assert "FEL" in _run(*offline, "--key", vkey, code=1)
        exported.write_bytes(b"hej\n")
        assert "no export" in _run(*offline, "--key", vkey, code=1)


@pytest.mark.parametrize(("text", "mode", "why"), [("hej\n", 0o600, "no key"), ("hej\n", 0o640, "owner only")])
def test_a_key_file_that_cannot_be_used_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, mode: int, why: str
) -> None:
    with staffed("sqlite", tmp_path) as story:
        _set_up(story, tmp_path, monkeypatch)
        (tmp_path / "log-key").write_text(text)
        (tmp_path / "log-key").chmod(mode)
        for command in (("log", "key"), ("log", "checkpoint"), ("tick",)):
            assert why in _run(*command, code=1)
        assert checkpoints.newest(story.handler) is None


def _set_up(story: Story, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = folder / "secret-key"
    secret.write_bytes(bytes(32))
    secret.chmod(0o600)
    assert story.url.endswith("/tipportal.sqlite3")
    monkeypatch.setenv("TIPPORTAL_DATA_DIR", str(folder))
    monkeypatch.setenv("TIPPORTAL_PUBLIC_URL", "https://tips.example.se")


def _run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done.output
