"""A source's case opened and verified in memory, for ``source_session`` alone (03)."""

from __future__ import annotations

from tipportal.domain.cases import Grant
from tipportal.domain.errors import CaseUnreadable
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.epochs import EpochRecipients, SourceNames
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
    identities = {
        grant.epoch: _granted(grant, _identity_then(view, keys, grant.epoch), named.get(grant.epoch, ""))
        for grant in view.grants
    }
    readable = []
    for row in view.records:
        identity = identities.get(row.epoch)
        plaintext = None if identity is None else _opened(row.file, identity)
        readable.append(OpenedRecord(row.epoch, row.seq, row.file, plaintext))
    own = SourceNames(recipient_hash(keys.identity.recipient), keys.signing_key.verification_key)
    try:
        reading = read_dialogue(genesis_of(view, keys), view.genesis.file, recipients, readable, view.later_trustees)
        if reading.epoch.source == own:
            return reading
    except EnvelopeError:
        pass
    # Neither the first record nor the one that changed the source's keys is vouched for by this code: nothing below
    # can be believed.
    raise CaseUnreadable(N_("Ärendet går inte att läsa: det som servern har sparat har ändrats eller skadats."))


def past_of(view: SourceView, keys: SourceKeys) -> HybridIdentity:
    """The source's identity of the first epochs: that of these keys, unless another code came first.

    Raises EnvelopeError.
    """
    if view.replaced is None:
        return keys.identity
    return check_grant_seed(
        open_sealed(view.replaced.past, [keys.identity]),
        recipient_hash(HybridRecipient.from_bytes(view.case.source_recipient)),
    )


def _identity_then(view: SourceView, keys: SourceKeys, epoch: int) -> HybridIdentity | None:
    if view.replaced is None or epoch >= view.replaced.epoch:
        return keys.identity
    try:
        return past_of(view, keys)
    except EnvelopeError:
        return None


def _granted(grant: Grant, identity: HybridIdentity | None, named: str) -> HybridIdentity | None:
    seed = None if identity is None else _opened(grant.file, identity)
    try:
        return None if seed is None else check_grant_seed(seed, named)
    except EnvelopeError:
        return None


def genesis_of(view: SourceView, keys: SourceKeys) -> VerifiedGenesis:
    """The case's beginning, if this code made it. Raises EnvelopeError.

    A code that replaced another vouches for it in the record that says so: ``read_view`` has held it against that.
    """
    past = past_of(view, keys)
    plaintext = _opened(view.genesis.file, past)
    expected = ExpectedGenesis(
        case=view.case.reference,
        installation=view.installation_id.hex(),
        source=past.recipient,
        work=HybridRecipient.from_bytes(view.epochs[0].work_recipient),
        source_key=None if view.replaced is not None else keys.signing_key.verification_key,
    )
    return verify_genesis(plaintext or b"", expected)


def _opened(file: bytes, identity: HybridIdentity) -> bytes | None:
    try:
        return open_sealed(file, [identity])
    except EnvelopeError:
        return None
