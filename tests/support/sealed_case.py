"""A whole case made with fixed keys, for tests of everything that stands on it."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.canonical import digest
from tipportal.envelope.casecode import SourceKeys, source_keys
from tipportal.envelope.epochs import EpochRecipients
from tipportal.envelope.genesis import (
    Channel,
    ExpectedGenesis,
    OfferedMember,
    Role,
    VerifiedGenesis,
    verify_genesis,
)
from tipportal.envelope.grants import GrantKind
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SigningKey, dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.reading import OpenedRecord
from tipportal.envelope.records import Attachment, SealedBy, Writer
from tipportal.envelope.submission import Offer, SealedRecord, Submission, build_submission
from tipportal.envelope.trustees import trustee_identity

DAY = date(2026, 11, 22)
INSTALLATION = bytes(range(16))
FACTS = FactsBody(area="contracts", subject_role="unknown", concerns=("u-roads",))
ANSWERS: dict[str, str | tuple[str, ...]] = {
    "what_happened": "En faktura har betalats två gånger.",
    "heard_how": ("poster", "friend"),
}


def seed(name: str) -> bytes:
    """Give 32 fixed bytes for a name."""
    return hashlib.sha256(name.encode()).digest()


def fixed_random(name: str) -> Callable[[int], bytes]:
    """Give a source of fixed bytes, for what a test must be able to repeat."""
    stream = hashlib.shake_256(name.encode()).digest(16_384)
    position = 0

    def take(size: int) -> bytes:
        nonlocal position
        position += size
        return stream[position - size : position]

    return take


@dataclass(frozen=True)
class Person:
    """Somebody with both keys of a handler."""

    identity: HybridIdentity
    signing_key: SigningKey

    def offered(self, pseudonym: str, role: Role, unit: str, function: str = "f-reports") -> OfferedMember:
        """Give the member that the server would offer."""
        return OfferedMember(
            id=pseudonym,
            role=role,
            function=function,
            unit=unit,
            recipient=self.identity.recipient,
            verification_key=self.signing_key.verification_key,
        )


def person(name: str) -> Person:
    """Give the person of a name, always the same."""
    return Person(HybridIdentity(seed(name + "/age")), SigningKey(seed(name + "/ed25519")))


def keys_of_source(name: str = "source") -> SourceKeys:
    """Give a source's keys without the slow derivation."""
    return source_keys(seed(name))


PEOPLE = {"h1": person("anna"), "h2": person("bo"), "h3": person("cia")}
MEMBERS = (
    PEOPLE["h1"].offered("h1", Role.PANEL, "u-legal"),
    PEOPLE["h2"].offered("h2", Role.PANEL, "u-finance"),
    PEOPLE["h3"].offered("h3", Role.STANDBY, "u-external"),
)
TRUSTEES = {pseudonym: trustee_identity(seed(f"{pseudonym}/paper")) for pseudonym in ("t1", "t2", "t3")}
OFFER = Offer(
    reference="2026-0001",
    installation=INSTALLATION.hex(),
    at=DAY,
    organisation="storvik",
    authority="kommunstyrelsen",
    channel=Channel.TIP,
    policy_version=0,
    directory_version=0,
    members=MEMBERS,
    trustees=tuple(trustee.offered(pseudonym) for pseudonym, trustee in TRUSTEES.items()),
    threshold=2,
)


@dataclass(frozen=True)
class SealedCase:
    """A case as the server has it, and every key to it."""

    keys: SourceKeys
    submission: Submission
    work_seed: bytes

    @property
    def genesis_file(self) -> bytes:
        """The age file of the genesis record."""
        return self.submission.records[0].file

    @property
    def epoch(self) -> EpochRecipients:
        """The recipients of epoch 0."""
        return EpochRecipients(0, self.submission.work, self.submission.dialogue)

    def expected(self) -> ExpectedGenesis:
        """What the source knows beforehand."""
        return ExpectedGenesis(
            case=OFFER.reference,
            installation=OFFER.installation,
            source=self.keys.identity.recipient,
            work=self.submission.work,
            source_key=self.keys.signing_key.verification_key,
        )

    def genesis(self) -> VerifiedGenesis:
        """Open and verify genesis as the source."""
        return verify_genesis(open_sealed(self.genesis_file, [self.keys.identity]), self.expected())

    def source_writes(self) -> Writer:
        """Give the source as a writer."""
        return Writer("source", self.keys.signing_key, SealedBy.SERVER, DAY)


def handler_writes(pseudonym: str) -> Writer:
    """Give a handler as a writer."""
    return Writer(pseudonym, PEOPLE[pseudonym].signing_key, SealedBy.BROWSER, DAY)


def sealed_case(offer: Offer = OFFER, attachments: tuple[Attachment, ...] = ()) -> SealedCase:
    """Make a new case with fixed keys; its files differ each time, as sealing is never the same twice."""
    keys = keys_of_source()
    submission = build_submission(
        keys=keys,
        offer=offer,
        facts=FACTS,
        answers=ANSWERS,
        sealed_by=SealedBy.SERVER,
        random=secrets.token_bytes,
        attachments=attachments,
    )
    grant = next(grant for grant in submission.grants if grant.kind is GrantKind.PANEL)
    return SealedCase(keys, submission, open_sealed(grant.file, [PEOPLE[grant.holder].identity]))


def opened_row(record: SealedRecord, work_seed: bytes) -> OpenedRecord:
    """Open a record with the keys of its epoch, as a reader does before verifying."""
    keys = HybridIdentity(work_seed if record.stream.value == "work" else dialogue_seed(work_seed))
    return OpenedRecord(record.epoch, record.seq, record.file, open_sealed(record.file, [keys]))


def digests(submission: Submission) -> list[str]:
    """Give the digest of each file, in order."""
    return [digest(record.file) for record in submission.records]
