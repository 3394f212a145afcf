"""Genesis fixes who may read: nothing is sealed to a bad panel, and no other beginning is taken for a case's own."""

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import MEMBERS, OFFER, SealedCase, keys_of_source, person, sealed_case, seed
from tests.vectors.make import make_genesis
from tipportal.envelope.canonical import Json, canonical, digest, parse_canonical
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.genesis import (
    Genesis,
    OfferedMember,
    OfferFault,
    Role,
    check_offer,
    parse_genesis,
    seal_genesis,
    verify_genesis,
)
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SigningKey, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.records import NO_DIGEST, Kind, Place, SealedBy, Stream, Writer, write_record
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError, SignatureError

QUIET = settings(derandomize=True, deadline=None, max_examples=200)
WORK = HybridIdentity(seed("work"))
OTHER = HybridIdentity(seed("other"))
GENESIS = make_genesis(WORK.recipient, OTHER.recipient)
H1, H2, H3 = MEMBERS


@pytest.fixture(scope="module")
def case() -> SealedCase:
    return sealed_case()


def _members(genesis: Genesis = GENESIS) -> dict[str, Json]:
    members = parse_canonical(genesis.encode())
    assert isinstance(members, dict)
    return members


def test_round_trip() -> None:
    assert parse_genesis(parse_canonical(GENESIS.encode())) == GENESIS


def test_both_who_hold_a_key_open_the_same_beginning(case: SealedCase) -> None:
    as_source = verify_genesis(open_sealed(case.genesis_file, [case.keys.identity]), case.expected())
    as_handler = verify_genesis(
        open_sealed(case.genesis_file, [HybridIdentity(case.work_seed)]), replace(case.expected(), source_key=None)
    )
    assert as_source == as_handler
    assert as_source.sealed_by is SealedBy.SERVER
    assert [member.id for member in as_source.genesis.members] == ["h1", "h2", "h3"]
    assert as_source.genesis.installation == OFFER.installation


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("case", "2026-0002", Refusal.CASE),
        ("installation", "ff" * 16, Refusal.INSTALLATION),
        ("source", OTHER.recipient, Refusal.RECIPIENT),
        ("work", OTHER.recipient, Refusal.RECIPIENT),
        ("source_key", SigningKey(seed("other")).verification_key, Refusal.KEY),
    ],
)
def test_another_beginning(case: SealedCase, name: str, value: object, refusal: Refusal) -> None:
    plaintext = open_sealed(case.genesis_file, [case.keys.identity])
    changes: dict[str, Any] = {name: value}
    with pytest.raises(RecordError) as refused:
        verify_genesis(plaintext, replace(case.expected(), **changes))
    assert refused.value.reason == refusal


def test_a_beginning_that_another_key_signed(case: SealedCase) -> None:
    """Anybody can seal to the source: only the key from the code makes it the source's own."""
    genesis = case.genesis().genesis
    forger = Writer("source", SigningKey(seed("forger")), SealedBy.SERVER, OFFER.at)
    source, work = case.keys.identity.recipient, case.submission.work
    forged = seal_genesis(genesis, forger, source, work, random=secrets.token_bytes)
    with pytest.raises(SignatureError):
        verify_genesis(open_sealed(forged.file, [case.keys.identity]), case.expected())
    consistent = replace(genesis, source_key=forger.key.verification_key)
    forged = seal_genesis(consistent, forger, source, work, random=secrets.token_bytes)
    with pytest.raises(RecordError) as refusal:
        verify_genesis(open_sealed(forged.file, [case.keys.identity]), case.expected())
    assert refusal.value.reason == Refusal.KEY


@pytest.mark.parametrize("name", ["case", "source", "work"])
def test_header_and_body_tell_the_same(case: SealedCase, name: str) -> None:
    """A source that signs one thing in the header and another in the body has begun no case."""
    genesis, writer = case.genesis().genesis, case.source_writes()
    changes: dict[str, Any] = {name: "2026-0002" if name == "case" else recipient_hash(OTHER.recipient)}
    other = replace(genesis, **changes).encode()
    place = Place(
        case=genesis.case,
        gen=NO_DIGEST,
        stream=Stream.GENESIS,
        epoch=0,
        seq=0,
        prev=NO_DIGEST,
        recipient=recipient_hash(case.keys.identity.recipient, case.submission.work),
    )
    header = place.header(Kind.GENESIS, writer, len(genesis.encode()))
    verify_genesis(write_record(header, genesis.encode(), writer.key), case.expected())
    with pytest.raises(RecordError):
        verify_genesis(write_record(replace(header, length=len(other)), other, writer.key), case.expected())
    elsewhere: dict[str, Any] = {"case": "2026-0002"} if name == "case" else {"recipient": digest(b"another")}
    with pytest.raises(RecordError):
        verify_genesis(write_record(replace(header, **elsewhere), genesis.encode(), writer.key), case.expected())


def test_not_by_a_handler(case: SealedCase) -> None:
    """The right key under another name is another record."""
    writer = replace(case.source_writes(), author="h1")
    recipients = (case.keys.identity.recipient, case.submission.work)
    forged = seal_genesis(case.genesis().genesis, writer, *recipients, random=secrets.token_bytes)
    with pytest.raises(RecordError) as refusal:
        verify_genesis(open_sealed(forged.file, [case.keys.identity]), case.expected())
    assert refusal.value.reason == Refusal.AUTHOR


def test_sealing_refuses_other_recipients_and_bad_panels(case: SealedCase) -> None:
    genesis, writer = case.genesis().genesis, case.source_writes()
    source, work = case.keys.identity.recipient, case.submission.work
    for bad, recipients in (
        (genesis, (work, source)),
        (genesis, (source, OTHER.recipient)),
        (replace(genesis, members=genesis.members[:1]), (source, work)),
        (replace(genesis, installation="00"), (source, work)),
    ):
        with pytest.raises(EnvelopeError):
            seal_genesis(bad, writer, *recipients, random=secrets.token_bytes)


@pytest.mark.parametrize(
    ("members", "concerns", "faults"),
    [
        (MEMBERS, (), ()),
        (MEMBERS, ("u-roads", "f-other"), ()),
        ((), (), (OfferFault.PANEL_TOO_SMALL, OfferFault.PANEL_ONE_UNIT)),
        ((H1, H3), (), (OfferFault.PANEL_TOO_SMALL, OfferFault.PANEL_ONE_UNIT)),
        ((H1, replace(H2, unit=H1.unit), H3), (), (OfferFault.PANEL_ONE_UNIT,)),
        ((H1, replace(H2, id="h1")), (), (OfferFault.MEMBERS_REPEAT,)),
        ((H1, replace(H2, recipient=H1.recipient)), (), (OfferFault.KEYS_REPEAT,)),
        ((H1, H2, replace(H3, verification_key=H2.verification_key)), (), (OfferFault.KEYS_REPEAT,)),
        (MEMBERS, ("u-finance",), (OfferFault.CONCERNED,)),
        (MEMBERS, ("unit:u-finance",), (OfferFault.CONCERNED,)),
        (MEMBERS, ("unit:u-external",), (OfferFault.CONCERNED,)),
        (MEMBERS, ("function:f-reports",), (OfferFault.CONCERNED,)),
        (MEMBERS, ("function:u-finance", "unit:f-reports", "unit:u-roads"), ()),
        (MEMBERS, ("u-external",), (OfferFault.CONCERNED,)),
        (MEMBERS, ("f-reports",), (OfferFault.CONCERNED,)),
    ],
)
def test_offers(members: tuple[OfferedMember, ...], concerns: tuple[str, ...], faults: tuple[OfferFault, ...]) -> None:
    """Standbys who are concerned count as well: they may be let in later."""
    assert check_offer(members, concerns) == faults


@pytest.mark.parametrize("name", sorted(_members()))
def test_members_are_all_and_only_these(name: str) -> None:
    with pytest.raises(ShapeError):
        parse_genesis({key: value for key, value in _members().items() if key != name})
    with pytest.raises(ShapeError):
        parse_genesis({**_members(), name + "2": 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 2),
        ("installation", "00" * 15),
        ("installation", "AA" * 16),
        ("organisation", "Storvik"),
        ("authority", ""),
        ("channel", "gossip"),
        ("case", "x y"),
        ("source", {}),
        ("work", "0"),
        ("dialogue", None),
        ("members", []),
        ("members", "h1"),
        ("trustees", ["somebody"]),
        ("policy_version", -1),
        ("directory_version", "0"),
    ],
)
def test_malformed_members(name: str, value: Json) -> None:
    with pytest.raises(EnvelopeError):
        parse_genesis({**_members(), name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "source"),
        ("role", "owner"),
        ("function", ""),
        ("unit", "a b"),
        ("recipient", "00"),
        ("verification_key", "AA=="),
        ("verification_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ],
)
def test_malformed_panel_members(name: str, value: str) -> None:
    members = json.loads(GENESIS.encode())
    members["members"][0][name] = value
    with pytest.raises(EnvelopeError):
        parse_genesis(members)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@QUIET
@given(JSON_VALUES, st.sampled_from(sorted(_members())))
def test_any_json(value: Json, name: str) -> None:
    """Only our error comes out, of the whole and of each part; what is taken is written back as it was."""
    with pytest.raises(EnvelopeError):
        parse_genesis(value)
    try:
        taken = parse_genesis({**_members(), name: value})
    except EnvelopeError:
        return
    assert taken.encode() == canonical({**_members(), name: value})


@QUIET
@given(st.binary(max_size=500))
def test_any_plaintext(data: bytes) -> None:
    case = _KNOWN
    with pytest.raises(EnvelopeError):
        verify_genesis(data, case.expected())


_KNOWN = sealed_case()


def test_secrets_do_not_show(case: SealedCase) -> None:
    shown = repr(case.expected()) + repr(case.genesis()) + repr(person("anna").offered("h1", Role.PANEL, "u"))
    assert keys_of_source().signing_key.seed.hex() not in shown
    assert case.work_seed.hex() not in shown
