"""The moving window: what it counts, what it forgets, and that it forgets by itself."""

from __future__ import annotations

import threading
import time

import pytest

from tipportal.web.hit_memory import HitMemory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_nobody_waits_longer_when_this_machine_s_clock_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = HitMemory()
    passed = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: 1_000.0 + passed)
    monkeypatch.setattr(time, "time", lambda: 9_000.0 - passed * 100)
    assert [memory.acquire_entry("all", 1, 60) for _ in range(2)] == [True, False]
    passed = 61
    assert memory.acquire_entry("all", 1, 60)


def test_a_window_moves(clock: list[float]) -> None:
    memory = HitMemory()
    assert [memory.acquire_entry("a", 2, 60) for _ in range(3)] == [True, True, False]
    clock[0] += 60
    assert not memory.acquire_entry("a", 2, 60)
    clock[0] += 1
    assert memory.acquire_entry("a", 2, 60)
    assert memory.get_moving_window("a", 2, 60) == (1_061.0, 1)


def test_keys_have_windows_of_their_own_lengths(clock: list[float]) -> None:
    memory = HitMemory()
    memory.acquire_entry("hour", 5, 3600)
    memory.acquire_entry("minute", 5, 60)
    clock[0] += 61
    assert memory.get_moving_window("hour", 5, 3600) == (1_000.0, 1)
    assert memory.get_moving_window("minute", 5, 60) == (1_061.0, 0)


def test_what_is_past_takes_no_memory(clock: list[float]) -> None:
    memory = HitMemory()
    for number in range(100):
        memory.acquire_entry(f"token-{number}", 30, 60)
    clock[0] += 61
    memory.acquire_entry("another", 30, 60)
    assert memory.reset() == 1


def test_several_at_once_are_taken_whole_or_not_at_all(clock: list[float]) -> None:
    memory = HitMemory()
    assert not memory.acquire_entry("a", 2, 60, amount=3)
    assert memory.acquire_entry("a", 2, 60, amount=2)
    assert memory.get("a") == 2
    clock[0] += 61
    assert memory.acquire_entry("a", 2, 60, amount=2)


def test_a_key_is_forgotten_when_asked(clock: list[float]) -> None:
    memory = HitMemory()
    for key in ("a", "b"):
        memory.acquire_entry(key, 1, 60)
    memory.clear("a")
    assert memory.acquire_entry("a", 1, 60)
    clock[0] += 61
    assert [memory.acquire_entry(key, 1, 60) for key in ("a", "b")] == [True, True]


def test_threads_never_get_more_than_there_is() -> None:
    memory = HitMemory()
    got: list[bool] = []

    def spend() -> None:
        got.extend([memory.acquire_entry("all", 100, 3600) for _ in range(50)])

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got.count(True), got.count(False)) == (100, 100)


def test_no_thread_is_started() -> None:
    before = threading.active_count()
    memory = HitMemory()
    memory.acquire_entry("a", 1, 60)
    assert threading.active_count() == before
