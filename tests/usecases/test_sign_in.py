from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from argon2 import Parameters, PasswordHasher, Type, extract_parameters

from tests.support.passwords import REAL
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import SESSION_SECONDS, UNLOCK_IDLE_SECONDS, Role, Session
from tipportal.domain.errors import Locked, NotEntitled, SignInRefused
from tipportal.usecases import scheduled, sign_in
from tipportal.usecases.context import Context

STEP = 30


def test_right_password_and_code_open_a_session_that_only_the_cookie_leads_to(story: Story) -> None:
    member = _handler(story)

    entered = _enter(story, member)

    found = sign_in.account_of(story.handler, entered.secret)
    assert found is not None
    assert found[0].id == member.account.id
    assert entered.secret not in [row["id_digest"] for row in story.contents()["sessions"]]
    for wrong in (None, b"", bytes(32), found[1].id_digest):
        assert sign_in.account_of(story.handler, wrong) is None


def test_one_time_code_is_taken_once(story: Story) -> None:
    member = _handler(story)
    code = _enter_code(story, member)

    with pytest.raises(SignInRefused):
        sign_in.sign_in(story.handler, member.person.email, member.person.password, code)
    story.clock.advance(-2 * STEP)
    with pytest.raises(SignInRefused):
        _enter(story, member, later=0)
    story.clock.advance(3 * STEP)

    assert _enter(story, member, later=0).secret


def test_one_time_code_is_taken_once_also_by_four_at_the_same_time(story: Story) -> None:
    member = _handler(story)
    story.clock.advance(STEP * 4)
    code = story.otp(member)
    together = threading.Barrier(4)

    def enter(_: int) -> bool:
        together.wait()
        try:
            sign_in.sign_in(story.handler, member.person.email, member.person.password, code)
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        entered = list(pool.map(enter, range(4)))

    assert entered.count(True) == 1
    assert len(story.contents()["sessions"]) == 1


def test_code_of_the_step_before_or_after_is_taken_and_none_further(story: Story) -> None:
    member = _handler(story)
    story.clock.advance(100 * STEP)
    for drift in (2, -2, 20):
        with pytest.raises(SignInRefused):
            sign_in.sign_in(
                story.handler, member.person.email, member.person.password, _code_at(story, member, drift * STEP)
            )
    for drift in (-1, 0, 1):
        code = _code_at(story, member, drift * STEP)
        spaced = f" {code[:3]} {code[3:]}"
        assert sign_in.sign_in(story.handler, member.person.email.upper(), member.person.password, spaced).secret


@dataclass(frozen=True, slots=True)
class CountingContext(Context):
    """Counts what a use case asks of the world outside: the same work for everybody is seen in the same numbers."""

    asked: list[str] = field(default_factory=list)

    def keyed(self, label: str, *parts: bytes) -> bytes:
        self.asked.append(f"keyed {label}")
        return Context.keyed(self, label, *parts)


class CountingHasher(PasswordHasher):
    """The real hasher, which remembers how often it worked."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002, ANN401 - the library's own
        CountingHasher.verified += 1
        return super().verify(hash, password)


def test_a_password_costs_what_rfc_9106_recommends_also_where_nobody_has_one() -> None:
    costs = Parameters(Type.ID, 19, salt_len=16, hash_len=32, time_cost=3, memory_cost=64 * 1024, parallelism=1)

    assert extract_parameters(REAL.hash("x" * 20)) == costs
    assert extract_parameters(sign_in._DUMMY) == costs  # noqa: SLF001 - whose cost must not tell who has an account


def test_unknown_suspended_wrong_password_and_wrong_code_are_one_answer_with_the_same_work(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, suspended, invited = story.municipality.handlers()[:3]
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=suspended.account.id)
    story.change(
        "UPDATE accounts SET state = 'invited', password_hash = NULL, totp_sealed = NULL WHERE id = :id",
        id=invited.account.id,
    )
    monkeypatch.setattr(sign_in, "HASHER", CountingHasher(time_cost=1, memory_cost=8, parallelism=1))
    story.clock.advance(10 * STEP)
    seen = set()

    for email, password, code in (
        ("nobody@example.org", "x" * 20, "123456"),
        ("", "", ""),
        ("no address", "å" * 300, "åäö"),
        (known.person.email, "x" * 20, story.otp(known)),
        (known.person.email, known.person.password, _code_at(story, known, 50 * STEP)),
        (known.person.email, "x" * 20, ""),
        (suspended.person.email, suspended.person.password, story.otp(suspended)),
        (invited.person.email, invited.person.password, "123456"),
    ):
        counting = CountingContext(story.database, story.clock, story.handler.random, story.handler.face_secret)
        verified, before = CountingHasher.verified, story.contents()
        with pytest.raises(SignInRefused) as refused:
            sign_in.sign_in(counting, email, password, code)
        after = story.contents()
        added = [json.loads(row["data"]) for row in after["log_entries"] if row not in before["log_entries"]]
        seen.add(
            (
                refused.value.reason,
                refused.value.field,
                refused.value.code,
                CountingHasher.verified - verified,
                tuple(counting.asked),
                json.dumps([{**entry, "index": 0} for entry in added]),
            )
        )
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= {"log_entries", "log_nodes"}

    assert len(seen) == 1
    assert next(iter(seen))[3:5] == (1, ("keyed seal/totp",))
    assert "example" not in repr(seen)


def test_session_ends_after_twelve_hours_or_when_the_account_is_suspended(story: Story) -> None:
    first, second = story.municipality.handlers()[:2]
    one, other = _enter(story, first), _enter(story, second)
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=second.account.id)
    assert sign_in.account_of(story.handler, other.secret) is None

    story.clock.advance(SESSION_SECONDS - 1 - STEP * 4)
    assert sign_in.account_of(story.handler, one.secret) is not None
    story.clock.advance(1 + STEP * 4)
    assert sign_in.account_of(story.handler, one.secret) is None
    story.clock.advance(STEP * 8)
    assert scheduled.tick(story.handler).sessions_ended == 2


def test_signing_out_ends_this_session_only(story: Story) -> None:
    member = _handler(story)
    one, other = _enter(story, member), _enter(story, member)

    sign_in.sign_out(story.handler, member.account, _session(story, one.secret))

    assert sign_in.account_of(story.handler, one.secret) is None
    assert sign_in.account_of(story.handler, other.secret) is not None


def test_unlocked_identity_locks_after_fifteen_idle_minutes(story: Story) -> None:
    member = _handler(story)
    secret = _enter(story, member).secret
    with pytest.raises(Locked):
        sign_in.storage_key(story.handler, _session(story, secret))

    key = sign_in.unlock(story.handler, member.account, _session(story, secret)).storage_key
    for _ in range(4):
        story.clock.advance(UNLOCK_IDLE_SECONDS - 1)
        assert sign_in.storage_key(story.handler, _session(story, secret)) == key
    story.clock.advance(UNLOCK_IDLE_SECONDS)
    with pytest.raises(Locked):
        sign_in.storage_key(story.handler, _session(story, secret))

    assert [row["storage_key"] for row in story.contents()["sessions"]] == [None]
    story.clock.advance(-UNLOCK_IDLE_SECONDS)
    with pytest.raises(Locked):
        sign_in.storage_key(story.handler, _session(story, secret))
    assert sign_in.unlock(story.handler, member.account, _session(story, secret)).storage_key != key


def test_locking_forgets_the_key_and_another_session_never_had_it(story: Story) -> None:
    member = _handler(story)
    one, other = _enter(story, member).secret, _enter(story, member).secret
    key = sign_in.unlock(story.handler, member.account, _session(story, one)).storage_key
    assert sign_in.unlock(story.handler, member.account, _session(story, other)).storage_key != key

    sign_in.lock(story.handler, _session(story, one))

    with pytest.raises(Locked):
        sign_in.storage_key(story.handler, _session(story, one))
    assert key not in [row["storage_key"] for row in story.contents()["sessions"]]


def test_auditor_has_nothing_to_unlock(story: Story) -> None:
    auditor = next(member for member in story.municipality.members if member.account.role is Role.AUDITOR)
    secret = _enter(story, auditor).secret

    with pytest.raises(NotEntitled):
        sign_in.unlock(story.handler, auditor.account, _session(story, secret))


def test_secret_of_the_one_time_codes_opens_only_at_the_handler_face(story: Story) -> None:
    member = _handler(story)
    story.clock.advance(4 * STEP)
    foreign = replace(story.handler, face_secret=story.public.face_secret)

    with pytest.raises(SignInRefused):
        sign_in.sign_in(foreign, member.person.email, member.person.password, story.otp(member))


def _handler(story: Story) -> Member:
    return story.municipality.handlers()[0]


def _enter(story: Story, member: Member, *, later: int = 4) -> sign_in.SignedIn:
    story.clock.advance(later * STEP)
    return sign_in.sign_in(story.handler, member.person.email, member.person.password, story.otp(member))


def _enter_code(story: Story, member: Member) -> str:
    story.clock.advance(4 * STEP)
    code = story.otp(member)
    sign_in.sign_in(story.handler, member.person.email, member.person.password, code)
    return code


def _code_at(story: Story, member: Member, offset: int) -> str:
    story.clock.advance(offset)
    code = story.otp(member)
    story.clock.advance(-offset)
    return code


def _session(story: Story, secret: bytes) -> Session:
    found = sign_in.account_of(story.handler, secret)
    assert found is not None
    return found[1]
