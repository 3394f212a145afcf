"""Verify a case as it was opened: each record holds or is shown as failed, and none is hidden.

`docs/protocol.md`, section 4, "After opening". Pure functions over plaintext that somebody else has opened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from tipportal.envelope.bodies import Body, parse_body
from tipportal.envelope.epochs import (
    Epoch,
    EpochRecipients,
    EpochState,
    TrusteeSet,
    first_epoch,
    parse_epoch,
    trustees_consent,
    verify_epoch,
)
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.genesis import VerifiedGenesis
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.records import (
    FIRST_KINDS,
    HANDLER_KINDS,
    SOURCE,
    SOURCE_KINDS,
    STAFF,
    TRUSTEE_PATTERN,
    Chain,
    Header,
    Kind,
    Record,
    Stream,
    read_record,
)
from tipportal.envelope.refusals import EpochError, RecordError, Refusal, SignatureError


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A row as the server keeps it, and what came out of its age file.

    :ivar epoch: the epoch that the row tells
    :ivar seq: the sequence number that the row tells
    :ivar file: the age file
    :ivar plaintext: its padded plaintext, or None if it did not open with the epoch's seed
    """

    epoch: int
    seq: int
    file: bytes = field(repr=False)
    plaintext: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """A record that stands where it belongs and was written by whom it says; `body` is of its kind."""

    header: Header
    body: Body | Epoch = field(repr=False)


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that does not hold, to be shown as such; `reason` is a short stable code."""

    epoch: int
    seq: int
    reason: str


ReadRecord: TypeAlias = VerifiedRecord | FailedRecord
FurtherTrustees: TypeAlias = Callable[[int, date, date], TrusteeSet]
"""Trustees whom the chain does not name: of an epoch, by its number, the day of the epoch before and its own day.

Asked for only where trustees began the epoch and those of the one before are not enough. Raises `EnvelopeError`.
"""


@dataclass(frozen=True, slots=True)
class StreamReading:
    """What came of reading one stream.

    :ivar records: one for each row, in the rows' order
    :ivar chain: where the next record must stand
    :ivar epoch: the newest epoch that holds
    """

    records: tuple[ReadRecord, ...]
    chain: Chain
    epoch: EpochState


def read_stream(
    genesis: VerifiedGenesis,
    genesis_file: bytes,
    stream: Stream,
    epochs: Sequence[EpochRecipients],
    opened: Sequence[OpenedRecord],
    further: FurtherTrustees | None = None,
) -> StreamReading:
    """Verify the rows of the work or the dialogue stream in order.

    :param epochs: the recipients of every epoch as the server tells them; the chain says whether they are right.
    :param further: gives the trustees of a directory that has been verified, who count beside the chain's own.
    :raises EpochError: if epoch 0 is missing or has other recipients than genesis names. Nothing can be read then.
    """
    by_number = {epoch.epoch: epoch for epoch in epochs}
    if 0 not in by_number:
        raise EpochError(Refusal.EPOCH)
    state = first_epoch(genesis.genesis, by_number[0])
    chain = Chain.start(case=genesis.genesis.case, gen=genesis.gen, stream=stream, genesis_file=genesis_file)
    records: list[ReadRecord] = []
    begun: date | None = None
    for row in opened:
        try:
            before = state
            verified, state = _read_row(row, _Reader(genesis, chain, state, by_number, begun, further))
            records.append(verified)
            if begun is None or state is not before:
                begun = verified.header.at
        except EnvelopeError as error:
            records.append(FailedRecord(row.epoch, row.seq, error.reason))
        # A failed row takes its place all the same, so that it doesn't take the rest along. But a place never comes
        # again: else a whole stretch could be shown a second time.
        if row.seq >= chain.next_seq:
            chain = replace(chain.after(row.file), next_seq=row.seq + 1)
    return StreamReading(tuple(records), chain, state)


def read_dialogue(
    genesis: VerifiedGenesis,
    genesis_file: bytes,
    epochs: Sequence[EpochRecipients],
    opened: Sequence[OpenedRecord],
    further: FurtherTrustees | None = None,
) -> StreamReading:
    """Verify the dialogue, as a source's session does; see `read_stream`."""
    return read_stream(genesis, genesis_file, Stream.DIALOGUE, epochs, opened, further)


@dataclass(frozen=True, slots=True)
class _Reader:
    genesis: VerifiedGenesis
    chain: Chain
    state: EpochState
    epochs: dict[int, EpochRecipients]
    begun: date | None
    further: FurtherTrustees | None
    trusted: TrusteeSet | None = None


def _read_row(row: OpenedRecord, reader: _Reader) -> tuple[VerifiedRecord, EpochState]:
    if row.plaintext is None:
        raise RecordError(Refusal.NOT_OPENED)
    if row.seq != reader.chain.next_seq:
        raise RecordError(Refusal.SEQUENCE)
    record = read_record(row.plaintext)
    recipients = reader.epochs.get(row.epoch)
    if recipients is None:
        raise RecordError(Refusal.EPOCH)
    expected = reader.chain.place(epoch=row.epoch, recipient=_recipient(recipients, reader.chain.stream))
    expected.check(record.header)
    content = record.parsed_body()
    if record.header.kind is not Kind.EPOCH:
        _verify_author(record, reader)
        # Only an epoch record leads to the next epoch, and none leads back.
        if row.epoch != reader.state.number:
            raise RecordError(Refusal.EPOCH)
        return VerifiedRecord(record.header, parse_body(record.header.kind, content)), reader.state
    epoch = parse_epoch(content)
    reader = _with_trustees(reader, record.header, epoch)
    _verify_author(record, reader)
    _check_maker(record.header.author, epoch, reader)
    after = verify_epoch(reader.state, epoch, recipients, reader.genesis, reader.trusted)
    return VerifiedRecord(record.header, epoch), after


def _with_trustees(reader: _Reader, header: Header, epoch: Epoch) -> _Reader:
    if reader.further is None or TRUSTEE_PATTERN.fullmatch(header.author) is None:
        return reader
    if trustees_consent(reader.state.trusted, epoch, case=reader.genesis.genesis.case, gen=reader.genesis.gen):
        return reader
    return replace(reader, trusted=reader.further(epoch.number, reader.begun or header.at, header.at))


def _check_maker(author: str, epoch: Epoch, reader: _Reader) -> None:
    if epoch.source is not None and author != SOURCE:
        raise RecordError(Refusal.AUTHOR)
    # Whoever makes an epoch knows its keys: only somebody who stays in it may, and a trustee only with the others.
    if author in {SOURCE, *(member.id for member in epoch.members)}:
        return
    genesis = reader.genesis
    sets = [among for among in (reader.state.trusted, reader.trusted) if among is not None]
    if TRUSTEE_PATTERN.fullmatch(author) is None or not any(
        trustees_consent(among, epoch, case=genesis.genesis.case, gen=genesis.gen) for among in sets
    ):
        raise RecordError(Refusal.AUTHOR)


def _recipient(recipients: EpochRecipients, stream: Stream) -> HybridRecipient:
    return recipients.work if stream is Stream.WORK else recipients.dialogue


def _verify_author(record: Record, reader: _Reader) -> None:
    header = record.header
    by_source = header.author == SOURCE
    if header.kind not in (SOURCE_KINDS if by_source else HANDLER_KINDS):
        raise RecordError(Refusal.AUTHOR)
    # A case begins with what the source sent in, and that comes once.
    if (header.kind in FIRST_KINDS) != (header.seq == 0):
        raise RecordError(Refusal.KIND)
    for key in _possible_keys(header, reader):
        try:
            record.verify(key)
        except SignatureError:
            continue
        return
    raise SignatureError


def _possible_keys(header: Header, reader: _Reader) -> list[VerificationKey]:
    if header.author == SOURCE:
        # Of the epoch before, where an epoch record names others: whoever hands over signs for it.
        return [reader.state.source.verification_key]
    if header.author == STAFF:
        if header.stream is not Stream.DIALOGUE:
            raise RecordError(Refusal.AUTHOR)
        return [member.verification_key for member in reader.state.members]
    if TRUSTEE_PATTERN.fullmatch(header.author) is not None and header.kind is Kind.EPOCH:
        known = [trustee for trustee in reader.state.trustees if trustee.id == header.author]
        # A directory's trustees have no pseudonyms in the case: any of them may be the one.
        further = () if reader.trusted is None or known else reader.trusted.trustees
        return [trustee.verification_key for trustee in (*known, *further)]
    member = reader.state.member(header.author)
    if member is None:
        raise RecordError(Refusal.AUTHOR)
    return [member.verification_key]
