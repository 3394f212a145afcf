"""Signed notes with Ed25519 (https://c2sp.org/signed-note), in which the log's checkpoints are signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from .keys import SEED_SIZE, SIGNATURE_SIZE, VERIFICATION_KEY_SIZE, SigningKey, VerificationKey
from .refusals import KeyShapeError, Refusal, SignatureError

ED25519: Final = b"\x01"
ID_SIZE: Final = 4
MAX_NOTE: Final = 1 << 20
MAX_SIGNATURES: Final = 100
_DASH: Final = "\N{EM DASH} "
_PRIVATE: Final = "PRIVATE+KEY+"


class NoteKey:
    """The public half of a note's key: a name and an Ed25519 key. Equal when both are."""

    __slots__ = ("key", "name")

    def __init__(self, name: str, key: VerificationKey) -> None:
        """Raise KeyShapeError for an empty name, or one with white space, a plus sign or a control character."""
        if not name or "+" in name or any(each.isspace() or not each.isprintable() for each in name):
            raise KeyShapeError(Refusal.KEY)
        self.name = name
        self.key = key

    def __eq__(self, other: object) -> bool:
        """Compare name and key."""
        return isinstance(other, NoteKey) and (self.name, self.key) == (other.name, other.key)

    def __hash__(self) -> int:
        """Hash name and key."""
        return hash((self.name, self.key))

    def __repr__(self) -> str:
        """Show the key, which is public."""
        return f"NoteKey({self.vkey()})"

    @property
    def id(self) -> bytes:
        """The key's 4 bytes: the beginning of SHA-256(name, newline, 0x01, public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key.raw).digest()[:ID_SIZE]

    def vkey(self) -> str:
        """The key in one line: name, id in hex, and base64 of 0x01 with the public key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.key.raw).decode()}"


class NoteSigner:
    """The private half. Not comparable and not shown."""

    __slots__ = ("_key", "public")

    def __init__(self, name: str, seed: bytes) -> None:
        """Derive the key from its 32-byte seed. Raises KeyShapeError as ``NoteKey`` does, and for another length."""
        self._key = SigningKey(seed)
        self.public = NoteKey(name, self._key.verification_key)

    def __repr__(self) -> str:
        """Name the public half only."""
        return f"NoteSigner({self.public!r})"

    def sign(self, text: str) -> str:
        """Give the signed note of a text that ends with a newline. Raises SignatureError for another text."""
        if not _is_text(text):
            raise SignatureError
        signature = self.public.id + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.public.name} {base64.b64encode(signature).decode()}\n"

    def file_text(self) -> str:
        """The one line that its file holds: ``PRIVATE+KEY+name+id+base64``."""
        seed = base64.b64encode(ED25519 + self._key.seed).decode()
        return f"{_PRIVATE}{self.public.name}+{self.public.id.hex()}+{seed}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read: its text, and signatures as name, key id and signature, none of them verified."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def names(self, key: NoteKey) -> bool:
        """Whether a line claims to be of the key."""
        return any((name, key_id) == (key.name, key.id) for name, key_id, _ in self.signatures)

    def verify(self, key: NoteKey) -> None:
        """Return if the key signed the text; SignatureError otherwise. Signatures by other keys are passed over."""
        found = [raw for name, key_id, raw in self.signatures if (name, key_id) == (key.name, key.id)]
        if not found:
            raise SignatureError
        for raw in found:
            if len(raw) != SIGNATURE_SIZE:
                raise SignatureError
            key.key.verify(raw, self.text.encode())


def parse_note(note: str) -> Note:
    """Read a signed note strictly. Raises SignatureError when it is none: too long, no text, no signature line."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or len(note) > MAX_NOTE or not lines.endswith("\n"):
        raise SignatureError
    text += "\n"
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if not _is_text(text) or len(signatures) > MAX_SIGNATURES:
        raise SignatureError
    return Note(text, tuple(signatures))


def parse_vkey(vkey: str) -> NoteKey:
    """Read a public key from its one line. Raises KeyShapeError, also when its id is another key's."""
    name, key_id, raw = _parts(vkey)
    key = NoteKey(name, VerificationKey(_of_kind(raw, VERIFICATION_KEY_SIZE)))
    if key.id != key_id:
        raise KeyShapeError(Refusal.KEY)
    return key


def parse_signer(text: str) -> NoteSigner:
    """Read a private key from the line of its file. Raises KeyShapeError."""
    line = text.removesuffix("\n")
    if not line.startswith(_PRIVATE):
        raise KeyShapeError(Refusal.KEY)
    name, key_id, raw = _parts(line.removeprefix(_PRIVATE))
    signer = NoteSigner(name, _of_kind(raw, SEED_SIZE))
    if signer.public.id != key_id:
        raise KeyShapeError(Refusal.KEY)
    return signer


def _is_text(text: str) -> bool:
    return text.endswith("\n") and all(each == "\n" or each >= " " for each in text)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not name or "+" in name:
        raise SignatureError
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError from None
    if len(raw) <= ID_SIZE:
        raise SignatureError
    return name, raw[:ID_SIZE], raw[ID_SIZE:]


def _parts(line: str) -> tuple[str, bytes, bytes]:
    name, plus, rest = line.partition("+")
    key_id, more, encoded = rest.partition("+")
    try:
        parts = name, bytes.fromhex(key_id), base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise KeyShapeError(Refusal.KEY) from None
    if not (plus and more) or len(parts[1]) != ID_SIZE or key_id != parts[1].hex():
        raise KeyShapeError(Refusal.KEY)
    return parts


def _of_kind(raw: bytes, size: int) -> bytes:
    if raw[:1] != ED25519 or len(raw) != 1 + size:
        raise KeyShapeError(Refusal.KEY)
    return raw[1:]
