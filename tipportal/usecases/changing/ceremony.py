"""``ceremony``: each trustee has their paper, and has read the six words of their keys back from it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import Trustee, TrusteeSet
from tipportal.envelope import EnvelopeError, HybridRecipient
from tipportal.envelope.checkphrase import check_phrase, normalise_check_phrase
from tipportal.envelope.keys import VerificationKey
from tipportal.usecases.context import Context

from . import trustees
from .effect import Applied, Effect, Payload
from .payloads import exactly


def phrase_of(trustee: Trustee) -> str:
    """The six words of a trustee's public keys, which stand on their paper too."""
    return check_phrase(HybridRecipient(trustee.recipient), VerificationKey(trustee.verification_key))


def _read(uow: UnitOfWork, payload: Payload) -> TrusteeSet:
    exactly(payload, {"set", "trustees"})
    newest = uow.trustees.newest()
    if newest is None or newest.version != payload["set"] or newest.acknowledged_on is not None:
        raise faulty(N_("Det finns inga nya nyckelförvaltare som väntar på att kvittera."))
    # The signature names the people by their keys, so that no others can be put in their place afterwards.
    if payload["trustees"] != [trustee.id for trustee in newest.trustees]:
        raise faulty(N_("Nyckelförvaltarna är inte de som väntar. Ladda om sidan."))
    return newest


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    _read(uow, payload)


def _confirm(ctx: Context, uow: UnitOfWork, payload: Payload, said: Payload) -> None:
    """Compare the words that each trustee has typed, ``{"phrases": {trustee's id: six words}}``, with their keys'."""
    del ctx
    phrases = said.get("phrases")
    if {*said} != {"phrases"} or not isinstance(phrases, Mapping):
        raise Invalid(N_("Var och en skriver de sex ord som står på det egna papperet."), field="phrases")
    for trustee in _read(uow, payload).trustees:
        typed = phrases.get(trustee.id)
        try:
            words = normalise_check_phrase(typed if isinstance(typed, str) else "")
        except EnvelopeError:
            words = ""
        if not hmac.compare_digest(words, phrase_of(trustee)):
            raise Invalid(N_("De sex orden stämmer inte med nyckelförvaltarens nycklar."), field=trustee.id)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    del change
    acknowledged = _read(uow, payload)
    uow.trustees.acknowledge(acknowledged.version, ctx.today())
    facts: dict[str, Json] = {
        "set": acknowledged.version,
        "trustees": [trustee.id for trustee in acknowledged.trustees],
    }
    return Applied(EntryKind.CEREMONY_ACKNOWLEDGED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    names = ", ".join(trustee.name for trustee in _read(uow, payload).trustees)
    return [
        Sentence(N_("Ceremonin är gjord: %(names)s har var sitt papper."), {"names": names}),
        Sentence(N_("När ändringen godkänns skriver var och en de sex kontrollord som står på det egna papperet.")),
        Sentence(N_("Nya ärenden delas sedan på dem, och handläggarnas webbläsare delar om de ärenden som finns.")),
    ]


EFFECT = Effect(ChangeKind.CEREMONY, _check, _apply, _tell, base=trustees.version, confirm=_confirm)
