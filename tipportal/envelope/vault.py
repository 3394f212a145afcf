"""The vault: a source's name or contact, sealed apart from the report; `docs/protocol.md`, section 4b.

It takes two to open it. Its seed is split 2-of-n between panel, standbys and trustees, so that nobody learns who the
source is alone, and no grant to the case opens it. The record inside is the source's own: signed with the key from the
code, and named in genesis by its recipient.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tipportal.envelope.age import RandomBytes, seal
from tipportal.envelope.canonical import Json, Members, canonical, digest
from tipportal.envelope.genesis import VerifiedGenesis
from tipportal.envelope.hybrid import HybridIdentity, HybridRecipient
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.records import SOURCE, Kind, Place, Stream, Writer, read_record, seal_record
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError
from tipportal.envelope.shamir import split
from tipportal.envelope.trustees import seed_of_shares

VAULT_THRESHOLD: Final = 2
MAX_TEXT: Final = 1000
_NAMES: Final = frozenset({"name", "contact"})


@dataclass(frozen=True, slots=True)
class VaultBody:
    """What a source told of itself; either may be empty, not both."""

    name: str = field(repr=False)
    contact: str = field(repr=False)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical({"contact": self.contact, "name": self.name})


@dataclass(frozen=True, slots=True)
class VaultShare:
    """One share of the vault's seed, as an age file to one holder: a pseudonym ``h1`` or ``t1``."""

    holder: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedVault:
    """A vault as it is handed in."""

    recipient: HybridRecipient
    file: bytes = field(repr=False)
    shares: tuple[VaultShare, ...]


def parse_vault(value: Json) -> VaultBody:
    """Read the body of a vault record; raises `ShapeError`, also if it says nothing or over 1,000 characters."""
    members = Members(value, _NAMES)
    body = VaultBody(members.free_text("name"), members.free_text("contact"))
    lengths = (len(body.name), len(body.contact))
    if not any(lengths) or max(lengths) > MAX_TEXT:
        raise ShapeError(Refusal.VALUE)
    return body


def seal_vault(
    vault: HybridIdentity,
    body: VaultBody,
    *,
    case: str,
    gen: str,
    genesis_file: bytes,
    writer: Writer,
    holders: Sequence[tuple[str, HybridRecipient]],
    random: RandomBytes,
) -> SealedVault:
    """Seal what a source told of itself, and a share of the key to it for each holder.

    :param vault: a fresh identity, whose recipient genesis names.
    :param gen: what records of the case call genesis by, in hex; `genesis_file` is its age file.
    :param writer: the source.
    :param holders: pseudonym and recipient of panel, standbys and trustees; two or more.
    :raises EnvelopeError: for values that no reader would take.
    """
    content = body.encode()
    parse_vault({"contact": body.contact, "name": body.name})
    header = _place(case, gen, genesis_file, vault.recipient).header(Kind.VAULT, writer, len(content))
    return SealedVault(
        vault.recipient,
        seal_record(header, content, writer.key, (vault.recipient,), random=random),
        split_vault(vault.seed, holders, random=random),
    )


def split_vault(
    seed: bytes, holders: Sequence[tuple[str, HybridRecipient]], *, random: RandomBytes
) -> tuple[VaultShare, ...]:
    """Split a vault's 32-byte seed 2-of-n, one share to each holder; also anew, when who they are has changed.

    :raises ShareError: for fewer than two holders.
    """
    shares = split(seed, shares=len(holders), threshold=VAULT_THRESHOLD, random=random)
    return tuple(
        VaultShare(holder, seal(share, [recipient], random=random))
        for (holder, recipient), share in zip(holders, shares, strict=True)
    )


def combine_vault(shares: Sequence[bytes], expected: str) -> HybridIdentity:
    """Give the vault's identity from two opened shares; `expected` is the hash in genesis.

    :raises ShareError: as `trustees.seed_of_shares`.
    """
    return seed_of_shares(shares, expected)


def verify_vault(plaintext: bytes, genesis: VerifiedGenesis, genesis_file: bytes, vault: HybridRecipient) -> VaultBody:
    """Give what an opened vault says, if it is the one that this case's source signed.

    :raises SignatureError: unless the source signed it.
    :raises RecordError: for a record from elsewhere, or a vault that genesis does not name.
    :raises EnvelopeError: for anything malformed.
    """
    if genesis.genesis.vault != recipient_hash(vault):
        raise RecordError(Refusal.RECIPIENT)
    record = read_record(plaintext)
    _place(genesis.genesis.case, genesis.gen, genesis_file, vault).check(record.header)
    if record.header.author != SOURCE or record.header.kind is not Kind.VAULT:
        raise RecordError(Refusal.AUTHOR)
    record.verify(genesis.genesis.source_key)
    return parse_vault(record.parsed_body())


def _place(case: str, gen: str, genesis_file: bytes, vault: HybridRecipient) -> Place:
    return Place(
        case=case,
        gen=gen,
        stream=Stream.VAULT,
        epoch=0,
        seq=0,
        prev=digest(genesis_file),
        recipient=recipient_hash(vault),
    )
