"""A case out of a bundle, opened and verified on the command line, whoever's keys open it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient
from tipportal.envelope.epochs import EpochRecipients
from tipportal.envelope.genesis import ExpectedGenesis, VerifiedGenesis, verify_genesis
from tipportal.envelope.keys import VerificationKey, dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.reading import FurtherTrustees, OpenedRecord, ReadRecord, read_stream
from tipportal.envelope.records import Stream


class BundleError(click.ClickException):
    """What is wrong with a bundle, or with the key that is to open it: one plain line, nothing secret."""


@dataclass(frozen=True, slots=True)
class VerifiedCase:
    """A case that has been opened: every record, those that fail as failed."""

    genesis: VerifiedGenesis = field(repr=False)
    dialogue: tuple[ReadRecord, ...] = field(repr=False)
    work: tuple[ReadRecord, ...] = field(repr=False)


def verified_case(bundle: Mapping[str, Any], seeds: Mapping[int, bytes], further: FurtherTrustees) -> VerifiedCase:
    """Open and verify a case of a bundle (`docs/protocol.md`, sections 7a and 7d).

    ``seeds``: work seeds by epoch; records of an epoch without one show as failed. ``further``: trustees whom the chain
    does not name. Raises BundleError when there is no seed of the first epoch, EnvelopeError when genesis fails.
    """
    recipients = [recipients_of(one) for one in bundle["epochs"]]
    rows: Sequence[Mapping[str, Any]] = bundle["records"]
    if 0 not in seeds:
        raise BundleError("The bundle has no key to the case's first records.")
    genesis_file = next(bytes_of(row["file"]) for row in rows if row["stream"] == "genesis")
    genesis = verify_genesis(
        open_sealed(genesis_file, [HybridIdentity(seeds[0])]),
        ExpectedGenesis(
            case=str(bundle["reference"]),
            installation=str(bundle["installation"]),
            source=HybridRecipient.from_bytes(bytes_of(bundle["source"]["recipient"])),
            work=recipients[0].work,
            source_key=VerificationKey(bytes_of(bundle["source"]["verification_key"])),
        ),
    )

    def read(stream: Stream) -> tuple[ReadRecord, ...]:
        opened = [_opened(row, seeds) for row in _of(rows, stream)]
        return read_stream(genesis, genesis_file, stream, recipients, opened, further).records

    return VerifiedCase(genesis, read(Stream.DIALOGUE), read(Stream.WORK))


def recipients_of(epoch: Mapping[str, Any]) -> EpochRecipients:
    """An epoch's recipients as a bundle has them."""
    return EpochRecipients(
        int(epoch["epoch"]),
        HybridRecipient.from_bytes(bytes_of(epoch["work"])),
        HybridRecipient.from_bytes(bytes_of(epoch["dialogue"])),
    )


def bytes_of(text: object) -> bytes:
    """Bytes as a bundle has them, in base64. Raises BundleError."""
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise BundleError("The bundle is damaged.") from None


def _of(rows: Sequence[Mapping[str, Any]], stream: Stream) -> list[Mapping[str, Any]]:
    return sorted((row for row in rows if row["stream"] == stream.value), key=lambda row: int(row["seq"]))


def _opened(row: Mapping[str, Any], seeds: Mapping[int, bytes]) -> OpenedRecord:
    file, epoch = bytes_of(row["file"]), int(row["epoch"])
    plaintext = None
    # A row of an epoch that nobody here has the key to is one that fails: the others are read all the same.
    if epoch in seeds:
        seed = seeds[epoch] if row["stream"] == "work" else dialogue_seed(seeds[epoch])
        try:
            plaintext = open_sealed(file, [HybridIdentity(seed)])
        except EnvelopeError:
            plaintext = None
    return OpenedRecord(epoch, int(row["seq"]), file, plaintext)
