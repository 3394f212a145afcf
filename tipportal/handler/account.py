"""A person's own account: the ways to their key, their password and their sessions."""

from __future__ import annotations

from datetime import date

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import MAX_PASSWORD, Account, Permission, needs_keys
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import SignInRefused
from tipportal.domain.ways import CONFIRMED_SECONDS, LEAST_WAYS, WayKind
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import posting, shortcuts, ways
from tipportal.usecases import sessions as own_sessions
from tipportal.usecases.passkeys import Purpose, new_challenge
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context, services
from tipportal.web.sign_in_limits import SignInLimits

from . import blueprint, passkeys, sessions

_LONGEST_PASSWORD = 4 * MAX_PASSWORD


@blueprint.get("/konto")
@requires(Permission.ACCOUNT)
def account_page() -> ResponseReturnValue:
    """What lets a person in, and how to change it."""
    me, session = sessions.me(), sessions.my_session()
    return render_template(
        "handler/account.html",
        ways=ways.my_ways(context(), me),
        sessions=own_sessions.my_sessions(context(), me, session),
        confirmed=own_sessions.is_confirmed(context(), session),
        has_keys=needs_keys(me.role),
        faulty_since=_faulty_since(me),
        email=me.email,
        least=LEAST_WAYS,
        minutes=CONFIRMED_SECONDS // 60,
        WayKind=WayKind,
    )


def _faulty_since(me: Account) -> date | None:
    """The day on which mail to the person's address last did not arrive; None while it does."""
    fault = posting.fault_of(context(), me)
    return None if fault is None else stockholm_date(fault.at)


@blueprint.post("/konto/kortkommandon")
@requires(Permission.ACCOUNT)
def choose_shortcuts() -> ResponseReturnValue:
    """Switch the shortcuts of the keyboard on or off for one's own account."""
    shortcuts.choose_shortcuts(context(), sessions.me(), on=request.form.get("shortcuts") == "on")
    return redirect(f"{url_for('handler.account_page')}#kortkommandon", 303)


@blueprint.post("/api/account/challenge")
@requires(Permission.ACCOUNT)
def account_challenge() -> ResponseReturnValue:
    """Challenges bound to this session: to show who one is with a passkey, and to have one made."""
    body().done()
    me, binding = sessions.me(), sessions.my_session().id_digest
    known = [way.credential_id for way in ways.my_ways(context(), me) if way.credential_id is not None]
    return jsonify(
        confirm=encode_b64(new_challenge(context(), Purpose.CONFIRM, binding)),
        creation=passkeys.creation(me, new_challenge(context(), Purpose.ADD, binding)),
        credentials=[encode_b64(credential_id) for credential_id in known],
    )


@blueprint.post("/api/account/confirm")
@requires(Permission.ACCOUNT)
def confirm_account() -> ResponseReturnValue:
    """Show who one is, with password and one-time code or with a passkey; good for five minutes in this session."""
    ctx, me, session, read = context(), sessions.me(), sessions.my_session(), body()
    if read.has("credential_id"):
        given = passkeys.assertion(read)
        read.done()
        own_sessions.confirm_with_passkey(ctx, passkeys.party(), me, session, given)
        return Response(status=204)
    password, otp = read.text("password", longest=_LONGEST_PASSWORD), read.text("otp", longest=32)
    read.done()
    # The same budget as signing in: whoever sits down at somebody's open page guesses no faster there.
    limits = SignInLimits(ctx, services().limits)
    attempt = limits.begin(me.email, sessions.device_mark())

    def work() -> None:
        own_sessions.confirm_with_password(ctx, me, session, password, otp)

    try:
        services().kdf_pool.run(work)
    except SignInRefused:
        limits.failed(attempt)
        raise
    return Response(status=204)


@blueprint.post("/api/account/ways")
@requires(Permission.HOLD_KEYS)
def add_way() -> ResponseReturnValue:
    """Add a way to one's keys, or put it in the place of another."""
    read = body()
    instead_of = read.text("instead_of") if read.has("instead_of") else None
    way = passkeys.new_way(read.object("way"))
    read.done()
    kept = ways.add_way(context(), passkeys.party(), sessions.me(), sessions.my_session(), way, instead_of=instead_of)
    return jsonify(id=kept.id), 201


@blueprint.post("/api/account/ways/<way_id>/remove")
@requires(Permission.HOLD_KEYS)
def remove_way(way_id: str) -> ResponseReturnValue:
    """Remove one of one's own ways, never below two."""
    body().done()
    ways.remove_way(context(), sessions.me(), sessions.my_session(), way_id)
    return Response(status=204)


@blueprint.post("/api/account/password")
@requires(Permission.ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change the password; the person's other sessions end."""
    read = body()
    password = read.text("password", longest=_LONGEST_PASSWORD)
    read.done()
    ctx, me, session = context(), sessions.me(), sessions.my_session()

    def work() -> None:
        ways.change_password(ctx, me, session, password)

    services().kdf_pool.run(work)
    return Response(status=204)


@blueprint.post("/api/account/sessions/<handle>/end")
@requires(Permission.ACCOUNT)
def end_session(handle: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    body().done()
    own_sessions.end_session(context(), sessions.me(), sessions.my_session(), handle)
    return Response(status=204)


@blueprint.post("/api/account/sessions/end-others")
@requires(Permission.ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    body().done()
    ended = own_sessions.end_other_sessions(context(), sessions.me(), sessions.my_session())
    return jsonify(ended=ended)
