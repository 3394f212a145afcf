"""What `log verify` finds of rows that somebody edits behind the program's back: designations, keys, and policies."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.support.setting_up import decided, organisation, two
from tests.support.story import Story
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind
from tipportal.usecases import logbook
from tipportal.usecases.logged_rows import RowAudit

ELSE = "har en annan text än den i loggen"
UNSIGNED = "är inte den som undertecknades"


def test_the_text_of_a_policy_in_force_is_that_of_the_log(story: Story) -> None:
    text = _text(story)
    assert _found(story) == []

    _edit(story, text.replace("Det här gäller", "Något annat gäller"), 0)

    assert _found(story) == [f"Policyn för {organisation(story).id}, version 0, {ELSE}."]


@pytest.mark.parametrize("version", [0, 1])
def test_neither_an_old_version_nor_a_remark_in_it_is_edited_unseen(story: Story, version: int) -> None:
    payload = {"policy": _text(story).replace("Det här gäller", "Numera gäller"), "register": None}
    two(story).make(ChangeKind.POLICY, {**payload, "decision": decided(story)})
    assert _found(story) == []

    _edit(story, "# Numera lättare.\n" + _text(story, version), version)

    assert _found(story) == [f"Policyn för {organisation(story).id}, version {version}, {ELSE}."]


def test_a_version_that_the_log_does_not_know_is_found(story: Story) -> None:
    story.change(
        "INSERT INTO policies (organisation_id, version, document, activated_at)"
        " SELECT organisation_id, 1, document, activated_at FROM policies WHERE organisation_id = :id",
        id=organisation(story).id,
    )

    assert _found(story) == [f"Policyn för {organisation(story).id} är en annan i databasen än i loggen."]


def test_what_the_log_says_of_a_text_is_what_two_signed(story: Story) -> None:
    """Also whoever can write entries of their own cannot give a change another policy than its signed one."""
    entry = next(body for body in _bodies(story) if body["kind"] == EntryKind.POLICY_ACTIVATED.value)
    text = _text(story).replace("Det här gäller", "Något annat gäller")
    _edit(story, text, 0)
    digest = hashlib.sha256(text.encode()).hexdigest()
    facts = entry["facts"]
    assert isinstance(facts, dict)
    said: list[str] = []

    def found(_: int | None, msgid: str, /, **values: object) -> None:
        said.append(msgid % values)

    audit = RowAudit()
    audit.follow(EntryKind.POLICY_ACTIVATED, {**facts, "document": digest})
    with story.database.read() as uow:
        audit.compare(uow, {}, found)

    assert [what for what in said if what.startswith("Policyn")] == [
        f"Policyn för {organisation(story).id}, version 0, {UNSIGNED}."
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE designations SET valid_to = '2099-12-31' WHERE id = :id",
        "UPDATE designations SET function_id = (SELECT MAX(id) FROM functions WHERE id <> function_id) WHERE id = :id",
        "DELETE FROM designations WHERE id = :id",
    ],
)
def test_an_edited_designation_is_found(story: Story, statement: str) -> None:
    row = min(story.contents()["designations"], key=lambda row: row["id"])

    story.change(statement, id=row["id"])

    assert _found(story) == [f"Utseende {row['id']} står på ett annat sätt i databasen än i loggen."]


def test_a_key_put_in_somebodys_place_is_found(story: Story) -> None:
    person = story.municipality.handlers()[0].account

    story.change("UPDATE accounts SET verification_key = :key WHERE id = :id", key=bytes(range(32)), id=person.id)

    assert f"Konto {person.id} har en annan nyckel i databasen än i loggen." in _found(story)


def _found(story: Story) -> list[str]:
    return [finding.what for finding in logbook.verify(story.handler).findings]


def _text(story: Story, version: int = 0) -> str:
    rows = story.contents()["policies"]
    owner = organisation(story).id
    return next(str(row["document"]) for row in rows if (row["organisation_id"], row["version"]) == (owner, version))


def _edit(story: Story, text: str, version: int) -> None:
    assert text != _text(story, version)
    statement = "UPDATE policies SET document = :text WHERE version = :version AND organisation_id = :owner"
    story.change(statement, text=text, version=version, owner=organisation(story).id)


def _bodies(story: Story) -> list[dict[str, object]]:
    return [json.loads(row["data"]) for row in story.contents()["log_entries"]]
