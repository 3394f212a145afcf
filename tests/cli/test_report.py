"""Reports from the command line: every kind, in words, and verified with no settings at all."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.support.followed_up import draft_of, end_year, publish
from tests.support.story import Story, staffed
from tipportal.cli import main, report_files
from tipportal.reporting.words import Words


@dataclass(frozen=True)
class Place:
    """An installation in a folder of its own, with a checkpoint and an export of its log."""

    story: Story
    folder: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("reports")
    with staffed("sqlite", folder) as story:
        end_year(story)
        publish(story, draft_of(story))
        (folder / "secret-key").write_bytes(bytes(32))
        (folder / "secret-key").chmod(0o600)
        yield Place(story, folder)


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIPPORTAL_DATA_DIR", str(place.folder))
    monkeypatch.setenv("TIPPORTAL_PUBLIC_URL", "https://tips.example.se")
    return place.folder


def _run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["report", *arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("kind", "period"),
    [
        ("annual", "2026"),
        ("half-year", "2026-2"),
        ("bra", "2026"),
        ("awareness", "2026"),
        ("sample", "2026"),
        ("indicators", "2026"),
        ("situation", "2026"),
    ],
)
def test_every_report_is_written_as_a_draft(kind: str, period: str) -> None:
    assert "UTKAST" in _run(kind, period)


@pytest.mark.usefixtures("here")
def test_published_one_is_no_draft() -> None:
    told = _run("annual", "2026", "--published", "--language", "en")

    assert "DRAFT" not in told
    assert "KS 2027/12" in told
    assert "inte publicerats" in _run("bra", "2026", "--published", code=2)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("annual", "förra året"), "Skriv ett år (2026)"),
        (("annual", "2026-1"), "Skriv ett helt år"),
        (("half-year", "2026"), "Skriv ett halvår"),
        (("annual", "2026", "--organisation", "nowhere"), "ingen organisation med det adressnamnet"),
        (("sample", "2026", "--audience", "public"), "får läsa loggen"),
        (("annual", "2026", "--seed", "x"), "hör bara till ett stickprov"),
        (("annual", "2026", "--format", "papyrus"), "papyrus"),
        (("sample", "2026", "--seed", "x" * 201), "Fröet ska ha 1 till 200 tecken"),
        (("sample", "2026", "--seed", "a\nb"), "på en rad"),
        (("sample", "2026", "--published"), "publiceras inte"),
        (("annual", "2026", "--published", "--audience", "internal"), "ta bort --audience internal"),
    ],
)
def test_what_is_asked_for_wrongly_is_exit_2_in_words(arguments: tuple[str, ...], why: str) -> None:
    assert why in _run(*arguments, code=2)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("period", "why"),
    [("2019", "efter periodens slut"), ("2027", "innan 2027 är slut"), ("2031", "innan 2031 har börjat")],
)
def test_year_without_figures_is_said_in_words(period: str, why: str) -> None:
    assert why in " ".join(_run("annual", period).split())


def test_sample_is_the_same_for_the_same_seed(here: Path) -> None:
    (first, again) = (here / name for name in ("first.json", "again.json"))
    for out in (first, again):
        _run("sample", "2026", "--seed", "42", "--format", "json", "--out", str(out))

    assert first.read_bytes() == again.read_bytes()
    assert "Den finns redan" in _run("sample", "2026", "--out", str(first), code=1)
    assert "Mappen finns inte" in _run("sample", "2026", "--out", str(here / "none" / "x"), code=1)
    assert "is not overwritten" in _run("sample", "2026", "--out", str(first), "--language", "en", code=1)


def test_file_verifies_with_no_settings_at_all(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = CliRunner().invoke(main, ["log", "key", "--new"]).output.strip()
    report, exported, kept = (tmp_path / name for name in ("report.json", "log.jsonl", "kept.txt"))
    _run("annual", "2026", "--format", "json", "--out", str(report))
    kept.write_text(CliRunner().invoke(main, ["log", "checkpoint"]).output)
    assert CliRunner().invoke(main, ["log", "export", str(exported)]).exit_code == 0
    for name in ("DATA_DIR", "PUBLIC_URL"):
        monkeypatch.delenv(f"TIPPORTAL_{name}")
    verify = ("verify", str(report), str(kept), "--log", str(exported))

    assert "Rapporten är vad loggen säger." in _run(*verify, "--key", key)
    told = json.loads(_run(*verify, "--json"))
    assert (told["holds"], told["wrong"], told["published"]) == (True, [], None)
    assert len(told["remarks"]) == 2
    changed = json.loads(report.read_text())
    changed["period"] = "2025"
    report.write_text(json.dumps(changed))
    assert "FEL" in _run(*verify, code=1)
    assert "WRONG" in _run(*verify, "--language", "en", code=1)
    report.write_text("hej")
    assert "ingen rapport" in _run(*verify, code=1)
    exported.write_text("hej\n")
    report.write_text(json.dumps({**changed, "period": "2026"}))
    assert "skadad, på rad 1." in _run(*verify, code=1)
    assert "Nyckeln (--key) ska vara" in _run(*verify, "--key", "hej", code=2)
    kept.write_bytes(b"\xff")
    assert "ingen kontrollpunkt" in _run(*verify, code=1)
    assert "no checkpoint" in _run(*verify, "--language", "en", code=1)
    assert "Den finns inte" in _run("verify", str(tmp_path / "none"), str(kept), "--log", str(exported), code=2)
    assert (here / "log-key").exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "den är tom"),
        (b"%PDF-1.7", "Bara JSON-filen går att räkna om"),
        (bytes(range(256)), "byte 128 is not UTF-8"),
    ],
    ids=["empty", "pdf", "binary"],
)
def test_file_of_another_sort_is_told_from_a_report(tmp_path: Path, data: bytes, why: str) -> None:
    file, rest = tmp_path / "report.json", tmp_path / "rest"
    file.write_bytes(data)
    rest.write_text("hej\n")

    assert why in _run("verify", str(file), str(rest), "--log", str(rest), code=1)


def test_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        # What a file may have is the nearest to a disk's end that a test can make.
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
        with pytest.raises(click.ClickException) as caught:
            report_files.write(bytes(1 << 20), tmp_path / "out.csv", Words("sv"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, held)

    assert "Inget har sparats" in str(caught.value)
    assert not list(tmp_path.iterdir())
