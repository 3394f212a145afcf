"""Panel fetch and sealed submission together, against a bare Flask view with one durable insert of the same size.

Both are asked in turns, and their ratio is taken within each turn: what else the machine does falls on both alike. The
workers' CPU time for each is told too, which other processes disturb least.
"""

from __future__ import annotations

import http.client
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .installation import JSON, Ready, environment, ready
from .served import resident_megabytes, served

ROUNDS = 5
PER_ROUND = 120
CLIENTS = (1, 4, 8)


@dataclass(frozen=True, slots=True)
class Turn:
    """Requests a second, and the workers' CPU seconds for each."""

    rate: float
    cpu: float


def main() -> None:
    """Measure in turns and print the medians, and the median of the turns' ratios."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _, variables = environment(data / "portal")
        bare = {"BARE_DATABASE": str(data / "bare.sqlite")}
        with (
            served("tipportal.app:serve_app()", variables) as portal,
            served("benchmarks.bare:make()", bare) as baseline,
        ):
            print("idle worker, MB:", resident_megabytes(portal[1]))
            for clients in CLIENTS:
                _compare(clients, portal, baseline)
            print("worker after, MB:", resident_megabytes(portal[1]))


def _compare(clients: int, portal: tuple[int, int], baseline: tuple[int, int]) -> None:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        connection = http.client.HTTPConnection("127.0.0.1", portal[0])
        prepared = [ready(connection) for _ in range(PER_ROUND)]
        connection.close()
        ours.append(_turn(clients, portal, prepared, _submit))
        theirs.append(_turn(clients, baseline, prepared, _insert))
    ratio = statistics.median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))
    print(f"{clients} clients: {_told(ours)}; bare insert {_told(theirs)}: {ratio:.0%}")


def _told(turns: Sequence[Turn]) -> str:
    rates = [turn.rate for turn in turns]
    cpu = statistics.median(turn.cpu for turn in turns)
    return f"{statistics.median(rates):.0f}/s ({min(rates):.0f}–{max(rates):.0f}), {1000 * cpu:.1f} ms CPU"


def _turn(
    clients: int,
    served_at: tuple[int, int],
    prepared: Sequence[Ready],
    work: Callable[[http.client.HTTPConnection, Ready], None],
) -> Turn:
    port, master = served_at
    before = _cpu_seconds(master)
    rate = _rate(clients, port, prepared, work)
    return Turn(rate, (_cpu_seconds(master) - before) / len(prepared))


def _cpu_seconds(master: int) -> float:
    """The CPU time that the workers have taken, in seconds."""
    taken = 0
    for child in Path(f"/proc/{master}/task/{master}/children").read_text().split():
        # After the name in brackets, which may hold anything: user and system ticks are fields 14 and 15 (proc(5)).
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        taken += int(fields[11]) + int(fields[12])
    return taken / os.sysconf("SC_CLK_TCK")


def _rate(
    clients: int, port: int, prepared: Sequence[Ready], work: Callable[[http.client.HTTPConnection, Ready], None]
) -> float:
    """Submissions a second; any failure is an error."""
    left = list(prepared)
    failures: list[Exception] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            while left:
                try:
                    item = left.pop()
                except IndexError:
                    return
                work(connection, item)
        except (OSError, RuntimeError) as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(prepared) / (time.perf_counter() - started)


def _submit(connection: http.client.HTTPConnection, item: Ready) -> None:
    _post(connection, "/api/panel", item.panel)
    _post(connection, "/api/cases", item.case)


def _insert(connection: http.client.HTTPConnection, item: Ready) -> None:
    _post(connection, "/", item.case)


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
    # Answers are not parsed: the client runs on the same cores, and what it does is no part of what is compared.
    connection.request("POST", path, body, JSON)
    answer = connection.getresponse()
    answer.read()
    if answer.status // 100 != 2:  # noqa: PLR2004 - any success
        raise RuntimeError(answer.status)


if __name__ == "__main__":
    main()
