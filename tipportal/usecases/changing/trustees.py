"""``trustees``: who the trustees are and how many of them it takes. They get shares once they have their papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import LEAST_THRESHOLD, MOST_TRUSTEES, Trustee, TrusteeSet, trustee_id
from tipportal.envelope import EnvelopeError, HybridRecipient
from tipportal.envelope.canonical import decode_b64
from tipportal.envelope.keys import VerificationKey
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import decided, exactly, must_exist, text, wrong

_NAMES = {"name", "organisation", "unit", "unit_id", "recipient", "verification_key"}


def version(uow: UnitOfWork) -> int:
    """The version of the newest set, 0 before the first."""
    newest = uow.trustees.newest()
    return 0 if newest is None else newest.version


def _read(ctx: Context, uow: UnitOfWork, payload: Payload) -> tuple[int, tuple[Trustee, ...]]:
    exactly(payload, {"threshold", "trustees", "decision"})
    threshold, listed = payload["threshold"], payload["trustees"]
    if not isinstance(threshold, int) or isinstance(threshold, bool):
        raise wrong("threshold")
    if not isinstance(listed, list) or len(listed) > MOST_TRUSTEES:
        raise wrong("trustees")
    organisation_id = _decided_by(payload)
    must_exist(uow, organisation_id)
    decision = decided(payload, {organisation_id}, required=True)
    if decision is not None and decision.decided_on > ctx.today():
        raise faulty(N_("Beslutets datum har inte varit än."))
    trustees = tuple(_trustee(uow, one) for one in listed)
    _must_be_many(threshold, trustees)
    _must_be_others(uow, trustees)
    return threshold, trustees


def _trustee(uow: UnitOfWork, raw: Json) -> Trustee:
    if not isinstance(raw, Mapping):
        raise wrong("trustees")
    exactly(raw, _NAMES)
    unit_id = None if raw["unit_id"] is None else text(raw, "unit_id")
    if unit_id is not None and uow.register.unit(unit_id) is None:
        raise faulty(N_("Enheten %(id)s finns inte."), id=unit_id[:64])
    try:
        recipient = HybridRecipient.from_bytes(decode_b64(text(raw, "recipient", 4096))).raw
        key = VerificationKey(decode_b64(text(raw, "verification_key"))).raw
    except EnvelopeError:
        raise faulty(N_("%(name)s har inga giltiga nycklar. Gör om ceremonin."), name=text(raw, "name")) from None
    return Trustee(
        id=trustee_id(recipient, key),
        name=text(raw, "name"),
        organisation=text(raw, "organisation"),
        unit=text(raw, "unit"),
        unit_id=unit_id,
        recipient=recipient,
        verification_key=key,
    )


def _must_be_many(threshold: int, trustees: Sequence[Trustee]) -> None:
    if not LEAST_THRESHOLD <= threshold <= len(trustees):
        raise faulty(N_("Minst två ska behövas, och inte fler än det finns nyckelförvaltare."))
    for values in (
        {trustee.recipient for trustee in trustees},
        {trustee.verification_key for trustee in trustees},
        {(trustee.name.casefold(), trustee.organisation.casefold()) for trustee in trustees},
    ):
        if len(values) < len(trustees):
            raise faulty(N_("Nyckelförvaltarna ska vara olika personer med olika nycklar."))


def _must_be_others(uow: UnitOfWork, trustees: Sequence[Trustee]) -> None:
    accounts = list(uow.accounts.all())
    people = {account.name.casefold() for account in accounts}
    keys = {account.recipient for account in accounts} | {account.verification_key for account in accounts}
    for trustee in trustees:
        if trustee.name.casefold() in people or {trustee.recipient, trustee.verification_key} & keys:
            # Whoever handles or administers would otherwise hold two keys that are meant to be different people's.
            raise faulty(
                N_("%(name)s har ett konto här. En nyckelförvaltare är varken handläggare eller administratör."),
                name=trustee.name,
            )


def _decided_by(payload: Payload) -> str:
    decision = payload["decision"]
    return text(decision, "organisation") if isinstance(decision, Mapping) else ""


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    _read(ctx, uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    threshold, trustees = _read(ctx, uow, payload)
    made = TrusteeSet(
        organisation_id=_decided_by(payload),
        version=version(uow) + 1,
        threshold=threshold,
        change_id=change.id,
        acknowledged_on=None,
        trustees=trustees,
    )
    uow.trustees.add_set(made)
    facts: dict[str, Json] = {
        "set": made.version,
        "threshold": threshold,
        "trustees": [trustee.id for trustee in trustees],
        # Public keys stand in the log, so that what they sign in an administrator's place can be verified from it.
        "verification_keys": [trustee.verification_key.hex() for trustee in trustees],
    }
    return Applied(EntryKind.TRUSTEES_CHANGED, facts)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    threshold, trustees = _read(ctx, uow, payload)
    lines = [
        Sentence(
            N_("Nyckelförvaltare: %(count)s stycken, och %(threshold)s av dem kan tillsammans återställa ett ärende."),
            {"count": len(trustees), "threshold": threshold},
        )
    ]
    lines += [
        Sentence(
            N_("%(name)s, %(unit)s, %(organisation)s"),
            {"name": each.name, "unit": each.unit, "organisation": each.organisation},
        )
        for each in trustees
    ]
    lines.append(
        Sentence(N_("De gäller när var och en har kvitterat ceremonin och katalogen har publicerats på nytt."))
    )
    return lines


EFFECT = Effect(ChangeKind.TRUSTEES, _check, _apply, _tell, base=version)
