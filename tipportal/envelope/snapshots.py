"""Snapshots of the handler directory: the documents, and the strict reading of them; `docs/protocol.md`, section 9."""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from tipportal.envelope.canonical import Json, Members, canonical, digest, encode_b64
from tipportal.envelope.changes import ChangeAct, parse_change
from tipportal.envelope.keys import SIGNATURE_SIZE, VERIFICATION_KEY_SIZE, VerificationKey
from tipportal.envelope.records import NO_DIGEST
from tipportal.envelope.refusals import Refusal, ShapeError

SIGNERS: Final = 2
NAME_SALT_SIZE: Final = 16
MAX_HANDLERS: Final = 5000
MAX_TRUSTEES: Final = 20
_MAX_DESIGNATIONS: Final = 200
_MAX_VERSION: Final = 2**31 - 1
_HEX_16: Final = re.compile(r"[0-9a-f]{32}")
_ID: Final = re.compile(r"[!-~]{1,64}")
_NAMES: Final = frozenset(
    {"v", "installation", "version", "root", "previous", "issued", "expires", "handlers", "trustees"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDesignation:
    """That a handler belongs to a function from the first to the last day (None: until further notice)."""

    function: str
    unit: str
    party: str
    external: bool
    first: date
    last: date | None

    def holds(self, function: str, unit: str, day: date) -> bool:
        """Whether it is for this function and unit, on the day."""
        here = (self.function, self.unit) == (function, unit)
        return here and self.first <= day and (self.last is None or day <= self.last)

    def to_json(self) -> dict[str, Json]:
        """Give the designation as it stands in a snapshot."""
        return {
            "function": self.function,
            "unit": self.unit,
            "party": self.party,
            "external": self.external,
            "from": self.first.isoformat(),
            "to": None if self.last is None else self.last.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHandler:
    """A handler's keys and designations. `name` is a commitment, `recipient` a hash, both hex digests."""

    id: str
    name: str
    recipient: str
    verification_key: VerificationKey
    designations: tuple[ListedDesignation, ...]

    def to_json(self) -> dict[str, Json]:
        """Give the handler as one stands in a snapshot."""
        return {
            "id": self.id,
            "name": self.name,
            "recipient": self.recipient,
            "verification_key": encode_b64(self.verification_key.raw),
            "designations": [designation.to_json() for designation in self.designations],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTrustee:
    """A trustee of the installation: the recipient by its hash, and the key."""

    id: str
    recipient: str
    verification_key: VerificationKey

    def to_json(self) -> dict[str, Json]:
        """Give the trustee as one stands in a snapshot."""
        return {
            "id": self.id,
            "recipient": self.recipient,
            "verification_key": encode_b64(self.verification_key.raw),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One version of the directory. `installation` is 32 hex digits; `root` and `previous` are hex digests."""

    installation: str
    version: int
    root: str
    previous: str
    issued: date
    expires: date
    handlers: tuple[ListedHandler, ...]
    threshold: int
    trustees: tuple[ListedTrustee, ...]

    def to_json(self) -> dict[str, Json]:
        """Give the snapshot as it is signed: the payload of a change of kind ``directory``."""
        return {
            "v": 1,
            "installation": self.installation,
            "version": self.version,
            "root": self.root,
            "previous": self.previous,
            "issued": self.issued.isoformat(),
            "expires": self.expires.isoformat(),
            "handlers": [handler.to_json() for handler in self.handlers],
            "trustees": {
                "threshold": self.threshold,
                "members": [trustee.to_json() for trustee in self.trustees],
            },
        }


@dataclass(frozen=True, slots=True)
class SnapshotSignature:
    """An administrator's signature (64 bytes) under the change that published a snapshot."""

    administrator: str
    signature: bytes

    def to_json(self) -> dict[str, Json]:
        """Give the signature as it travels."""
        return {"administrator": self.administrator, "signature": encode_b64(self.signature)}


@dataclass(frozen=True, slots=True)
class SignedSnapshot:
    """A snapshot, the act by which it was decided, and who signed that."""

    snapshot: Snapshot
    act: ChangeAct
    signatures: tuple[SnapshotSignature, ...]

    def to_json(self) -> dict[str, Json]:
        """Give the snapshot as it is published."""
        return {
            "snapshot": self.snapshot.to_json(),
            "act": self.act.to_json(),
            "signatures": [signature.to_json() for signature in self.signatures],
        }


def snapshot_digest(snapshot: Snapshot) -> str:
    """Give the hex digest by which the next snapshot names this one."""
    return digest(canonical(snapshot.to_json()))


def name_commitment(salt: bytes, name: str) -> str:
    """Give the hex digest that stands for a person's name: only who knows the 16 bytes of salt can try names."""
    return sha256(salt + name.encode()).hexdigest()


def parse_snapshot(value: Json) -> Snapshot:
    """Read a snapshot; raises `ShapeError`, also for a pair of keys that stands twice."""
    members = Members(value, _NAMES)
    trustees = Members(members.value("trustees"), frozenset({"threshold", "members"}))
    snapshot = Snapshot(
        installation=members.text("installation", _HEX_16),
        version=members.integer("version", most=_MAX_VERSION),
        root=members.digest("root"),
        previous=members.digest("previous"),
        issued=members.day("issued"),
        expires=members.day("expires"),
        handlers=tuple(_parse_handler(item) for item in members.items("handlers", most=MAX_HANDLERS)),
        threshold=trustees.integer("threshold", most=MAX_TRUSTEES),
        trustees=tuple(_parse_trustee(item) for item in trustees.items("members", most=MAX_TRUSTEES)),
    )
    keys = {handler.verification_key for handler in snapshot.handlers}
    recipients = {handler.recipient for handler in snapshot.handlers}
    alone = snapshot.version > 1 or snapshot.previous == NO_DIGEST
    if (
        members.integer("v") != 1
        or snapshot.version < 1
        or not alone
        # One key under two ids would make one person count as two.
        or min(len(keys), len(recipients)) < len(snapshot.handlers)
        or snapshot.threshold > len(snapshot.trustees)
    ):
        raise ShapeError(Refusal.VALUE)
    return snapshot


def parse_signed_snapshot(value: Json) -> SignedSnapshot:
    """Read a snapshot with its act and signatures; raises `ShapeError`."""
    members = Members(value, frozenset({"snapshot", "act", "signatures"}))
    signatures = []
    for item in members.items("signatures", most=SIGNERS):
        one = Members(item, frozenset({"administrator", "signature"}))
        signatures.append(SnapshotSignature(one.text("administrator", _ID), one.octets("signature", SIGNATURE_SIZE)))
    snapshot = parse_snapshot(members.value("snapshot"))
    return SignedSnapshot(snapshot, parse_change(members.value("act")), tuple(signatures))


def _parse_handler(value: Json) -> ListedHandler:
    members = Members(value, frozenset({"id", "name", "recipient", "verification_key", "designations"}))
    return ListedHandler(
        id=members.text("id", _ID),
        name=members.digest("name"),
        recipient=members.digest("recipient"),
        verification_key=VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE)),
        designations=tuple(_parse_designation(item) for item in members.items("designations", most=_MAX_DESIGNATIONS)),
    )


def _parse_designation(value: Json) -> ListedDesignation:
    members = Members(value, frozenset({"function", "unit", "party", "external", "from", "to"}))
    first = members.day("from")
    last = None if members.value("to") is None else members.day("to")
    if last is not None and last < first:
        raise ShapeError(Refusal.VALUE)
    return ListedDesignation(
        function=members.text("function", _ID),
        unit=members.text("unit", _ID),
        party=members.text("party", _ID),
        external=members.flag("external"),
        first=first,
        last=last,
    )


def _parse_trustee(value: Json) -> ListedTrustee:
    members = Members(value, frozenset({"id", "recipient", "verification_key"}))
    return ListedTrustee(
        id=members.text("id", _ID),
        recipient=members.digest("recipient"),
        verification_key=VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE)),
    )
