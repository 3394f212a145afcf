"""The two administrators of a running installation, at work with the keys that their passphrases open."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.servers import Server
from tipportal.cli.demo_changes import Administrator, Administrators
from tipportal.cli.demo_staffing import Person
from tipportal.contexts import context_for
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json
from tipportal.domain.ports import UnitOfWork
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import PassphraseIdentity, parse_identity_file
from tipportal.storage import Database
from tipportal.usecases.changing.invite import link_of


@contextmanager
def founders(server: Server) -> Iterator[Administrators]:
    """The two, on the server's own database."""
    database = Database(server.settings.database_url, server.settings.blobs_dir)
    try:
        ctx = context_for(server.settings, database, "handler")
        with database.read() as uow:
            one, other = (_signer(uow, server.person("administrator", number)) for number in (0, 1))
        yield Administrators(ctx, one, other)
    finally:
        database.close()


def invited_handler(server: Server, name: str, email: str) -> str:
    """Invite a handler by two; the link that the proposer hands over."""
    with founders(server) as two:
        with two.ctx.storage.read() as uow:
            unit = uow.register.units()[0]
        payload: dict[str, Json] = {
            "account": two.ctx.new_id(),
            "name": name,
            "email": email,
            "role": "handler",
            "organisation": unit.organisation_id,
            "unit": unit.id,
            "decision": None,
        }
        change_id, act = two.propose(ChangeKind.INVITE, payload)
        two.approve(change_id, act)
        return f"{server.staff_url}registrera#{link_of(two.ctx, two.proposer.account, change_id)}"


def confirmed(server: Server, email: str, check_phrase: str) -> None:
    """Confirm somebody's keys by two, who have heard these six words."""
    with founders(server) as two:
        with two.ctx.storage.read() as uow:
            account = uow.accounts.by_email(email)
        assert account is not None
        payload: dict[str, Json] = {
            "account": account.id,
            "recipient": hashlib.sha256(account.recipient or b"").hexdigest(),
            "verification_key": base64.b64encode(account.verification_key or b"").decode(),
        }
        two.make(ChangeKind.KEYS, payload, {"check_phrase": check_phrase})


def _signer(uow: UnitOfWork, person: Person) -> Administrator:
    account = uow.accounts.by_email(person.email)
    assert account is not None
    file = uow.ways.of(account.id)[0].file
    opened = parse_identity_file(open_sealed(file, [PassphraseIdentity(person.passphrase)]))
    return Administrator(account, opened.signing_key)
