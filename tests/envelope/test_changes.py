"""A change is what two different administrators signed, word for word, at one installation."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import person
from tipportal.envelope.acts import act_message
from tipportal.envelope.canonical import Json, canonical, digest, parse_canonical
from tipportal.envelope.changes import (
    Assent,
    ChangeAct,
    ChangeKind,
    change_bytes,
    change_message,
    change_payload_digest,
    check_change_payload,
    parse_change,
    sign_change,
    verify_change,
    verify_change_by_two,
)
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.keys import SigningKey, VerificationKey
from tipportal.envelope.refusals import ActError, Refusal, ShapeError, SignatureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "changes.json").read_text())
PAYLOAD: Json = {"operations": [{"do": "add_unit", "name": "Gatukontoret"}]}
ACT = ChangeAct(
    installation="00112233445566778899aabbccddeeff",  # pragma: allowlist secret
    kind=ChangeKind.REGISTER,
    payload=change_payload_digest(PAYLOAD),
    base=7,
    expires=datetime(2026, 12, 6, 12, 0, tzinfo=UTC),
    nonce=bytes(range(16)),
)
ANNA, BO = person("anna").signing_key, person("bo").signing_key
BEFORE = ACT.expires - timedelta(seconds=1)


def _assent(account: str, key: SigningKey, act: ChangeAct = ACT) -> Assent:
    return Assent(account, key.verification_key, sign_change(act, key))


@pytest.mark.parametrize("vector", VECTORS["changes"])
def test_vectors(vector: dict[str, Any]) -> None:
    """The signed bytes are the act's canonical JSON after its own heading, for both administrators the same."""
    act = parse_change(parse_canonical(vector["act"].encode()))
    assert (
        (b"tipportal/change/v1\0" + vector["act"].encode()).hex() == vector["signed_bytes"] == change_bytes(act).hex()
    )
    assert change_message(vector["act"].encode()) == change_bytes(act)
    assents = []
    for place, signature in enumerate(vector["signatures"]):
        key = SigningKey(bytes.fromhex(VECTORS["signing_seeds"][place]))
        assert sign_change(act, key).hex() == signature
        known = VerificationKey(bytes.fromhex(VECTORS["verification_keys"][place]))
        verify_change(act, bytes.fromhex(signature), known)
        assents.append(Assent(str(place), known, bytes.fromhex(signature)))
    verify_change_by_two(act, *assents)
    assert digest(vector["payload"].encode()) == act.payload
    check_change_payload(act, parse_canonical(vector["payload"].encode()))


def test_vectors_hold_every_kind() -> None:
    assert [json.loads(vector["act"])["kind"] for vector in VECTORS["changes"]] == list(ChangeKind)


def test_round_trip() -> None:
    assert parse_change(ACT.to_json()) == ACT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("installation", "f" * 32),
        ("kind", ChangeKind.POLICY),
        ("payload", digest(b"another")),
        ("base", 8),
        ("expires", ACT.expires + timedelta(seconds=1)),
        ("nonce", bytes(16)),
    ],
)
def test_everything_is_signed(name: str, value: object) -> None:
    changes: dict[str, Any] = {name: value}
    signature = sign_change(ACT, ANNA)
    verify_change(ACT, signature, ANNA.verification_key)
    with pytest.raises(SignatureError):
        verify_change(replace(ACT, **changes), signature, ANNA.verification_key)


def test_a_case_act_is_no_change() -> None:
    """The same bytes under the heading of a case's acts give a signature that counts for no change."""
    signature = ANNA.sign(act_message(canonical(ACT.to_json())))
    with pytest.raises(SignatureError):
        verify_change(ACT, signature, ANNA.verification_key)


@pytest.mark.parametrize("approver", [_assent("a", BO), _assent("b", ANNA)], ids=["same account", "same key"])
def test_not_by_one(approver: Assent) -> None:
    with pytest.raises(ActError) as refusal:
        verify_change_by_two(ACT, _assent("a", ANNA), approver, at=BEFORE)
    assert refusal.value.reason == Refusal.SAME_PERSON


def test_not_after_expiry() -> None:
    pair = _assent("a", ANNA), _assent("b", BO)
    verify_change_by_two(ACT, *pair, at=BEFORE)
    with pytest.raises(ActError) as refusal:
        verify_change_by_two(ACT, *pair, at=ACT.expires)
    assert refusal.value.reason == Refusal.EXPIRED


def test_not_with_a_signature_under_another_change() -> None:
    other = _assent("b", BO, replace(ACT, nonce=bytes(16)))
    for pair in ((_assent("a", ANNA), other), (other, _assent("a", ANNA))):
        with pytest.raises(SignatureError):
            verify_change_by_two(ACT, *pair)


def test_payload_belongs_to_the_act() -> None:
    check_change_payload(ACT, PAYLOAD)
    with pytest.raises(ActError) as refusal:
        check_change_payload(ACT, {"operations": []})
    assert refusal.value.reason == Refusal.PAYLOAD
    with pytest.raises(ShapeError):
        change_payload_digest({"å": 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("installation", "F" * 32),
        ("installation", ""),
        ("kind", "close"),
        ("payload", None),
        ("base", -1),
        ("base", True),
        ("expires", "2026-02-30T12:00:00Z"),
        ("expires", "2026-12-06"),
        ("nonce", "00"),
    ],
)
def test_malformed_members(name: str, value: Json) -> None:
    with pytest.raises(ShapeError):
        parse_change({**ACT.to_json(), name: value})


@pytest.mark.parametrize("name", sorted(ACT.to_json()))
def test_members_are_all_and_only_these(name: str) -> None:
    with pytest.raises(ShapeError):
        parse_change({key: value for key, value in ACT.to_json().items() if key != name})
    with pytest.raises(ShapeError):
        parse_change({**ACT.to_json(), name + "2": 1})


def test_what_cannot_be_signed() -> None:
    for act in (replace(ACT, expires=ACT.expires.replace(tzinfo=None)), replace(ACT, nonce=bytes(15))):
        with pytest.raises(ShapeError):
            change_bytes(act)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.sampled_from(sorted(ACT.to_json())), st.none() | st.booleans() | st.integers() | st.text(max_size=70))
def test_any_json(name: str, value: Json) -> None:
    """Only our error comes out; what is taken is written back as it was."""
    try:
        taken = parse_change({**ACT.to_json(), name: value})
    except EnvelopeError:
        return
    assert canonical(taken.to_json()) == canonical({**ACT.to_json(), name: value})
