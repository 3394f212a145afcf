"""A directory is what two administrators of an offline root signed, in force here and now, and never an older one."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.directories import (
    HANDLERS,
    NEW_KEYS,
    OLD_KEYS,
    designation,
    listed,
    make_root,
    make_snapshot,
    published,
    sign_root,
)
from tests.support.sealed_case import DAY, MEMBERS, person, seed
from tipportal.envelope.canonical import Json
from tipportal.envelope.directory import (
    MemberFault,
    Named,
    Remembered,
    member_faults,
    parse_published,
    trustee_faults,
    verify_directory,
)
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.genesis import OfferedMember, Role
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.refusals import KeyShapeError, ShapeError
from tipportal.envelope.roots import (
    DirectoryError,
    DirectoryFault,
    RootSigningKey,
    SignedRoot,
    fingerprint,
    parse_root,
    parse_signed_root,
    verify_roots,
)
from tipportal.envelope.snapshots import Snapshot, name_commitment, parse_snapshot

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "directory.json").read_text())
ROOT = make_root()
SNAPSHOT = make_snapshot(ROOT)


def _named(member: OfferedMember) -> Named:
    return Named(
        function=member.function,
        unit=member.unit,
        recipient=recipient_hash(member.recipient),
        verification_key=member.verification_key,
        panel=member.role is Role.PANEL,
    )


OFFERED = [_named(member) for member in MEMBERS]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vectors(case: dict[str, Any]) -> None:
    answer: Json = {
        "roots": [VECTORS["roots"][name] for name in case["roots"]],
        "directory": VECTORS["snapshots"][case["snapshot"]],
    }
    seen = None if case["remembered"] is None else Remembered(**case["remembered"])

    def verify() -> None:
        verify_directory(
            parse_published(answer),
            installation=VECTORS["installation"],
            days=[date.fromisoformat(case["day"])],
            remembered=seen,
        )

    if case["fault"] is None:
        verify()
        return
    with pytest.raises(DirectoryError) as refusal:
        verify()
    assert refusal.value.reason == case["fault"]


def test_vectors_hold_every_fault() -> None:
    """But for an empty directory, which is not there to be verified."""
    assert {case["fault"] for case in VECTORS["cases"]} == {None, *DirectoryFault} - {DirectoryFault.NONE}


def test_nothing_published() -> None:
    with pytest.raises(DirectoryError) as refusal:
        parse_published({"roots": [], "directory": None})
    assert refusal.value.fault is DirectoryFault.NONE


def test_round_trip() -> None:
    whole = published()
    assert parse_published(whole.to_json()) == whole
    directory = verify_directory(whole, installation=ROOT.installation, days=[DAY])
    assert directory.remembered().version == directory.snapshot.version == 1


def test_fingerprint_is_of_the_keys() -> None:
    """New administrators leave the words on the posters as they are; one other key, or another place, does not."""
    words = fingerprint(ROOT)
    assert list(words) == VECTORS["fingerprints"]["first"]
    assert fingerprint(make_root(7, tuple(reversed(OLD_KEYS)))) == words
    assert words not in (fingerprint(make_root(1, NEW_KEYS)), fingerprint(make_root(installation="f" * 32)))


def test_browsers_alone_do_without_the_second_algorithm() -> None:
    """A root whose ML-DSA signature is another root's is refused here although its Ed25519 signature is right."""
    right, other = (key.sign(ROOT) for key in OLD_KEYS[:2]), OLD_KEYS[0].sign(make_root(2))
    first, second = right
    forged = SignedRoot(ROOT, (replace(first, mldsa65=other.mldsa65), second))
    with pytest.raises(DirectoryError) as refusal:
        verify_roots([forged], ROOT.installation)
    assert refusal.value.fault is DirectoryFault.ROOT_SIGNATURES
    verify_roots([SignedRoot(ROOT, (first, second))], ROOT.installation)


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 1},
        {"threshold": 3},
        {"keys": ROOT.keys[:2]},
        {"keys": (*ROOT.keys[:2], ROOT.keys[0])},
        {"keys": (*ROOT.keys[:2], replace(ROOT.keys[0], mldsa65=ROOT.keys[2].mldsa65))},
        {"administrators": ROOT.administrators[:1]},
        {"administrators": (ROOT.administrators[0], replace(ROOT.administrators[0], id="0" * 32))},
        {"administrators": (ROOT.administrators[0], replace(ROOT.administrators[1], id=ROOT.administrators[0].id))},
        {"version": 0},
        {"installation": "x"},
    ],
    ids=[
        *("threshold of one", "threshold of all", "two keys", "key twice", "half a key twice"),
        *("one administrator", "one key under two names", "one name twice", "version 0", "installation"),
    ],
)
def test_impossible_roots(change: dict[str, Any]) -> None:
    parse_root(ROOT.to_json())
    with pytest.raises(ShapeError):
        parse_root(replace(ROOT, **change).to_json())


def test_a_key_goes_by_the_name_that_it_gives_itself() -> None:
    document: dict[str, Any] = ROOT.to_json()
    document["keys"][0]["id"] = "0" * 16
    with pytest.raises(ShapeError):
        parse_root(document)
    signed: dict[str, Any] = sign_root(ROOT, *OLD_KEYS[:2]).to_json()
    signed["signatures"][0]["key"] = "root"
    with pytest.raises(ShapeError):
        parse_signed_root(signed)


def test_root_keys_are_not_shown() -> None:
    secret = seed("root 0")
    assert secret.hex() not in repr(RootSigningKey(secret)) + repr(vars(type(OLD_KEYS[0])))
    with pytest.raises(KeyShapeError):
        RootSigningKey(secret[:31])


@pytest.mark.parametrize(
    "change",
    [
        {"handlers": (*HANDLERS, replace(HANDLERS[0], id="0" * 32))},
        {"handlers": (*HANDLERS, replace(HANDLERS[0], recipient="0" * 64))},
        {"threshold": 4},
        {"version": 0},
        {"previous": "1" * 64},
        {"root": "x"},
        {"handlers": (replace(HANDLERS[0], designations=(designation("f", "u", last=date(2020, 1, 1)),)),)},
    ],
    ids=["key twice", "verification key twice", "threshold", "version", "previous", "root", "ends before it begins"],
)
def test_impossible_snapshots(change: dict[str, Any]) -> None:
    assert parse_snapshot(SNAPSHOT.to_json()) == SNAPSHOT
    with pytest.raises(ShapeError):
        parse_snapshot(replace(SNAPSHOT, **change).to_json())


def test_members_as_listed() -> None:
    assert member_faults(SNAPSHOT, OFFERED, DAY) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"recipient": "0" * 64}, MemberFault.UNLISTED),
        ({"verification_key": person("mallory").signing_key.verification_key}, MemberFault.UNLISTED),
        # Bo's keys are both right, but not one person's.
        ({"verification_key": OFFERED[1].verification_key}, MemberFault.UNLISTED),
        ({"function": "f-tips"}, MemberFault.NOT_DESIGNATED),
        ({"unit": "u-finance"}, MemberFault.NOT_DESIGNATED),
    ],
)
def test_members_otherwise(change: dict[str, Any], fault: MemberFault) -> None:
    """A standby is held against the directory as well."""
    for place in (0, 2):
        members = [*OFFERED]
        members[place] = replace(members[place], **change)
        assert member_faults(SNAPSHOT, members, DAY) == (fault,)


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (DAY, DAY, True),
        (DAY - timedelta(days=9), DAY - timedelta(days=1), False),
        (DAY + timedelta(days=1), None, False),
    ],
)
def test_designated_on_the_day(first: date, last: date | None, *, holds: bool) -> None:
    one = designation(MEMBERS[0].function, MEMBERS[0].unit, first=first, last=last)
    snapshot = replace(SNAPSHOT, handlers=(replace(HANDLERS[0], designations=(one,)), *HANDLERS[1:]))
    assert member_faults(snapshot, OFFERED, DAY) == (() if holds else (MemberFault.NOT_DESIGNATED,))


def _firm(count: int, *, external: bool = True, party: str = "firm") -> tuple[Snapshot, list[Named]]:
    handlers = tuple(
        listed(
            person(f"lawyer {place}"),
            f"lawyer {place}",
            designation("f-reports", f"u{place}", external=external, party=party),
        )
        for place in range(count)
    )
    members = [
        _named(person(f"lawyer {place}").offered(f"h{place + 1}", Role.PANEL, f"u{place}")) for place in range(2)
    ]
    return make_snapshot(ROOT, handlers=handlers), members


def test_one_firm_is_one_party() -> None:
    """Its people may name a unit each: they are one party until there are three of them."""
    assert member_faults(*_firm(2), DAY) == (MemberFault.ONE_PARTY,)
    assert member_faults(*_firm(3), DAY) == ()
    # Two units of the municipality are two.
    assert member_faults(*_firm(2, external=False), DAY) == ()


def test_one_unit_is_no_panel() -> None:
    snapshot, members = _firm(3, external=False)
    moved = replace(members[1], unit="u0")
    handlers = (
        snapshot.handlers[0],
        replace(snapshot.handlers[1], designations=(designation("f-reports", "u0"),)),
    )
    assert member_faults(replace(snapshot, handlers=handlers), [members[0], moved], DAY) == (MemberFault.ONE_PARTY,)


def test_trustees() -> None:
    offered = [(trustee.recipient, trustee.verification_key) for trustee in SNAPSHOT.trustees]
    assert trustee_faults(SNAPSHOT, offered, 2) == ()
    assert trustee_faults(SNAPSHOT, offered[:2], 2) == ()
    assert trustee_faults(SNAPSHOT, offered, 1) == (MemberFault.TRUSTEE_THRESHOLD,)
    crossed = [(offered[0][0], offered[1][1])]
    assert trustee_faults(SNAPSHOT, crossed, 3) == (MemberFault.TRUSTEE_UNLISTED, MemberFault.TRUSTEE_THRESHOLD)


def test_names_are_commitments() -> None:
    salt = bytes(16)
    assert name_commitment(salt, "Anna") != name_commitment(bytes(15) + b"\1", "Anna")
    assert name_commitment(salt, "Anna") != name_commitment(salt, "Anne")


def test_damage_anywhere_is_an_error_of_ours() -> None:
    """Each member of the answer in turn replaced or left out: refused, and never otherwise than as an EnvelopeError."""
    whole: Json = published().to_json()
    tried = 0
    for damaged in _damaged(whole):
        tried += 1
        with pytest.raises(EnvelopeError):
            verify_directory(parse_published(damaged), installation=ROOT.installation, days=[DAY])
    assert tried > 150


def _damaged(value: Json) -> list[Json]:
    """Give the value with one of its parts wrong, in every way and place."""
    if isinstance(value, dict):
        changed: list[Json] = [{**value, name: worse} for name, part in value.items() for worse in _damaged(part)]
        return [*changed, *({other: value[other] for other in value if other != name} for name in value)]
    if isinstance(value, list):
        return [
            [*value[:place], worse, *value[place + 1 :]] for place, part in enumerate(value) for worse in _damaged(part)
        ]
    return ["x" if isinstance(value, bool | int) or not value else None]
