"""What can be wrong with a sealed file or a key, each with a short stable code."""

from enum import StrEnum


class Reason(StrEnum):
    """Why the envelope refused; the values are stable, so they may be counted, tested and translated."""

    BECH32 = "bech32"
    RECIPIENT_LENGTH = "recipient_length"
    RECIPIENT_KEY = "recipient_key"
    RECIPIENT_KIND = "recipient_kind"
    RECIPIENTS_NONE = "recipients_none"
    RECIPIENTS_DUPLICATE = "recipients_duplicate"
    RECIPIENTS_MIXED = "recipients_mixed"
    RECIPIENTS_TOO_MANY = "recipients_too_many"
    IDENTITY_LENGTH = "identity_length"
    VERSION = "version"
    HEADER_TRUNCATED = "header_truncated"
    HEADER_TOO_LONG = "header_too_long"
    STANZA = "stanza"
    STANZA_NONE = "stanza_none"
    STANZA_ARGUMENTS = "stanza_arguments"
    STANZA_BODY = "stanza_body"
    STANZA_KIND = "stanza_kind"
    STANZA_DUPLICATE = "stanza_duplicate"
    SCRYPT_NOT_ALONE = "scrypt_not_alone"
    BASE64 = "base64"
    LOW_ORDER = "low_order"
    FILE_KEY_LENGTH = "file_key_length"
    MAC_LINE = "mac_line"
    MAC_MISMATCH = "mac_mismatch"
    NONCE_TRUNCATED = "nonce_truncated"
    NO_MATCH = "no_match"
    CHUNK = "chunk"
    LAST_CHUNK_EMPTY = "last_chunk_empty"
    PAYLOAD_TRUNCATED = "payload_truncated"
    PAYLOAD_TRAILING = "payload_trailing"
    PAYLOAD_SIZE = "payload_size"
    PADDING = "padding"


class EnvelopeError(Exception):
    """The one kind of error that malformed, foreign or tampered input gives rise to.

    It carries a code and nothing of the input, so it may be logged and shown. Errors of the reader or the writer
    handed in (``OSError``) are not turned into this one.
    """

    def __init__(self, reason: str) -> None:
        """Keep the short code (one of `Reason`, or the code of a room that builds upon this one)."""
        super().__init__(str(reason))
        self.reason: str = str(reason)


class HeaderError(EnvelopeError):
    """The header of the age file breaks the grammar or a rule of a stanza."""


class HeaderMacError(HeaderError):
    """The header was changed after it was made: a file key came out, but it does not vouch for this header."""


class NoMatchingIdentity(EnvelopeError):
    """The header is well formed, but none of the identities at hand opens it."""

    def __init__(self) -> None:
        """Take no code: there is just one."""
        super().__init__(Reason.NO_MATCH)


class PayloadError(EnvelopeError):
    """The payload is changed, cut, extended or of a size that no sealed file has."""


class RecipientError(EnvelopeError):
    """A recipient, or a list of them, that nothing may be sealed to."""


class IdentityError(EnvelopeError):
    """Not an identity: wrong length, wrong prefix or a wrong checksum."""


class PaddingError(EnvelopeError):
    """Opened bytes are not what `pad` makes: a wrong length, or something other than zeros after the content."""
