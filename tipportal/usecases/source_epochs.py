"""The next epoch of a case whose epoch somebody's leaving has closed, made in memory for a source without JavaScript.

Nothing is opened here: ``source_session`` has read the dialogue, and what it found to hold is all that is built upon.
"""

from __future__ import annotations

from tipportal.domain.cases import GrantKind, Stream
from tipportal.envelope import HybridIdentity, HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.epochs import EpochRecipients, SourceNames, build_epoch, verify_epoch
from tipportal.envelope.genesis import OfferedMember, Role, VerifiedGenesis
from tipportal.envelope.keys import SEED_SIZE, VerificationKey, dialogue_seed, recipient_hash
from tipportal.envelope.reading import StreamReading
from tipportal.envelope.records import SOURCE, Chain, Kind, SealedBy, Writer
from tipportal.envelope.records import Stream as SealedStream
from tipportal.envelope.trustees import OfferedTrustee

from .context import Context
from .dialogue import NextEpoch, SourceView
from .epochs import NewEpoch
from .handing_in import sealed_file
from .submit import OfferedGrant


def make_epoch(
    ctx: Context,
    view: SourceView,
    coming: NextEpoch,
    keys: SourceKeys,
    genesis: VerifiedGenesis,
    reading: StreamReading,
    *,
    own: SourceKeys | None = None,
) -> NewEpoch:
    """The epoch that the server says comes next, sealed and signed by the source, if the chain allows it.

    ``own``: the keys of a code of the source's own, which they have from this epoch on.
    Raises EpochError when the server names others than may follow without signatures.
    """
    seed = ctx.random(SEED_SIZE)
    work, dialogue = HybridIdentity(seed).recipient, HybridIdentity(dialogue_seed(seed)).recipient
    recipients = EpochRecipients(coming.epoch, work, dialogue)
    members = [
        OfferedMember(
            id=member.id,
            role=Role(member.role.value),
            function=member.function,
            unit=member.unit,
            recipient=HybridRecipient.from_bytes(member.recipient),
            verification_key=VerificationKey(member.verification_key),
        )
        for member in coming.members
    ]
    trustees = [
        OfferedTrustee(
            id=trustee.id,
            recipient=HybridRecipient.from_bytes(trustee.recipient),
            verification_key=VerificationKey(trustee.verification_key),
        )
        for trustee in coming.trustees
    ]
    body = build_epoch(reading.epoch, recipients, [member.named() for member in members])
    case, gen = genesis.genesis.case, genesis.gen
    if own is not None:
        key = own.signing_key
        names = SourceNames(recipient_hash(own.identity.recipient), key.verification_key)
        body = body.with_source(names, key, case=case, gen=gen)
    # Held against the chain as every reader will, before anything is sealed to whom a database merely names.
    verify_epoch(reading.epoch, body, recipients, genesis)
    writer = Writer(SOURCE, keys.signing_key, SealedBy.SERVER, view.today)
    records = []
    for stream, recipient in ((Stream.WORK, work), (Stream.DIALOGUE, dialogue)):
        seq, prev = coming.places[stream]
        chain = Chain(case, gen, SealedStream(stream.value), seq, prev.hex())
        at = sealing.Next(chain, coming.epoch, recipient)
        records.append(sealed_file(sealing.seal_next(at, Kind.EPOCH, body.encode(), writer, random=ctx.random)))
    granted = sealing.build_grants(
        seed,
        members,
        (own or keys).identity.recipient,
        random=ctx.random,
        trustees=trustees,
        threshold=coming.trustee_threshold,
    )
    return NewEpoch(
        epoch=coming.epoch,
        work=work.raw,
        dialogue=dialogue.raw,
        records=tuple(records),
        grants=tuple(OfferedGrant(grant.holder, GrantKind(grant.kind.value), grant.file) for grant in granted),
    )
