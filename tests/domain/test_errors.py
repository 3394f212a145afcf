import inspect

import pytest

from tipportal.domain import errors
from tipportal.domain.errors import CaseNotFound, FileNotFound, Invalid, NotFound, Refusal

REFUSALS = [
    each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, Refusal) and each is not Refusal
]
# What clients rely on: a code never changes its name or its status, and a new one is added here.
CODES = {
    "already_decided": 409,
    "bad_signature": 422,
    "busy": 503,
    "case_exists": 409,
    "case_full": 413,
    "case_locked": 409,
    "case_not_found": 404,
    "case_unreadable": 409,
    "cases_left": 409,
    "confirm_first": 403,
    "conflict": 409,
    "dialogue_restricted": 409,
    "enrolment_refused": 403,
    "epoch_closed": 409,
    "epoch_exists": 409,
    "file_empty": 422,
    "file_not_found": 404,
    "file_too_large": 413,
    "grants_mismatch": 422,
    "illegal_transition": 409,
    "invalid_request": 422,
    "locked": 409,
    "log_disagrees": 409,
    "malformed_age_file": 422,
    "no_panel": 409,
    "not_entitled": 403,
    "not_found": 404,
    "panel_changed": 409,
    "part_differs": 409,
    "part_missing": 409,
    "proposal_open": 409,
    "quarantined": 409,
    "sequence_conflict": 412,
    "sign_in_refused": 403,
    "storage_full": 507,
    "token_expired": 403,
    "too_many_files": 422,
    "triage_changed": 409,
    "upload_unknown": 422,
}


def test_codes_and_statuses_stay_put() -> None:
    assert {each.code: each.status for each in REFUSALS} == CODES
    assert len(REFUSALS) == len(CODES)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_carries_its_reason_and_field(refusal: type[Refusal]) -> None:
    raised = refusal("Därför.", field="who")
    assert (raised.reason, raised.field, str(raised)) == ("Därför.", "who", "Därför.")
    assert refusal("Därför.").field is None


def test_an_unknown_case_or_file_is_one_of_the_things_not_found() -> None:
    assert issubclass(CaseNotFound, NotFound)
    assert issubclass(FileNotFound, NotFound)
    assert not issubclass(Invalid, NotFound)
