"""Who may export what: a closed case, decided by two, opened with a member's own passphrase, never on the server."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.archived import Made, bundle_of, close, decide, end, run
from tests.support.installation import keep_time, settings_for
from tests.support.story import Story
from tipportal.cli.demo_playing import agree, leave_case, propose, seal_text
from tipportal.domain.errors import IllegalTransition, NotFound
from tipportal.domain.organisations import Channel
from tipportal.envelope.canonical import encode_b64
from tipportal.envelope.payloads import ActKind, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.envelope.vault import VaultBody
from tipportal.usecases import archiving


def altered(bundle: Path, path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The same bundle with something else in it."""
    with zipfile.ZipFile(bundle) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == archiving.BUNDLE:
                read = json.loads(content)
                change(read)
                content = json.dumps(read).encode()
            after.writestr(name, content)
    return path


def test_only_a_closed_case_that_two_have_decided_to_export(story: Story) -> None:
    case = story.tip()
    account = case.members["h1"].account
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Leverans.", by="h1")
    with pytest.raises(IllegalTransition, match="inte avslutat"):
        propose(story.handler, case, ReasonsPayload(ActKind.EXPORT, reasons.digest.hex()), reasons)
    with pytest.raises(IllegalTransition, match="inte avslutat"):
        archiving.fetch(story.handler, account, case.reference)
    close(story, case)
    with pytest.raises(IllegalTransition, match="Två"):
        archiving.fetch(story.handler, account, case.reference)
    decide(story, case)
    archiving.fetch(story.handler, account, case.reference)
    with pytest.raises(NotFound):
        archiving.fetch(story.handler, story.outsider(case).account, case.reference)


def test_a_case_that_was_opened_again_takes_a_new_decision(story: Story) -> None:
    case = story.tip()
    ctx, account = story.handler, case.members["h1"].account
    close(story, case)
    decide(story, case)
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Nytt.", by="h1")
    agree(ctx, case, propose(ctx, case, ReasonsPayload(ActKind.REOPEN, reasons.digest.hex()), reasons))
    with pytest.raises(IllegalTransition):
        archiving.fetch(ctx, account, case.reference)
    story.clock.advance(24 * 3600)
    end(story, case)
    with pytest.raises(IllegalTransition):
        archiving.fetch(ctx, account, case.reference)


def test_another_passphrase_opens_nothing(made: Made, tmp_path: Path) -> None:
    other = made.story.outsider(made.case).person.passphrase
    for typed, said in ((other, "opens none"), ("sju ord", "seven words")):
        result = run(made.case, tmp_path / "out", "--bundle", str(made.bundle), typed=typed)
        assert (result.exit_code, said in result.output) == (1, True), result.output
        assert not (tmp_path / "out").exists()


def test_a_bundle_holds_nothing_in_clear(made: Made) -> None:
    with zipfile.ZipFile(made.bundle) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for said in ("Grannen", "onsdag", "hemtj", "dörren", made.case.members["h1"].person.passphrase):
        assert said.encode() not in whole
    assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())


def test_what_was_altered_on_the_way_is_said(made: Made, tmp_path: Path) -> None:
    def swap(read: dict[str, Any]) -> None:
        rows = [row for row in read["records"] if row["stream"] == "dialogue"]
        rows[1]["file"], rows[2]["file"] = rows[2]["file"], rows[1]["file"]

    def cut(read: dict[str, Any]) -> None:
        read["log"]["entries"][0]["path"][0] = "00" * 32

    for number, (change, said) in enumerate(((swap, "går inte att lita på"), (cut, "proofs"))):
        file = altered(made.bundle, tmp_path / f"{number}.zip", change)
        result = run(made.case, tmp_path / str(number), "--bundle", str(file))
        assert result.exit_code == 1
        assert said in result.output
    first = (tmp_path / "0" / made.package.name / "representations" / "rep1" / "data" / "dialogue-0.txt").read_text()
    assert "Grannen" in first


def test_a_package_is_never_written_over_and_never_half(made: Made, tmp_path: Path) -> None:
    again = run(made.case, made.package.parent, "--bundle", str(made.bundle))
    assert again.exit_code == 1
    assert "never written over" in again.output
    other = run(made.case, tmp_path / "x", "--bundle", str(altered(made.bundle, tmp_path / "b.zip", _foreign)))
    assert other.exit_code == 1
    assert not (tmp_path / "x").exists()


def _foreign(read: dict[str, Any]) -> None:
    read["source"]["verification_key"] = read["source"]["verification_key"][::-1]


def test_the_servers_own_disk_is_warned_of(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPPORTAL_DATA_DIR", str(tmp_path))
    warned = run(made.case, tmp_path / "out", "--bundle", str(made.bundle), typed="fel")
    assert "backups would hold the case in clear" in warned.output


def test_on_the_server_the_passphrase_comes_before_the_case(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = story.tip()
    close(story, case)
    for name, value in settings_for(tmp_path, story.url).items():
        monkeypatch.setenv(name, value)
    keep_time(monkeypatch, story.clock)
    email = case.members["h1"].person.email
    undecided = run(case, tmp_path / "out", "--account", email)
    assert undecided.exit_code == 1
    assert "Två i ärendegruppen" in undecided.output
    decide(story, case)
    before = story.contents()["log_entries"]
    assert run(case, tmp_path / "out", "--account", email, by="h2").exit_code == 1
    assert story.contents()["log_entries"] == before
    made = run(case, tmp_path / "out", "--account", email)
    assert made.exit_code == 0, made.output
    assert len(story.contents()["log_entries"]) == len(before) + 1


def test_the_name_in_the_vault_is_never_in_it(story: Story, tmp_path: Path) -> None:
    answers = {"area": "fakturahantering", "what_happened": "Samma timmar faktureras.", "relation": "employee"}
    vault = VaultBody("Vera Valvsson", "vera@example.se")
    case = leave_case(story.public, story.municipality, story.source(), Channel.REPORT, answers, identity=vault)
    with story.handler.storage.read() as uow:
        row = uow.cases.for_holder(case.reference, case.members["h1"].account.id, story.handler.today())
        assert row is not None
        kept = uow.vaults.of_case(row.id)
    assert kept is not None
    story.change("UPDATE cases SET state = 'closed', closed_on = received_on, covered = 1, outcome = 'confirmed'")
    decide(story, case)
    bundle = bundle_of(story, case, tmp_path / "b.zip")
    assert encode_b64(kept.file)[:200].encode() not in bundle.read_bytes()
    assert run(case, tmp_path / "out", "--bundle", str(bundle)).exit_code == 0
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"Valvsson" not in path.read_bytes()


def test_no_other_command_and_no_face_pays_for_it() -> None:
    code = (
        "import sys, tipportal.cli, tipportal.handler.views, tipportal.public.views;"
        "print([name for name in sys.modules if name.split('.')[0] in ('weasyprint', 'fontTools', 'pydyf')"
        " or name.startswith('tipportal.archive')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
