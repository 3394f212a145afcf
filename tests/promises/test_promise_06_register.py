"""Promise 6: an edit of the register, of somebody's keys or of an approval behind the program's back is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.setting_up import organisation, two, unit_operation
from tests.support.story import Story, staffed
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Entry, EntryKind, Json, leaf_hash
from tipportal.domain.organisations import Unit
from tipportal.storage.rows import log_entries
from tipportal.usecases import logbook

EDITS = {
    "payload": "UPDATE changes SET payload = '{}' WHERE state = 'approved' AND kind = 'register'",
    "approval gone": "DELETE FROM change_approvals WHERE change_id = (SELECT min(change_id) FROM change_approvals)",
    "another signature": "UPDATE change_approvals SET approver_signature = zeroblob(64)"
    " WHERE change_id = (SELECT min(change_id) FROM change_approvals)",
    "policy": "INSERT INTO policies SELECT organisation_id, version + 1, document, activated_at FROM policies"
    " ORDER BY version DESC LIMIT 1",
    "designated for longer": "UPDATE designations SET valid_from = '2020-01-01'",
    "designated to another": "UPDATE designations SET account_id = (SELECT id FROM accounts WHERE role = 'auditor')"
    " WHERE id = (SELECT min(id) FROM designations)",
    "undesignated": "DELETE FROM designations WHERE id = (SELECT min(id) FROM designations)",
    "key": "UPDATE accounts SET verification_key = zeroblob(32) WHERE id = (SELECT min(id) FROM accounts"
    " WHERE role = 'handler')",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_found(tmp_path: Path, edit: str) -> None:
    with staffed("sqlite", tmp_path) as story:
        assert logbook.verify(story.handler).findings == ()
        story.drop_guards()
        with story.sql() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            assert connection.exec_driver_sql(EDITS[edit]).rowcount

        assert logbook.verify(story.handler).findings


def test_a_faked_approval_of_a_change_is_found(tmp_path: Path) -> None:
    with staffed("sqlite", tmp_path) as story:
        both = two(story)
        change_id, _ = both.propose(ChangeKind.REGISTER, _unit(story))
        story.drop_guards()
        story.change("UPDATE changes SET state = 'approved', decided_at = proposed_at WHERE id = :id", id=change_id)
        story.change(
            "INSERT INTO change_approvals (change_id, proposer, approver, approver_signature, approved_at)"
            " SELECT id, proposer, :approver, proposer_signature, proposed_at FROM changes WHERE id = :id",
            id=change_id,
            approver=both.approver.account.id,
        )

        assert [found.what for found in logbook.verify(story.handler).findings] == [
            f"Ändring {change_id} är inte avgjord på samma sätt i databasen som i loggen."
        ]


def test_an_effect_without_a_change_is_found(tmp_path: Path) -> None:
    with staffed("sqlite", tmp_path) as story:
        owner = organisation(story).id
        with story.database.write() as uow:
            uow.log.append(Entry(EntryKind.UNIT_ADDED, story.clock(), "system", owner, None, {"id": "it"}))

        assert logbook.verify(story.handler).findings


def test_another_signature_in_the_log_is_found(tmp_path: Path) -> None:
    with staffed("sqlite", tmp_path) as story:
        story.drop_guards()
        with story.sql() as connection:
            query = sa.select(log_entries.c.position, log_entries.c.data).order_by(log_entries.c.position.desc())
            position, data = next(row for row in connection.execute(query) if b"change_approved" in row.data)
            signature = json.loads(data)["signatures"][1]["signature"]
            forged = data.replace(signature.encode(), (signature[2:] + signature[:2]).encode())
            connection.execute(
                sa.update(log_entries)
                .where(log_entries.c.position == position)
                .values(data=forged, leaf=leaf_hash(forged))
            )

        found = [each.what for each in logbook.verify(story.handler).findings]

        assert "En underskrift under ändringen stämmer inte." in found


def _unit(story: Story) -> dict[str, Json]:
    unit = Unit(story.handler.new_id(), organisation(story).id, "IT", external=False)
    return {"operations": [unit_operation(unit)], "decision": None}
