"""A handler's identity file: an age file under a machine-made passphrase; `docs/protocol.md`, section 7.

The passphrase is made in the browser at enrolment and typed there. This side serves the command line alone (the demo
and tests of the two sides together), so neither a face nor a use case may import it; it is no part of the door.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tipportal.envelope.age import RandomBytes, wrap_file_key
from tipportal.envelope.canonical import Members, canonical, encode_b64, parse_canonical
from tipportal.envelope.casecode import normalise_words, words_from_entropy
from tipportal.envelope.errors import HeaderError, Reason
from tipportal.envelope.hybrid import SEED_SIZE, HybridIdentity
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.refusals import KeyShapeError, Refusal
from tipportal.envelope.stanza import FILE_KEY_SIZE, Stanza, decode_base64, encode_base64
from tipportal.envelope.stream import NONCE_SIZE, PayloadSealer, payload_cipher

PASSPHRASE_WORDS: Final = 7
DEFAULT_WORK_FACTOR: Final = 16
# 2**18 takes 256 MiB: whoever stores a file must not decide how much memory opening it takes.
MAX_WORK_FACTOR: Final = 18
_STANZA_KIND: Final = "scrypt"
_SALT_CONTEXT: Final = b"age-encryption.org/v1/scrypt"
_SALT_SIZE: Final = 16
_KEY_SIZE: Final = 32
_BODY_SIZE: Final = FILE_KEY_SIZE + 16
_ENTROPY_SIZE: Final = 16
_ARGUMENT_COUNT: Final = 3
_WORK_FACTOR_PATTERN: Final = re.compile(r"[1-9][0-9]?")
_NAMES: Final = frozenset({"signing", "age"})
# The wrapping key is used once, for its salt is fresh (C2SP age.md, "scrypt recipient stanza").
_NONCE: Final = bytes(12)


@dataclass(frozen=True, slots=True)
class HandlerIdentity:
    """What a handler's identity file holds."""

    identity: HybridIdentity = field(repr=False)
    signing_key: SigningKey = field(repr=False)


class PassphraseRecipient:
    """Seals under a passphrase (age's ``scrypt`` stanza). It must be the only recipient of its file."""

    labels: frozenset[str] = frozenset({"passphrase"})

    def __init__(self, passphrase: str, *, random: RandomBytes, work_factor: int = DEFAULT_WORK_FACTOR) -> None:
        """Take the passphrase; raises `KeyShapeError` for a work factor that nobody here would open."""
        if not 1 <= work_factor <= MAX_WORK_FACTOR:
            raise KeyShapeError(Refusal.WORK_FACTOR)
        self._passphrase = passphrase
        self._random = random
        self._work_factor = work_factor

    def __repr__(self) -> str:
        """Show nothing."""
        return "PassphraseRecipient()"

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap the 16-byte file key."""
        salt = self._random(_SALT_SIZE)
        key = _wrapping_key(self._passphrase, salt, self._work_factor)
        arguments = (_STANZA_KIND, encode_base64(salt).decode("ascii"), str(self._work_factor))
        return Stanza(arguments, ChaCha20Poly1305(key).encrypt(_NONCE, file_key, None))


class PassphraseIdentity:
    """Opens what was sealed under a passphrase; to be handed to `tipportal.envelope.opening`."""

    def __init__(self, passphrase: str, *, max_work_factor: int = MAX_WORK_FACTOR) -> None:
        """Take the passphrase and the greatest work factor that is spent on a file."""
        self._passphrase = passphrase
        self._max_work_factor = max_work_factor

    def __repr__(self) -> str:
        """Show nothing."""
        return "PassphraseIdentity()"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the 16-byte file key, or None if the passphrase is another or the file is under none.

        :raises HeaderError: for a malformed stanza, or one among others; reason ``work_factor``, before any of the
            work is done.
        """
        if not any(stanza.kind == _STANZA_KIND for stanza in stanzas):
            return None
        if len(stanzas) > 1:
            raise HeaderError(Reason.SCRYPT_NOT_ALONE)
        salt, work_factor, body = _read_stanza(stanzas[0])
        if work_factor > self._max_work_factor:
            raise HeaderError(Refusal.WORK_FACTOR)
        try:
            return ChaCha20Poly1305(_wrapping_key(self._passphrase, salt, work_factor)).decrypt(_NONCE, body, None)
        except InvalidTag:
            return None


def machine_passphrase(random: RandomBytes) -> str:
    """Give seven random words of the list with single spaces: 77 bits."""
    return " ".join(words_from_entropy(random(_ENTROPY_SIZE), PASSPHRASE_WORDS))


def normalise_passphrase(raw: str) -> str:
    """Give the passphrase that somebody typed, in its one form; raises `CaseCodeError` as a case code does."""
    return " ".join(normalise_words(raw, PASSPHRASE_WORDS))


def seal_identity_file(
    content: HandlerIdentity,
    passphrase: str,
    *,
    random: RandomBytes,
    work_factor: int = DEFAULT_WORK_FACTOR,
) -> bytes:
    """Give the age file of a handler's two keys under a passphrase from `machine_passphrase`."""
    plaintext = canonical({"signing": encode_b64(content.signing_key.seed), "age": encode_b64(content.identity.seed)})
    file_key = random(FILE_KEY_SIZE)
    nonce = random(NONCE_SIZE)
    recipient = PassphraseRecipient(passphrase, random=random, work_factor=work_factor)
    sealed = io.BytesIO(wrap_file_key(file_key, [recipient]).encode() + nonce)
    sealed.seek(0, io.SEEK_END)
    sealer = PayloadSealer(payload_cipher(file_key, nonce), sealed)
    sealer.write(plaintext)
    sealer.finish()
    return sealed.getvalue()


def parse_identity_file(plaintext: bytes) -> HandlerIdentity:
    """Read what an opened identity file holds; raises `EnvelopeError`."""
    members = Members(parse_canonical(plaintext), _NAMES)
    return HandlerIdentity(
        identity=HybridIdentity(members.octets("age", SEED_SIZE)),
        signing_key=SigningKey(members.octets("signing", SEED_SIZE)),
    )


def _read_stanza(stanza: Stanza) -> tuple[bytes, int, bytes]:
    if len(stanza.arguments) != _ARGUMENT_COUNT or _WORK_FACTOR_PATTERN.fullmatch(stanza.arguments[2]) is None:
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    salt = decode_base64(stanza.arguments[1].encode("ascii"))
    if len(salt) != _SALT_SIZE:
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    # Checked before decrypting: a file key of another length could be one of several that fit (age.md).
    if len(stanza.body) != _BODY_SIZE:
        raise HeaderError(Reason.STANZA_BODY)
    return salt, int(stanza.arguments[2]), stanza.body


def _wrapping_key(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    return Scrypt(_SALT_CONTEXT + salt, _KEY_SIZE, n=2**work_factor, r=8, p=1).derive(passphrase.encode("utf-8"))
