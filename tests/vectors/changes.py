"""Vectors of changes by two administrators."""

from datetime import UTC, datetime

from tests.support.sealed_case import INSTALLATION, person, seed
from tipportal.envelope.canonical import Json, canonical
from tipportal.envelope.changes import ChangeAct, ChangeKind, change_bytes, change_payload_digest, sign_change


def change_vectors() -> dict[str, object]:
    """Give one change of each kind with a payload and both signatures."""
    keys = [person(f"administrator {place}").signing_key for place in (1, 2)]
    changes = []
    for place, kind in enumerate(ChangeKind):
        payload: Json = {"why": f"Ändring nummer {place}", "kind": kind.value}
        act = ChangeAct(
            installation=INSTALLATION.hex(),
            kind=kind,
            payload=change_payload_digest(payload),
            base=place,
            expires=datetime(2026, 12, 6, 9, 30, tzinfo=UTC),
            nonce=seed(kind.value)[:16],
        )
        changes.append(
            {
                "payload": canonical(payload).decode(),
                "act": canonical(act.to_json()).decode(),
                "signed_bytes": change_bytes(act).hex(),
                "signatures": [sign_change(act, key).hex() for key in keys],
            }
        )
    return {
        "signing_seeds": [key.seed.hex() for key in keys],
        "verification_keys": [key.verification_key.raw.hex() for key in keys],
        "changes": changes,
    }
