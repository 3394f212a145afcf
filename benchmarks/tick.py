"""What ``tick`` takes with 1,000, 10,000 and 100,000 open cases: time, and the memory that it needs at most.

Each size in a process of its own, since a process never gives its peak back. The cases are copies of one submitted case
without their sealed content, received over the last 120 days, so that about a third of them have reached a step. The
alarms are timed by themselves, once when all of them are due and once when there is nothing more to do; then the rest
of ``tick``.
"""

from __future__ import annotations

import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from tipportal.cli.demo import prepare
from tipportal.contexts import context_for
from tipportal.settings import Settings
from tipportal.storage.database import Database
from tipportal.storage.engines import normalised
from tipportal.storage.rows import cases, epochs, grants
from tipportal.usecases import alarms, scheduled

from .copying import CHANGED, copy_rows
from .handler_list import submit_one

T = TypeVar("T")
SIZES = (1_000, 10_000, 100_000)
# Everybody has stepped in: otherwise a tick would be nothing but letting standbys into cases that stand still.
_CHANGED = CHANGED | {"released": "1"}


def main() -> None:
    """Measure each size in turn."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            settings, _ = prepare(80, Path(folder))
            database = Database(settings.database_url, settings.blobs_dir)
            submit_one(context_for(settings, database, "public"))
            database.close()
            _copy(settings.database_url, size)
            child = multiprocessing.get_context("spawn").Process(target=_measure, args=(settings, size))
            child.start()
            child.join()
            if child.exitcode:
                raise SystemExit(child.exitcode)


def _measure(settings: Settings, size: int) -> None:
    database = Database(settings.database_url, settings.blobs_dir)
    ctx = context_for(settings, database, "handler")
    # The peak so far is that of loading the program.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    base = _peak()
    due, first = _timed(lambda: alarms.raise_alarms(ctx))
    again, second = _timed(lambda: alarms.raise_alarms(ctx))
    of_alarms = _peak() - base
    _, whole = _timed(lambda: scheduled.tick(ctx))
    print(
        f"{size} cases: {due} alarms in {first:.1f} s, {again} more in {second * 1000:.0f} ms, "
        f"memory +{of_alarms:.1f} MB; a whole tick {whole:.1f} s, +{_peak() - base:.1f} MB over {base:.0f} MB"
    )
    database.close()


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _copy(url: str, size: int) -> None:
    """Copy the one case with its epoch and its grants, so that each has the same members."""
    engine = sa.create_engine(normalised(url))
    with engine.begin() as connection:
        (of_one,) = connection.exec_driver_sql(
            "SELECT min(id) FROM cases WHERE epoch = 0 AND state = 'acknowledged'"
        ).one()
        for table in (cases, epochs, grants):
            copy_rows(connection, table, of_one, range(1, size), changed=_CHANGED)
    engine.dispose()


def _peak() -> float:
    """The most memory that this process has had resident, in MB; `getrusage` would tell the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index] # Linux always says it


if __name__ == "__main__":
    main()
