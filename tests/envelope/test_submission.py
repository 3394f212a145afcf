"""What the server seals for a source without JavaScript: the right files, to the right people, and to nobody else."""

import secrets
from dataclasses import replace
from typing import Any

import pytest

from tests.support.sealed_case import (
    ANSWERS,
    FACTS,
    MEMBERS,
    OFFER,
    PEOPLE,
    TRUSTEES,
    SealedCase,
    handler_writes,
    keys_of_source,
    opened_row,
    sealed_case,
)
from tipportal.envelope import EnvelopeError, NoMatchingIdentity, inspect
from tipportal.envelope.bodies import FactsBody, ReportBody, TextBody, parse_body
from tipportal.envelope.canonical import canonical, digest
from tipportal.envelope.genesis import Channel, OfferFault, OfferRefusedError
from tipportal.envelope.grants import GRANTED_SIZE, GrantKind, check_grant_seed
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import dialogue_seed, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.records import NO_DIGEST, Chain, Kind, SealedBy, Stream, read_record
from tipportal.envelope.submission import Next, Offer, Submission, build_dialogue_record, build_submission, seal_next
from tipportal.envelope.trustees import SEALED_SHARE_SIZE, seed_of_shares


@pytest.fixture(scope="module")
def case() -> SealedCase:
    return sealed_case()


def _built(offer: Offer = OFFER, facts: FactsBody = FACTS, answers: dict[str, Any] | None = None) -> Submission:
    return build_submission(
        keys=keys_of_source(),
        offer=offer,
        facts=facts,
        answers=ANSWERS if answers is None else answers,
        sealed_by=SealedBy.SERVER,
        random=secrets.token_bytes,
    )


def test_rows(case: SealedCase) -> None:
    """Three records in the order that the API wants, each with the digest of the genesis file before it."""
    genesis, *others = case.submission.records
    assert (genesis.stream, genesis.kind, genesis.epoch, genesis.seq, genesis.prev) == (
        Stream.GENESIS, Kind.GENESIS, 0, 0, NO_DIGEST,
    )  # fmt: skip
    assert [(row.stream, row.kind, row.epoch, row.seq) for row in others] == [
        (Stream.DIALOGUE, Kind.REPORT, 0, 0),
        (Stream.WORK, Kind.FACTS, 0, 0),
    ]
    assert {row.prev for row in others} == {digest(genesis.file)}
    assert [inspect(row.file).recipients for row in case.submission.records] == [2, 1, 1]
    assert all(inspect(row.file).payload_size == 4096 for row in case.submission.records)


def test_public_part(case: SealedCase) -> None:
    submission, keys = case.submission, case.keys
    assert submission.source == keys.identity.recipient
    assert submission.verification_key == keys.signing_key.verification_key
    assert submission.lookup_digest == digest(keys.lookup_token)
    assert submission.work == HybridIdentity(case.work_seed).recipient
    assert submission.dialogue == HybridIdentity(dialogue_seed(case.work_seed)).recipient


def test_grants(case: SealedCase) -> None:
    """Every member opens a grant with the work seed; the source one with the dialogue seed only."""
    grants = case.submission.grants
    assert [(grant.holder, grant.kind) for grant in grants] == [
        ("h1", GrantKind.PANEL),
        ("h2", GrantKind.PANEL),
        ("h3", GrantKind.STANDBY),
        ("t1", GrantKind.TRUSTEE_SHARE),
        ("t2", GrantKind.TRUSTEE_SHARE),
        ("t3", GrantKind.TRUSTEE_SHARE),
        ("source", GrantKind.SOURCE),
    ]
    assert [len(grant.file) for grant in grants] == [GRANTED_SIZE] * 3 + [SEALED_SHARE_SIZE] * 3 + [GRANTED_SIZE]
    genesis = case.genesis().genesis
    for grant in grants[:3]:
        check_grant_seed(open_sealed(grant.file, [PEOPLE[grant.holder].identity]), genesis.work)
        with pytest.raises(NoMatchingIdentity):
            open_sealed(grant.file, [case.keys.identity])
    check_grant_seed(open_sealed(grants[-1].file, [case.keys.identity]), genesis.dialogue)
    shares = [open_sealed(grant.file, [TRUSTEES[grant.holder].identity]) for grant in grants[3:6]]
    for pair in (shares[:2], shares[1:], shares[::2], shares):
        assert seed_of_shares(pair, genesis.work).seed == case.work_seed


def test_the_source_reads_the_report_and_not_the_facts(case: SealedCase) -> None:
    _, report, facts = case.submission.records
    granted = HybridIdentity(open_sealed(case.submission.grants[-1].file, [case.keys.identity]))
    body = parse_body(Kind.REPORT, read_record(open_sealed(report.file, [granted])).parsed_body())
    assert body == ReportBody(ANSWERS, Channel.TIP, "sv")
    for identity in (granted, case.keys.identity):
        with pytest.raises(NoMatchingIdentity):
            open_sealed(facts.file, [identity])
    plaintext = opened_row(facts, case.work_seed).plaintext
    assert plaintext is not None
    assert parse_body(Kind.FACTS, read_record(plaintext).parsed_body()) == FACTS


def test_genesis_names_all(case: SealedCase) -> None:
    genesis = case.genesis().genesis
    assert genesis.members == tuple(member.named() for member in MEMBERS)
    assert (genesis.work, genesis.dialogue, genesis.source) == tuple(
        recipient_hash(each) for each in (case.submission.work, case.submission.dialogue, case.submission.source)
    )
    assert (genesis.case, genesis.channel, genesis.organisation) == (OFFER.reference, Channel.TIP, "storvik")


@pytest.mark.parametrize(
    ("offer", "concerns", "fault"),
    [
        (replace(OFFER, members=MEMBERS[:1]), (), OfferFault.PANEL_TOO_SMALL),
        (replace(OFFER, members=(MEMBERS[0], replace(MEMBERS[1], unit="u-legal"))), (), OfferFault.PANEL_ONE_UNIT),
        (OFFER, ("u-finance",), OfferFault.CONCERNED),
        (OFFER, ("u-external",), OfferFault.CONCERNED),
    ],
)
def test_nothing_is_sealed_to_a_bad_panel(offer: Offer, concerns: tuple[str, ...], fault: OfferFault) -> None:
    with pytest.raises(OfferRefusedError) as refusal:
        _built(offer, replace(FACTS, concerns=concerns))
    assert fault in refusal.value.faults


@pytest.mark.parametrize(
    "answers",
    [{"What": "x"}, {"what": 1}, {"what": "\ud800"}, {"what": ["a"] * 101}, {f"field_{n}": "x" for n in range(65)}],
)
def test_nothing_is_sealed_that_no_reader_would_take(answers: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        _built(answers=answers)


@pytest.mark.parametrize(
    "changes", [{"installation": "00"}, {"reference": ""}, {"organisation": "Å"}, {"policy_version": -1}]
)
def test_bad_offers(changes: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        _built(replace(OFFER, **changes))


def test_same_source_same_place_other_bytes() -> None:
    """A second try has the same lookup digest, and nothing else that tells the two apart from two cases' files."""
    one, two = _built(), _built()
    assert one.lookup_digest == two.lookup_digest
    assert {row.file for row in one.records}.isdisjoint(row.file for row in two.records)
    assert one.work != two.work


def test_long_report() -> None:
    built = _built(answers={"what_happened": "å" * 10_000})
    # Some 20,700 bytes: E = 14, S = 4, so up to the next 1,024.
    assert inspect(built.records[1].file).payload_size == 21_504


def test_message(case: SealedCase) -> None:
    gen = case.genesis().gen
    chain = Chain.start(case=OFFER.reference, gen=gen, stream=Stream.DIALOGUE, genesis_file=case.genesis_file)
    report = case.submission.records[1]
    message = build_dialogue_record(
        at=Next(chain.after(report.file), 0, case.submission.dialogue),
        writer=case.source_writes(),
        text="Jag har fler papper.",
        random=secrets.token_bytes,
    )
    assert (message.stream, message.kind, message.seq, message.prev) == (
        Stream.DIALOGUE, Kind.MESSAGE, 1, digest(report.file),
    )  # fmt: skip
    plaintext = opened_row(message, case.work_seed).plaintext
    assert plaintext is not None
    record = read_record(plaintext)
    record.verify(case.submission.verification_key)
    assert parse_body(Kind.MESSAGE, record.parsed_body()) == TextBody("Jag har fler papper.")


def test_what_no_reader_would_take(case: SealedCase) -> None:
    chain = Chain.start(case=OFFER.reference, gen=NO_DIGEST, stream=Stream.DIALOGUE, genesis_file=b"")
    at, writer = Next(chain, 0, case.submission.dialogue), handler_writes("h1")
    for kind, body in (
        (Kind.NOTE, canonical({"text": "in the wrong stream"})),
        (Kind.MESSAGE, canonical({"words": "no text"})),
        (Kind.MESSAGE, b'{"text": "not canonical"}'),
        (Kind.EPOCH, canonical({"text": "no epoch"})),
        (Kind.GENESIS, canonical({"text": "no genesis"})),
    ):
        with pytest.raises(EnvelopeError):
            seal_next(at, kind, body, writer, random=secrets.token_bytes)


def test_nothing_shows(case: SealedCase) -> None:
    shown = (
        repr(case.submission) + repr(FACTS) + repr(ReportBody(ANSWERS, Channel.TIP, "sv")) + repr(TextBody("hemligt"))
    )
    for secret in ("faktura", "contracts", "u-roads", "hemligt", case.work_seed.hex(), repr(case.work_seed)):
        assert secret not in shown
