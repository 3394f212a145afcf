"""What trustees do with their papers, for tests: recovering a case, and drills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, next_place
from tipportal.cli.demo_trustees import DemoTrustee
from tipportal.cli.recovering import Recovering, opened_case
from tipportal.cli.sealed_case import VerifiedCase
from tipportal.domain.accounts import Account
from tipportal.domain.cases import GrantKind, Stream
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.trustees import Drill
from tipportal.envelope import HybridIdentity, HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.epochs import EpochRecipients, TrusteeSet, build_epoch, first_epoch
from tipportal.envelope.genesis import OfferedMember, Role
from tipportal.envelope.grants import seal_grant
from tipportal.envelope.keys import VerificationKey, dialogue_seed, recipient_hash
from tipportal.envelope.reading import VerifiedRecord
from tipportal.envelope.records import Kind, SealedBy, Writer
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.usecases import recovering
from tipportal.usecases.epochs import NewEpoch
from tipportal.usecases.handing_in import sealed_file
from tipportal.usecases.letting_in import NewMember
from tipportal.usecases.recovering import OlderGrant, Recovered
from tipportal.usecases.submit import OfferedGrant

FACTS: dict[str, Any] = {"area": "", "subject_role": "unknown", "concerns": ()}


def administrator(story: Story) -> Account:
    return story.municipality.administrators(story.handler).proposer.account


def begun(story: Story, case: PlayedCase) -> str:
    two = story.municipality.administrators(story.handler)
    two.make(ChangeKind.RECOVER_CASE, {"reference": case.reference, "why": "Alla nycklar är borta."})
    return recovering.open_of(story.handler, case.reference).id


def bundle_of(story: Story, recovery: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        json.dumps(recovering.bundle_json(recovering.bundle(story.handler, recovery, None)))
    )
    return made


def with_papers(bundle: Mapping[str, Any], *people: DemoTrustee) -> Recovering:
    made = Recovering(bundle)
    for person in people:
        made.add("\n".join(person.paper))
    return made


@dataclass(frozen=True)
class Made:
    offered: Recovered
    panel: tuple[NewMember, ...]


def made_by(story: Story, case: PlayedCase, recovery: str, present: Recovering) -> Made:
    """The epoch that a page would make from what the trustees have opened."""
    bundle, seeds = present.bundle, present.seeds()
    opened = opened_case(bundle, seeds)
    panel = recovering.new_panel(story.handler, recovery, None, **FACTS)
    members = [_member(one) for one in panel]
    named = recovering.bundle(story.handler, recovery, None).holders
    holders = [offered_trustee(one.member, one.trustee) for one in named.named]
    seed = story.handler.random(32)
    work, dialogue = HybridIdentity(seed).recipient, HybridIdentity(dialogue_seed(seed)).recipient
    first = bundle["epochs"][0]
    before = first_epoch(
        opened.genesis.genesis,
        EpochRecipients(0, HybridIdentity(seeds[0]).recipient, HybridIdentity(dialogue_seed(seeds[0])).recipient),
    )
    assert first["epoch"] == 0
    trusted = TrusteeSet(tuple(holder.named() for holder in holders), named.threshold)
    epoch = build_epoch(before, EpochRecipients(1, work, dialogue), [member.named() for member in members], trusted)
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
    return Made(offered, panel)


def _member(one: NewMember) -> OfferedMember:
    return OfferedMember(
        id=one.member,
        role=Role.PANEL if one.panel else Role.STANDBY,
        function=one.candidate.function_id,
        unit=one.candidate.unit_id,
        recipient=HybridRecipient(one.candidate.recipient),
        verification_key=VerificationKey(one.candidate.verification_key),
    )


def offered_trustee(pseudonym: str, one: Any) -> OfferedTrustee:  # noqa: ANN401 - the domain's trustee
    return OfferedTrustee(
        id=pseudonym,
        recipient=HybridRecipient(one.recipient),
        verification_key=VerificationKey(one.verification_key),
    )


def texts_in(opened: VerifiedCase) -> int:
    return sum(isinstance(record, VerifiedRecord) for record in (*opened.dialogue, *opened.work))


def drill(story: Story, *people: DemoTrustee, message: bytes | None = None) -> Drill:
    with story.database.read() as uow:
        installation, current = uow.installation_id(), uow.trustees.current()
    assert installation is not None
    assert current is not None
    secret = recipient_hash(HybridIdentity(bytes(32)).recipient)
    signed = message or recovering.drill_bytes(installation, current.version, secret, "00" * 16)
    return recovering.drill_done(
        story.handler,
        administrator(story),
        secret=secret,
        nonce="00" * 16,
        signatures={person.id: person.keys.signing_key.sign(signed) for person in people},
    )
