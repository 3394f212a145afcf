"""An approved change has its own effect, once: no other can be hung on it afterwards."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.usecases.test_logged_changes import ALONE, findings, last, log
from tipportal.domain.handlinglog import EntryKind
from tipportal.usecases.logged_effects import EffectAudit

__all__ = ["log"]
Body = dict[str, Any]
PAYLOAD = {
    "account": "a" * 32,
    "recipient": "b" * 64,
    "verification_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}


@pytest.mark.parametrize("kind", ["keys_confirmed", "designation_made", "unit_added", "channel_opened"])
def test_a_change_has_no_second_effect(log: list[Body], kind: str) -> None:
    assert findings([*log, copy.deepcopy(last(log, EntryKind(kind)))]) == [ALONE]


def test_a_case_is_recovered_only_where_two_decided_it(log: list[Body]) -> None:
    recovered = copy.deepcopy(last(log, EntryKind.KEYS_CONFIRMED))
    recovered["kind"] = "case_recovered"

    assert findings([*log, recovered]) == [ALONE]


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ({"account": "a" * 32, "verification_key": "00" * 32}, True),
        ({"account": "c" * 32, "verification_key": "00" * 32}, False),
        ({"account": "a" * 32, "verification_key": "11" * 32}, False),
        ({"account": "a" * 32, "recipient": "c" * 64}, False),
        ({"account": "a" * 32, "version": 7}, True),
    ],
)
def test_an_effect_says_what_was_signed(said: Body, *, signed: bool) -> None:
    audit = EffectAudit()
    audit.approved("one")

    assert audit.belongs(EntryKind.KEYS_CONFIRMED, {**said, "change": "one"})
    assert audit.is_signed("one", json.dumps(PAYLOAD).encode()) is signed
    assert not audit.belongs(EntryKind.KEYS_CONFIRMED, {**said, "change": "one"})


def test_each_operation_that_is_logged_was_signed() -> None:
    payload = json.dumps({"operations": [{"do": "designate", "id": "1", "person": "a"}], "decision": None}).encode()
    for person, signed in (("a", True), ("b", False)):
        audit = EffectAudit()
        audit.approved("one")
        audit.belongs(EntryKind.DESIGNATION_MADE, {"id": "1", "person": person, "change": "one"})
        assert audit.is_signed("one", payload) is signed
