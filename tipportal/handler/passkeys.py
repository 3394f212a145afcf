"""Passkeys over HTTP: who we are to an authenticator, and reading what a browser says for one."""

from __future__ import annotations

from tipportal.domain.accounts import Account
from tipportal.domain.ways import KeyWay, WayKind
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.passkeys import (
    ALGORITHMS,
    Assertion,
    Attestation,
    RelyingParty,
    salt_for,
    user_handle,
)
from tipportal.usecases.ways import NewWay
from tipportal.web.json_body import Members
from tipportal.web.services import context, services
from tipportal.web.templating import PRODUCT

_LONGEST_LABEL = 200


def party() -> RelyingParty:
    """This face, by the address in its settings: never by what a request says."""
    return RelyingParty(services().settings.handler_url.rstrip("/"))


def creation(account: Account, challenge: bytes) -> dict[str, object]:
    """What the browser needs to have a passkey made for somebody, and to ask its PRF."""
    return {
        "challenge": encode_b64(challenge),
        "rp_id": party().id,
        "rp_name": PRODUCT,
        "user_id": encode_b64(user_handle(context(), account.id)),
        "user_name": account.email,
        "user_display": account.name,
        "salt": encode_b64(salt_for(context(), challenge)),
        "algorithms": list(ALGORITHMS),
    }


def attestation(read: Members) -> Attestation:
    """A new passkey: the two byte strings that are judged."""
    return Attestation(read.b64("client_data"), read.b64("attestation_object"))


def assertion(read: Members) -> Assertion:
    """A passkey's answer: what is judged, and never what its PRF gave."""
    return Assertion(
        credential_id=read.b64("credential_id"),
        client_data=read.b64("client_data"),
        authenticator_data=read.b64("authenticator_data"),
        signature=read.b64("signature"),
    )


def new_way(read: Members) -> NewWay:
    """A way as the browser hands it in. Raises Invalid."""
    kind = read.choice("kind", WayKind)
    made = NewWay(
        kind=kind,
        label=read.text("label", _LONGEST_LABEL),
        file=read.b64("file"),
        attestation=attestation(read) if kind is WayKind.PASSKEY else None,
    )
    read.done()
    return made


def shown(way: KeyWay) -> dict[str, str]:
    """What unlocking needs of a way: the sealed identity, and which passkey to ask with what."""
    found = {"id": way.id, "kind": way.kind.value, "file": encode_b64(way.file)}
    if way.credential_id is not None and way.salt is not None:
        found |= {"credential_id": encode_b64(way.credential_id), "salt": encode_b64(way.salt)}
    return found
