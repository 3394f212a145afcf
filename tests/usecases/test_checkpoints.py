"""Checkpoints: made, refused, mailed, acknowledged; the log verified against them, also from a file alone."""

from __future__ import annotations

import io
import json

import pytest

from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import write
from tipportal.domain.accounts import Account, Role
from tipportal.domain.errors import AlreadyDecided, Conflict, Invalid, LogDisagrees, NotFound
from tipportal.domain.treeproofs import consistency_path, proves_consistency
from tipportal.envelope.records import Kind
from tipportal.envelope.signednotes import NoteSigner, parse_vkey
from tipportal.usecases import alerts, checkpoints, logbook, logexport, scheduled, surveying
from tipportal.usecases.alerts import AlertKind
from tipportal.usecases.logbook import Verified


def signer_of(story: Story, seed: int = 7) -> NoteSigner:
    return NoteSigner(checkpoints.origin(story.handler), bytes([seed]) * 32)


def auditor_of(story: Story) -> Account:
    return next(each.account for each in story.municipality.members if each.account.role is Role.AUDITOR)


def grow(story: Story, many: int = 3) -> None:
    case = story.tip()
    for number in range(many):
        write(story.handler, case, Kind.NOTE, f"Anteckning {number}.")


def exported(story: Story, start: int = 0) -> list[bytes]:
    out = io.BytesIO()
    logexport.export(story.handler, out, start)
    return out.getvalue().splitlines(keepends=True)


def from_file(story: Story, lines: list[bytes], *outside: str) -> Verified:
    return logexport.verify_export(lines, [signer_of(story).public], outside)


def said(verified: Verified) -> str:
    return " ".join(finding.what for finding in verified.findings)


def test_the_day_s_checkpoint_is_made_by_tick_once(story: Story) -> None:
    signer = signer_of(story)
    assert scheduled.tick(story.handler, signer).checkpoints_made == 1
    assert scheduled.tick(story.handler, signer).checkpoints_made == 0
    grow(story)
    assert scheduled.tick(story.handler, signer).checkpoints_made == 0
    story.clock.advance(DAY)
    assert scheduled.tick(story.handler).checkpoints_made == 0
    assert scheduled.tick(story.handler, signer).checkpoints_made == 1
    story.clock.advance(DAY)
    assert scheduled.tick(story.handler, signer).checkpoints_made == 0

    verified = logbook.verify(story.handler)
    assert verified.findings == ()
    assert verified.covered == verified.size
    assert checkpoints.published_key(story.handler) == signer.public.vkey()


def test_checkpoints_go_on_from_one_another_and_an_outsider_can_prove_it(story: Story) -> None:
    signer = signer_of(story)
    first = checkpoints.make(story.handler, signer)
    assert checkpoints.make(story.handler, signer) == first
    grow(story)
    second = checkpoints.make(story.handler, signer)
    assert second.note.startswith(f"{checkpoints.origin(story.handler)}\n{second.size}\n")
    with story.database.read() as uow:
        path = consistency_path(first.size, second.size, uow.log.node)
    assert proves_consistency(first.size, second.size, path, (first.root, second.root))
    verified = logbook.verify(story.handler, [first.note, second.note])
    assert (verified.findings, verified.outside) == ((), second.size)


def test_a_new_key_stands_in_the_log_and_the_old_checkpoints_still_hold(story: Story) -> None:
    old, new = signer_of(story, 1), signer_of(story)
    kept = checkpoints.make(story.handler, old)
    after = checkpoints.make(story.handler, new)
    assert after.size == kept.size + 1
    assert logbook.verify(story.handler, [kept.note]).findings == ()
    assert from_file(story, exported(story), kept.note).findings == ()
    # Who has the old key alone knows nothing of what came after it.
    assert logexport.verify_export(exported(story), [old.public]).covered == kept.size


def test_another_installation_s_key_signs_nothing(story: Story) -> None:
    with pytest.raises(Invalid, match="annan installation"):
        checkpoints.make(story.handler, NoteSigner("tipportal/00", bytes(32)))


def test_nothing_is_signed_before_founding(empty: Story) -> None:
    signer = NoteSigner("tipportal/00", bytes(32))
    with pytest.raises(Conflict):
        checkpoints.make(empty.handler, signer)
    assert not checkpoints.make_if_due(empty.handler, signer)
    assert checkpoints.published_key(empty.handler) is None


def test_an_altered_log_gets_no_signature(story: Story) -> None:
    signer = signer_of(story)
    checkpoints.make(story.handler, signer)
    grow(story)
    story.drop_guards()
    story.change("UPDATE log_entries SET leaf = :leaf WHERE position = 0", leaf=bytes(32))
    story.change("UPDATE log_nodes SET hash = :hash WHERE position = 0", hash=bytes(32))
    with pytest.raises(LogDisagrees):
        checkpoints.make(story.handler, signer)
    story.clock.advance(DAY)
    done = scheduled.tick(story.handler, signer)
    assert (done.log_disagrees, done.checkpoints_made) == (True, 0)


def test_a_log_that_has_become_shorter_gets_no_signature(story: Story) -> None:
    signer = signer_of(story)
    checkpoints.make(story.handler, signer)
    story.drop_guards()
    story.change("DELETE FROM log_entries WHERE position > 5")
    with pytest.raises(LogDisagrees):
        checkpoints.make(story.handler, signer)


def test_auditors_acknowledge_by_text_or_button_once_and_it_is_logged(story: Story) -> None:
    auditor = auditor_of(story)
    kept = checkpoints.make(story.handler, signer_of(story))
    mailed = "  " + kept.note.replace("\n", "  \r\n  ")
    assert checkpoints.confirm_text(story.handler, auditor, mailed) == kept
    with pytest.raises(AlreadyDecided):
        checkpoints.confirm_text(story.handler, auditor, kept.note)
    with pytest.raises(AlreadyDecided):
        checkpoints.confirm(story.handler, auditor, kept.size)
    grow(story)
    newer = checkpoints.make(story.handler, signer_of(story))
    checkpoints.confirm(story.handler, auditor, newer.size)
    with pytest.raises(NotFound):
        checkpoints.confirm(story.handler, auditor, newer.size - 1)

    seen = checkpoints.overview(story.handler, auditor)
    assert [each.size for each in seen.checkpoints] == [newer.size, kept.size]
    assert seen.mine == {newer.size, kept.size}
    assert seen.acknowledged[kept.size][0].way == "text"
    with story.database.read() as uow:
        logged = [json.loads(data) for _, data in uow.log.entries()]
    facts = [body["facts"] for body in logged if body["kind"] == "checkpoint_acknowledged"]
    assert facts[0] == {"size": kept.size, "root": kept.root.hex(), "way": "text"}
    assert logbook.verify(story.handler).findings == ()


def test_a_text_that_does_not_agree_is_not_acknowledged(story: Story) -> None:
    auditor = auditor_of(story)
    signer = signer_of(story)
    kept = checkpoints.make(story.handler, signer)
    other = signer.sign(kept.note.split("\n\n")[0].replace(f"\n{kept.size}\n", f"\n{kept.size + 9}\n") + "\n")
    forged = NoteSigner(signer.public.name, bytes(32)).sign(kept.note.split("\n\n")[0] + "\n")
    elsewhere = NoteSigner("tipportal/00", bytes(32)).sign(
        kept.note.split("\n\n")[0].replace("tipportal/", "x/") + "\n"
    )
    for text, why in (
        ("hej", "ingen kontrollpunkt"), (other, "stämmer inte"), (forged, "stämmer inte"),
        (elsewhere, "annan installation"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=why):
            checkpoints.confirm_text(story.handler, auditor, text)
    story.drop_guards()
    story.change("UPDATE log_entries SET leaf = :leaf WHERE position = 0", leaf=bytes(32))
    story.change("UPDATE log_nodes SET hash = :hash", hash=bytes(32))
    with pytest.raises(LogDisagrees):
        checkpoints.confirm(story.handler, auditor, kept.size)
    with pytest.raises(LogDisagrees):
        checkpoints.confirm_text(story.handler, auditor, kept.note)


def test_administrators_are_warned_after_35_days_without_an_acknowledgement(story: Story) -> None:
    administrator = two(story).proposer.account

    def warned() -> bool:
        found = alerts.alerts(story.handler, administrator, surveying.survey(story.handler))
        return AlertKind.CHECKPOINT in {each.kind for each in found}

    assert not warned()
    story.clock.advance(36 * DAY)
    assert warned()
    kept = checkpoints.make(story.handler, signer_of(story))
    assert warned()
    checkpoints.confirm(story.handler, auditor_of(story), kept.size)
    assert not warned()
    story.clock.advance(35 * DAY)
    assert not warned()
    story.clock.advance(DAY)
    assert warned()
    assert checkpoints.state(story.handler).overdue


def test_a_mail_is_due_once_a_month(story: Story) -> None:
    assert checkpoints.due_mail(story.handler) is None
    kept = checkpoints.make(story.handler, signer_of(story))
    mail = checkpoints.due_mail(story.handler)
    # What stands in it, and that the auditor can give it back: test_posting.
    assert mail == checkpoints.Mail("2026-11", kept.size)
    with story.database.write() as uow:
        checkpoints.note_mailed(story.handler, uow, mail)
    assert checkpoints.due_mail(story.handler) is None
    with story.database.write() as uow, pytest.raises(Conflict):
        checkpoints.note_mailed(story.handler, uow, mail)
    story.clock.advance(31 * DAY)
    assert checkpoints.due_mail(story.handler) is not None
    assert logbook.verify(story.handler).findings == ()


def test_a_file_and_the_public_key_are_enough(story: Story) -> None:
    grow(story)
    kept = checkpoints.make(story.handler, signer_of(story))
    grow(story)
    lines = exported(story)
    verified = from_file(story, lines, kept.note)
    assert verified.findings == ()
    assert (verified.covered, verified.outside) == (kept.size, kept.size)
    assert verified.root == logbook.verify(story.handler).root
    header = json.loads(lines[0])
    assert parse_vkey(header["key"]) == signer_of(story).public
    with story.database.read() as uow:
        entries = [json.loads(line)["entry"].encode() for line in lines[2:]]
        assert entries == [data for _, data in uow.log.entries()]


def test_a_part_of_the_log_verifies_from_its_peaks(story: Story) -> None:
    early = checkpoints.make(story.handler, signer_of(story))
    grow(story, 9)
    kept = checkpoints.make(story.handler, signer_of(story))
    for start in (1, early.size, kept.size - 1, kept.size):
        verified = from_file(story, exported(story, start), kept.note)
        assert (verified.findings, verified.covered, verified.size) == ((), kept.size, kept.size)
    lines = exported(story, kept.size - 4)
    assert "Exporten börjar efter" in said(from_file(story, lines, early.note))
    header = json.loads(lines[0])
    header["peaks"][0] = "00" * 32
    assert "skrivits om" in said(from_file(story, [json.dumps(header).encode(), *lines[1:]], kept.note))
    with pytest.raises(Invalid):
        exported(story, kept.size + 1)


@pytest.mark.parametrize("line", [b"", b"[]\n", b"{}\n", b"{\n", b'{"log":2}\n', b"\xff\n"])
def test_what_is_no_export_is_said_to_be_none(story: Story, line: bytes) -> None:
    with pytest.raises(logexport.ExportError):
        from_file(story, [line])
    with pytest.raises(logexport.ExportError):
        from_file(story, [*exported(story), line])
