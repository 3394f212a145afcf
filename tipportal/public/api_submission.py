"""The JSON API for whoever seals (docs/protocol.md, section 6): fetch the panel, hand in the sealed case once."""

from __future__ import annotations

import base64
import hashlib

from flask import g, jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.cases import GrantKind, SealedBy
from tipportal.domain.errors import Invalid
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_
from tipportal.usecases import offers, submit
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.vaults import OfferedShare, OfferedVault
from tipportal.web.form_tokens import TokenInvalid
from tipportal.web.guard import requires, requires_origin_only
from tipportal.web.json_body import Members, body
from tipportal.web.services import context, form_tokens, services

from . import blueprint
from .sealed_json import sealed_file

DIGEST = 32
MAX_GRANTS = 100
MAX_TICKET = 16_384
PURPOSES = frozenset({"tip", "report", "case"})


@blueprint.post("/api/form-token")
@requires_origin_only(Permission.PUBLIC)
def api_form_token() -> ResponseReturnValue:
    """A fresh form token, for a page whose own has expired."""
    members = body()
    if members.has("organisation"):
        members.text("organisation", 64)
    purpose = members.text("purpose", 16)
    members.done()
    if purpose not in PURPOSES:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="purpose")
    return jsonify(csrf_token=form_tokens().issue(purpose))


@blueprint.post("/api/panel")
@requires(Permission.PUBLIC, form=("tip", "report"))
def api_panel() -> ResponseReturnValue:
    """Who would receive a case with these routing facts."""
    members = body()
    slug, channel = members.text("organisation", 64), _channel(members)
    facts = members.object("facts")
    area, role = facts.text("area", 64), facts.text("subject_role", 64)
    concerns = facts.texts("concerns", most=200, longest=100)
    facts.done()
    members.done()
    services().limits.spend_token("panel", g.form_token.nonce)
    offer = offers.offer_panel(
        context(), slug, channel, area=area, subject_role=role, concerns=concerns, form_nonce=g.form_token.nonce
    )
    return jsonify(_offer(offer))


@blueprint.post("/api/cases")
@requires(Permission.PUBLIC, form=("tip", "report"), large_body=True)
def api_cases() -> ResponseReturnValue:
    """Hand in a sealed case. The same again gives the same receipt."""
    submission = _submission(body())
    services().limits.spend_token("cases", g.form_token.nonce)
    receipt = submit.submit_case(context(), submission, admit=services().limits.spend_submission)
    answer = jsonify(
        reference=receipt.reference,
        received_on=receipt.received_on.isoformat(),
        acknowledged_on=receipt.acknowledged_on.isoformat(),
        feedback_by=receipt.feedback_by.isoformat(),
    )
    answer.status_code = 201 if receipt.created else 200
    return answer


def _channel(members: Members) -> Channel:
    text = members.text("channel", 16)
    if text not in {channel.value for channel in Channel}:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="channel")
    if text != g.form_token.purpose:
        # A form's token is for one channel: the regime was chosen and stated before anything was written.
        raise TokenInvalid(N_("Formuläret kunde inte kännas igen. Gå tillbaka till sidan och försök igen."))
    return Channel(text)


def _offer(offer: offers.Offer) -> dict[str, object]:
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
                "recipient": base64.b64encode(member.recipient).decode(),
                "verification_key": base64.b64encode(member.verification_key).decode(),
            }
            for member in offer.members
        ],
        "trustees": [
            {
                "id": trustee.id,
                "recipient": base64.b64encode(trustee.recipient).decode(),
                "verification_key": base64.b64encode(trustee.verification_key).decode(),
            }
            for trustee in offer.trustees
        ],
        "trustee_threshold": offer.trustee_threshold,
    }


def _submission(members: Members) -> submit.Submission:
    ticket = members.text("ticket", MAX_TICKET)
    genesis = members.hex("genesis", DIGEST).hex()
    source = members.object("source")
    # Sizes of keys are judged where they are read as keys: a wrong one is named there.
    recipient, verification_key = source.b64("recipient"), source.b64("verification_key")
    lookup_digest = source.hex("lookup_digest", DIGEST)
    source.done()
    work, dialogue = members.b64("work"), members.b64("dialogue")
    records = tuple(sealed_file(record, "records") for record in members.objects("records", most=3))
    grants = tuple(_grant(grant) for grant in members.objects("grants", most=MAX_GRANTS))
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


def _grant(members: Members) -> submit.OfferedGrant:
    holder, kind, file = members.text("holder", 16), members.text("kind", 16), members.b64("file")
    members.done()
    try:
        return submit.OfferedGrant(holder=holder, kind=GrantKind(kind), file=file)
    except ValueError:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="grants") from None
