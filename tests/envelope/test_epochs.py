"""Members change by two who stay; without two, the circle only shrinks or lets a first standby step in."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import MEMBERS, PEOPLE, TRUSTEES, keys_of_source, person, seed
from tests.vectors.make import make_genesis
from tipportal.envelope.canonical import Json, canonical, decode_b64, digest, parse_canonical
from tipportal.envelope.epochs import (
    Epoch,
    EpochRecipients,
    EpochState,
    SourceChange,
    SourceNames,
    TrusteeSet,
    build_epoch,
    first_epoch,
    parse_epoch,
    verify_epoch,
)
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.genesis import Member, Role, VerifiedGenesis
from tipportal.envelope.hybrid import HybridIdentity, HybridRecipient
from tipportal.envelope.keys import SigningKey, VerificationKey, recipient_hash
from tipportal.envelope.records import SealedBy
from tipportal.envelope.refusals import EpochError, Refusal, ShapeError
from tipportal.envelope.trustees import trustee_identity

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "epochs.json").read_text())
QUIET = settings(derandomize=True, deadline=None, max_examples=200)


def _recipient(name: str) -> HybridRecipient:
    return HybridIdentity(seed(name)).recipient


ZERO = EpochRecipients(0, _recipient("work 0"), _recipient("dialogue 0"))
ONE = EpochRecipients(1, _recipient("work 1"), _recipient("dialogue 1"))
TWO = EpochRecipients(2, _recipient("work 2"), _recipient("dialogue 2"))
GENESIS = VerifiedGenesis(make_genesis(ZERO.work, ZERO.dialogue), digest(b"genesis"), SealedBy.BROWSER)
FIRST = first_epoch(GENESIS.genesis, ZERO)
H1, H2, H3 = (member.named() for member in MEMBERS)
H3_STEPS_IN = replace(H3, role=Role.PANEL)
NEW = person("new").offered("h4", Role.PANEL, "u-other").named()


def _signed(epoch: Epoch, *pseudonyms: str) -> Epoch:
    for pseudonym in pseudonyms:
        signer = PEOPLE[pseudonym].signing_key
        epoch = epoch.signed_by(pseudonym, signer, case=GENESIS.genesis.case, gen=GENESIS.gen)
    return epoch


def _proof(epoch: Epoch) -> bytes:
    assert epoch.source is not None
    return epoch.source.proof


def _verified(epoch: Epoch, before: EpochState = FIRST, recipients: EpochRecipients = ONE) -> EpochState:
    return verify_epoch(before, parse_epoch(parse_canonical(epoch.encode())), recipients, GENESIS)


def test_vector() -> None:
    """The signed bytes are put together by hand from the body."""
    body = json.loads(VECTORS["body"])
    agreed = {
        name: body[name] for name in ("epoch", "previous", "work", "dialogue", "members", "trustees", "threshold")
    }
    signed = b"tipportal/epoch/v1\0" + canonical({**agreed, "case": VECTORS["case"], "gen": VECTORS["gen"]})
    assert signed.hex() == VECTORS["signed_bytes"]
    epoch = parse_epoch(parse_canonical(VECTORS["body"].encode()))
    assert epoch.signed_bytes(case=VECTORS["case"], gen=VECTORS["gen"]) == signed
    (signature,) = epoch.signatures
    VerificationKey(bytes.fromhex(VECTORS["verification_key"])).verify(signature.signature, signed)
    raw = bytes.fromhex(VECTORS["previous"]["work"]) + bytes.fromhex(VECTORS["previous"]["dialogue"])
    assert epoch.previous == digest(raw)
    assert epoch.encode().decode() == VECTORS["body"]


def test_first_epoch_is_what_genesis_names() -> None:
    assert FIRST.members == GENESIS.genesis.members
    for wrong in (ONE, EpochRecipients(0, ZERO.work, ONE.dialogue), EpochRecipients(0, ZERO.dialogue, ZERO.work)):
        with pytest.raises(EpochError):
            first_epoch(GENESIS.genesis, wrong)


@pytest.mark.parametrize(
    ("members", "signers"),
    [
        ((H1, H2, H3), ()),
        ((H1, H2), ()),
        ((H1, H2, H3_STEPS_IN), ()),
        ((H1, H3_STEPS_IN), ("h1",)),
        ((H1, H2, NEW), ("h1", "h2")),
        ((H1, H2, NEW), ("h1", "h3", "h2")),
        ((H1, replace(H2, role=Role.STANDBY), H3_STEPS_IN), ("h1", "h2")),
        ((H1, H3_STEPS_IN, NEW), ("h1", "h3")),
    ],
)
def test_taken(members: tuple[Member, ...], signers: tuple[str, ...]) -> None:
    after = _verified(_signed(build_epoch(FIRST, ONE, members), *signers))
    assert (after.number, after.members) == (1, members)


@pytest.mark.parametrize(
    ("members", "signers"),
    [
        ((H1, H2, NEW), ()),
        ((H1, H2, NEW), ("h1",)),
        ((H1, NEW), ("h1", "h2")),
        ((H1, replace(H2, role=Role.STANDBY), H3_STEPS_IN), ("h1",)),
        ((H1, replace(H2, unit="u-other")), ("h1",)),
        ((H1, replace(H2, recipient=digest(b"another"))), ()),
    ],
    ids=["added by none", "added by one", "one of two does not stay", "demoted", "moved", "other recipient"],
)
def test_too_few_signatures(members: tuple[Member, ...], signers: tuple[str, ...]) -> None:
    with pytest.raises(EpochError) as refusal:
        _verified(_signed(build_epoch(FIRST, ONE, members), *signers))
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


def test_a_standby_added_later_does_not_step_in_alone() -> None:
    """Only genesis, which the source signed, lets somebody in without two."""
    later = person("later").offered("h4", Role.STANDBY, "u-other").named()
    second = _verified(_signed(build_epoch(FIRST, ONE, (H1, H2, later)), "h1", "h2"))
    with pytest.raises(EpochError) as refusal:
        _verified(build_epoch(second, TWO, (H1, H2, replace(later, role=Role.PANEL))), second, TWO)
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


def test_who_left_does_not_return_alone() -> None:
    second = _verified(build_epoch(FIRST, ONE, (H1, H2)))
    with pytest.raises(EpochError) as refusal:
        _verified(build_epoch(second, TWO, (H1, H2, H3)), second, TWO)
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES
    returned = _signed(build_epoch(second, TWO, (H1, H2, H3)), "h1", "h2")
    assert _verified(returned, second, TWO).members == (H1, H2, H3)


def test_a_pseudonym_stays_with_its_key() -> None:
    """Neither by two signatures, nor after its bearer has left."""
    taken_over = replace(H3, verification_key=NEW.verification_key)
    with pytest.raises(EpochError) as refusal:
        _verified(_signed(build_epoch(FIRST, ONE, (H1, H2, taken_over)), "h1", "h2"))
    assert refusal.value.reason == Refusal.EPOCH_PANEL
    second = _verified(build_epoch(FIRST, ONE, (H1, H2)))
    with pytest.raises(EpochError) as refusal:
        _verified(_signed(build_epoch(second, TWO, (H1, H2, taken_over)), "h1", "h2"), second, TWO)
    assert refusal.value.reason == Refusal.EPOCH_PANEL


@pytest.mark.parametrize("members", [(H1,), (H1, H3), (H1, replace(H2, unit=H1.unit)), (H1, H1)])
def test_never_below_two_people_from_two_units(members: tuple[Member, ...]) -> None:
    with pytest.raises(ShapeError) as refusal:
        _verified(_signed(build_epoch(FIRST, ONE, members), "h1", "h2"))
    assert refusal.value.reason == Refusal.OFFER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", 1),
        ("previous", digest(b"another")),
        ("work", digest(b"another")),
        ("dialogue", digest(b"another")),
        ("members", (H1, H2, replace(NEW, unit="u-third"))),
        ("case", "2026-0002"),
        ("gen", digest(b"another")),
    ],
)
def test_everything_is_signed(name: str, value: object) -> None:
    """Whatever differs from what was signed, the signatures no longer count."""
    case, gen = GENESIS.genesis.case, GENESIS.gen
    plain = build_epoch(FIRST, ONE, (H1, H2, NEW))
    signed_for = {"case": case, "gen": gen}
    if name in signed_for:
        other = plain
        signed_for[name] = str(value)
    elif name == "epoch":
        other = replace(plain, number=3)
    else:
        changes: dict[str, Any] = {name: value}
        other = replace(plain, **changes)
    for pseudonym in ("h1", "h2"):
        other = other.signed_by(pseudonym, PEOPLE[pseudonym].signing_key, **signed_for)
    with pytest.raises(EpochError) as refusal:
        _verified(replace(plain, signatures=other.signatures))
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


def test_one_person_cannot_sign_twice() -> None:
    epoch = _signed(build_epoch(FIRST, ONE, (H1, H2, NEW)), "h1", "h1")
    with pytest.raises(ShapeError):
        _verified(epoch)
    (first, second) = epoch.signatures
    with pytest.raises(EpochError) as refusal:
        _verified(replace(epoch, signatures=(first, replace(second, member="h2"))))
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


def test_newcomers_and_strangers_do_not_count() -> None:
    epoch = _signed(build_epoch(FIRST, ONE, (H1, H2, NEW)), "h1")
    for pseudonym, key in (("h4", person("new").signing_key), ("h9", SigningKey(seed("stranger")))):
        signed = epoch.signed_by(pseudonym, key, case=GENESIS.genesis.case, gen=GENESIS.gen)
        with pytest.raises(EpochError) as refusal:
            _verified(signed)
        assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


@pytest.mark.parametrize(
    ("recipients", "changes", "refusal"),
    [
        (TWO, {"number": 2}, Refusal.EPOCH),
        (ONE, {"number": 0}, Refusal.EPOCH),
        (TWO, {}, Refusal.EPOCH),
        (ONE, {"previous": TWO.link}, Refusal.PREVIOUS),
        (EpochRecipients(1, TWO.work, ONE.dialogue), {}, Refusal.RECIPIENT),
        (EpochRecipients(1, ONE.work, TWO.dialogue), {}, Refusal.RECIPIENT),
    ],
)
def test_another_link(recipients: EpochRecipients, changes: dict[str, Any], refusal: Refusal) -> None:
    epoch = _signed(replace(build_epoch(FIRST, ONE, (H1, H2)), **changes), "h1", "h2")
    with pytest.raises(EpochError) as refused:
        _verified(epoch, recipients=recipients)
    assert refused.value.reason == refusal


@pytest.mark.parametrize(
    "recipients", [EpochRecipients(1, ZERO.work, ONE.dialogue), EpochRecipients(1, ONE.work, ZERO.dialogue)]
)
def test_both_keys_are_new(recipients: EpochRecipients) -> None:
    """On the old keys whoever was removed could read on."""
    with pytest.raises(EpochError) as refusal:
        _verified(_signed(build_epoch(FIRST, recipients, (H1, H2)), "h1", "h2"), recipients=recipients)
    assert refusal.value.reason == Refusal.RECIPIENT


STRANGERS = (NEW, person("newer").offered("h5", Role.PANEL, "u-third").named())


def _by_trustees(epoch: Epoch, *pseudonyms: str) -> Epoch:
    for pseudonym in pseudonyms:
        signer = TRUSTEES[pseudonym].signing_key
        epoch = epoch.signed_by(pseudonym, signer, case=GENESIS.genesis.case, gen=GENESIS.gen)
    return epoch


def test_two_trustees_give_the_case_to_others() -> None:
    state = _verified(_by_trustees(build_epoch(FIRST, ONE, STRANGERS), "t1", "t3"))
    assert (state.members, state.trusted) == (STRANGERS, FIRST.trusted)


@pytest.mark.parametrize("signers", [(), ("t2",)])
def test_one_trustee_does_not(signers: tuple[str, ...]) -> None:
    with pytest.raises(EpochError) as refusal:
        _verified(_by_trustees(build_epoch(FIRST, ONE, STRANGERS), *signers))
    assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES


def test_one_key_under_two_names_is_one_trustee() -> None:
    epoch = _by_trustees(build_epoch(FIRST, ONE, STRANGERS), "t1")
    twice = epoch.signed_by("t2", TRUSTEES["t1"].signing_key, case=GENESIS.genesis.case, gen=GENESIS.gen)
    with pytest.raises(EpochError):
        _verified(twice)


def test_a_case_without_trustees_is_given_away_by_nobody() -> None:
    before = replace(FIRST, trustees=(), threshold=0)
    with pytest.raises(EpochError):
        _verified(_by_trustees(build_epoch(before, ONE, STRANGERS), "t1", "t3"), before)


def test_trustees_change_by_two_members_or_by_trustees_and_not_by_one() -> None:
    others = TrusteeSet(tuple(trustee_identity(seed(name)).offered(name).named() for name in ("t4", "t5")), 2)
    unsigned = build_epoch(FIRST, ONE, (H1, H2), others)
    assert _verified(_signed(unsigned, "h1", "h2")).trusted == others
    assert _verified(_by_trustees(unsigned, "t2", "t3")).trusted == others
    for epoch in (unsigned, _signed(unsigned, "h1"), _by_trustees(_signed(unsigned, "h1"), "t1")):
        with pytest.raises(EpochError) as refusal:
            _verified(epoch)
        assert refusal.value.reason == Refusal.TOO_FEW_SIGNATURES
    taken_over = TrusteeSet((replace(others.trustees[0], id="t1"), others.trustees[1]), 2)
    with pytest.raises(EpochError) as refusal:
        _verified(_signed(build_epoch(FIRST, ONE, (H1, H2), taken_over), "h1", "h2"))
    assert refusal.value.reason == Refusal.EPOCH_PANEL


def test_trustees_of_a_verified_directory_count_as_well() -> None:
    """Whatever their pseudonyms: a directory has none."""
    others = {name: trustee_identity(seed(name)) for name in ("t4", "t5")}
    trusted = TrusteeSet(tuple(one.offered(name).named() for name, one in others.items()), 2)
    epoch = build_epoch(FIRST, ONE, STRANGERS, trusted)
    for name, one in zip(("t8", "t9"), others.values(), strict=True):
        epoch = epoch.signed_by(name, one.signing_key, case=GENESIS.genesis.case, gen=GENESIS.gen)
    assert verify_epoch(FIRST, epoch, ONE, GENESIS, trusted).trusted == trusted
    with pytest.raises(EpochError):
        verify_epoch(FIRST, epoch, ONE, GENESIS)


OWN = keys_of_source("own code")
OWN_NAMES = SourceNames(recipient_hash(OWN.identity.recipient), OWN.signing_key.verification_key)
SAME = build_epoch(FIRST, ONE, (H1, H2, H3))


def _taking(names: SourceNames = OWN_NAMES, key: SigningKey = OWN.signing_key, epoch: Epoch = SAME) -> Epoch:
    return epoch.with_source(names, key, case=GENESIS.genesis.case, gen=GENESIS.gen)


def test_vector_of_a_source_with_a_code_of_its_own() -> None:
    """What the new key signs is put together by hand: the case, the epoch and the new keys."""
    given = VECTORS["own_code"]
    body = json.loads(given["body"])
    source = body.pop("source")
    proof = decode_b64(source.pop("proof"))
    agreed = {name: value for name, value in body.items() if name not in {"v", "signatures"}}
    signed = b"tipportal/source/v1\0" + canonical(
        {**agreed, "case": VECTORS["case"], "gen": VECTORS["gen"], "source": source}
    )
    assert signed.hex() == given["proof_bytes"]
    VerificationKey(bytes.fromhex(given["verification_key"])).verify(proof, signed)
    read = parse_epoch(parse_canonical(given["body"].encode()))
    assert read.source == SourceChange(OWN_NAMES, proof)
    assert read.encode().decode() == given["body"]


def test_the_source_has_other_keys_from_the_epoch_that_names_them_on() -> None:
    assert FIRST.source == SourceNames(GENESIS.genesis.source, GENESIS.genesis.source_key)
    state = _verified(_taking())
    assert (state.source, state.members) == (OWN_NAMES, FIRST.members)
    later = verify_epoch(state, build_epoch(state, TWO, (H1, H2)), TWO, GENESIS)
    assert later.source == OWN_NAMES


@pytest.mark.parametrize(
    "forged",
    [
        _taking(key=PEOPLE["h1"].signing_key),
        _taking(replace(OWN_NAMES, recipient=GENESIS.genesis.source)),
        _taking(replace(OWN_NAMES, verification_key=GENESIS.genesis.source_key), keys_of_source().signing_key),
        _taking(replace(OWN_NAMES, verification_key=H1.verification_key), PEOPLE["h1"].signing_key),
        _taking(replace(OWN_NAMES, recipient=H1.recipient)),
        replace(_taking(), source=SourceChange(replace(OWN_NAMES, recipient="0" * 64), _proof(_taking()))),
        replace(SAME, source=SourceChange(OWN_NAMES, _proof(_taking(epoch=build_epoch(FIRST, ONE, (H1, H2)))))),
        SAME.with_source(OWN_NAMES, OWN.signing_key, case="2026-0002", gen=GENESIS.gen),
        SAME.with_source(OWN_NAMES, OWN.signing_key, case=GENESIS.genesis.case, gen="0" * 64),
    ],
    ids=["proof", "recipient", "key", "member", "member_key", "names", "epoch", "case", "genesis"],
)
def test_keys_of_the_source_that_are_forged_are_refused(forged: Epoch) -> None:
    with pytest.raises(EpochError) as refusal:
        _verified(forged)
    assert refusal.value.reason == Refusal.SOURCE


EPOCH: dict[str, Json] = json.loads(_signed(build_epoch(FIRST, ONE, (H1, H2, H3)), "h1").encode())


@QUIET
@given(
    st.sampled_from(sorted(EPOCH)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=70),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_any_json(name: str, value: Json) -> None:
    """Only our error comes out, of the whole and of each part; what is taken is written back as it was."""
    with pytest.raises(EnvelopeError):
        parse_epoch(value)
    try:
        taken = parse_epoch({**EPOCH, name: value})
    except EnvelopeError:
        return
    assert taken.encode() == canonical({**EPOCH, name: value})


@pytest.mark.parametrize("name", sorted(EPOCH))
def test_members_are_all_and_only_these(name: str) -> None:
    with pytest.raises(ShapeError):
        parse_epoch({key: value for key, value in EPOCH.items() if key != name})
    with pytest.raises(ShapeError):
        parse_epoch({**EPOCH, name + "2": 1})
