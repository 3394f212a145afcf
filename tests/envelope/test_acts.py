"""An act is what two different people signed, word for word."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import MEMBERS, PEOPLE
from tipportal.envelope.acts import (
    Act,
    Consent,
    act_bytes,
    act_message,
    check_payload,
    parse_act,
    payload_digest,
    sign_act,
    verify_act,
    verify_by_two,
)
from tipportal.envelope.canonical import Json, canonical, digest, parse_canonical
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.keys import SigningKey, VerificationKey
from tipportal.envelope.payloads import ActKind, AssessPayload, ClosePayload, Outcome, parse_payload
from tipportal.envelope.refusals import ActError, Refusal, ShapeError, SignatureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "acts.json").read_text())
QUIET = settings(derandomize=True, deadline=None, max_examples=200)
ASSESSED = AssessPayload(covered=True, ground="public_interest", reasons=digest(b"reasons"))
PAYLOAD = ClosePayload(Outcome.UNFOUNDED, digest(b"reasons"))
ACT = Act(
    case="2026-0001",
    genesis=digest(b"genesis"),
    epoch=1,
    kind=ActKind.CLOSE,
    payload=payload_digest(PAYLOAD),
    policy=3,
    directory=0,
    expires=datetime(2026, 11, 29, 12, 0, tzinfo=UTC),
    nonce=bytes(range(16)),
)
H1, H2, _ = (member.named() for member in MEMBERS)
BEFORE = ACT.expires - timedelta(days=1)


def _consent(pseudonym: str, act: Act = ACT) -> Consent:
    member = {"h1": H1, "h2": H2}[pseudonym]
    return Consent(member, sign_act(act, PEOPLE[pseudonym].signing_key))


@pytest.mark.parametrize("vector", VECTORS["acts"])
def test_vectors(vector: dict[str, str]) -> None:
    """The signed bytes are the act's canonical JSON after its context."""
    key = SigningKey(bytes.fromhex(VECTORS["signing_seed"]))
    act = parse_act(parse_canonical(vector["act"].encode()))
    assert (b"tipportal/act/v1\0" + vector["act"].encode()).hex() == vector["signed_bytes"] == act_bytes(act).hex()
    assert act_message(vector["act"].encode()) == act_bytes(act)
    assert key.sign(bytes.fromhex(vector["signed_bytes"])).hex() == vector["signature"] == sign_act(act, key).hex()
    verify_act(act, bytes.fromhex(vector["signature"]), VerificationKey(bytes.fromhex(VECTORS["verification_key"])))
    payload = parse_payload(act.kind, parse_canonical(vector["payload"].encode()))
    assert payload.encode().decode() == vector["payload"]
    assert digest(vector["payload"].encode()) == act.payload
    check_payload(act, payload)


def test_vectors_hold_every_kind() -> None:
    assert {json.loads(vector["act"])["kind"] for vector in VECTORS["acts"]} == set(ActKind)


def test_round_trip() -> None:
    assert parse_act(ACT.to_json()) == ACT
    stockholm = replace(ACT, expires=ACT.expires.astimezone(timezone(timedelta(hours=1))))
    assert act_bytes(stockholm) == act_bytes(ACT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("case", "2026-0002"),
        ("genesis", digest(b"another")),
        ("epoch", 2),
        ("kind", ActKind.ASSESS),
        ("payload", digest(b"another")),
        ("policy", 4),
        ("directory", 1),
        ("expires", ACT.expires + timedelta(seconds=1)),
        ("nonce", bytes(16)),
    ],
)
def test_everything_is_signed(name: str, value: object) -> None:
    changes: dict[str, Any] = {name: value}
    signature = sign_act(ACT, PEOPLE["h1"].signing_key)
    verify_act(ACT, signature, H1.verification_key)
    with pytest.raises(SignatureError):
        verify_act(replace(ACT, **changes), signature, H1.verification_key)


def test_by_two() -> None:
    verify_by_two(ACT, _consent("h1"), _consent("h2"), at=BEFORE)


@pytest.mark.parametrize(
    "approver",
    [
        _consent("h1"),
        replace(_consent("h1"), member=replace(H1, id="h9")),
        replace(_consent("h2"), member=replace(H2, id="h1")),
    ],
    ids=["same", "same key", "same name"],
)
def test_not_by_one(approver: Consent) -> None:
    with pytest.raises(ActError) as refusal:
        verify_by_two(ACT, _consent("h1"), approver, at=BEFORE)
    assert refusal.value.reason == Refusal.SAME_PERSON


def test_not_after_expiry() -> None:
    for at in (ACT.expires, ACT.expires + timedelta(days=1)):
        with pytest.raises(ActError) as refusal:
            verify_by_two(ACT, _consent("h1"), _consent("h2"), at=at)
        assert refusal.value.reason == Refusal.EXPIRED


def test_not_with_a_signature_under_another_act() -> None:
    other = _consent("h2", replace(ACT, nonce=bytes(16)))
    for pair in ((_consent("h1"), other), (other, _consent("h1"))):
        with pytest.raises(SignatureError):
            verify_by_two(ACT, *pair, at=BEFORE)


def test_payload_belongs_to_the_act() -> None:
    check_payload(ACT, PAYLOAD)
    for other in (replace(PAYLOAD, outcome=Outcome.CONFIRMED), ASSESSED):
        with pytest.raises(ActError) as refusal:
            check_payload(ACT, other)
        assert refusal.value.reason == Refusal.PAYLOAD
    with pytest.raises(ActError):
        check_payload(replace(ACT, kind=ActKind.ASSESS), PAYLOAD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("case", ""),
        ("genesis", "x"),
        ("epoch", -1),
        ("kind", "dispose"),
        ("payload", None),
        ("policy", True),
        ("directory", 0.5),
        ("expires", "2026-11-29T12:00:00+00:00"),
        ("expires", "2026-02-30T12:00:00Z"),
        ("expires", "2026-11-29"),
        ("nonce", "00"),
        ("nonce", "AA" * 16),
    ],
)
def test_malformed_members(name: str, value: Json) -> None:
    with pytest.raises(ShapeError):
        parse_act({**ACT.to_json(), name: value})


@pytest.mark.parametrize("name", sorted(ACT.to_json()))
def test_members_are_all_and_only_these(name: str) -> None:
    with pytest.raises(ShapeError):
        parse_act({key: value for key, value in ACT.to_json().items() if key != name})
    with pytest.raises(ShapeError):
        parse_act({**ACT.to_json(), name + "2": 1})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ActKind.ASSESS, {"covered": 1, "ground": "public_interest", "reasons": digest(b"")}),
        (ActKind.ASSESS, {"covered": True, "reasons": digest(b"")}),
        (ActKind.ASSESS, {"covered": True, "ground": "too_vague", "reasons": digest(b"")}),
        (ActKind.ASSESS, {"covered": False, "ground": "public_interest", "reasons": digest(b"")}),
        (ActKind.ASSESS, {"covered": True, "ground": "public_interest"}),
        (ActKind.ASSESS, {"outcome": "confirmed", "reasons": digest(b"")}),
        (ActKind.CLOSE, {"outcome": "guilty", "reasons": digest(b"")}),
        (ActKind.CLOSE, {"outcome": "confirmed", "reasons": "because"}),
        (ActKind.CLOSE, []),
    ],
)
def test_malformed_payloads(kind: ActKind, value: Json) -> None:
    with pytest.raises(ShapeError):
        parse_payload(kind, value)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome(outcome: Outcome) -> None:
    payload = ClosePayload(outcome, digest(b"reasons"))
    assert parse_payload(ActKind.CLOSE, parse_canonical(payload.encode())) == payload


def test_what_cannot_be_signed() -> None:
    for act in (replace(ACT, expires=ACT.expires.replace(tzinfo=None)), replace(ACT, nonce=bytes(15))):
        with pytest.raises(ShapeError):
            act_bytes(act)


@QUIET
@given(
    st.sampled_from(sorted(ACT.to_json())),
    st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.from_regex(r"[0-9]{4}-.*Z", fullmatch=True),
)
def test_any_json(name: str, value: Json) -> None:
    """Only our error comes out, of the whole and of each part; what is taken is written back as it was."""
    with pytest.raises(EnvelopeError):
        parse_act(value)
    try:
        taken = parse_act({**ACT.to_json(), name: value})
    except EnvelopeError:
        return
    assert canonical(taken.to_json()) == canonical({**ACT.to_json(), name: value})
