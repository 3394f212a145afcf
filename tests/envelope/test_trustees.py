"""Trustees: shares of work seeds, who can be one, the vault, and secrets on paper."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sealed_case import (
    MEMBERS,
    OFFER,
    PEOPLE,
    TRUSTEES,
    SealedCase,
    keys_of_source,
    sealed_case,
    seed,
)
from tests.vectors.make import HERE
from tipportal.envelope import EnvelopeError, NoMatchingIdentity
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import words
from tipportal.envelope.genesis import OfferFault, OfferRefusedError, check_offer
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.paper import paper_rows, read_paper
from tipportal.envelope.records import SealedBy
from tipportal.envelope.refusals import PaperError, RecordError, Refusal, ShapeError, ShareError
from tipportal.envelope.submission import Submission, build_submission
from tipportal.envelope.trustees import OfferedTrustee, foreign_shares, seal_shares, seed_of_shares, trustee_identity
from tipportal.envelope.vault import SealedVault, VaultBody, combine_vault, parse_vault, split_vault, verify_vault

PAPER = json.loads((HERE / "paper.json").read_text("ascii"))
SEED = seed("work")
EXPECTED = recipient_hash(trustee_identity(SEED).identity.recipient)
OFFERED = OFFER.trustees
NAMED = VaultBody("Åsa Öberg", "073-000 00 00")


def _shares() -> list[bytes]:
    sealed = seal_shares(SEED, OFFERED, 2, random=secrets.token_bytes)
    return [open_sealed(file, [TRUSTEES[holder].identity]) for holder, file in sealed]


def test_a_wrong_share_is_named_where_there_are_more_than_it_takes() -> None:
    one, two, three = _shares()
    bent = bytes([two[0] ^ 1]) + two[1:]
    foreign = seal_shares(seed("other"), OFFERED, 2, random=secrets.token_bytes)[2][1]
    other = open_sealed(foreign, [TRUSTEES["t3"].identity])
    assert foreign_shares([one, two, three], 2, EXPECTED) == ()
    assert foreign_shares([one, bent, three], 2, EXPECTED) == (1,)
    assert foreign_shares([bent, two, three], 2, EXPECTED) == (0,)
    assert foreign_shares([one, bent], 2, EXPECTED) == (0, 1)
    if other[-1] not in {one[-1], two[-1]}:
        assert foreign_shares([one, two, other], 2, EXPECTED) == (2,)
    with pytest.raises(ShareError) as refusal:
        seed_of_shares([one, bent], EXPECTED)
    assert refusal.value.reason == Refusal.SHARE_SEED


def test_only_its_trustee_opens_a_share() -> None:
    for holder, file in seal_shares(SEED, OFFERED, 2, random=secrets.token_bytes):
        for trustee, identity in TRUSTEES.items():
            if trustee != holder:
                with pytest.raises(NoMatchingIdentity):
                    open_sealed(file, [identity.identity])


READER = OfferedTrustee(
    id="t4", recipient=MEMBERS[2].recipient, verification_key=TRUSTEES["t2"].signing_key.verification_key
)
SIGNER = OfferedTrustee(
    id="t4", recipient=OFFERED[1].recipient, verification_key=PEOPLE["h1"].signing_key.verification_key
)


@pytest.mark.parametrize(
    ("trustees", "threshold"),
    [
        (OFFERED, 1),
        (OFFERED, 0),
        (OFFERED, 4),
        (OFFERED[:1], 1),
        ((), 2),
        ((OFFERED[0], OFFERED[0], OFFERED[1]), 2),
        ((OFFERED[0], replace(OFFERED[1], recipient=OFFERED[0].recipient), OFFERED[2]), 2),
        ((OFFERED[0], replace(OFFERED[1], verification_key=OFFERED[0].verification_key), OFFERED[2]), 2),
        ((OFFERED[0], OFFERED[2], READER), 2),
        ((OFFERED[0], OFFERED[2], SIGNER), 2),
    ],
)
def test_trustees_that_cannot_be(trustees: Sequence[OfferedTrustee], threshold: int) -> None:
    """Nothing is sealed, and a genesis that names them is not read."""
    assert check_offer(MEMBERS, (), trustees, threshold) == (OfferFault.TRUSTEES,)
    with pytest.raises(OfferRefusedError):
        _submission(replace_trustees=(tuple(trustees), threshold))


@pytest.mark.parametrize("threshold", [2, 3])
def test_trustees_that_can_be(threshold: int) -> None:
    assert check_offer(MEMBERS, (), OFFERED, threshold) == ()


def _submission(
    identity: VaultBody | None = None, replace_trustees: tuple[tuple[OfferedTrustee, ...], int] | None = None
) -> Submission:
    trustees, threshold = replace_trustees or (OFFERED, 2)
    return build_submission(
        keys=keys_of_source(),
        offer=replace(OFFER, trustees=trustees, threshold=threshold),
        facts=FactsBody("", "unknown", ()),
        answers={"what_happened": "a"},
        sealed_by=SealedBy.SERVER,
        random=secrets.token_bytes,
        identity=identity,
    )


def _with_vault() -> tuple[SealedCase, SealedVault, list[bytes]]:
    submission = _submission(NAMED)
    assert submission.vault is not None
    people = {name: person.identity for name, person in PEOPLE.items()} | {
        name: trustee.identity for name, trustee in TRUSTEES.items()
    }
    opened = [open_sealed(share.file, [people[share.holder]]) for share in submission.vault.shares]
    return SealedCase(keys_of_source(), submission, b""), submission.vault, opened


def test_a_vault_takes_two_of_those_whom_genesis_names() -> None:
    case, vault, shares = _with_vault()
    assert [share.holder for share in vault.shares] == ["h1", "h2", "h3", "t1", "t2", "t3"]
    genesis = case.genesis()
    expected = genesis.genesis.vault
    assert expected == recipient_hash(vault.recipient)
    with pytest.raises(ShareError):
        combine_vault(shares[:1], expected)
    identity = combine_vault(shares[1:4:2], expected)
    for pair in (shares[:2], shares[2:4], shares[4:]):
        assert combine_vault(pair, expected).seed == identity.seed
        plaintext = open_sealed(vault.file, [identity])
        assert verify_vault(plaintext, genesis, case.genesis_file, vault.recipient) == NAMED
    again = split_vault(identity.seed, [(m.id, m.recipient) for m in MEMBERS], random=secrets.token_bytes)
    fresh = [open_sealed(share.file, [PEOPLE[share.holder].identity]) for share in again]
    assert combine_vault(fresh[1:], expected).seed == identity.seed
    # An old share and a new one do not meet.
    if fresh[0][-1] != shares[1][-1]:
        with pytest.raises(ShareError):
            combine_vault([fresh[0], shares[1]], expected)


def test_a_vault_of_another_case_is_refused() -> None:
    case, vault, shares = _with_vault()
    plaintext = open_sealed(vault.file, [combine_vault(shares[:2], recipient_hash(vault.recipient))])
    other, other_vault, _ = _with_vault()
    with pytest.raises(RecordError):
        verify_vault(plaintext, other.genesis(), other.genesis_file, vault.recipient)
    with pytest.raises(RecordError):
        verify_vault(plaintext, case.genesis(), case.genesis_file, other_vault.recipient)
    bare = sealed_case()
    assert bare.submission.vault is None
    with pytest.raises(RecordError):
        verify_vault(plaintext, bare.genesis(), bare.genesis_file, vault.recipient)
    report = case.submission.records[1]
    with pytest.raises(EnvelopeError):
        verify_vault(report.file, case.genesis(), case.genesis_file, vault.recipient)


@pytest.mark.parametrize("body", [VaultBody("", ""), VaultBody("x" * 1001, ""), VaultBody("", "x" * 1001)])
def test_a_vault_says_something_and_not_too_much(body: VaultBody) -> None:
    with pytest.raises(ShapeError):
        _submission(body)
    with pytest.raises(ShapeError):
        parse_vault({"name": body.name, "contact": body.contact})


@given(st.binary(min_size=32, max_size=32))
def test_paper_gives_the_secret_back(secret: bytes) -> None:
    rows = paper_rows(secret)
    assert [len(row.words) for row in rows] == [4] * 6
    assert read_paper("\n".join(f"{' '.join(row.words)} {row.check}" for row in rows)) == secret
    assert not any(word in repr(rows) for row in rows for word in row.words)


@given(st.integers(0, 23), st.integers(0, 2**32))
def test_another_word_is_noticed(place: int, number: int) -> None:
    """By its row in 99 cases of 100, and by the whole in nearly all of the rest."""
    rows = [list(row.words) for row in paper_rows(SEED)]
    checks = [row.check for row in paper_rows(SEED)]
    other = words()[number % len(words())]
    if rows[place // 4][place % 4] == other:
        return
    rows[place // 4][place % 4] = other
    with pytest.raises(PaperError) as refusal:
        read_paper(" ".join(f"{' '.join(row)} {check}" for row, check in zip(rows, checks, strict=True)))
    assert refusal.value.rows in {(place // 4 + 1,), ()}


@pytest.mark.parametrize("typed", PAPER["typed"], ids=range(len(PAPER["typed"])))
def test_what_may_be_typed(typed: dict[str, object]) -> None:
    if "secret" in typed:
        assert read_paper(str(typed["raw"])).hex() == typed["secret"]
        return
    with pytest.raises(PaperError) as refusal:
        read_paper(str(typed["raw"]))
    assert (refusal.value.reason, list(refusal.value.rows)) == (typed["reason"], typed["rows"])
