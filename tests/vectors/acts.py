"""Vectors of acts by two: one of each kind, with its payload and signature."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.support.sealed_case import MEMBERS, OFFER, PEOPLE, seed
from tipportal.envelope.acts import Act, act_bytes, payload_digest, sign_act
from tipportal.envelope.canonical import canonical, digest
from tipportal.envelope.payloads import (
    ActKind,
    AddMemberPayload,
    AssessPayload,
    ClosePayload,
    DisclosedTo,
    DiscloseIdentityPayload,
    EndExclusionPayload,
    ExcludeMemberPayload,
    HandoverNotice,
    HandOverPayload,
    Notice,
    Outcome,
    Payload,
    ReasonsPayload,
    ReclassifyPayload,
    RestrictDialoguePayload,
    RetainPayload,
    Retention,
    kind_of,
)


def act_vectors() -> dict[str, object]:
    """Give one act of each kind with its payload and signature."""
    key = PEOPLE["h1"].signing_key
    reasons = digest(b"an assessment record's age file")
    payloads: tuple[Payload, ...] = (
        AssessPayload(covered=True, ground="public_interest", reasons=reasons),
        AssessPayload(covered=False, ground="own_employment_terms_only", reasons=reasons),
        ClosePayload(Outcome.PARTLY_CONFIRMED, reasons),
        ExcludeMemberPayload("h2", reasons),
        AddMemberPayload(replace(MEMBERS[1].named(), id="h4"), reasons),
        EndExclusionPayload(digest(b"salt unit:u1"), reasons),
        ReasonsPayload(ActKind.OPEN_IDENTITY, reasons),
        DiscloseIdentityPayload(DisclosedTo.PROSECUTOR, Notice.WITHHELD, reasons),
        RestrictDialoguePayload(date(2026, 12, 29), reasons),
        ReasonsPayload(ActKind.LIFT_RESTRICTION, reasons),
        ReasonsPayload(ActKind.LIFT_QUARANTINE, reasons),
        ReasonsPayload(ActKind.RECLASSIFY, reasons),
        ReclassifyPayload((replace(MEMBERS[1].named(), id="h4"), replace(MEMBERS[0].named(), id="h5")), reasons),
        HandOverPayload("police", "osl_10_24", HandoverNotice.WITHHELD, digest(b"a form's age file"), reasons),
        RetainPayload(Retention.DISPOSE, "KS 2026/123 § 4 – gallring", reasons),
        ReasonsPayload(ActKind.EXPORT, reasons),
        ReasonsPayload(ActKind.REOPEN, reasons),
    )
    acts = []
    for payload in payloads:
        kind = kind_of(payload)
        act = Act(
            case=OFFER.reference,
            genesis=digest(b"genesis"),
            epoch=1,
            kind=kind,
            payload=payload_digest(payload),
            policy=0,
            directory=0,
            expires=datetime(2026, 11, 29, 23, 0, tzinfo=UTC),
            nonce=seed(kind.value)[:16],
        )
        acts.append(
            {
                "payload": payload.encode().decode(),
                "act": canonical(act.to_json()).decode(),
                "signed_bytes": act_bytes(act).hex(),
                "signature": sign_act(act, key).hex(),
            }
        )
    return {"signing_seed": key.seed.hex(), "verification_key": key.verification_key.raw.hex(), "acts": acts}
