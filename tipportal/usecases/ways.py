"""A person's own ways to their keys: what they have, adding, replacing and removing; and their password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tipportal.domain.accounts import Account, Session, needs_keys, password_fault
from tipportal.domain.errors import Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.notices import NoticeKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.ways import LEAST_WAYS, MOST_WAYS, KeyWay, WayKind, label_fault, may_lose
from tipportal.envelope import EnvelopeError, Stanza
from tipportal.envelope.header import parse_header

from .context import Context
from .entries import account_entry
from .notices import tell
from .passkeys import Answered, Attestation, Purpose, RelyingParty, registered
from .sessions import require_confirmed
from .sign_in import HASHER

MAX_FILE = 4096
_PRF_STANZA = "tipportal-prf"
_PRF_NONCE = re.compile(r"[A-Za-z0-9+/]{22}")
_SCRYPT_WORK = re.compile(r"[1-9][0-9]?")
_MAX_WORK_FACTOR = 18
_BODY_SIZE = 32
_ARGUMENTS = {"scrypt": 3, _PRF_STANZA: 2}


@dataclass(frozen=True, slots=True)
class NewWay:
    """A way as the browser hands it in: the identity sealed anew, and for a passkey what it answered."""

    kind: WayKind
    label: str
    file: bytes = field(repr=False)
    attestation: Attestation | None = field(default=None, repr=False)


def judged(
    ctx: Context, party: RelyingParty | None, purpose: Purpose, binding: bytes, ways: tuple[NewWay, ...]
) -> tuple[tuple[NewWay, Answered | None], ...]:
    """Judge new ways before a transaction: each with its passkey's answer, None for a passphrase. Raises Invalid."""
    return tuple((way, _judge(ctx, party, purpose, binding, way)) for way in ways)


def keep(ctx: Context, uow: UnitOfWork, account: Account, way: NewWay, answered: Answered | None) -> KeyWay:
    """Keep a way that has been judged, inside the caller's transaction. Raises Invalid, Conflict."""
    if answered is not None and not uow.ways.spend(answered.digest, answered.expires_at):
        raise Invalid(N_("Passkeyn kunde inte läggas till. Försök igen."), field="passkey")
    kept = KeyWay(
        id=ctx.new_id(),
        organisation_id=account.organisation_id,
        account_id=account.id,
        kind=way.kind,
        label=way.label.strip(),
        place=1 + max((known.place for known in uow.ways.of(account.id)), default=0),
        added_on=ctx.today(),
        file=way.file,
        credential_id=None if answered is None else answered.credential_id,
        public_key=None if answered is None else answered.public_key,
        sign_count=0 if answered is None else answered.sign_count,
        salt=None if answered is None else answered.salt,
    )
    uow.ways.add(kept)
    return kept


def my_ways(ctx: Context, account: Account) -> tuple[KeyWay, ...]:
    """A person's own ways, oldest first."""
    with ctx.storage.read() as uow:
        return tuple(uow.ways.of(account.id))


def add_way(
    ctx: Context, party: RelyingParty, account: Account, session: Session, way: NewWay, *, instead_of: str | None = None
) -> KeyWay:
    """Add a way, or put it in the place of another (its id) in the same transaction.

    Raises ConfirmFirst, NotEntitled without keys, Invalid, Conflict, NotFound for a way that is not one's own.
    """
    require_confirmed(ctx, session)
    if not needs_keys(account.role):
        raise NotEntitled(N_("Kontot har inga nycklar."))
    ((_, answered),) = judged(ctx, party, Purpose.ADD, session.id_digest, (way,))
    with ctx.storage.write() as uow:
        if instead_of is not None:
            _remove(ctx, uow, account, instead_of)
        if len(uow.ways.of(account.id)) >= MOST_WAYS:
            raise Invalid(N_("Du kan ha högst tio vägar till nyckeln. Ta bort en först."), field="kind")
        kept = keep(ctx, uow, account, way, answered)
        _log(ctx, uow, account, EntryKind.KEY_WAY_ADDED, {"kind": way.kind.value})
        tell(ctx, uow, account, NoticeKind.SIGN_IN)
    return kept


def remove_way(ctx: Context, account: Account, session: Session, way_id: str) -> None:
    """Remove one of one's own ways, never below two. Raises ConfirmFirst, NotFound, NotEntitled."""
    require_confirmed(ctx, session)
    with ctx.storage.write() as uow:
        count = len(uow.ways.of(account.id))
        _remove(ctx, uow, account, way_id)
        # In a transaction that has the turn, so that two removals at once never leave one way; raising undoes this one.
        if not may_lose(count):
            raise NotEntitled(N_("Du behöver minst två vägar till nyckeln. Lägg till en ny innan du tar bort den här."))
        tell(ctx, uow, account, NoticeKind.SIGN_IN)


def change_password(ctx: Context, account: Account, session: Session, password: str) -> None:
    """Change the password and end the person's other sessions: for the KDF pool. Raises ConfirmFirst, Invalid."""
    require_confirmed(ctx, session)
    fault = password_fault(password)
    if fault is not None:
        raise Invalid(fault, field="password")
    password_hash = HASHER.hash(password)
    with ctx.storage.write() as uow:
        uow.accounts.set_password(account.id, password_hash)
        # Whoever knew the old one may be signed in with it.
        uow.accounts.delete_sessions_of(account.id, but=session.id_digest)
        _log(ctx, uow, account, EntryKind.PASSWORD_CHANGED, {})
        tell(ctx, uow, account, NoticeKind.SIGN_IN)


def check_enough(ways: tuple[NewWay, ...]) -> None:
    """Raise Invalid unless there are as many ways as somebody with keys must have from the first day."""
    if not LEAST_WAYS <= len(ways) <= MOST_WAYS:
        raise Invalid(N_("Nyckeln behöver minst två vägar: lösenfrasen och en till."), field="ways")


def _remove(ctx: Context, uow: UnitOfWork, account: Account, way_id: str) -> None:
    known = {way.id: way for way in uow.ways.of(account.id)}
    if way_id not in known or not uow.ways.remove(account.id, way_id):
        raise NotFound(N_("Vägen finns inte längre. Ladda om sidan."))
    _log(ctx, uow, account, EntryKind.KEY_WAY_REMOVED, {"kind": known[way_id].kind.value})


def _judge(ctx: Context, party: RelyingParty | None, purpose: Purpose, binding: bytes, way: NewWay) -> Answered | None:
    fault = label_fault(way.label)
    if fault is not None:
        raise Invalid(fault, field="label")
    _check_file(way.file, "scrypt" if way.kind is WayKind.PASSPHRASE else _PRF_STANZA)
    if (way.attestation is None) != (way.kind is WayKind.PASSPHRASE):
        raise Invalid(N_("Passkeyn kunde inte läggas till. Försök igen."), field="passkey")
    if way.attestation is None:
        return None
    answered = None if party is None else registered(ctx, party, purpose, binding, way.attestation)
    if answered is None:
        raise Invalid(N_("Passkeyn kunde inte läggas till. Försök igen."), field="passkey")
    return answered


def _check_file(file: bytes, kind: str) -> None:
    try:
        stanzas = parse_header(file).stanzas
    except EnvelopeError:
        raise Invalid(N_("Nyckelfilen går inte att läsa."), field="file") from None
    # One stanza of the way's own kind: a file that somebody else could open as well is none of ours.
    if len(file) > MAX_FILE or len(stanzas) != 1 or not _fits(stanzas[0], kind):
        raise Invalid(N_("Nyckelfilen ska vara skyddad med lösenfrasen eller passkeyn."), field="file")


def _fits(stanza: Stanza, kind: str) -> bool:
    if stanza.kind != kind or len(stanza.arguments) != _ARGUMENTS[kind] or len(stanza.body) != _BODY_SIZE:
        return False
    if kind == _PRF_STANZA:
        return _PRF_NONCE.fullmatch(stanza.arguments[1]) is not None
    factor = stanza.arguments[2]
    return _SCRYPT_WORK.fullmatch(factor) is not None and int(factor) <= _MAX_WORK_FACTOR


def _log(ctx: Context, uow: UnitOfWork, account: Account, kind: EntryKind, facts: dict[str, Json]) -> None:
    # The kind alone: neither a label, which may name a place, nor anything of the key.
    uow.log.append(account_entry(ctx, account, kind, facts))
