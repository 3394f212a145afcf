"""Between the envelope's words and ours: what an offer is to the sealing code, and what it sealed is to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tipportal.domain.cases import GrantKind, RecordKind, SealedBy, Stream
from tipportal.domain.files import Upload
from tipportal.domain.organisations import Channel as DomainChannel
from tipportal.envelope import HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.genesis import Channel, OfferedMember, Role
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.records import Attachment
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.envelope.vault import VaultBody

from . import directory
from .context import Context
from .offers import Offer
from .sealedfiles import SealedFile
from .submit import OfferedGrant, Submission
from .vaults import OfferedShare, OfferedVault


def offer_to_seal(offer: Offer) -> sealing.Offer:
    """The offer as the sealing code takes it: keys parsed and checked."""
    return sealing.Offer(
        reference=offer.reference,
        installation=offer.installation_id.hex(),
        at=offer.date,
        organisation=offer.organisation.slug,
        authority=offer.authority.slug,
        channel=Channel(offer.channel.value),
        policy_version=offer.policy_version,
        directory_version=offer.directory_version,
        members=tuple(
            OfferedMember(
                id=member.id,
                role=Role(member.role),
                function=member.function,
                unit=member.unit,
                recipient=HybridRecipient.from_bytes(member.recipient),
                verification_key=VerificationKey(member.verification_key),
            )
            for member in offer.members
        ),
        trustees=tuple(
            OfferedTrustee(
                id=trustee.id,
                recipient=HybridRecipient.from_bytes(trustee.recipient),
                verification_key=VerificationKey(trustee.verification_key),
            )
            for trustee in offer.trustees
        ),
        threshold=offer.trustee_threshold,
    )


def sealed_file(record: sealing.SealedRecord, files: Sequence[Upload] = ()) -> SealedFile:
    """A sealed record as it is handed in, with the uploads of the files that its header names, in that order."""
    return SealedFile(
        stream=Stream(record.stream.value),
        kind=RecordKind(record.kind.value),
        epoch=record.epoch,
        seq=record.seq,
        prev=bytes.fromhex(record.prev),
        file=record.file,
        files=tuple(files),
    )


def seal_on_arrival(
    ctx: Context,
    offer: Offer,
    answers: Mapping[str, str | tuple[str, ...]],
    language: str,
    keys: SourceKeys,
    attachments: tuple[Attachment, ...],
) -> sealing.Submission:
    """Seal a case for a source without JavaScript, in memory. Raises as ``build_submission`` and ``must_list``."""
    facts = FactsBody(offer.facts.area, offer.facts.subject_role.value, tuple(sorted(offer.facts.concerns)))
    to_seal = offer_to_seal(offer)
    directory.must_list(ctx, to_seal)
    told, identity = apart(offer.channel, answers)
    return sealing.build_submission(
        keys=keys,
        offer=to_seal,
        facts=facts,
        answers=told,
        identity=identity,
        language=language,
        sealed_by=Sealer.SERVER,
        random=ctx.random,
        attachments=attachments,
    )


def apart(
    channel: DomainChannel, answers: Mapping[str, str | tuple[str, ...]]
) -> tuple[dict[str, str | tuple[str, ...]], VaultBody | None]:
    """The answers of a report, and what its writer tells of themselves: that is sealed to a vault of its own."""
    contact = answers.get("contact", "")
    if channel is not DomainChannel.REPORT or not isinstance(contact, str) or not contact:
        return dict(answers), None
    return {name: answer for name, answer in answers.items() if name != "contact"}, VaultBody("", contact)


def sealed_submission(
    offer: Offer,
    sealed: sealing.Submission,
    *,
    sealed_by: SealedBy,
    content_digest: bytes,
    files: Sequence[Upload] = (),
) -> Submission:
    """A sealed case as it is handed in, with the uploads that its report attaches.

    ``content_digest``: 32 bytes by which a repeated request is known.
    """
    genesis, report, facts = sealed.records
    return Submission(
        ticket=offer.ticket,
        genesis=sealed.gen,
        source_recipient=sealed.source.raw,
        source_verification_key=sealed.verification_key.raw,
        lookup_digest=bytes.fromhex(sealed.lookup_digest),
        work_recipient=sealed.work.raw,
        dialogue_recipient=sealed.dialogue.raw,
        records=(sealed_file(genesis), sealed_file(report, files), sealed_file(facts)),
        grants=tuple(OfferedGrant(grant.holder, GrantKind(grant.kind.value), grant.file) for grant in sealed.grants),
        sealed_by=sealed_by,
        content_digest=content_digest,
        vault=None
        if sealed.vault is None
        else OfferedVault(
            sealed.vault.recipient.raw,
            sealed.vault.file,
            tuple(OfferedShare(share.holder, share.file) for share in sealed.vault.shares),
        ),
    )
