"""Why a case's keys, codes and records are refused: short stable codes, and the errors that carry them.

They stand beside those of the age format (`tipportal.envelope.errors`); every error here is an `EnvelopeError` too.
"""

from collections.abc import Sequence
from enum import StrEnum

from tipportal.envelope.errors import EnvelopeError


class Refusal(StrEnum):
    """What was wrong; the values are stable, so they may be counted, tested and translated."""

    JSON = "json"
    NOT_CANONICAL = "not_canonical"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    MEMBERS = "members"
    VALUE = "value"
    KEY = "key"
    SIGNATURE = "signature"
    WORDS = "words"
    RECORD_TRUNCATED = "record_truncated"
    RECORD_PADDING = "record_padding"
    BODY_LENGTH = "body_length"
    VERSION = "version"
    CASE = "case"
    GENESIS = "genesis"
    INSTALLATION = "installation"
    STREAM = "stream"
    EPOCH = "epoch"
    KIND = "kind"
    SEQUENCE = "sequence"
    PREVIOUS = "previous"
    RECIPIENT = "recipient"
    AUTHOR = "author"
    ATTACHMENTS = "attachments"
    RECIPIENTS = "recipients"
    FILE_SIZE = "file_size"
    FILE_PADDING = "file_padding"
    FILE_DIGEST = "file_digest"
    NOT_OPENED = "not_opened"
    OFFER = "offer"
    GRANT_SIZE = "grant_size"
    GRANT_SEED = "grant_seed"
    SHARE_COUNT = "share_count"
    SHARE_SIZE = "share_size"
    SHARE_REPEATED = "share_repeated"
    SHARE_SEED = "share_seed"
    PAPER_WORDS = "paper_words"
    PAPER_CHECK = "paper_check"
    TOO_FEW_SIGNATURES = "too_few_signatures"
    EPOCH_PANEL = "epoch_panel"
    SOURCE = "source"
    PAYLOAD = "payload"
    EXPIRED = "expired"
    SAME_PERSON = "same_person"
    WORK_FACTOR = "work_factor"


class ShapeError(EnvelopeError):
    """Not the JSON that the protocol prescribes: not canonical, too large, or with other members or values."""


class KeyShapeError(EnvelopeError):
    """Not a key that anything may be signed or verified with."""


class SignatureError(EnvelopeError):
    """The signature is not one that this key made over these bytes."""

    def __init__(self) -> None:
        """Take no code: there is just one."""
        super().__init__(Refusal.SIGNATURE)


class RecordError(EnvelopeError):
    """The record is malformed, or stands where it does not belong."""


class FileError(EnvelopeError):
    """The file is not the one that the record attached."""


class EpochError(EnvelopeError):
    """The epoch does not follow from the one before it."""


class GrantError(EnvelopeError):
    """The grant does not hold the seed that the epoch names."""


class ShareError(EnvelopeError):
    """The shares are no shares, or not of the seed that was split."""


class PaperError(EnvelopeError):
    """What was typed from a paper is not what stands on it; `rows` (from 1) are those that are wrong."""

    def __init__(self, reason: Refusal, rows: Sequence[int] = ()) -> None:
        """Keep the rows."""
        super().__init__(reason)
        self.rows = tuple(rows)


class ActError(EnvelopeError):
    """The act is not one that two different people have signed."""
