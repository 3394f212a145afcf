"""The vault with the reporter's name over HTTP: lending a share, opening by two, splitting anew (protocol, 4b, 7)."""

from __future__ import annotations

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import vaults
from tipportal.usecases.vaults import OfferedShare
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.services import context

from . import blueprint, sessions

_MOST_HOLDERS = 101


@blueprint.post("/api/cases/<reference>/vault/lent")
@requires(Permission.HANDLE, large_body=True)
def lend_share(reference: str) -> ResponseReturnValue:
    """Lend one's share, sealed to those who may decide: by the nonce of an act, or for a renewal."""
    read = body()
    purpose, file = read.text("purpose", 32), read.b64("file")
    read.done()
    vaults.lend(context(), sessions.me(), reference, purpose, file)
    return Response(status=204)


@blueprint.post("/api/cases/<reference>/vault")
@requires(Permission.HANDLE)
def open_vault(reference: str) -> ResponseReturnValue:
    """The vault and two shares of its key, for either of the two who signed; logged each time."""
    read = body()
    proposal = read.text("proposal", 32)
    read.done()
    opened = vaults.open_vault(context(), sessions.me(), reference, proposal)
    return jsonify(
        recipient=encode_b64(opened.vault.recipient),
        file=encode_b64(opened.vault.file),
        share=encode_b64(opened.mine.file),
        lent={"member": opened.lent.member, "file": encode_b64(opened.lent.file)},
    )


@blueprint.post("/api/cases/<reference>/vault/renewal")
@requires(Permission.HANDLE)
def vault_renewal(reference: str) -> ResponseReturnValue:
    """How far splitting the vault anew has come, and one's own share."""
    body().done()
    found = vaults.renewal(context(), sessions.me(), reference)
    lent = None if found.lent is None else {"member": found.lent.member, "file": encode_b64(found.lent.file)}
    return jsonify(
        version=found.vault.version,
        recipient=encode_b64(found.vault.recipient),
        needed=found.needed,
        share=encode_b64(found.mine.file),
        lent=lent,
    )


@blueprint.post("/api/cases/<reference>/vault/shares")
@requires(Permission.HANDLE, large_body=True)
def split_vault_anew(reference: str) -> ResponseReturnValue:
    """Replace all shares of the vault's key."""
    read = body()
    version = read.integer("version")
    shares = tuple(_share(member) for member in read.objects("shares", _MOST_HOLDERS))
    read.done()
    vaults.split_anew(context(), sessions.me(), reference, version, shares)
    return Response(status=204)


def _share(read: Members) -> OfferedShare:
    share = OfferedShare(read.text("holder", 8), read.b64("file"))
    read.done()
    return share
