"""One case is recovered by its trustees for a new panel; drills; splitting anew when trustees change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.playing import read
from tests.support.story import Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import PlayedCase, next_place
from tipportal.cli.demo_staffing import decided
from tipportal.cli.demo_trustees import DemoTrustee, appoint
from tipportal.cli.recovering import OpenedCase, Recovering, RecoveryRefusedError, opened_case
from tipportal.domain.accounts import Account
from tipportal.domain.cases import GrantKind, Stream
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import BadSignature, Conflict, GrantsMismatch, Invalid, NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.trustees import Drill
from tipportal.envelope import HybridIdentity, HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.epochs import EpochRecipients, build_epoch, first_epoch
from tipportal.envelope.genesis import OfferedMember, Role
from tipportal.envelope.grants import seal_grant
from tipportal.envelope.keys import VerificationKey, dialogue_seed, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.reading import VerifiedRecord
from tipportal.envelope.records import Kind, SealedBy, Writer
from tipportal.envelope.trustees import OfferedTrustee, seal_shares
from tipportal.usecases import handle, recovering, trustees
from tipportal.usecases.epochs import NewEpoch
from tipportal.usecases.handing_in import sealed_file
from tipportal.usecases.recovering import NewMember, OlderGrant, Recovered
from tipportal.usecases.submit import OfferedGrant

FACTS: dict[str, Any] = {"area": "", "subject_role": "unknown", "concerns": ()}


def _administrator(story: Story) -> Account:
    return story.municipality.administrators(story.handler).proposer.account


def _begun(story: Story, case: PlayedCase) -> str:
    two = story.municipality.administrators(story.handler)
    two.make(ChangeKind.RECOVER_CASE, {"reference": case.reference, "why": "Alla nycklar är borta."})
    return recovering.open_of(story.handler, case.reference).id


def _bundle(story: Story, recovery: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(recovering.bundle_json(recovering.bundle(story.handler, recovery))))
    return made


def _with_papers(bundle: Mapping[str, Any], *people: DemoTrustee) -> Recovering:
    made = Recovering(bundle)
    for person in people:
        made.add("\n".join(person.paper))
    return made


@dataclass(frozen=True)
class _Made:
    offered: Recovered
    panel: tuple[NewMember, ...]


def _made(story: Story, case: PlayedCase, recovery: str, present: Recovering) -> _Made:
    """The epoch that a page would make from what the trustees have opened."""
    bundle, seeds = present.bundle, present.seeds()
    opened = opened_case(bundle, seeds)
    panel = recovering.new_panel(story.handler, recovery, **FACTS)
    members = [_member(one) for one in panel]
    with story.database.read() as uow:
        kept = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert kept is not None
        named = trustees.of_epoch(uow, kept)
    holders = [_trustee(one.member, one.trustee) for one in named.named]
    seed = story.handler.random(32)
    work, dialogue = HybridIdentity(seed).recipient, HybridIdentity(dialogue_seed(seed)).recipient
    first = bundle["epochs"][0]
    before = first_epoch(
        opened.genesis.genesis,
        EpochRecipients(0, HybridIdentity(seeds[0]).recipient, HybridIdentity(dialogue_seed(seeds[0])).recipient),
    )
    assert first["epoch"] == 0
    epoch = build_epoch(before, EpochRecipients(1, work, dialogue), [member.named() for member in members])
    for pseudonym, keys in present.present.items():
        epoch = epoch.signed_by(pseudonym, keys.signing_key, case=case.reference, gen=opened.genesis.gen)
    author, keys = next(iter(present.present.items()))
    writer = Writer(author, keys.signing_key, SealedBy.BROWSER, story.handler.today())
    records = tuple(
        sealed_file(
            sealing.seal_next(
                sealing.Next(next_place(story.handler, case, stream).chain, 1, recipient),
                Kind.EPOCH,
                epoch.encode(),
                writer,
                random=story.handler.random,
            )
        )
        for stream, recipient in ((Stream.WORK, work), (Stream.DIALOGUE, dialogue))
    )
    granted = sealing.build_grants(
        seed,
        members,
        case.keys.identity.recipient,
        random=story.handler.random,
        trustees=holders,
        threshold=named.threshold,
    )
    grants = tuple(OfferedGrant(grant.holder, GrantKind(grant.kind.value), grant.file) for grant in granted)
    older = tuple(
        OlderGrant(0, member.id, seal_grant(seeds[0], member.recipient, random=story.handler.random))
        for member in members
    )
    signatures = tuple((given.member, given.signature) for given in epoch.signatures)
    offered = Recovered("", "unknown", (), NewEpoch(1, work.raw, dialogue.raw, records, grants), signatures, older)
    return _Made(offered, panel)


def _member(one: NewMember) -> OfferedMember:
    return OfferedMember(
        id=one.member,
        role=Role.PANEL if one.panel else Role.STANDBY,
        function=one.candidate.function_id,
        unit=one.candidate.unit_id,
        recipient=HybridRecipient(one.candidate.recipient),
        verification_key=VerificationKey(one.candidate.verification_key),
    )


def _trustee(pseudonym: str, one: Any) -> OfferedTrustee:  # noqa: ANN401 - the domain's trustee
    return OfferedTrustee(
        id=pseudonym,
        recipient=HybridRecipient(one.recipient),
        verification_key=VerificationKey(one.verification_key),
    )


def _texts(opened: OpenedCase) -> int:
    return sum(isinstance(record, VerifiedRecord) for record in (*opened.dialogue, *opened.work))


def test_two_trustees_give_one_case_to_a_new_panel_that_reads_all_of_it(story: Story) -> None:
    case, other = story.tip(), story.tip()
    recovery = _begun(story, case)
    bundle = _bundle(story, recovery)
    t1, t2, t3 = story.municipality.trustees
    present = _with_papers(bundle, t3, t1)
    assert present.missing == 0
    assert _texts(opened_case(bundle, present.seeds())) == 2

    made = _made(story, case, recovery, present)
    assert {one.member for one in made.panel}.isdisjoint(case.members)
    assert recovering.recover(story.handler, _administrator(story), recovery, made.offered) == 1

    reader = next(one for one in made.panel if one.panel)
    member = story.municipality.by_recipient(reader.candidate.recipient)
    view = handle.open_case(story.handler, member.account, case.reference)
    texts = read(view, member, case.keys.identity.recipient.raw)
    assert not [text for stream in texts.values() for text in stream if text.startswith("[")]
    with story.database.read() as uow:
        assert not uow.trustees.open_recoveries()
    with story.database.read() as uow:
        left = {json.loads(data)["kind"] for _, data in uow.log.entries()}
    assert {EntryKind.RECOVERY_BEGUN.value, EntryKind.CASE_RECOVERED.value} <= left
    with pytest.raises(NotFound):
        recovering.bundle(story.handler, recovery)
    with pytest.raises(NotFound):
        recovering.open_of(story.handler, other.reference)
    del t2


def test_papers_that_are_wrong_repeated_or_foreign_are_refused_and_named(story: Story) -> None:
    case = story.tip()
    bundle = _bundle(story, _begun(story, case))
    t1, t2, t3 = story.municipality.trustees
    made = _with_papers(bundle, t1)
    rows = list(t2.paper)
    for typed, said in (
        ("\n".join(t1.paper), "redan"),
        ("\n".join([rows[0][:-2] + ("00" if not rows[0].endswith("00") else "01"), *rows[1:]]), "rad"),
        ("\n".join(rows[:5]), "sex rader"),
        ("\n".join(DemoTrustee("x", "x", "x", None, bytes(32)).paper), "hör inte till"),
    ):
        with pytest.raises(RecoveryRefusedError, match=said):
            made.add(typed)
    assert made.missing == 1
    damaged = json.loads(json.dumps(bundle))
    shares = damaged["epochs"][0]["shares"]
    of_t2 = next(share for share in shares if share["holder"] == "t2")
    of_t3 = next(share for share in shares if share["holder"] == "t3")
    of_t2["file"] = of_t3["file"]
    with pytest.raises(RecoveryRefusedError) as refusal:
        _with_papers(damaged, t1, t2).seeds()
    assert refusal.value.values == {"name": t2.name}
    assert _with_papers(damaged, t1, t3).seeds()


def test_one_trustee_or_another_signature_recovers_nothing(story: Story) -> None:
    case = story.tip()
    recovery = _begun(story, case)
    t1, t2, _ = story.municipality.trustees
    made = _made(story, case, recovery, _with_papers(_bundle(story, recovery), t1, t2)).offered
    account, before = _administrator(story), story.contents()
    first, second = made.signatures
    for wrong, error in (
        (replace(made, signatures=(first,)), BadSignature),
        (replace(made, signatures=(first, first)), BadSignature),
        (replace(made, signatures=(first, (second[0], bytes(64)))), BadSignature),
        (replace(made, signatures=((first[0], second[1]), ("t9", first[1]))), BadSignature),
        (replace(made, older=made.older[1:]), GrantsMismatch),
        (replace(made, epoch=replace(made.epoch, epoch=2, records=made.epoch.records)), Invalid),
        (replace(made, epoch=replace(made.epoch, grants=made.epoch.grants[1:])), GrantsMismatch),
    ):
        with pytest.raises(error):
            recovering.recover(story.handler, account, recovery, wrong)
    assert story.contents() == before
    assert recovering.recover(story.handler, account, recovery, made) == 1
    with pytest.raises(NotFound):
        recovering.recover(story.handler, account, recovery, made)


def test_a_case_is_recovered_by_one_recovery_at_a_time(story: Story) -> None:
    case = story.tip()
    _begun(story, case)
    with pytest.raises((FaultyChange, Conflict)):
        _begun(story, case)
    with pytest.raises(FaultyChange):
        story.municipality.administrators(story.handler).make(
            ChangeKind.RECOVER_CASE, {"reference": "nowhere", "why": "x"}
        )


def _drill(story: Story, *people: DemoTrustee, message: bytes | None = None) -> Drill:
    with story.database.read() as uow:
        installation, current = uow.installation_id(), uow.trustees.current()
    assert installation is not None
    assert current is not None
    secret = recipient_hash(HybridIdentity(bytes(32)).recipient)
    signed = message or recovering.drill_bytes(installation, current.version, secret, "00" * 16)
    return recovering.drill_done(
        story.handler,
        _administrator(story),
        secret=secret,
        nonce="00" * 16,
        signatures={person.id: person.keys.signing_key.sign(signed) for person in people},
    )


def test_a_drill_takes_as_many_as_a_recovery(story: Story) -> None:
    t1, t2, t3 = story.municipality.trustees
    for people, message in (((t1,), None), ((t1, t2), b"something else")):
        with pytest.raises(BadSignature):
            _drill(story, *people, message=message)
    before = recovering.progress(story.handler).drill
    drill = _drill(story, t3, t2)
    found = recovering.progress(story.handler).drill
    assert found is not None
    assert drill.trustees == ",".join(sorted((t2.id, t3.id)))
    assert before is None or found.done_on >= before.done_on


def test_members_split_anew_when_trustees_change_and_the_former_leave(story: Story) -> None:
    case = story.tip()
    two = story.municipality.administrators(story.handler)
    people = (("Nils Ek", "Björkviks kommun", "Arkivet"), ("Ulla Ros", "Älvnäs kommun", "Registraturen"))
    by = decided(story.handler, case.members["h1"].account.organisation_id)
    old, new = story.municipality.trustees, appoint(two, by, people)
    publish(two)
    stands = recovering.progress(story.handler)
    assert (stands.to_split, stands.former) == (1, 3)

    member = case.members["h1"]
    with story.database.read() as uow:
        kept = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert kept is not None
        wanted = trustees.to_split_anew(uow, kept)
    assert wanted is not None
    assert [one.member for one in wanted.named] == ["t4", "t5"]
    view = handle.open_case(story.handler, member.account, case.reference)
    assert member.identity is not None
    seed = open_sealed(view.grants[0].file, [member.identity.identity])
    holders = [_trustee(one.member, one.trustee) for one in wanted.named]
    sealed = seal_shares(seed, holders, wanted.threshold, random=story.handler.random)
    shares = [trustees.Share(0, holder, file) for holder, file in sealed]
    with pytest.raises(GrantsMismatch):
        trustees.split_anew(story.handler, member.account, case.reference, shares[1:])
    with pytest.raises(NotFound):
        trustees.split_anew(story.handler, story.outsider(case).account, case.reference, shares)
    trustees.split_anew(story.handler, member.account, case.reference, shares)
    stands = recovering.progress(story.handler)
    assert (stands.to_split, stands.former) == (0, 0)

    bundle = _bundle(story, _begun(story, case))
    assert _with_papers(bundle, *new).seeds() == {0: seed}
    with pytest.raises(RecoveryRefusedError, match="hör inte till"):
        _with_papers(bundle, old[0])
