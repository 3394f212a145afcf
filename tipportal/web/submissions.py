"""A panel that is offered and a case that is handed in, as JSON, for both faces (docs/protocol.md, section 6)."""

from __future__ import annotations

import hashlib

from tipportal.domain.cases import SealedBy
from tipportal.usecases import offers, submit
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.vaults import OfferedShare, OfferedVault

from .json_body import Members
from .sealed_json import keys_json, offered_grant, sealed_file

DIGEST = 32
MAX_GRANTS = 100
MAX_TICKET = 16_384


def offer_json(offer: offers.Offer) -> dict[str, object]:
    """The panel that a client seals to."""
    return {
        "ticket": offer.ticket,
        "reference": offer.reference,
        "installation": offer.installation_id.hex(),
        "date": offer.date.isoformat(),
        "organisation": offer.organisation.slug,
        "authority": offer.authority.slug,
        "policy_version": offer.policy_version,
        "directory_version": offer.directory_version,
        "functions": list(offer.function_names),
        "members": [
            {
                "id": member.id,
                "role": member.role,
                "function": member.function,
                "unit": member.unit,
                **keys_json(member),
            }
            for member in offer.members
        ],
        "trustees": [
            {
                "id": trustee.id,
                **keys_json(trustee),
            }
            for trustee in offer.trustees
        ],
        "trustee_threshold": offer.trustee_threshold,
    }


def read_submission(members: Members) -> submit.Submission:
    """A sealed case as handed in. Raises Invalid."""
    ticket = members.text("ticket", MAX_TICKET)
    genesis = members.hex("genesis", DIGEST).hex()
    source = members.object("source")
    # Sizes of keys are judged where they are read as keys: a wrong one is named there.
    recipient, verification_key = source.b64("recipient"), source.b64("verification_key")
    lookup_digest = source.hex("lookup_digest", DIGEST)
    source.done()
    work, dialogue = members.b64("work"), members.b64("dialogue")
    records = tuple(sealed_file(record, "records") for record in members.objects("records", most=3))
    grants = tuple(offered_grant(grant) for grant in members.objects("grants", most=MAX_GRANTS))
    vault = _vault(members.object("vault")) if members.has("vault") else None
    members.done()
    return submit.Submission(
        ticket=ticket,
        genesis=genesis,
        source_recipient=recipient,
        source_verification_key=verification_key,
        lookup_digest=lookup_digest,
        work_recipient=work,
        dialogue_recipient=dialogue,
        records=records,
        grants=grants,
        sealed_by=SealedBy.BROWSER,
        content_digest=_content_digest(ticket, records, grants, vault),
        vault=vault,
    )


def _content_digest(
    ticket: str,
    records: tuple[SealedFile, ...],
    grants: tuple[submit.OfferedGrant, ...],
    vault: OfferedVault | None,
) -> bytes:
    """What a repeated request shares with the first: the ticket and the sealed files, which no two sealings share.

    Not the form token: a repeated request may have had to renew it.
    """
    parts = [ticket.encode(), *(record.digest for record in records), *(grant.file for grant in grants)]
    if vault is not None:
        parts += [vault.file, *(share.file for share in vault.shares)]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _vault(members: Members) -> OfferedVault:
    recipient, file = members.b64("recipient"), members.b64("file")
    shares = []
    for share in members.objects("shares", most=MAX_GRANTS):
        shares.append(OfferedShare(share.text("holder", 16), share.b64("file")))
        share.done()
    members.done()
    return OfferedVault(recipient, file, tuple(shares))
