"""The gate: everything that must hold before a change may land. `make check` runs it, `make test` after set-up.

`gate.py`            all tests, and all steps in the time that they leave
`gate.py --static`   all steps without the tests
`gate.py --fix`      let the formatters and the fixers of the linters write
`gate.py --only A,B` some steps, by name
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FRONTEND = ROOT / "frontend"
PYTHON = str(BIN / "python")
NODE = str(BIN / "node")
BESIDE = 5
"""How much the steps that run beside the tests stand back: tests in browsers wait half of their time."""
LONGEST = 450
"""Lines that a file may have; a longer one no longer reads in one sitting."""
SCRIPT_BUDGET = 56_000
"""Bytes, compressed, that a script on a source's page may have: Tor on a poor line."""
BY_LINE = (".py", ".ts", ".html")
"""What the detector of secrets reads line by line, and there is much of."""
CODE = (".py", ".pyi", ".ts", ".mjs", ".scss", ".html")


@dataclass(frozen=True)
class Result:
    """How one step ended: its name, seconds, and what it said when it failed (empty when it passed)."""

    name: str
    seconds: float
    failure: str


def tool(name: str) -> str:
    """Give the path of a program in `.venv`."""
    return str(BIN / name)


def existing(*names: str) -> list[str]:
    """Keep the folders that are there."""
    return [name for name in names if (ROOT / name).is_dir()]


def tracked() -> list[str]:
    """List all files that git has or would take, as paths from the root."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def commands() -> dict[str, list[list[str]]]:
    """Give the steps that need nothing from each other: for each name the commands that must all end with 0."""
    python = existing("tipportal", "tests", "migrations", "tools", "benchmarks")
    typed = existing("tipportal", "tests", "migrations", "tools")
    shipped = existing("tipportal", "migrations")
    templates = [[tool("djlint"), "--check", "tipportal"], [tool("djlint"), "--lint", "tipportal"]]
    tsc = str(FRONTEND / "node_modules" / ".bin" / "tsc")
    return {
        "mypy": [[tool("mypy"), *typed]],
        "ruff": [[tool("ruff"), "check", "--quiet", "--output-format=concise", *python]],
        "format": [[tool("ruff"), "format", "--check", "--output-format=concise", *python]],
        "imports": [[tool("lint-imports"), "--no-cache", "--no-logo"]],
        "dependencies": [[tool("deptry"), "--no-ansi", *shipped]],
        "templates": templates if any(name.endswith(".html") for name in tracked()) else [],
        "bandit": [[tool("bandit"), "-q", "-r", "-c", "pyproject.toml", *shipped]],
        "locks": [[PYTHON, "tools/lock.py", "--check"]],
        "catalogues": [[PYTHON, "tools/catalogues.py"]],
        "tsc": [[tsc, "--noEmit", "-p", "frontend"]],
    }


def fixes() -> list[list[str]]:
    """Give the commands that write: formatters, and what linters can mend safely."""
    python = existing("tipportal", "tests", "migrations", "tools", "benchmarks")
    return [
        [tool("ruff"), "check", "--quiet", "--fix", "--exit-zero", *python],
        [tool("ruff"), "format", "--quiet", *python],
        [tool("djlint"), "--quiet", "--reformat", "tipportal"],
    ]


def biome(*arguments: str) -> str:
    """Run Biome, which wants to stand where its configuration is."""
    return said([str(FRONTEND / "node_modules" / ".bin" / "biome"), *arguments], FRONTEND)


def said(command: list[str], folder: Path = ROOT) -> str:
    """Run a command in a folder; give what it said when it failed, an empty string when it passed."""
    path = f"{BIN}{os.pathsep}{FRONTEND / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "", "NO_COLOR": "1"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout.strip() or f"ended with {done.returncode} and said nothing"


def room_lengths() -> str:
    """Name the files that are longer than LONGEST lines."""
    long = []
    for name in tracked():
        if name.endswith(CODE):
            lines = len((ROOT / name).read_text().splitlines())
            long += [f"{name}: {lines} lines, at most {LONGEST}"] if lines > LONGEST else []
    return "\n".join(long)


def frontend_build() -> str:
    """Build the frontend twice and compare the bytes, with each other and with what is served."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        for folder in (one, two):
            failure = said([NODE, "frontend/build.mjs", "--out", folder])
            if failure:
                return failure
        first, second, served = (contents(Path(place)) for place in (one, two, ROOT / "tipportal/static/dist"))
    if first != second:
        return "two builds of the same sources differ"
    if first != served:
        return "tipportal/static/dist is not what the sources make: make build"
    scripts = {name: len(gzip.compress(made)) for name, made in first.items() if name.endswith(".js")}
    fat = {name: size for name, size in scripts.items() if size > SCRIPT_BUDGET and not name.startswith("handler")}
    return "\n".join(f"{name}: {size} bytes compressed, at most {SCRIPT_BUDGET}" for name, size in fat.items())


def contents(folder: Path) -> dict[str, bytes]:
    """Give all files of a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def frontend_tests() -> str:
    """Bundle the frontend's tests, because Node 20 does not read TypeScript, and run them."""
    # Inside node_modules, so that packages that a test leaves outside its bundle are found.
    place = FRONTEND / "node_modules" / ".tests"
    failure = said([NODE, "frontend/build.mjs", "--tests", str(place)])
    tests = sorted(str(path) for path in place.glob("*.test.mjs"))
    if not failure and not tests:
        return "frontend/test has no tests"
    return failure or said([NODE, "--test", "--throw-deprecation", *tests])


def secrets() -> str:
    """Look for secrets: once in each different line, and where there is one, in the files, to say where it stands.

    The detector looks at lines, each for itself, and the lines of a language repeat themselves.
    """
    # Digests in locks and test vectors look like secrets to the detector. `-n` keeps it from asking any server.
    known = re.compile(r"(requirements/.*\.txt|frontend/package-lock\.json|tests/vectors/.*|.*\.(png|age|po))")
    detector = [tool("detect-secrets-hook"), "-n"]
    suspects = [name for name in tracked() if not known.fullmatch(name)]
    with tempfile.TemporaryDirectory() as folder:
        looked_at = [name for name in suspects if not name.endswith(BY_LINE)]
        for suffix in BY_LINE:
            here = [name for name in suspects if name.endswith(suffix)]
            once = Path(folder) / f"lines{suffix}"
            lines = {line for name in here for line in (ROOT / name).read_text().splitlines()}
            once.write_text("\n".join(sorted(lines)))
            looked_at.append(str(once))
        return said([*detector, *suspects]) if said([*detector, *looked_at]) else ""


OWN: dict[str, Callable[[], str]] = {
    "frontend-tests": frontend_tests,
    "frontend-build": frontend_build,
    "secrets": secrets,
    "lengths": room_lengths,
    "biome": lambda: biome("ci", "--error-on-warnings", "--colors=off"),
}
"""The steps that are functions of this file: each gives what is wrong, or an empty string."""


def step(name: str, lines: list[list[str]]) -> Result:
    """Run one step, a function of OWN or some commands, and print its line."""
    begun = time.monotonic()
    failure = OWN[name]() if name in OWN else "\n".join(filter(None, map(said, lines)))
    result = Result(name, time.monotonic() - begun, failure)
    report(result)
    return result


def report(result: Result) -> None:
    """Print the line of one step and, when it failed, what it said."""
    mark = "FAIL" if result.failure else "ok"
    told = f"\n{result.failure}\n" if result.failure else ""
    # In one call, so that two steps that end together do not mix their lines.
    print(f"{mark:4}  {result.name:<14} {result.seconds:6.1f} s{told}", flush=True)


def tests(extra: list[str]) -> Result:
    """Run all tests and show them as they come; with branch coverage where TIPPORTAL_TEST_COVERAGE is set."""
    begun = time.monotonic()
    # One more than there are cores: tests in browsers wait half of their time. They come first (tests/conftest.py), so
    # that no worker is left alone with them at the end.
    workers = os.environ.get("TIPPORTAL_TEST_WORKERS", str(min(4, 1 + (os.cpu_count() or 1))))
    spread = [] if workers == "1" else ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    # Half as much work again, for a report that stops nobody: asked for, not part of each run.
    measured = ["--cov=tipportal", "--cov-branch", "--cov-report=term"]
    coverage = measured if os.environ.get("TIPPORTAL_TEST_COVERAGE") else []
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    # Every worker and every command that a test runs would compile all modules anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [tool("pytest"), "-q", "--durations=30", *spread, *coverage, *extra]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    failure = "" if done.returncode == 0 else f"pytest ended with {done.returncode}"
    return Result("tests", time.monotonic() - begun, failure)


def mend() -> int:
    """Let everything write that can; the remaining faults are the gate's to tell."""
    for command in fixes():
        print(said(command), end="", flush=True)
    print(biome("check", "--write", "--colors=off"), flush=True)
    return 0


def main() -> int:
    """Run the gate; 0 everything holds, 1 something does not."""
    parser = argparse.ArgumentParser(description="The gate of this repository.")
    parser.add_argument("--static", action="store_true", help="without the tests")
    parser.add_argument("--fix", action="store_true", help="let formatters and fixers write, then stop")
    parser.add_argument("--only", default="", help="names of steps, with commas between")
    chosen, extra = parser.parse_known_args()
    if chosen.fix:
        return mend()
    begun = time.monotonic()
    wanted = set(filter(None, chosen.only.split(",")))
    # The slow ones first, so that two at a time end together.
    steps: dict[str, list[list[str]]] = {**{name: [] for name in OWN}, **commands()}
    unknown = wanted - {*steps, "tests"}
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join([*steps, 'tests'])}")
    testing = not chosen.static and (not wanted or "tests" in wanted)
    # On Linux a thread is nice by itself, and what it starts with it: the tests keep their own pace.
    beside = ThreadPoolExecutor(1, initializer=os.nice, initargs=(BESIDE,))
    with beside if testing else ThreadPoolExecutor(2) as pool:
        running = [pool.submit(step, name, lines) for name, lines in steps.items() if not wanted or name in wanted]
        tested = [tests(extra)] if testing else []
        results = [done.result() for done in running]
    for result in results if testing else ():
        # What it said when it ended is far up by now, between the dots.
        if result.failure:
            report(result)
    results += tested
    failed = [result.name for result in results if result.failure]
    verdict = f"failed: {', '.join(failed)}" if failed else "all passed"
    print(f"gate: {len(results)} steps, {verdict} ({time.monotonic() - begun:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
