"""Resolves the locks again: `make lock`. Names, versions and digests; never an address, so that any mirror serves.

pyproject.toml + requirements/build.in   → requirements/runtime.txt
requirements/dev.in, overrides.in        → requirements/dev.txt
requirements/node.in                     → requirements/node.txt
frontend/package.json                    → frontend/package-lock.json
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from machine import MissingError, run

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
LOCKS = {
    "runtime": ["pyproject.toml", "requirements/build.in"],
    "dev": ["requirements/dev.in"],
    "node": ["requirements/node.in"],
}


def lock_python() -> None:
    """Resolve the Python locks for every platform and every Python from 3.11 on."""
    for name, sources in LOCKS.items():
        shape: list[str | Path] = ["--universal", "--generate-hashes", "--python-version", "3.11"]
        quiet: list[str | Path] = ["--quiet", "--no-header", "--no-annotate", "--upgrade"]
        if name == "dev":
            shape += ["--overrides", "requirements/overrides.in"]
        target: list[str | Path] = ["--output-file", f"requirements/{name}.txt"]
        command: list[str | Path] = [BIN / "uv", "pip", "compile", *shape, *quiet, *sources, *target]
        # Settings of this machine have no place in a lock that everybody shares.
        run(command, cwd=ROOT, env={"UV_NO_CONFIG": "1"})


def lock_frontend() -> None:
    """Resolve the frontend's lock from nothing: npm forgets digests and other platforms where it finds packages."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as empty:
        for name in ("package.json", ".npmrc"):
            if (FRONTEND / name).exists():
                shutil.copy(FRONTEND / name, empty)
        run(["npm", "install", "--package-lock-only", "--ignore-scripts"], cwd=Path(empty), env={"PATH": path})
        shutil.copy(Path(empty) / "package-lock.json", FRONTEND)


def faults() -> list[str]:
    """Tell what is wrong with the locks as they lie there: addresses, digests that miss, platforms that miss."""
    found = []
    for path in REQUIREMENTS.glob("*.txt"):
        text = path.read_text()
        if re.search(r"://|^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE):
            found.append(f"{path.name} names an address")
        found += [f"{path.name}: no digest for {name}" for name in re.findall(r"^(\S+==\S+)$", text, re.MULTILINE)]
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    for place, package in packages.items():
        if "resolved" in package:
            found.append(f"package-lock.json names an address for {place}")
        if place and "integrity" not in package:
            found.append(f"package-lock.json has no digest for {place}")
        # A version that a registry serves for some platforms only cannot be installed elsewhere.
        wanted = package.get("optionalDependencies", {})
        found += [f"package-lock.json lacks {name}" for name in wanted if f"node_modules/{name}" not in packages]
    return found


def main() -> int:
    """Write all locks, then look at them; 0 done, 1 something is wrong."""
    try:
        if sys.argv[1:] != ["--check"]:
            lock_python()
            lock_frontend()
    except MissingError as failure:
        print(failure, file=sys.stderr)
        return 1
    wrong = faults()
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
