"""The lines of a person's own account: passkeys, ways to the key, password, sessions."""

from __future__ import annotations

import base64
import hashlib

from tests.support.authenticator import Authenticator
from tests.support.setting_up import invite_person, two
from tests.usecases.change_lines import approves
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_staffing import Member, enrol_person
from tipportal.domain.accounts import Role, Session
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handlinglog import Json
from tipportal.domain.ways import WayKind
from tipportal.envelope.age import wrap_file_key
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.stanza import Stanza
from tipportal.usecases import passkeys, sessions, shortcuts, sign_in, ways
from tipportal.usecases.passkeys import Purpose, RelyingParty

PARTY = RelyingParty("https://handlaggare.example")
PARTS = {
    "passkeys.asserted",
    "passkeys.new_challenge",
    "passkeys.registered",
    "passkeys.salt_for",
    "passkeys.user_handle",
    "sessions.is_confirmed",
    "sessions.require_confirmed",
    "sign_in.check_otp",
    "ways.judged",
}
"""Parts of use cases: they open no transaction."""
SESSIONS = {"sessions.confirm_with_password", "sessions.confirm_with_passkey", "shortcuts.choose_shortcuts"}
"""Use cases that note something of a session and leave no entry."""


class Prf:
    """Stands for what a browser seals with a passkey's PRF: its stanza is all that the server sees."""

    labels = frozenset({"prf"})

    def wrap(self, file_key: bytes) -> Stanza:
        """Give a stanza of the right shape."""
        return Stanza(("tipportal-prf", "A" * 22), file_key + bytes(16))


FILE = wrap_file_key(bytes(16), [Prf()]).encode() + bytes(200)


def with_passkey(world: World) -> tuple[Member, Session, Authenticator, str]:
    """Somebody who is signed in and has added a passkey: its device and the way's id."""
    member, session = world.entered()
    device = Authenticator(PARTY.origin, PARTY.id)
    made = device.make(passkeys.new_challenge(world.story.handler, Purpose.ADD, session.id_digest))
    way = ways.NewWay(WayKind.PASSKEY, "Telefon", FILE, made)
    kept = ways.add_way(world.story.handler, PARTY, member.account, session, way)
    return member, session, device, kept.id


@line("ways.add_way", E.KEY_WAY_ADDED)
def _add_way(world: World) -> Act:
    member, session = world.entered()
    device = Authenticator(PARTY.origin, PARTY.id)
    made = device.make(passkeys.new_challenge(world.story.handler, Purpose.ADD, session.id_digest))
    way = ways.NewWay(WayKind.PASSKEY, "Telefon", FILE, made)
    return lambda: ways.add_way(world.story.handler, PARTY, member.account, session, way)


@line("ways.remove_way", E.KEY_WAY_REMOVED)
def _remove_way(world: World) -> Act:
    member, session, _, way_id = with_passkey(world)
    return lambda: ways.remove_way(world.story.handler, member.account, session, way_id)


@line("ways.change_password", E.PASSWORD_CHANGED)
def _change_password(world: World) -> Act:
    member, session = world.entered()
    return lambda: ways.change_password(world.story.handler, member.account, session, member.person.password)


@line("sign_in.sign_in_with_passkey", E.SIGNED_IN)
def _sign_in_with_passkey(world: World) -> Act:
    ctx = world.story.handler
    _, _, device, _ = with_passkey(world)
    answer = device.answer(passkeys.new_challenge(ctx, Purpose.SIGN_IN, bytes(16)))
    return lambda: sign_in.sign_in_with_passkey(ctx, PARTY, bytes(16), answer)


@line("sessions.confirm_with_passkey")
def _confirm_with_passkey(world: World) -> Act:
    ctx = world.story.handler
    member, session, device, _ = with_passkey(world)
    answer = device.answer(passkeys.new_challenge(ctx, Purpose.CONFIRM, session.id_digest))
    return lambda: sessions.confirm_with_passkey(ctx, PARTY, member.account, session, answer)


@line("sessions.confirm_with_password")
def _confirm_with_password(world: World) -> Act:
    member, session = world.entered()
    world.story.clock.advance(60)
    otp = world.story.otp(member)
    return lambda: sessions.confirm_with_password(
        world.story.handler, member.account, session, member.person.password, otp
    )


@line("sessions.end_session", E.SESSION_REVOKED)
def _end_session(world: World) -> Act:
    world.entered()
    member, session = world.entered()
    ctx = world.story.handler
    other = next(each for each in sessions.my_sessions(ctx, member.account, session) if not each.is_this)
    return lambda: sessions.end_session(ctx, member.account, session, other.handle)


@line("sessions.end_other_sessions", E.SESSION_REVOKED)
def _end_other_sessions(world: World) -> Act:
    world.entered()
    member, session = world.entered()
    return lambda: sessions.end_other_sessions(world.story.handler, member.account, session)


@line("sessions.my_sessions")
def _my_sessions(world: World) -> Act:
    member, session = world.entered()
    return lambda: sessions.my_sessions(world.story.handler, member.account, session)


@line("sign_in.check_passkey")
def _check_passkey(world: World) -> Act:
    ctx = world.story.handler
    _, _, device, _ = with_passkey(world)
    answer = device.answer(passkeys.new_challenge(ctx, Purpose.SIGN_IN, bytes(16)))
    return lambda: sign_in.check_passkey(ctx, PARTY, Purpose.SIGN_IN, bytes(16), answer)


reads("ways.my_ways", lambda world: ways.my_ways(world.story.handler, world.handler))


def _invitation(world: World) -> dict[str, Json]:
    administrators = two(world.story)
    return {
        "account": world.story.handler.new_id(),
        "name": "Ny",
        "email": f"{world.story.handler.new_id()}@b.example",
        "role": "handler",
        "organisation": administrators.proposer.account.organisation_id,
        "unit": world.unit(),
        "decision": None,
    }


def _newcomer(world: World) -> Member:
    email = f"{world.story.handler.new_id()}@b.example"
    invited = invite_person(world.story, name="Ny", email=email, role=Role.HANDLER, unit_id=world.unit())
    return enrol_person(world.story.handler, invited, "jurist")


@line("changes.approve keys", E.CHANGE_APPROVED, E.KEYS_CONFIRMED)
def _keys(world: World) -> Act:
    member, administrators = _newcomer(world), two(world.story)
    assert member.identity is not None
    recipient, key = member.identity.identity.recipient, member.identity.signing_key.verification_key
    payload: dict[str, Json] = {
        "account": member.account.id,
        "recipient": hashlib.sha256(recipient.raw).hexdigest(),
        "verification_key": base64.b64encode(key.raw).decode(),
    }
    change_id, act = administrators.propose(ChangeKind.KEYS, payload)
    return lambda: administrators.approve(change_id, act, {"check_phrase": check_phrase(recipient, key)})


def _deed(world: World, deed: str) -> dict[str, Json]:
    return {"account": _newcomer(world).account.id, "do": deed, "decision": None}


approves("invite", ChangeKind.INVITE, _invitation, E.ACCOUNT_INVITED)
approves("leaving", ChangeKind.ACCOUNT, lambda world: _deed(world, "close"), E.ACCOUNT_CLOSED)
approves("suspend", ChangeKind.ACCOUNT, lambda world: _deed(world, "suspend"), E.ACCOUNT_SUSPENDED)
approves("restore", ChangeKind.RESTORE, lambda world: {"account": _newcomer(world).account.id}, E.ACCOUNT_RESTORED)

reads("shortcuts.has_shortcuts", lambda world: shortcuts.has_shortcuts(world.story.handler, world.handler))
reads(
    "shortcuts.choose_shortcuts",
    lambda world: shortcuts.choose_shortcuts(world.story.handler, world.handler, on=False),
)
