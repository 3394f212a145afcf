"""What `log verify` finds of changes: every entry of a real log is played again, one of them altered."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.setting_up import organisation, two, unit_operation
from tests.support.story import staffed
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Unit
from tipportal.envelope.keys import VerificationKey
from tipportal.usecases.logged_changes import ChangeAudit

Body = dict[str, Any]
UNSIGNED = "Ändringen är inte undertecknad av den som föreslog och den som godkände."
FOREIGN = "Ändringen är undertecknad av någon som inte var administratör."
FORGED = "En underskrift under ändringen stämmer inte."
OTHER = "Ändringen är inte den som föreslogs."
USED = "Ändringen har använts förut eller hade gått ut."
ALONE = "Det som ändrades saknar ett godkännande av två administratörer."


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> list[Body]:
    """The log of a staffed municipality, with one unit added at the end."""
    directory: Path = tmp_path_factory.mktemp("log")
    with staffed("sqlite", directory) as story:
        unit = Unit(story.handler.new_id(), organisation(story).id, "IT", external=False)
        two(story).make(ChangeKind.REGISTER, {"operations": [unit_operation(unit)], "decision": None})
        with story.database.read() as uow:
            return [json.loads(data) for _, data in uow.log.entries()]


def test_a_whole_log_holds(log: list[Body]) -> None:
    assert findings(log) == []


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda approved: approved["signatures"].pop(), [UNSIGNED, ALONE]),
        (lambda approved: approved["signatures"].reverse(), [UNSIGNED, ALONE]),
        (lambda approved: approved.update(actor=approved["signatures"][0]["signer"]), [UNSIGNED, ALONE]),
        (lambda approved: approved["signatures"][1].update(signature="00" * 64), [FORGED, ALONE]),
        (lambda approved: approved["facts"]["act"].update(nonce="00" * 16), [FORGED, ALONE]),
        (lambda approved: approved["facts"].update(kind="policy"), [OTHER, ALONE]),
        (lambda approved: approved.update(time="2030-01-01T00:00:00Z"), [USED, ALONE]),
    ],
    ids=["one", "turned", "oneself", "forged", "another act", "another kind", "too late"],
)
def test_an_approval_that_does_not_hold_is_found(
    log: list[Body], alter: Callable[[Body], object], said: list[str]
) -> None:
    altered = copy.deepcopy(log)
    alter(last(altered, EntryKind.CHANGE_APPROVED))

    assert list(dict.fromkeys(findings(altered))) == said


def test_who_is_no_administrator_signs_nothing(log: list[Body]) -> None:
    altered = copy.deepcopy(log)
    invited = [body for body in altered if body["kind"] == EntryKind.ACCOUNT_INVITED][:2]
    for body in altered:
        if body["kind"] == EntryKind.ACCOUNT_ENROLLED and body["facts"]["account"] == invited[1]["facts"]["account"]:
            body["facts"]["role"] = "auditor"

    assert FOREIGN in findings(altered)


@pytest.mark.parametrize(
    "kind",
    ["unit_added", "register_changed", "policy_activated", "channel_opened", "designation_made", "keys_confirmed"],
)
def test_what_changed_without_an_approved_change_is_found(log: list[Body], kind: str) -> None:
    alone = copy.deepcopy(last(log, EntryKind(kind)))
    del alone["facts"]["change"]
    elsewhere = copy.deepcopy(last(log, EntryKind(kind)))
    elsewhere["facts"]["change"] = last(log, EntryKind.DECISION_RECORDED)["facts"]["change"]

    assert findings([*log, alone]) == [ALONE]
    assert findings([*log, elsewhere]) == [ALONE]


def test_nobody_is_invited_besides_the_two_founders(log: list[Body]) -> None:
    invited = copy.deepcopy(next(body for body in log if body["kind"] == EntryKind.ACCOUNT_INVITED))
    invited["facts"]["account"] = "0" * 32

    assert findings([*log, invited]) == [ALONE]
    assert findings([*log[:4], invited, *log[4:]]) == [ALONE]


def findings(log: list[Body]) -> list[str]:
    """What is wrong, in the order in which it is found."""
    said: list[str] = []
    keys: dict[str, VerificationKey] = {}

    def found(_: int | None, msgid: str, /, **values: object) -> None:
        said.append(msgid % values)

    audit = ChangeAudit(keys, found)
    for index, body in enumerate(log):
        audit.follow(index, {**body, "kind": EntryKind(body["kind"])}, body["facts"])
        if body["kind"] == EntryKind.ACCOUNT_ENROLLED and body["facts"]["verification_key"]:
            keys[body["facts"]["account"]] = VerificationKey(bytes.fromhex(body["facts"]["verification_key"]))
    return said


def last(log: list[Body], kind: EntryKind) -> Body:
    """The newest entry of a kind."""
    return next(body for body in reversed(log) if body["kind"] == kind)
