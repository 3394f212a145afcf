"""What set-up finds on the machine, and what it asks the machine to install.

Runs under the system's Python before anything is installed, so it imports nothing but the standard library.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST_NODE = 20
"""The oldest major version of Node that the frontend is built with."""

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names under which a machine offers a Chromium that tests can drive; the one without windows takes a sixth less."""


class MissingError(Exception):
    """Something that set-up cannot provide by itself; the message is one line with the command that helps."""


def run(command: list[str | Path], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run a command quietly; show all that it said only when it fails.

    Raises MissingError naming the command when it ends with anything but 0.
    """
    # The arguments are our own, as a list: no shell reads them.
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        message = f"{done.stdout.rstrip()}\nthis command failed ({done.returncode}): {words}"
        raise MissingError(message)


def output(command: list[str | Path], *, seconds: float = 30) -> str:
    """Give what a command prints, or an empty string when it cannot run or fails."""
    try:
        # As above: a list of our own, no shell.
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def system_package(*packages: str, reason: str) -> None:
    """Install Debian packages when we are root on Debian; otherwise say how to.

    Raises MissingError with one line that names the packages and the command.
    """
    named = " ".join(packages)
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        command = f"sudo apt-get install {named}" if apt else f"install what Debian calls {named}"
        message = f"missing: {named} ({reason}). To install it: {command}"
        raise MissingError(message)
    print(f"set-up: installing from the system: {named} ({reason})", flush=True)
    # The runlevel of maintenance: what is installed is not started as a service as well.
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install: list[str | Path] = [apt, "install", "-y", "-q", "--no-install-recommends", *packages]
    try:
        run(install, env=quiet)
    except MissingError:
        # A fresh machine has no package lists yet, or old ones.
        run([apt, "update", "-q"], env=quiet)
        run(install, env=quiet)


def program_on_machine(name: str) -> bool:
    """Tell whether a program is here, also where Debian keeps it from the path of plain users."""
    return shutil.which(name) is not None or shutil.which(name, path="/usr/sbin:/sbin") is not None


def node_on_machine(own: Path) -> Path | None:
    """Give the machine's own Node when it is new enough and has npm beside it, else None.

    `own` is the folder of our own programs, which a caller may have on the path; what lies there is not the machine's.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if Path(folder).absolute() != own)
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return None
    version = re.match(r"v(\d+)\.", output([node, "--version"]))
    return Path(node) if version and int(version[1]) >= OLDEST_NODE else None


def browser_starts(path: str | Path) -> bool:
    """Tell whether this browser really starts here: a binary without its libraries does not."""
    command: list[str | Path] = [path, "--headless", "--no-sandbox", "--disable-gpu", "--version"]
    return bool(re.search(r"\d+\.\d+", output(command)))


def browser_on_machine() -> Path | None:
    """Give the first browser of BROWSERS on the path that starts, or the one that TIPPORTAL_TEST_BROWSER names.

    Raises MissingError when the named one does not start.
    """
    named = os.environ.get("TIPPORTAL_TEST_BROWSER")
    if named:
        if browser_starts(named):
            return Path(named)
        message = f"TIPPORTAL_TEST_BROWSER names a browser that does not start: {named}"
        raise MissingError(message)
    for name in BROWSERS:
        path = shutil.which(name)
        if path and browser_starts(path):
            return Path(path)
    return None
