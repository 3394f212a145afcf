"""``keys``: the public keys that somebody made are theirs. The approver has heard the check phrase from them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from tipportal.domain.accounts import Account, AccountState, needs_keys
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.errors import Invalid, NotEntitled
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.notices import NoticeKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridRecipient
from tipportal.envelope.canonical import encode_b64
from tipportal.envelope.checkphrase import check_phrase, normalise_check_phrase
from tipportal.envelope.keys import VerificationKey
from tipportal.usecases import notices
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .invite import newest_linked
from .payloads import exactly, text

_WRONG = N_("Kontrollfrasen stämmer inte med nycklarna. Be personen läsa upp sina sex ord igen, från sin egen skärm.")


def phrase_of(account: Account) -> str | None:
    """The six words of an account's public keys; None without keys."""
    if account.recipient is None or account.verification_key is None:
        return None
    return check_phrase(HybridRecipient(account.recipient), VerificationKey(account.verification_key))


def _read(uow: UnitOfWork, payload: Payload) -> Account:
    exactly(payload, {"account", "recipient", "verification_key"})
    account = uow.accounts.by_id(text(payload, "account"))
    if account is None or account.state is not AccountState.ENROLLED:
        raise faulty(N_("Kontot väntar inte på att få sina nycklar bekräftade."))
    named = {name: text(payload, name) for name in ("recipient", "verification_key")}
    # The signature names the keys, so keys that are exchanged in the database afterwards are never confirmed by it.
    if named != _names(account):
        raise faulty(N_("Nycklarna är inte de som personen har registrerat. Ladda om sidan."))
    return account


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    _read(uow, payload)


def _confirm(ctx: Context, uow: UnitOfWork, payload: Payload, said: Payload) -> None:
    """Compare the six words that the approver has typed, ``{"check_phrase"}``, with those of the keys."""
    del ctx
    if {*said} != {"check_phrase"} or not isinstance(said["check_phrase"], str):
        raise Invalid(N_("Skriv de sex ord som personen läser upp."), field="check_phrase")
    try:
        typed = normalise_check_phrase(said["check_phrase"])
    except EnvelopeError:
        raise Invalid(
            N_("Kontrollfrasen är sex ord ur ordlistan. Kontrollera stavningen."), field="check_phrase"
        ) from None
    if not hmac.compare_digest(typed, phrase_of(_read(uow, payload)) or ""):
        raise Invalid(_WRONG, field="check_phrase")


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    account = _read(uow, payload)
    _must_not_have_held_the_link(uow, account, change.approver)
    uow.accounts.change_state(account.id, AccountState.ACTIVE, of={AccountState.ENROLLED})
    notices.tell(ctx, uow, account, NoticeKind.ACCESS)
    facts = {
        "account": account.id,
        "recipient": text(payload, "recipient"),
        "verification_key": (account.verification_key or b"").hex(),
    }
    return Applied(EntryKind.KEYS_CONFIRMED, facts)


def _must_not_have_held_the_link(uow: UnitOfWork, account: Account, approver: str | None) -> None:
    """Raise NotEntitled for whoever was given the link: in the person's place they would know the words as well."""
    linked = newest_linked(uow, account.id)
    if linked is not None and linked.proposer == approver:
        raise NotEntitled(N_("Du har haft personens länk. Den andra administratören behöver höra orden och godkänna."))


def are_confirmed(uow: UnitOfWork, account: Account) -> bool:
    """Whether an account's present keys are a founder's, or two have confirmed just these."""
    if not needs_keys(account.role) or newest_linked(uow, account.id) is None:
        return True
    confirmed = {"account": account.id, **_names(account)}
    return any(
        json.loads(payload) == confirmed
        for change_id, payload in uow.changes.approved()
        if (change := uow.changes.by_id(change_id)) is not None and change.kind is ChangeKind.KEYS
    )


def _names(account: Account) -> dict[str, str]:
    return {
        "recipient": hashlib.sha256(account.recipient or b"").hexdigest(),
        "verification_key": encode_b64(account.verification_key or b""),
    }


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    account = _read(uow, payload)
    return [
        Sentence(
            N_("Nycklarna som %(name)s har gjort bekräftas. Kontot blir aktivt."),
            {"name": account.name},
        ),
        Sentence(N_("Den som godkänner ringer upp personen och skriver de sex ord som personen läser upp.")),
    ]


EFFECT = Effect(ChangeKind.KEYS, _check, _apply, _tell, confirm=_confirm)
