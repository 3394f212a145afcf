"""Promise 6, behind the program's back: what the database's owner does to the log is found and named.

Or it is shown by a checkpoint that somebody else keeps. Real databases, changed with their own tools: SQLite with its
triggers dropped, PostgreSQL by its superuser with triggers and constraints off. The attacker has the whole database and
knows the format; what they lack is the log's signing key, people's keys, and the checkpoints that have left the house.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.story import DAY, Story
from tests.usecases.test_checkpoints import exported, from_file, grow, said, signer_of
from tipportal.cli.demo_playing import agree, propose, seal_text
from tipportal.domain.checkpoints import KeptCheckpoint
from tipportal.domain.handlinglog import entry_bytes, leaf_hash
from tipportal.domain.treeproofs import GrowingTree
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import checkpoints, handle, logbook

Body = dict[str, Any]


class Intruder:
    """Somebody with the database in their hands, past every guard."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def run(self, *statements: tuple[str, list[Any]]) -> None:
        """Run statements (with ``?`` for values) on a connection of one's own."""
        if self.story.kind == "sqlite":
            connection = sqlite3.connect(str(sa.make_url(self.story.url).database))
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in found:
                connection.execute(f'DROP TRIGGER "{name}"')
            for statement, values in statements:
                connection.execute(statement, values)
            connection.commit()
            connection.close()
            return
        url = self.story.url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(url) as superuser:
            superuser.execute("SET session_replication_role = replica")
            for statement, values in statements:
                superuser.execute(statement.replace("?", "%s").encode(), values)

    def bodies(self) -> list[Body]:
        """What the log says, entry by entry."""
        return [json.loads(row["data"]) for row in self.story.contents()["log_entries"]]

    def write(self, bodies: list[Body], *, keep_checkpoints: bool = True) -> None:
        """Put another log in the place of the old one, with indices, leaf hashes and tree that hold together."""
        entries = [
            entry_bytes({name: value for name, value in body.items() if name != "index"}, index)
            for index, body in enumerate(bodies)
        ]
        leaves = [leaf_hash(data) for data in entries]
        many: list[tuple[str, list[Any]]] = [("DELETE FROM log_nodes", []), ("DELETE FROM log_entries", [])]
        if not keep_checkpoints:
            many += [("DELETE FROM checkpoint_acknowledgements", []), ("DELETE FROM checkpoints", [])]
        insert = (
            "INSERT INTO log_entries (position, organisation_id, case_reference, leaf, data) VALUES (?, ?, ?, ?, ?)"
        )
        many += [
            (insert, [index, body["organisation"], body["case"], leaf, data])
            for index, (body, leaf, data) in enumerate(zip(bodies, leaves, entries, strict=True))
        ]
        for made in GrowingTree().add(leaves):
            for place, each in enumerate(made.hashes):
                node = [made.level, made.first + place, each]
                many.append(("INSERT INTO log_nodes (level, position, hash) VALUES (?, ?, ?)", node))
        self.run(*many)


@pytest.fixture
def kept(story: Story) -> KeptCheckpoint:
    """A log with a decision by two, and the checkpoint that the auditors have."""
    checkpoints.make(story.handler, signer_of(story))
    case = story.report()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, payload, reasons))
    made = checkpoints.make(story.handler, signer_of(story))
    grow(story, 2)
    assert logbook.verify(story.handler, [made.note]).findings == ()
    return made


def judged(story: Story, kept: KeptCheckpoint) -> tuple[str, set[int | None]]:
    """What is found with the kept checkpoint at hand, and where; the same is seen from an export."""
    found = logbook.verify(story.handler, [kept.note])
    return said(found), {finding.index for finding in found.findings}


def place(bodies: list[Body], kind: str) -> int:
    return next(index for index, body in enumerate(bodies) if body["kind"] == kind)


def test_an_edited_entry_is_named(story: Story, kept: KeptCheckpoint) -> None:
    intruder = Intruder(story)
    bodies = intruder.bodies()
    at = place(bodies, "opened")
    data = entry_bytes({name: value for name, value in bodies[at].items() if name != "index"} | {"actor": "x"}, at)
    intruder.run(("UPDATE log_entries SET data = ? WHERE position = ?", [data, at]))

    what, where = judged(story, kept)
    assert at in where
    assert "Posten har ändrats" in what
    assert "skrivits om" in said(from_file(story, exported(story), kept.note))

    # And when its hash goes along with it: the tree above it no longer holds together.
    intruder.run(("UPDATE log_entries SET leaf = ? WHERE position = ?", [leaf_hash(data), at]))
    assert "Trädet stämmer inte" in judged(story, kept)[0]


def test_a_deleted_entry_is_named(story: Story, kept: KeptCheckpoint) -> None:
    at = place(Intruder(story).bodies(), "opened")
    Intruder(story).run(("DELETE FROM log_entries WHERE position = ?", [at]))
    assert f"Post {at} saknas." in judged(story, kept)[0]


def test_an_edited_node_is_named(story: Story, kept: KeptCheckpoint) -> None:
    Intruder(story).run(("UPDATE log_nodes SET hash = ? WHERE level = 1 AND position = 0", [bytes(32)]))
    assert "Trädet stämmer inte med posterna" in judged(story, kept)[0]


def test_replaced_by_insert_or_replace(story: Story, kept: KeptCheckpoint) -> None:
    bodies = Intruder(story).bodies()
    at = place(bodies, "opened")
    data = entry_bytes({name: value for name, value in bodies[at].items() if name != "index"} | {"actor": "x"}, at)
    values = (
        "(position, organisation_id, case_reference, leaf, data) SELECT position, organisation_id, case_reference, ?, ?"
    )
    there = f"{values} FROM log_entries WHERE position = ?"
    if story.kind == "sqlite":
        Intruder(story).run((f"INSERT OR REPLACE INTO log_entries {there}", [leaf_hash(data), data, at]))
    else:
        again = "ON CONFLICT (position) DO UPDATE SET leaf = excluded.leaf, data = excluded.data"
        Intruder(story).run((f"INSERT INTO log_entries {there} {again}", [leaf_hash(data), data, at]))
    what, _ = judged(story, kept)
    assert "Trädet stämmer inte" in what
    assert "skrivits om" in what


Rewrite = Callable[[list[Body]], list[Body]]


def _edited(bodies: list[Body]) -> list[Body]:
    at = place(bodies, "opened")
    return [*bodies[:at], {**bodies[at], "actor": "somebody"}, *bodies[at + 1 :]]


def _deleted(bodies: list[Body]) -> list[Body]:
    at = place(bodies, "opened")
    return [*bodies[:at], *bodies[at + 1 :], bodies[-1]]


def _reordered(bodies: list[Body]) -> list[Body]:
    at = place(bodies, "opened")
    return [*bodies[: at - 1], bodies[at], bodies[at - 1], *bodies[at + 1 :]]


def _forged_tail(bodies: list[Body]) -> list[Body]:
    at = place(bodies, "opened")
    return [*bodies[:at], *({**bodies[at], "actor": "somebody"} for _ in bodies[at:])]


@pytest.mark.parametrize("rewrite", [_edited, _deleted, _reordered, _forged_tail])
def test_a_rewritten_history_that_holds_together_is_shown_by_checkpoints(
    story: Story, kept: KeptCheckpoint, rewrite: Rewrite
) -> None:
    first = next(iter(story.contents()["checkpoints"]))["size"]
    Intruder(story).write(rewrite(Intruder(story).bodies()))

    what, _ = judged(story, kept)
    assert f"de första {kept.size} posterna är inte de som" in what
    assert f"De första {first} är oförändrade; ändringen ligger i post {first} till {kept.size - 1}." in what
    assert "skrivits om" in said(from_file(story, exported(story), kept.note))

    # Without those in the database, and with a forger's own in their place, the kept one still shows it.
    Intruder(story).write(Intruder(story).bodies(), keep_checkpoints=False)
    forged = NoteSigner(signer_of(story).public.name, bytes(32))
    checkpoints.make(story.handler, forged)
    what, _ = judged(story, kept)
    assert (
        f"de första {kept.size} posterna är inte de som den sparade kontrollpunkten på {kept.size} poster gäller"
        in what
    )
    assert "finns inte heller kvar i databasen" in what


def test_a_cut_off_end_is_named(story: Story, kept: KeptCheckpoint) -> None:
    at = kept.size - 3
    cut = [("DELETE FROM log_entries WHERE position >= ?", [at]), ("DELETE FROM log_nodes", [])]
    Intruder(story).run(*cut)
    assert "slutet av loggen har tagits bort" in judged(story, kept)[0]
    Intruder(story).write(Intruder(story).bodies())
    assert "slutet av loggen har tagits bort" in judged(story, kept)[0]
    # With its checkpoints gone too, it looks as an old copy does.
    Intruder(story).write(Intruder(story).bodies(), keep_checkpoints=False)
    assert "en äldre säkerhetskopia har lagts tillbaka" in judged(story, kept)[0]
    assert "en äldre säkerhetskopia" in said(from_file(story, exported(story), kept.note))


def test_yesterday_s_backup_is_shown_by_a_kept_checkpoint_alone(
    story: Story, kept: KeptCheckpoint, tmp_path: Path
) -> None:
    copy = tmp_path / "backup"
    before = _saved(story, copy)
    story.clock.advance(DAY)
    grow(story)
    newer = checkpoints.make(story.handler, signer_of(story))
    _restored(story, copy, before)

    # In itself the copy is whole, and the older checkpoint still fits.
    assert logbook.verify(story.handler, [kept.note]).findings == ()
    assert "en äldre säkerhetskopia har lagts tillbaka" in judged(story, newer)[0]

    # And when it has been gone on from, past what it had.
    grow(story, 20)
    checkpoints.make(story.handler, signer_of(story))
    what, _ = judged(story, newer)
    assert f"De första {kept.size} är oförändrade" in what
    assert "kan ha lagts tillbaka och fått ett nytt slut" in what


def _saved(story: Story, copy: Path) -> dict[str, list[dict[str, Any]]]:
    story.database.close()
    if story.kind == "sqlite":
        with story.sql() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(str(sa.make_url(story.url).database), copy)
    return story.contents()


def _restored(story: Story, copy: Path, before: dict[str, list[dict[str, Any]]]) -> None:
    story.database.close()
    if story.kind == "sqlite":
        path = Path(str(sa.make_url(story.url).database))
        for journal in path.parent.glob(f"{path.name}-*"):
            journal.unlink()
        shutil.copyfile(copy, path)
        return
    url = story.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for table, rows in before.items():
            superuser.execute(f'DELETE FROM "{table}"'.encode())  # noqa: S608 - a name of ours
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join(["%s"] * len(row))
                values = [getattr(value, "value", value) for value in row.values()]
                superuser.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'.encode(), values)  # noqa: S608 - as above


def test_a_faked_approval_is_named(story: Story, kept: KeptCheckpoint) -> None:
    bodies = Intruder(story).bodies()
    at = place(bodies, "approved")
    approved = bodies[at]
    facts = {**approved["facts"], "proposal": "0" * 32}
    proposed = {**bodies[place(bodies, "proposed")], "facts": {**bodies[place(bodies, "proposed")]["facts"]}}
    proposed["facts"]["proposal"] = "0" * 32
    effect = {
        **bodies[place(bodies, "case_assessed")],
        "facts": {"covered": False, "ground": None, "proposal": "0" * 32},
    }
    Intruder(story).write([*bodies, proposed, {**approved, "facts": facts}, effect])

    what, where = judged(story, kept)
    assert {len(bodies) + 1, len(bodies) + 2} <= where
    assert "har använts förut" in what
    assert "saknar ett godkännande av två personer" in what
    offline = from_file(story, exported(story), kept.note)
    assert "saknar ett godkännande av två personer" in said(offline)

    # One signature instead of two, and one that is nobody's.
    for signatures, words in (
        (approved["signatures"][:1], "inte undertecknat av två olika personer"),
        (
            [approved["signatures"][0], {**approved["signatures"][1], "signature": "00" * 64}],
            "underskrift under beslutet",
        ),
    ):
        Intruder(story).write([*bodies[:at], {**approved, "signatures": signatures}, *bodies[at + 1 :]])
        what, where = judged(story, kept)
        assert words in what
        assert at in where


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE checkpoints SET root = ? WHERE size = ?", "har ändrats i databasen"),
        ("UPDATE checkpoints SET note = replace(note, ?, 'A') WHERE size = ?", "har ändrats i databasen"),
        ("DELETE FROM checkpoints WHERE ? = ? OR TRUE", "finns inte kvar i databasen"),
    ],
)
def test_a_changed_checkpoint_row_is_named(story: Story, kept: KeptCheckpoint, statement: str, words: str) -> None:
    digits = kept.note.split("\n")[2][:3]
    values: list[Any] = [bytes(32), kept.size] if "root" in statement else [digits, kept.size]
    if "DELETE" in statement:
        statement, values = "DELETE FROM checkpoints WHERE size = ?", [kept.size]
    Intruder(story).run((statement, values))
    assert words in judged(story, kept)[0]


def test_a_checkpoint_row_forged_with_another_key_is_named(story: Story, kept: KeptCheckpoint) -> None:
    forger = NoteSigner(signer_of(story).public.name, bytes(32))
    note = forger.sign(kept.note.split("\n\n")[0] + "\n")
    statement = "UPDATE checkpoints SET note = ?, key = ? WHERE size = ?"
    Intruder(story).run((statement, [note, forger.public.vkey(), kept.size]))
    assert "inte undertecknad med loggens nyckel" in judged(story, kept)[0]


def test_an_acknowledgement_that_nobody_gave_is_named(story: Story, kept: KeptCheckpoint) -> None:
    auditor = next(member.account.id for member in story.municipality.members if member.person.role == "auditor")
    insert = "INSERT INTO checkpoint_acknowledgements (size, account_id, way, at) VALUES (?, ?, 'text', 1)"
    Intruder(story).run((insert, [kept.size, auditor]))
    assert "Bekräftelsen av kontrollpunkten" in judged(story, kept)[0]


def test_a_changed_export_is_named(story: Story, kept: KeptCheckpoint) -> None:
    lines = exported(story)
    head = sum(b'"entry"' not in line for line in lines)
    at = head + place(Intruder(story).bodies(), "opened")
    for changed, words in (
        ([*lines[:at], lines[at].replace(b"opened", b"closed"), *lines[at + 1 :]], "går inte att tolka"),
        ([*lines[:at], *lines[at + 1 :]], f"Post {at - head} saknas."),
        ([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]], f"Post {at - head} saknas."),
        (lines[:-1], "går till"),
        (lines[: head + kept.size - 1], "fler"),
        ([lines[0], *lines[head:]], "skrivits om|Ingen kontrollpunkt"),
    ):
        verified = from_file(story, changed, *([] if "Ingen" in words else [kept.note]))
        assert any(word in said(verified) for word in words.split("|")), words
    # Another's key, and another's checkpoint.
    assert "Ingen kontrollpunkt" in said(from_file(story, [lines[0], *lines[head:]]))
    other = NoteSigner("tipportal/00", bytes(32)).sign("tipportal/00\n1\n" + kept.note.split("\n")[2] + "\n")
    assert "annan installation" in said(from_file(story, lines, other))
    assert "går inte att läsa" in said(from_file(story, lines, "hej"))
