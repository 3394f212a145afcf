"""The ticket that ties a submission to the panel it was sealed for, without a row for somebody who only asked."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass

from tipportal.domain.errors import Invalid, TokenExpired
from tipportal.domain.organisations import Channel
from tipportal.domain.routing import RoutingFacts, SubjectRole
from tipportal.domain.texts import N_

from .context import Context

TICKET_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client hands back at submission. It names no account: the panel is drawn again from the same seed."""

    organisation_id: str
    channel: Channel
    facts: RoutingFacts
    nonce: str
    reference: str
    policy_version: int
    directory_version: int
    decision: str
    expires_at: int


def issue(ctx: Context, ticket: Ticket) -> str:
    """The ticket as an opaque text, authenticated with the face's secret."""
    body = json.dumps({
        "organisation": ticket.organisation_id,
        "channel": ticket.channel.value,
        "facts": ticket.facts.as_json(),
        "nonce": ticket.nonce,
        "reference": ticket.reference,
        "policy": ticket.policy_version,
        "directory": ticket.directory_version,
        "decision": ticket.decision,
        "expires": ticket.expires_at,
    }).encode()  # fmt: skip
    return base64.urlsafe_b64encode(ctx.keyed("ticket", body) + body).decode()


def redeem(ctx: Context, text: str) -> Ticket:
    """Read a ticket back, however old. Raises Invalid when it is not ours."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        raise Invalid(N_("Biljetten går inte att läsa."), field="ticket") from None
    tag, body = raw[:32], raw[32:]
    if not hmac.compare_digest(tag, ctx.keyed("ticket", body)):
        raise Invalid(N_("Biljetten går inte att läsa."), field="ticket")
    # Authenticated above: whatever is inside was written by `issue`.
    value = json.loads(body)
    return Ticket(
        organisation_id=value["organisation"],
        channel=Channel(value["channel"]),
        facts=RoutingFacts(
            area=value["facts"]["area"],
            subject_role=SubjectRole(value["facts"]["subject_role"]),
            concerns=frozenset(value["facts"]["concerns"]),
        ),
        nonce=value["nonce"],
        reference=value["reference"],
        policy_version=value["policy"],
        directory_version=value["directory"],
        decision=value["decision"],
        expires_at=value["expires"],
    )


def must_be_fresh(ctx: Context, ticket: Ticket) -> None:
    """Raise TokenExpired when the ticket is too old to begin a case with."""
    if ticket.expires_at < ctx.clock():
        raise TokenExpired(N_("Sidan har varit öppen för länge. Inget har gått förlorat: försök igen."))
