from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tipportal.domain.errors import Busy
from tipportal.web.hit_memory import HitMemory
from tipportal.web.kdf_pool import KdfPool
from tipportal.web.limits import PER_TOKEN, Limits, TooManyRequests
from tipportal.web.services import services_of
from tipportal.web.sign_in_limits import KNOWN_DEVICE, STRANGERS, SignInLimits

PLACES = 5


def test_everybody_shares_one_budget_for_new_cases(portal: Flask) -> None:
    limits = services_of(portal).limits
    for _ in range(3):
        limits.spend_submission()
    with pytest.raises(TooManyRequests) as refused:
        limits.spend_submission()
    assert (refused.value.status, refused.value.code) == (429, "too_many_requests")


def test_each_form_token_has_its_own_budget(portal: Flask) -> None:
    limits = services_of(portal).limits
    for _ in range(PER_TOKEN.amount):
        limits.spend_token("panel", "nonce-1")
    with pytest.raises(TooManyRequests):
        limits.spend_token("panel", "nonce-1")
    limits.spend_token("panel", "nonce-2")
    limits.spend_token("cases", "nonce-1")


def test_two_applications_do_not_share_a_memory(make_portal: Callable[..., Flask]) -> None:
    one, two = (services_of(make_portal(submissions_per_minute=1)).limits for _ in range(2))
    one.spend_submission()
    two.spend_submission()
    with pytest.raises(TooManyRequests):
        one.spend_submission()


@pytest.fixture
def signing_in(portal: Flask) -> SignInLimits:
    found = services_of(portal)
    return SignInLimits(found.contexts["handler"], found.limits)


def spend(limits: SignInLimits, email: str, mark: str | None, times: int) -> None:
    for _ in range(times):
        limits.failed(limits.begin(email, mark))


def test_a_guesser_is_stopped_for_one_account_only(signing_in: SignInLimits) -> None:
    spend(signing_in, "anna@example.se", None, STRANGERS.amount)
    with pytest.raises(TooManyRequests):
        signing_in.begin("anna@example.se", None)
    signing_in.begin("bo@example.se", None)


def test_the_owner_at_her_usual_computer_is_not_locked_out(signing_in: SignInLimits) -> None:
    mark = signing_in.device_mark("anna@example.se")
    spend(signing_in, "anna@example.se", None, STRANGERS.amount)
    signing_in.begin("anna@example.se", mark)
    spend(signing_in, "anna@example.se", mark, KNOWN_DEVICE.amount)
    with pytest.raises(TooManyRequests):
        signing_in.begin("anna@example.se", mark)


@pytest.mark.parametrize("mark", ["", "x", "å", "AAAA" * 16, "🦔"])
def test_a_made_up_mark_is_worth_nothing(signing_in: SignInLimits, mark: str) -> None:
    spend(signing_in, "anna@example.se", None, STRANGERS.amount)
    with pytest.raises(TooManyRequests):
        signing_in.begin("anna@example.se", mark)


def test_a_mark_is_for_one_account(signing_in: SignInLimits) -> None:
    mark = signing_in.device_mark("bo@example.se")
    spend(signing_in, "anna@example.se", None, STRANGERS.amount)
    with pytest.raises(TooManyRequests):
        signing_in.begin("anna@example.se", mark)


def test_an_attempt_that_succeeds_costs_nothing(signing_in: SignInLimits) -> None:
    for _ in range(3 * STRANGERS.amount):
        signing_in.begin("anna@example.se", None)


def test_no_address_and_no_email_is_kept_as_a_key(portal: Flask, signing_in: SignInLimits) -> None:
    limits = services_of(portal).limits
    attempt = signing_in.begin("anna@example.se", None)
    signing_in.failed(attempt)
    limits.spend_token("panel", "nonce-1")
    kept = stored_keys(limits)
    assert kept
    for text in ("anna", "nonce-1", "127.0.0.1"):
        assert text not in " ".join(kept)


def stored_keys(limits: Limits) -> list[str]:
    storage = limits._limiter.storage  # noqa: SLF001 - looks at what is kept
    assert isinstance(storage, HitMemory)
    return list(storage._hits)  # noqa: SLF001 - as above


def test_the_pool_refuses_when_its_queue_is_full_and_recovers() -> None:
    pool = KdfPool(1, PLACES)
    release = threading.Event()

    def slow() -> int:
        release.wait(10)
        return 1

    results: list[int] = []
    waiting = [threading.Thread(target=lambda: results.append(pool.run(slow))) for _ in range(PLACES)]
    for thread in waiting:
        thread.start()
    deadline = time.monotonic() + 10
    while pool.taken < len(waiting) and time.monotonic() < deadline:
        time.sleep(0.001)
    with pytest.raises(Busy) as refused:
        pool.run(int)
    assert refused.value.status == 503
    release.set()
    for thread in waiting:
        thread.join(10)
    assert results == [1] * PLACES
    assert pool.run(lambda: 2) == 2
    assert pool.taken == 0


@pytest.mark.parametrize("threads", [4, 8, 16, 64])
def test_derivations_never_hold_every_thread(portal: Flask, threads: int) -> None:
    settings = replace(services_of(portal).settings, threads=threads)
    assert settings.kdf_workers <= settings.kdf_places < threads


def test_the_pool_gives_back_what_the_work_raises() -> None:
    pool = KdfPool(1, PLACES)
    for _ in range(3 * PLACES):
        with pytest.raises(ZeroDivisionError):
            pool.run(lambda: 1 // 0)
