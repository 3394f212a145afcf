"""Panel fetch and sealed submission together, against a bare Flask view with one durable insert of the same size."""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .installation import Ready, environment, post, ready
from .served import resident_megabytes, served

ROUNDS = 5
PER_ROUND = 120
CLIENTS = (1, 4, 8)


def main() -> None:
    """Measure in turns and print the median of each, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _, variables = environment(data / "portal")
        bare = {"BARE_DATABASE": str(data / "bare.sqlite")}
        with (
            served("tipportal.app:serve_app()", variables) as (port, master),
            served("benchmarks.bare:make()", bare) as (bare_port, _),
        ):
            print("idle worker, MB:", resident_megabytes(master))
            for clients in CLIENTS:
                _compare(clients, port, bare_port)
            print("worker after, MB:", resident_megabytes(master))


def _compare(clients: int, port: int, bare_port: int) -> None:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        prepared = [ready(connection) for _ in range(PER_ROUND)]
        connection.close()
        ours.append(_rate(clients, port, prepared, _submit))
        theirs.append(_rate(clients, bare_port, prepared, _insert))
    rate, baseline = statistics.median(ours), statistics.median(theirs)
    print(
        f"{clients} clients: {rate:.0f}/s (of {min(ours):.0f}–{max(ours):.0f}), bare insert {baseline:.0f}/s "
        f"({min(theirs):.0f}–{max(theirs):.0f}): {rate / baseline:.0%}"
    )


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
    post(connection, "/api/panel", item.panel)
    post(connection, "/api/cases", item.case)


def _insert(connection: http.client.HTTPConnection, item: Ready) -> None:
    connection.request("POST", "/", item.case)
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(answer.status)


if __name__ == "__main__":
    main()
