"""What the server can check of files that it cannot open: age files of the one kind, padded, of the right shape."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.cases import Case, GrantKind, RecordKind, StoredRecord, Stream
from tipportal.domain.errors import Invalid, MalformedAgeFile
from tipportal.domain.files import FILE_KINDS, Upload, check_count
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridRecipient, inspect, padded_length
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.shamir import SHARE_SIZE

SEED_SIZE = 32
DIGEST_SIZE = 32
MAX_RECORD = 2 * 1024 * 1024
MIN_PADDED = 4096


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed record as handed in: where it wants to stand, the age file, and what it attaches, in order."""

    stream: Stream
    kind: RecordKind
    epoch: int
    seq: int
    prev: bytes
    file: bytes
    files: tuple[Upload, ...] = ()
    digest: bytes = field(init=False)
    """SHA-256 of the age file: what the next record's ``prev`` names."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.file).digest())


def stored(
    record: SealedFile, case: Case, *, record_id: str, author: str, on: date, at: int | None = None
) -> StoredRecord:
    """A record as it is kept. ``author`` is ``source`` or a pseudonym; ``at`` (UTC seconds) is None for the source."""
    return StoredRecord(
        id=record_id,
        organisation_id=case.organisation_id,
        case_id=case.id,
        stream=record.stream,
        kind=record.kind,
        epoch=record.epoch,
        seq=record.seq,
        prev=record.prev,
        digest=record.digest,
        author=author,
        written_on=on,
        written_at=at,
        file=record.file,
    )


def check_record(record: SealedFile, *, recipients: int = 1) -> None:
    """Raise MalformedAgeFile unless the file is well formed, for exactly so many hybrid recipients, and padded.

    Raises Invalid when ``prev`` is no digest or files hang on a kind that has none, TooManyFiles.
    """
    if record.files and record.kind not in FILE_KINDS:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="files")
    check_count(len(record.files))
    if len(record.prev) != DIGEST_SIZE:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="prev")
    size = payload_size(record.file, recipients)
    if size > MAX_RECORD:
        raise MalformedAgeFile(N_("Texten är för stor."), field="file")
    # An unpadded record would tell its length to whoever reads the database.
    if size < MIN_PADDED or padded_length(size) != size:
        raise MalformedAgeFile(N_("Posten saknar utfyllnad."), field="file")


def check_grant(file: bytes, kind: GrantKind | None = None) -> None:
    """Raise MalformedAgeFile unless the file seals one 32-byte seed, or a trustee's share of one, to one recipient."""
    if payload_size(file, 1) != (SHARE_SIZE if kind is GrantKind.TRUSTEE_SHARE else SEED_SIZE):
        raise MalformedAgeFile(N_("En nyckel har fel storlek."), field="grants")


def recipient_of(raw: bytes, *, field: str) -> HybridRecipient:
    """The recipient, or Invalid naming the field."""
    try:
        return HybridRecipient.from_bytes(raw)
    except EnvelopeError:
        raise Invalid(N_("Mottagaren är inte en giltig nyckel."), field=field) from None


def verification_key_of(raw: bytes, *, field: str) -> VerificationKey:
    """The verification key, or Invalid naming the field."""
    try:
        return VerificationKey(raw)
    except EnvelopeError:
        raise Invalid(N_("Verifieringsnyckeln är inte giltig."), field=field) from None


def payload_size(file: bytes, recipients: int, *, total: int | None = None, field: str = "file") -> int:
    """How many bytes an age file seals to exactly so many hybrid recipients.

    ``total``: bytes of the whole, where ``file`` is only its beginning. Raises MalformedAgeFile naming the field.
    """
    try:
        shape = inspect(file, size=total)
    except EnvelopeError:
        raise MalformedAgeFile(N_("Filen är inte en giltig förseglad fil."), field=field) from None
    if shape.recipients != recipients:
        raise MalformedAgeFile(N_("Filen är förseglad till fel antal mottagare."), field=field)
    return shape.payload_size
