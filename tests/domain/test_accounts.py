import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.accounts import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    ROLE_PERMISSIONS,
    Account,
    AccountState,
    Invitation,
    Permission,
    Role,
    Session,
    SourceSession,
    allows,
    normal_email,
    password_fault,
)

QUIET = settings(derandomize=True, deadline=None)
SECRET = b"canary-of-a-secret"


def test_what_each_role_may() -> None:
    assert {role: set(permissions) for role, permissions in ROLE_PERMISSIONS.items()} == {
        Role.HANDLER: {Permission.ACCOUNT, Permission.HOLD_KEYS, Permission.HANDLE},
        Role.ADMINISTRATOR: {Permission.ACCOUNT, Permission.HOLD_KEYS, Permission.ADMINISTER},
        Role.AUDITOR: {Permission.ACCOUNT, Permission.AUDIT},
    }
    for role in Role:
        for permission in Permission:
            assert allows(role, permission) == (permission in ROLE_PERMISSIONS[role])


def test_whoever_administers_never_handles() -> None:
    assert not any(allows(role, Permission.HANDLE) and allows(role, Permission.ADMINISTER) for role in Role)
    assert not any(allows(role, Permission.HANDLE) and allows(role, Permission.AUDIT) for role in Role)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("anna@ekby.example", "anna@ekby.example"),
        ("  Anna.Ek@Ekby.Example\n", "anna.ek@ekby.example"),
        ("åsa@ekby.example", "åsa@ekby.example"),
        ("ÅSA@ekby.example", "åsa@ekby.example"),
    ],
)
def test_addresses_are_looked_up_in_one_form(written: str, normal: str) -> None:
    assert normal_email(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anna",
        "@ekby.example",
        "anna@",
        "anna@ek@by",
        "an na@ekby.example",
        "anna@ekby.example\nBcc: x",
        "anna\x00@ekby.example",
        "anna\x7f@ekby.example",
        "anna\ud800@ekby.example",
        "a" * 65 + "@ekby.example",
        "anna@" + "e" * 191,
    ],
)
def test_what_is_not_an_address_is_none(written: str) -> None:
    assert normal_email(written) is None


@QUIET
@given(st.text(st.characters()) | st.from_regex(r"[^@]{1,5}@[^@]{1,5}"))
def test_the_form_is_final_and_can_be_stored(written: str) -> None:
    normal = normal_email(written)
    if normal is not None:
        normal.encode()
        assert normal_email(normal) == normal
        assert not any(character.isspace() for character in normal)


def test_passwords_are_judged_by_length_alone() -> None:
    assert password_fault("a" * MIN_PASSWORD) is None
    assert password_fault("å" * MAX_PASSWORD) is None
    assert password_fault("mellanslag går bra 🙂") is None
    assert "15" in (password_fault("a" * (MIN_PASSWORD - 1)) or "")
    assert "256" in (password_fault("a" * (MAX_PASSWORD + 1)) or "")
    assert MIN_PASSWORD == 15
    assert MAX_PASSWORD == 256


@QUIET
@given(st.text(st.characters(), max_size=300))
def test_a_password_that_may_be_chosen_can_be_hashed(password: str) -> None:
    if password_fault(password) is None:
        password.encode()


def test_a_password_with_half_a_character_is_refused() -> None:
    assert password_fault("a" * MIN_PASSWORD + "\ud83d") is not None


def test_no_secret_shows_when_an_account_or_a_session_is_printed() -> None:
    account = Account(
        id="a",
        organisation_id="o",
        role=Role.HANDLER,
        name="Anna",
        email="anna@ekby.example",
        state=AccountState.ACTIVE,
        unit_id="u",
        password_hash=SECRET.decode(),
        totp_sealed=SECRET,
    )
    invitation = Invitation(token_digest=b"d", organisation_id="o", account_id="a", expires_at=0, totp_sealed=SECRET)
    session = Session(id_digest=b"d", organisation_id="o", account_id="a", created_at=0, storage_key=SECRET)
    source = SourceSession(id_digest=b"d", organisation_id="o", case_id="c", sealed=SECRET)
    for each in (account, invitation, session, source):
        assert SECRET.decode() not in repr(each)
        assert any(SECRET in (value, str(value).encode()) for value in dataclasses.asdict(each).values())
