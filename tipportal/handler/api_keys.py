"""What the scripts of this face need of a session: its token, the sealed identity and the storage key."""

from __future__ import annotations

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import sign_in
from tipportal.web.forms import token_for
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context

from . import blueprint, passkeys, sessions


@blueprint.get("/api/csrf-token")
@requires(Permission.ACCOUNT)
def fresh_token() -> ResponseReturnValue:
    """The token of the present session, for a page that was open while its reader signed in again.

    Only a page of this origin can read the answer. ``who`` tells it whether it is still the same person.
    """
    return jsonify(csrf_token=token_for(None), who=sessions.page_owner(sessions.me()))


@blueprint.post("/api/unlock")
@requires(Permission.HOLD_KEYS)
def unlock() -> ResponseReturnValue:
    """The identity under each way to it, and the key under which it may lie in this tab once opened."""
    body().done()
    unlocked = sign_in.unlock(context(), sessions.me(), sessions.my_session())
    account = unlocked.account
    return jsonify(
        ways=[passkeys.shown(way) for way in unlocked.ways],
        rp_id=passkeys.party().id,
        recipient=encode_b64(account.recipient or b""),
        verification_key=encode_b64(account.verification_key or b""),
        storage_key=encode_b64(unlocked.storage_key),
    )


@blueprint.post("/api/storage-key")
@requires(Permission.HOLD_KEYS)
def storage_key() -> ResponseReturnValue:
    """The storage key again, within fifteen idle minutes; asking moves the limit."""
    body().done()
    return jsonify(storage_key=encode_b64(sign_in.storage_key(context(), sessions.my_session())))


@blueprint.post("/api/lock")
@requires(Permission.HOLD_KEYS)
def lock() -> ResponseReturnValue:
    """Forget the storage key."""
    body().done()
    sign_in.lock(context(), sessions.my_session())
    return Response(status=204)
