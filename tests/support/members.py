"""What browsers do when a case's members change: the next epoch, and two who let somebody in or keep somebody out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.playing import verified
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, act_on, next_place, offered_proposal, seal_text, sign
from tipportal.cli.demo_staffing import Member
from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import Case, GrantKind, Stream
from tipportal.domain.separations import Seat
from tipportal.envelope import HybridIdentity, HybridRecipient, pad, seal
from tipportal.envelope import submission as sealing
from tipportal.envelope.acts import parse_act
from tipportal.envelope.bodies import NoticeBody
from tipportal.envelope.canonical import canonical, parse_canonical
from tipportal.envelope.epochs import Epoch, EpochRecipients, EpochState, build_epoch
from tipportal.envelope.genesis import OfferedMember, Role
from tipportal.envelope.grants import seal_grant
from tipportal.envelope.keys import SigningKey, VerificationKey, dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.payloads import AddMemberPayload, ExcludeMemberPayload
from tipportal.envelope.records import SOURCE, Chain, Kind, SealedBy, Writer
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.usecases import approve, epochs, handle, letting_in
from tipportal.usecases.effects.effect import OfferedEpoch, OfferedProposal, OlderGrant
from tipportal.usecases.epochs import NewEpoch
from tipportal.usecases.handing_in import sealed_file
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.seats import trustees_of
from tipportal.usecases.submit import OfferedGrant


@dataclass(frozen=True)
class Made:
    """An epoch that somebody has made: its keys and its body, unsigned."""

    seed: bytes
    recipients: EpochRecipients
    body: Epoch
    grants: tuple[OfferedGrant, ...]


def view_of(story: Story, case: PlayedCase, by: str) -> handle.CaseView:
    """The case as a member's browser fetches it."""
    return handle.open_case(story.handler, case.members[by].account, case.reference)


def state_of(story: Story, case: PlayedCase, by: str) -> tuple[str, EpochState]:
    """The hash of genesis and the newest epoch that holds, as a member's browser verifies them."""
    member = case.members[by]
    view = view_of(story, case, by)
    genesis, readings = verified(view, member, view.case.source_recipient)
    return genesis.gen, readings[Stream.DIALOGUE].epoch


def make(story: Story, case: PlayedCase, state: EpochState, seats: Sequence[Seat]) -> Made:
    """Keys for these seats, with the body that says so."""
    seed = story.handler.random(32)
    recipients = EpochRecipients(
        state.number + 1, HybridIdentity(seed).recipient, HybridIdentity(dialogue_seed(seed)).recipient
    )
    offered = [offered_member(seat.member, case.members[seat.member], seat) for seat in seats]
    body = build_epoch(state, recipients, [member.named() for member in offered])
    threshold, trustees = _trustees(story, case)
    granted = sealing.build_grants(
        seed,
        offered,
        case.keys.identity.recipient,
        random=story.handler.random,
        trustees=trustees,
        threshold=threshold,
    )
    grants = tuple(OfferedGrant(grant.holder, GrantKind(grant.kind.value), grant.file) for grant in granted)
    return Made(seed, recipients, body, grants)


def offered_member(pseudonym: str, member: Member, seat: Seat) -> OfferedMember:
    """A member with the whole keys."""
    assert member.account.recipient is not None
    assert member.account.verification_key is not None
    return OfferedMember(
        id=pseudonym,
        role=Role.PANEL if seat.panel else Role.STANDBY,
        function=seat.function_id,
        unit=seat.unit_id,
        recipient=HybridRecipient.from_bytes(member.account.recipient),
        verification_key=VerificationKey(member.account.verification_key),
    )


def records_of(
    story: Story, case: PlayedCase, made: Made, body: Epoch, author: str, *, after: SealedFile | None = None
) -> tuple[SealedFile, ...]:
    """The epoch's record for each stream, by a member or the source; in the dialogue behind ``after``."""
    key = case.keys.signing_key if author == SOURCE else signing_key(case.members[author])
    writer = Writer(author, key, SealedBy.BROWSER, story.handler.today())
    return tuple(
        sealed_file(
            sealing.seal_next(
                sealing.Next(_chain(story, case, stream, after), made.recipients.epoch, recipient),
                Kind.EPOCH,
                body.encode(),
                writer,
                random=story.handler.random,
            )
        )
        for stream, recipient in ((Stream.WORK, made.recipients.work), (Stream.DIALOGUE, made.recipients.dialogue))
    )


def _chain(story: Story, case: PlayedCase, stream: Stream, after: SealedFile | None) -> Chain:
    chain = next_place(story.handler, case, stream).chain
    return chain if after is None or stream is Stream.WORK else chain.after(after.file)


def next_epoch(story: Story, case: PlayedCase, *, by: str = "h1", author: str | None = None) -> NewEpoch:
    """The epoch that comes next for whom ``by`` is told: made and signed by ``author``, else by themselves."""
    coming = view_of(story, case, by).standing.next_members
    assert coming is not None
    _, state = state_of(story, case, by)
    made = make(story, case, state, coming)
    records = records_of(story, case, made, made.body, author or by)
    return NewEpoch(made.recipients.epoch, made.recipients.work.raw, made.recipients.dialogue.raw, records, made.grants)


def begin(story: Story, case: PlayedCase, new: NewEpoch, *, by: str = "h1") -> int:
    """Hand an epoch in as a member. Raises as ``epochs.begin_epoch``."""
    return epochs.begin_epoch(
        story.handler,
        case.members[by].account,
        case.reference,
        epoch=new.epoch,
        work_recipient=new.work,
        dialogue_recipient=new.dialogue,
        records=new.records,
        grants=new.grants,
    )


def propose_excluding(story: Story, case: PlayedCase, about: str, *, by: str = "h1") -> Proposal:
    """Propose to keep a colleague out, the reason sealed to those who decide."""
    view = view_of(story, case, by)
    members = {member.id: member for member in view.members[view.case.epoch]}
    recipients = [HybridRecipient.from_bytes(members[one].recipient) for one in view.standing.deciders[about]]
    text = canonical({"v": 1, "case": case.reference, "member": about, "text": "Syskon till den som anmäls."})
    file = seal(pad(len(text).to_bytes(4, "big") + text), recipients, random=story.handler.random)
    payload = ExcludeMemberPayload(about, hashlib.sha256(file).hexdigest())
    member = case.members[by]
    act = act_on(story.handler, case, payload)
    offered = OfferedProposal(
        act=dict(act.to_json()),
        payload={"member": about, "reasons": payload.reasons},
        signature=sign(member, act),
        reasons=file,
    )
    return approve.propose(story.handler, member.account, case.reference, offered)


def propose_adding(
    story: Story, case: PlayedCase, new: Member, seat: Seat, *, by: str = "h1"
) -> tuple[Proposal, Made, Epoch]:
    """Propose to let somebody in, with the epoch made and signed. ``case.members`` has them under the new name."""
    view = view_of(story, case, by)
    coming = view.standing.next_members
    assert coming is not None
    gen, state = state_of(story, case, by)
    made = make(story, case, state, [*coming, seat])
    signed = made.body.signed_by(by, signing_key(case.members[by]), case=case.reference, gen=gen)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Vi behöver vara fler.", by=by)
    payload = AddMemberPayload(offered_member(seat.member, new, seat).named(), reasons.digest.hex())
    seeds = {grant.epoch: open_sealed(grant.file, [identity(case.members[by])]) for grant in view.grants}
    assert new.account.recipient is not None
    recipient = HybridRecipient.from_bytes(new.account.recipient)
    base = offered_proposal(case.members[by], act_on(story.handler, case, payload), payload, reasons)
    offered = OfferedProposal(
        act=base.act,
        payload=base.payload,
        signature=base.signature,
        reasons=base.reasons,
        epoch=OfferedEpoch(
            epoch=made.recipients.epoch,
            work=made.recipients.work.raw,
            dialogue=made.recipients.dialogue.raw,
            signature=signed.signatures[0].signature,
            grants=made.grants,
            older=tuple(
                OlderGrant(epoch, seal_grant(seed, recipient, random=story.handler.random))
                for epoch, seed in sorted(seeds.items())
            ),
        ),
    )
    proposal = approve.propose(story.handler, case.members[by].account, case.reference, offered)
    return proposal, made, signed


def agree_adding(
    story: Story, case: PlayedCase, proposal: Proposal, made: Made, signed: Epoch, *, by: str = "h2"
) -> Case:
    """Approve letting somebody in: sign the epoch as well, and hand its records in."""
    gen, _ = state_of(story, case, by)
    both = signed.signed_by(by, signing_key(case.members[by]), case=case.reference, gen=gen)
    records = records_of(story, case, made, both, by)
    return decide(story, case, proposal, by=by, records=records)


def seat_for(story: Story) -> tuple[PlayedCase, Member, Seat]:
    """A case with a handler who has no seat in it: designated only after it came."""
    new = story.municipality.named("Erik")
    ended = "UPDATE designations SET valid_to = :day WHERE account_id = :id"
    story.change(ended, day="2026-11-01", id=new.account.id)
    case = story.report()
    assert new.account.id not in {member.account.id for member in case.members.values()}
    story.change(ended, day=None, id=new.account.id)
    found = letting_in.candidates(story.handler, case.members["h1"].account, case.reference)
    person = next(one.person for one in found.people if one.person.account_id == new.account.id)
    seat = Seat(
        holder=new.account.id,
        member=found.pseudonym,
        unit_id=person.unit_id,
        function_id=person.function_id,
        panel=True,
        released=True,
        first_standby=False,
    )
    return PlayedCase(case.reference, case.keys, {**case.members, seat.member: new}), new, seat


def decide(story: Story, case: PlayedCase, proposal: Proposal, *, by: str, records: Sequence[SealedFile] = ()) -> Case:
    """Approve as a member or a standby, with what lands with it. Raises as ``approve.approve``."""
    member = case.members[by]
    act = parse_act(parse_canonical(proposal.act))
    return approve.approve(story.handler, member.account, proposal.id, sign(member, act), records)


def notice(story: Story, case: PlayedCase, body: NoticeBody, *, by: str) -> SealedFile:
    """A notice for the source, sealed by a member."""
    place = next_place(story.handler, case, Stream.DIALOGUE)
    writer = Writer(by, signing_key(case.members[by]), SealedBy.BROWSER, story.handler.today())
    return sealed_file(sealing.seal_next(place, Kind.NOTICE, body.encode(), writer, random=story.handler.random))


def signing_key(member: Member) -> SigningKey:
    """A member's own signing key."""
    assert member.identity is not None
    return member.identity.signing_key


def identity(member: Member) -> HybridIdentity:
    """What opens a member's grants."""
    assert member.identity is not None
    return member.identity.identity


def _trustees(story: Story, case: PlayedCase) -> tuple[int, list[OfferedTrustee]]:
    with story.database.read() as uow:
        kept = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert kept is not None
        named = trustees_of(uow, kept)
    return named.threshold, [
        OfferedTrustee(
            id=member,
            recipient=HybridRecipient.from_bytes(one.recipient),
            verification_key=VerificationKey(one.verification_key),
        )
        for member, one in named.trustees
    ]
