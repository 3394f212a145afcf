"""Seal in the age v1 format with hybrid post-quantum recipients. This is the whole door.

What opens files is not here but in `tipportal.envelope.opening`: the server seals, and opens in one place only.
"""

from tipportal.envelope.age import (
    MAX_RECIPIENTS,
    RandomBytes,
    SealedShape,
    SealingWriter,
    inspect,
    seal,
    seal_stream,
    sealed_size,
)
from tipportal.envelope.errors import (
    EnvelopeError,
    HeaderError,
    HeaderMacError,
    IdentityError,
    NoMatchingIdentity,
    PaddingError,
    PayloadError,
    Reason,
    RecipientError,
)
from tipportal.envelope.header import Header, parse_header
from tipportal.envelope.hybrid import HybridIdentity, HybridRecipient
from tipportal.envelope.padding import pad, padded_length, unpad
from tipportal.envelope.stanza import Stanza
from tipportal.envelope.stream import Reader, Writer

__all__ = [
    "MAX_RECIPIENTS",
    "EnvelopeError",
    "Header",
    "HeaderError",
    "HeaderMacError",
    "HybridIdentity",
    "HybridRecipient",
    "IdentityError",
    "NoMatchingIdentity",
    "PaddingError",
    "PayloadError",
    "RandomBytes",
    "Reader",
    "Reason",
    "RecipientError",
    "SealedShape",
    "SealingWriter",
    "Stanza",
    "Writer",
    "inspect",
    "pad",
    "padded_length",
    "parse_header",
    "seal",
    "seal_stream",
    "sealed_size",
    "unpad",
]
