"""The demo's trustees: three people outside the handling functions, two of whom can recover a case (04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json
from tipportal.domain.trustees import DEFAULT_THRESHOLD, trustee_id
from tipportal.envelope import HybridIdentity
from tipportal.envelope.canonical import encode_b64
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.keys import SEED_SIZE, recipient_hash
from tipportal.envelope.paper import paper_rows
from tipportal.envelope.trustees import TrusteeIdentity, trustee_identity
from tipportal.usecases import recovering

from .demo_changes import Administrators

PEOPLE = (
    ("Margit Hedin", "Björkviks kommun", "Kommunarkivet"),
    ("Karl Östberg", "Älvnäs kommun", "Registraturen"),
    ("Inger Falk", "Kommunalförbundet Ådalen", "Förbundskansliet"),
)


@dataclass(frozen=True, slots=True)
class DemoTrustee:
    """A made-up trustee with what stands on their paper. Only a demo writes such things down."""

    name: str
    organisation: str
    unit: str
    unit_id: str | None
    seed: bytes = field(repr=False)

    @property
    def keys(self) -> TrusteeIdentity:
        """The keys of the paper."""
        return trustee_identity(self.seed)

    @property
    def id(self) -> str:
        """The id that follows from the keys."""
        keys = self.keys
        return trustee_id(keys.identity.recipient.raw, keys.signing_key.verification_key.raw)

    @property
    def paper(self) -> tuple[str, ...]:
        """The six rows on the paper."""
        return tuple(f"{' '.join(row.words)} {row.check}" for row in paper_rows(self.seed))

    def named(self) -> dict[str, Json]:
        """The trustee as a change names one."""
        keys = self.keys
        return {
            "name": self.name,
            "organisation": self.organisation,
            "unit": self.unit,
            "unit_id": self.unit_id,
            "recipient": encode_b64(keys.identity.recipient.raw),
            "verification_key": encode_b64(keys.signing_key.verification_key.raw),
        }


def appoint(
    two: Administrators,
    decided: Json,
    people: Sequence[tuple[str, str, str]] = PEOPLE,
    threshold: int = DEFAULT_THRESHOLD,
    unit_id: str | None = None,
) -> tuple[DemoTrustee, ...]:
    """Name trustees by two and hold the ceremony. ``unit_id``: the unit of the first one in the register."""
    trustees = tuple(
        DemoTrustee(name, organisation, unit, None if number else unit_id, two.ctx.random(32))
        for number, (name, organisation, unit) in enumerate(people)
    )
    two.make(
        ChangeKind.TRUSTEES,
        {"threshold": threshold, "trustees": [each.named() for each in trustees], "decision": decided},
    )
    with two.ctx.storage.read() as uow:
        newest = uow.trustees.newest()
    if newest is None:
        raise LookupError
    phrases: dict[str, Json] = {
        each.id: check_phrase(each.keys.identity.recipient, each.keys.signing_key.verification_key) for each in trustees
    }
    ceremony: dict[str, Json] = {"set": newest.version, "trustees": [each.id for each in newest.trustees]}
    two.make(ChangeKind.CEREMONY, ceremony, {"phrases": phrases})
    return trustees


def rehearse(two: Administrators, trustees: Sequence[DemoTrustee]) -> None:
    """Hold a drill: as many as it takes open a secret made for it, and sign that they have."""
    secret = HybridIdentity(two.ctx.random(SEED_SIZE)).recipient
    with two.ctx.storage.read() as uow:
        current, installation = uow.trustees.current(), uow.installation_id()
    if current is None or installation is None:
        raise LookupError
    nonce = two.ctx.random(16).hex()
    message = recovering.drill_bytes(installation, current.version, recipient_hash(secret), nonce)
    recovering.drill_done(
        two.ctx,
        two.proposer.account,
        secret=recipient_hash(secret),
        nonce=nonce,
        signatures={each.id: each.keys.signing_key.sign(message) for each in trustees[: current.threshold]},
    )
