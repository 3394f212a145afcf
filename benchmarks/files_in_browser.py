"""Sealing and opening an attached file in Node and in Chromium, against the engine's own AES-GCM and SHA-256."""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

from tests.support.browser import chromium as running_chromium
from tests.support.interop import Client, browser_client, make_bundle, node_client

MEBIBYTES = 100
ROUNDS = 3
CHROMIUM = Path("/usr/bin/chromium")


def main() -> None:
    """Measure and print MiB a second, the ratio to the baseline, and the memory that came on top."""
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEBIBYTES
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "interop.js"
        make_bundle(bundle)
        with node_client(bundle) as node:
            _measure("Node", node, mebibytes, "serve.mjs")
        with running_chromium(CHROMIUM) as browser, browser_client(bundle, browser) as chromium:
            _measure("Chromium", chromium, mebibytes, "--type=renderer")


def _measure(name: str, client: Client, mebibytes: int, process: str) -> None:
    # Once before, so that the code is compiled and what it needs once is not counted.
    client.call("timeFile", 1)
    before = _peak(process)
    taken: dict[str, list[float]] = {"seal": [], "open": [], "bare": []}
    for _ in range(ROUNDS):
        times = client.call("timeFile", mebibytes)
        if not isinstance(times, dict):
            raise TypeError(name)
        for act, seconds in times.items():
            taken[act].append(float(str(seconds)))
    rates = {act: mebibytes / statistics.median(seconds) for act, seconds in taken.items()}
    for act in ("seal", "open"):
        print(f"{name}: {act} {rates[act]:.0f} MiB/s, {rates[act] / rates['bare']:.0%} of bare")
    print(f"{name}: the process that seals and opens grew by {_peak(process) - before} MiB at most")


def _peak(mark: str) -> int:
    """Give the most memory, in MiB, that a process under this one with `mark` in its command has had resident.

    Chromium keeps blobs in another process, so its renderer shows what passing a file takes; Node keeps them itself,
    so that there the files are counted in, sealed and opened.
    """
    parents, peaks = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(re.findall(r"^(Pid|PPid|VmHWM):\s+(\d+)", status.read_text(), re.MULTILINE))
            marked = mark in status.with_name("cmdline").read_text()
        except OSError:
            continue
        pid = int(said["Pid"])
        parents[pid] = int(said["PPid"])
        if marked:
            peaks[pid] = int(said.get("VmHWM", 0)) // 1024
    return max(peak for pid, peak in peaks.items() if os.getpid() in _ancestors(pid, parents))


def _ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found = set()
    while pid in parents and pid not in found:
        found.add(pid)
        pid = parents[pid]
    return found


if __name__ == "__main__":
    main()
