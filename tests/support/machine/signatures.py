"""That everything which took effect was signed by two different people who were both entitled then (04, 3 and 5).

Signatures are checked with the ``cryptography`` package alone, over bytes written from docs/protocol.md, under the keys
that people made for themselves: not those of the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .kept_out import nearest_manager
from .seen import Seen

ACT, CHANGE = b"tipportal/act/v1\0", b"tipportal/change/v1\0"
BY_TWO_OF_A_CASE = frozenset({
    "case_assessed", "case_closed", "member_excluded", "member_added", "exclusion_ending", "identity_opened",
    "identity_disclosed", "dialogue_restricted", "restriction_lifted", "quarantine_lifted",
    "handed_over", "case_reopened", "case_exported",
})  # fmt: skip
BY_TWO_ADMINISTRATORS = frozenset({
    "register_changed", "organisation_added", "organisation_changed", "unit_added", "function_added",
    "designation_made", "designation_ended",
    "absence_ended", "conflict_ended", "policy_activated", "channel_opened", "channel_closed", "decision_recorded",
    "clock_confirmed", "account_invited", "keys_confirmed", "account_restored", "account_closed", "trustees_changed",
    "ceremony_acknowledged", "directory_published", "recovery_begun",
})  # fmt: skip
Entry = Mapping[str, Any]


def acts_are_by_two(before: Seen, after: Seen, keys: Mapping[str, bytes]) -> None:
    """Every effect since ``before`` has its two signatures, just before it in the same step."""
    acts: dict[str, Entry] = {}
    for entry in after.log[len(before.log) :]:
        facts = entry["facts"]
        if entry["kind"] in {"approved", "change_approved"}:
            one, other = _signers(entry, ACT if entry["kind"] == "approved" else CHANGE, keys)
            if entry["kind"] == "approved":
                _members(before, entry, one, other)
            else:
                _administrators(before, one, other)
            acts[facts["proposal" if entry["kind"] == "approved" else "change"]] = entry
        elif entry["kind"] in BY_TWO_OF_A_CASE:
            act = acts.pop(str(facts.get("proposal")), None)
            assert act is not None, f"{entry['kind']} by nobody's act"
            assert act["case"] == entry["case"], "an act on another case"
        elif entry["kind"] in BY_TWO_ADMINISTRATORS:
            assert facts.get("change") in acts, f"{entry['kind']} without a change by two"


def _signers(entry: Entry, heading: bytes, keys: Mapping[str, bytes]) -> tuple[str, str]:
    assert len(entry["signatures"]) == 2, "not two signatures"
    one, other = (str(each["signer"]) for each in entry["signatures"])
    assert one != other, "one person twice"
    act = entry["facts"]["act"]
    message = heading + _canonical(act)
    for each in entry["signatures"]:
        try:
            Ed25519PublicKey.from_public_bytes(keys[each["signer"]]).verify(bytes.fromhex(each["signature"]), message)
        except InvalidSignature:
            raise AssertionError("a signature that does not hold took effect") from None
    if "payload" in entry["facts"]:
        assert hashlib.sha256(_canonical(entry["facts"]["payload"])).hexdigest() == act["payload"]
    assert entry["time"] < act["expires"], "an act took effect after its date"
    return one, other


def _members(before: Seen, entry: Entry, *signers: str) -> None:
    """Both could read the case when it took effect; about a colleague the first standby may be one of them."""
    case = before.case(entry["case"])
    act = entry["facts"]["act"]
    assert act["epoch"] == case["epoch"], "an act of another epoch"
    entitled = {seat["holder"] for seat in before.acting(case)}
    if act["kind"] == "exclude_member":
        concerned = entry["facts"]["payload"]["member"]
        assert concerned not in {seat["member"] for seat in before.seats(case) if seat["holder"] in signers}
        standby = [seat for seat in before.seats(case) if seat["holder"] not in entitled]
        able = [seat["holder"] for seat in standby if before.may_read(seat) and seat["member"] != concerned]
        entitled |= set(able[:1])
    for signer in signers:
        assert signer in entitled, "somebody signed who had no key to the case"
        mine = [seat for seat in before.seats(case) if seat["holder"] == signer]
        assert all(map(before.may_read, mine)), "somebody signed without an account in use or a designation in force"


def _administrators(before: Seen, *signers: str) -> None:
    for signer in signers:
        account = before.by_id("accounts")[signer]
        assert (account["role"], account["state"]) == ("administrator", "active"), "signed by no administrator"
    managers = [nearest_manager(before, signer) for signer in signers]
    assert managers[0] is None or managers[0] != managers[1], "two with the same nearest manager"
    assert not {*managers} & {*signers}, "one is the other's nearest manager"


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
