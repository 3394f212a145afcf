"""A bundle of a closed case, opened with a member's own key: every record verified, and the log's proofs too."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tipportal.archive.content import LogProof
from tipportal.domain.treeproofs import proves_consistency, proves_inclusion
from tipportal.envelope import EnvelopeError
from tipportal.envelope.epochs import Epoch, TrusteeSet
from tipportal.envelope.grants import check_grant_seed
from tipportal.envelope.keys import VerificationKey, recipient_hash
from tipportal.envelope.opening import open_file, open_sealed
from tipportal.envelope.passphrase import HandlerIdentity, PassphraseIdentity, normalise_passphrase, parse_identity_file
from tipportal.envelope.reading import VerifiedRecord
from tipportal.envelope.records import Attachment
from tipportal.envelope.refusals import EpochError, Refusal
from tipportal.envelope.signednotes import parse_vkey
from tipportal.envelope.trustees import Trustee
from tipportal.usecases.archiving import BUNDLE, VERSION, file_name
from tipportal.usecases.logtree import read_mark

from .sealed_case import BundleError, VerifiedCase, bytes_of, recipients_of, verified_case

MAX_BUNDLE = 256 << 20


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case that a member has opened. ``functions``: names of those who wrote in it, by pseudonym."""

    case: VerifiedCase
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
        return identity_of([bytes_of(one) for one in self.content["keys"]], typed)

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
        case = verified_case(content, _seeds(content, identity), _Further(content["epochs"]))
        places = {str(key): str(name) for key, name in content["places"].items()}
    except KeyError:
        raise BundleError("The bundle is damaged.") from None
    except EnvelopeError as error:
        raise BundleError(f"The case does not hold: {error.reason}") from None
    members = [*case.genesis.genesis.members]
    for record in (*case.dialogue, *case.work):
        if isinstance(record, VerifiedRecord) and isinstance(record.body, Epoch):
            members += record.body.members
    return OpenedCase(case, {member.id: places.get(member.function, member.function) for member in members})


def proven_log(content: Mapping[str, Any]) -> LogProof:
    """Whether the case's part of the log, and the checkpoint with it, stand as the bundle has them."""
    log = content["log"]
    size, root = int(log["size"]), bytes.fromhex(log["root"])
    holds = True
    for one in log["entries"]:
        data = bytes_of(one["entry"])
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
                verification_key=VerificationKey(bytes_of(one["verification_key"])),
            )
            for one in named["trustees"]
        )
        return TrusteeSet(trustees, int(named["threshold"]))


def _seeds(content: Mapping[str, Any], identity: HandlerIdentity) -> dict[int, bytes]:
    seeds = {}
    for one in content["epochs"]:
        if one["grant"] is None:
            continue
        known = recipients_of(one)
        try:
            seed = open_sealed(bytes_of(one["grant"]), [identity.identity])
            check_grant_seed(seed, recipient_hash(known.work))
        except EnvelopeError:
            # Its records show as failed, as on the page.
            continue
        seeds[known.epoch] = seed
    return seeds
