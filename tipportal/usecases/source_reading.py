"""A source's case opened and verified in memory, for ``source_session`` alone (03)."""

from __future__ import annotations

from tipportal.domain.cases import Grant
from tipportal.domain.errors import CaseUnreadable
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.epochs import EpochRecipients
from tipportal.envelope.genesis import ExpectedGenesis, VerifiedGenesis, verify_genesis
from tipportal.envelope.grants import check_grant_seed
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.reading import OpenedRecord, StreamReading, read_dialogue

from .dialogue import SourceView


def read_view(view: SourceView, keys: SourceKeys) -> StreamReading:
    """Every record of the dialogue, verified or failed. Raises CaseUnreadable where nothing can be believed."""
    recipients = [
        EpochRecipients(
            epoch.epoch,
            HybridRecipient.from_bytes(epoch.work_recipient),
            HybridRecipient.from_bytes(epoch.dialogue_recipient),
        )
        for epoch in view.epochs
    ]
    named = {epoch.epoch: recipient_hash(epoch.dialogue) for epoch in recipients}
    identities = {grant.epoch: _granted(grant, keys, named.get(grant.epoch, "")) for grant in view.grants}
    readable = []
    for row in view.records:
        identity = identities.get(row.epoch)
        plaintext = None if identity is None else _opened(row.file, identity)
        readable.append(OpenedRecord(row.epoch, row.seq, row.file, plaintext))
    try:
        return read_dialogue(genesis_of(view, keys), view.genesis.file, recipients, readable, view.later_trustees)
    except EnvelopeError:
        # The first record is not the one that this code signed: nothing below it can be believed.
        raise CaseUnreadable(
            N_("Ärendet går inte att läsa: det som servern har sparat har ändrats eller skadats.")
        ) from None


def _granted(grant: Grant, keys: SourceKeys, named: str) -> HybridIdentity | None:
    seed = _opened(grant.file, keys.identity)
    try:
        return None if seed is None else check_grant_seed(seed, named)
    except EnvelopeError:
        return None


def genesis_of(view: SourceView, keys: SourceKeys) -> VerifiedGenesis:
    """The case's beginning, if this code made it. Raises EnvelopeError."""
    plaintext = _opened(view.genesis.file, keys.identity)
    expected = ExpectedGenesis(
        case=view.case.reference,
        installation=view.installation_id.hex(),
        source=keys.identity.recipient,
        work=HybridRecipient.from_bytes(view.epochs[0].work_recipient),
        source_key=keys.signing_key.verification_key,
    )
    return verify_genesis(plaintext or b"", expected)


def _opened(file: bytes, identity: HybridIdentity) -> bytes | None:
    try:
        return open_sealed(file, [identity])
    except EnvelopeError:
        return None
