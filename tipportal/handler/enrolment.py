"""Enrolment: the page, and the two requests that its script makes."""

from __future__ import annotations

import segno
from flask import g, jsonify, render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import MAX_PASSWORD, Account, Permission
from tipportal.domain.ways import MOST_WAYS
from tipportal.usecases import enrol
from tipportal.usecases.enrol import Enrolment
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context, services

from . import blueprint, passkeys

PURPOSE = "enrol"
_LONGEST_TOKEN = 128


@blueprint.get("/registrera")
@requires(Permission.ENROL)
def enrolment_page() -> ResponseReturnValue:
    """The page behind an invitation. The token stands after ``#``: no browser sends it and nothing logs it."""
    return render_template("handler/enrolment.html")


@blueprint.post("/api/enrolment/welcome")
@requires(Permission.ENROL, form=PURPOSE)
def enrolment_welcome() -> ResponseReturnValue:
    """Who is invited, and the secret for one-time codes, as text and as the rows of its QR code."""
    services().limits.spend_token(PURPOSE, g.form_token.nonce)
    read = body()
    token = read.text("token", longest=_LONGEST_TOKEN)
    read.done()
    greeted = enrol.welcome(context(), token)
    matrix = segno.make(greeted.totp_address, micro=False).matrix
    return jsonify(
        name=greeted.account.name,
        email=greeted.account.email,
        needs_keys=greeted.needs_keys,
        totp_secret=greeted.totp_secret,
        matrix=["".join(str(module & 1) for module in row) for row in matrix],
        passkey=passkeys.creation(greeted.account, greeted.challenge) if greeted.needs_keys else None,
    )


@blueprint.post("/api/enrolment")
@requires(Permission.ENROL, form=PURPOSE)
def enrolment() -> ResponseReturnValue:
    """Take what the browser made: password, one-time code and, for handlers, public keys and the sealed identity."""
    services().limits.spend_token(PURPOSE, g.form_token.nonce)
    read = body()
    given = Enrolment(
        token=read.text("token", longest=_LONGEST_TOKEN),
        password=read.text("password", longest=4 * MAX_PASSWORD),
        otp=read.text("otp", longest=32),
        recipient=read.b64("recipient") if read.has("recipient") else None,
        verification_key=read.b64("verification_key", 32) if read.has("verification_key") else None,
        proof=read.b64("proof", 64) if read.has("proof") else None,
        ways=tuple(passkeys.new_way(way) for way in read.objects("ways", MOST_WAYS)) if read.has("ways") else (),
    )
    read.done()
    ctx, party = context(), passkeys.party()

    def work() -> Account:
        return enrol.enrol(ctx, given, party)

    account = services().kdf_pool.run(work)
    return jsonify(role=account.role.value, state=account.state.value), 201
