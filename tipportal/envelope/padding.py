"""Hide how long a text or a file is.

Padmé: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019.
"""

from tipportal.envelope.errors import PaddingError, Reason

# Up to here everything has one size: ordinary messages do not differ.
SMALLEST = 4096


def padded_length(length: int) -> int:
    """Give the length in bytes that content of `length` bytes is padded to: ``max(4096, Padmé(length))``.

    Above 4,096 bytes it adds at most 6.25 %, and only O(log log length) bits of the length show.
    """
    if length <= SMALLEST:
        return SMALLEST
    exponent = length.bit_length() - 1
    kept_bits = exponent.bit_length()
    mask = (1 << (exponent - kept_bits)) - 1
    return (length + mask) & ~mask


def pad(record: bytes) -> bytes:
    """Fill up with zeros to `padded_length`."""
    return record.ljust(padded_length(len(record)), b"\0")


def unpad(padded: bytes, length: int) -> bytes:
    """Give the first `length` bytes, after checking that `pad` would have made exactly the rest of it.

    :raises PaddingError: for another padded length than theirs, or anything but zeros in the padding, where something
        could otherwise be hidden.
    """
    if length < 0 or len(padded) != padded_length(length) or padded.count(0, length) != len(padded) - length:
        raise PaddingError(Reason.PADDING)
    return padded[:length]
