"""A bundle of a closed case, opened with a member's own key: every record verified, and the log's proofs too."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tipportal.archive.content import LogProof
from tipportal.domain.treeproofs import proves_consistency, proves_inclusion
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient
from tipportal.envelope.epochs import Epoch, EpochRecipients, TrusteeSet
from tipportal.envelope.genesis import ExpectedGenesis, VerifiedGenesis, verify_genesis
from tipportal.envelope.grants import check_grant_seed
from tipportal.envelope.keys import VerificationKey, dialogue_seed, recipient_hash
from tipportal.envelope.opening import open_file, open_sealed
from tipportal.envelope.passphrase import HandlerIdentity, PassphraseIdentity, normalise_passphrase, parse_identity_file
from tipportal.envelope.reading import OpenedRecord, ReadRecord, VerifiedRecord, read_stream
from tipportal.envelope.records import Attachment, Stream
from tipportal.envelope.refusals import EpochError, Refusal
from tipportal.envelope.signednotes import parse_vkey
from tipportal.envelope.trustees import Trustee
from tipportal.usecases.archiving import BUNDLE, VERSION, file_name
from tipportal.usecases.logtree import read_mark

MAX_BUNDLE = 256 << 20


class BundleError(Exception):
    """What is wrong with a bundle, or with the key that is to open it: one plain line, nothing secret."""


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case that a member has opened: every record, those that fail as failed. ``functions``: by pseudonym."""

    genesis: VerifiedGenesis = field(repr=False)
    dialogue: tuple[ReadRecord, ...] = field(repr=False)
    work: tuple[ReadRecord, ...] = field(repr=False)
    functions: Mapping[str, str]


class Bundle:
    """One file with everything sealed of a case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raise BundleError for what is no bundle."""
        self._archive = archive
        try:
            if archive.getinfo(BUNDLE).file_size > MAX_BUNDLE:
                raise BundleError("The file is too large to be a bundle.")
            read = json.loads(archive.read(BUNDLE))
        except (KeyError, ValueError, zipfile.BadZipFile):
            raise BundleError("The file is no bundle from the case's page.") from None
        if not isinstance(read, dict) or read.get("v") != VERSION:
            raise BundleError("The bundle is of another version of the program.")
        self.content: Mapping[str, Any] = read

    @property
    def reference(self) -> str:
        """The reference of its case."""
        return str(self.content["reference"])

    def unlock(self, typed: str) -> HandlerIdentity:
        """The keys that a passphrase opens. Raises BundleError."""
        return identity_of([_bytes(one) for one in self.content["keys"]], typed)

    def open_file(self, stream: str, seq: int, position: int, attachment: Attachment, path: Path) -> None:
        """Open an attached file to a new path that only its owner reads. Raises EnvelopeError, KeyError."""
        with self._archive.open(file_name(stream, seq, position)) as sealed:
            path.touch(mode=0o600, exist_ok=False)
            try:
                with path.open("wb") as out:
                    open_file(sealed, out, attachment)
            except BaseException:
                # Nothing of a file counts before its end has been verified.
                path.unlink()
                raise


def read_bundle(path: Path) -> Bundle:
    """The bundle in a file. Raises BundleError."""
    try:
        return Bundle(zipfile.ZipFile(path))
    except (OSError, zipfile.BadZipFile):
        raise BundleError("The file is no bundle from the case's page.") from None


def identity_of(files: Sequence[bytes], typed: str) -> HandlerIdentity:
    """The keys that lie in one of a member's files under a passphrase. Raises BundleError."""
    try:
        passphrase = normalise_passphrase(typed)
    except EnvelopeError:
        raise BundleError("That is no passphrase: it is seven words.") from None
    for file in files:
        try:
            return parse_identity_file(open_sealed(file, [PassphraseIdentity(passphrase)]))
        except EnvelopeError:
            continue
    raise BundleError("The passphrase opens none of your keys.")


def opened_case(bundle: Bundle, identity: HandlerIdentity) -> OpenedCase:
    """Open and verify the case. Raises BundleError when not even its first record holds."""
    content = bundle.content
    try:
        recipients = [_recipients(one) for one in content["epochs"]]
        seeds = _seeds(content, recipients, identity)
        genesis_file = next(_bytes(row["file"]) for row in content["records"] if row["stream"] == "genesis")
        genesis = verify_genesis(
            open_sealed(genesis_file, [HybridIdentity(seeds[0])]),
            ExpectedGenesis(
                case=bundle.reference,
                installation=str(content["installation"]),
                source=HybridRecipient.from_bytes(_bytes(content["source"]["recipient"])),
                work=recipients[0].work,
                source_key=VerificationKey(_bytes(content["source"]["verification_key"])),
            ),
        )
        read = {
            stream: read_stream(
                genesis,
                genesis_file,
                stream,
                recipients,
                [_opened(row, seeds) for row in _of(content["records"], stream)],
                _Further(content["epochs"]),
            ).records
            for stream in (Stream.DIALOGUE, Stream.WORK)
        }
    except KeyError:
        raise BundleError("The bundle has no key of yours to the case's first records.") from None
    except EnvelopeError as error:
        raise BundleError(f"The case does not hold: {error.reason}") from None
    places = {str(key): str(name) for key, name in content["places"].items()}
    members = [*genesis.genesis.members]
    for record in (*read[Stream.DIALOGUE], *read[Stream.WORK]):
        if isinstance(record, VerifiedRecord) and isinstance(record.body, Epoch):
            members += record.body.members
    functions = {member.id: places.get(member.function, member.function) for member in members}
    return OpenedCase(genesis, read[Stream.DIALOGUE], read[Stream.WORK], functions)


def proven_log(content: Mapping[str, Any]) -> LogProof:
    """Whether the case's part of the log, and the checkpoint with it, stand as the bundle has them."""
    log = content["log"]
    size, root = int(log["size"]), bytes.fromhex(log["root"])
    holds = True
    for one in log["entries"]:
        data = _bytes(one["entry"])
        body = json.loads(data)
        leaf = hashlib.sha256(b"\x00" + data).digest()
        path = [bytes.fromhex(step) for step in one["path"]]
        named = body["index"] == one["index"] and body["case"] == content["reference"]
        holds = holds and named and proves_inclusion(leaf, int(one["index"]), size, path, root)
    if log["checkpoint"] is None:
        return LogProof(size, root.hex(), 0, holds)
    mark = read_mark(str(log["checkpoint"]), outside=False)
    if mark is None or mark.checkpoint.size != log["signed"]:
        return LogProof(size, root.hex(), 0, holds=False)
    try:
        mark.note.verify(parse_vkey(str(log["key"])))
    except EnvelopeError:
        return LogProof(size, root.hex(), 0, holds=False)
    path = [bytes.fromhex(step) for step in log["consistency"]]
    goes_on = proves_consistency(mark.checkpoint.size, size, path, (mark.checkpoint.root, root))
    return LogProof(size, root.hex(), mark.checkpoint.size, holds and goes_on)


class _Further:
    """Trustees whom the chain does not name, as the server that made the bundle verified them in its directory."""

    def __init__(self, epochs: Sequence[Mapping[str, Any]]) -> None:
        self._epochs = {int(one["epoch"]): one["trustees"] for one in epochs}

    def __call__(self, epoch: int, since: date, at: date) -> TrusteeSet:
        del since, at
        named = self._epochs.get(epoch)
        if named is None:
            raise EpochError(Refusal.EPOCH)
        trustees = tuple(
            Trustee(
                id=str(one["id"]),
                recipient=str(one["recipient"]),
                verification_key=VerificationKey(_bytes(one["verification_key"])),
            )
            for one in named["trustees"]
        )
        return TrusteeSet(trustees, int(named["threshold"]))


def _recipients(one: Mapping[str, Any]) -> EpochRecipients:
    return EpochRecipients(
        int(one["epoch"]),
        HybridRecipient.from_bytes(_bytes(one["work"])),
        HybridRecipient.from_bytes(_bytes(one["dialogue"])),
    )


def _seeds(
    content: Mapping[str, Any], recipients: Sequence[EpochRecipients], identity: HandlerIdentity
) -> dict[int, bytes]:
    seeds = {}
    for one, known in zip(content["epochs"], recipients, strict=True):
        if one["grant"] is None:
            continue
        try:
            seed = open_sealed(_bytes(one["grant"]), [identity.identity])
            check_grant_seed(seed, recipient_hash(known.work))
        except EnvelopeError:
            # Its records show as failed, as on the page.
            continue
        seeds[known.epoch] = seed
    return seeds


def _of(rows: Sequence[Mapping[str, Any]], stream: Stream) -> list[Mapping[str, Any]]:
    return sorted((row for row in rows if row["stream"] == stream.value), key=lambda row: int(row["seq"]))


def _opened(row: Mapping[str, Any], seeds: Mapping[int, bytes]) -> OpenedRecord:
    file, epoch = _bytes(row["file"]), int(row["epoch"])
    plaintext = None
    if epoch in seeds:
        seed = seeds[epoch] if row["stream"] == "work" else dialogue_seed(seeds[epoch])
        try:
            plaintext = open_sealed(file, [HybridIdentity(seed)])
        except EnvelopeError:
            plaintext = None
    return OpenedRecord(epoch, int(row["seq"]), file, plaintext)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise BundleError("The bundle is damaged.") from None
