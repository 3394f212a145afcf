"""The annual report, from a cold start of the command to its file, at 10,000 to a million entries of the log.

Goal (06): at most 5 s and 200 MB at a million, and time that grows as the log does. Time is what the processor spent,
of user and system, so that what else the machine does is left out of it; memory is the highest that was resident.
Give sizes as arguments, and ``public`` or ``internal`` (the default) as the audience.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.bulk_log import fill
from tipportal.domain.followup.report import Audience

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
YEAR = "2023"
MOST_SECONDS, MOST_MEGABYTES = 5.0, 200.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: seconds of the processor, and MB resident at the highest."""

    seconds: float
    megabytes: float


def main(sizes: tuple[int, ...], audience: Audience) -> None:
    """Measure at each size."""
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            data = Path(folder) / str(size)
            data.mkdir()
            (data / "secret-key").write_bytes(bytes(32))
            (data / "secret-key").chmod(0o600)
            # What a process had in memory counts for those that it starts: the log is made in another.
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                made = pool.submit(fill, data / "tipportal.sqlite3", size).result()
            runs = [_run(data, audience) for _ in range(ROUNDS)]
            seconds = statistics.median(run.seconds for run in runs)
            megabytes = max(run.megabytes for run in runs)
            print(
                f"{made:>9,} entries, {audience.value}: {seconds:.2f} s "
                f"({min(run.seconds for run in runs):.2f}–{max(run.seconds for run in runs):.2f}), {megabytes:.0f} MB; "
                f"{seconds / made * 1e6:.2f} µs an entry"
            )
            if made == max(SIZES):
                print(f"          goal: {MOST_SECONDS:.0f} s, {MOST_MEGABYTES:.0f} MB")


def _run(data: Path, audience: Audience) -> Run:
    environment = {**os.environ, "TIPPORTAL_DATA_DIR": str(data), "TIPPORTAL_PUBLIC_URL": "https://tips.example.se"}
    code = "from tipportal.cli import main; main()"
    command = [
        sys.executable, "-c", code, "report", "annual", YEAR, "--audience", audience.value, "--format", "json",
    ]  # fmt: skip
    # A process of its own each time: what it used is told by the system when it has ended.
    child = os.posix_spawn(
        sys.executable, command, environment, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the command ended with {os.waitstatus_to_exitcode(status)}")
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    given = sys.argv[1:]
    asked = Audience.PUBLIC if "public" in given else Audience.INTERNAL
    main(tuple(int(each) for each in given if each.isdigit()) or SIZES, asked)
