"""Scripts and styles that the build made: read once at start, served from memory, linked with their integrity."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import request
from markupsafe import Markup

from .languages import ROOT_KEY
from .policies import Need, need

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"
NEEDED = ("public.css", "handler.css", "followup.css", "exit.js")
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


class AssetsMissing(RuntimeError):
    """The frontend has not been built."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One built file: its name with the content's hash, its integrity value, its bytes plain and compressed."""

    file: str
    integrity: str
    media_type: str
    body: bytes = field(repr=False)
    compressed: bytes = field(repr=False)


class Assets:
    """All built files, by logical name (``public.css``) and by the name they are served under."""

    def __init__(self, by_name: Mapping[str, Asset]) -> None:
        self._by_name = dict(by_name)
        self._by_file = {asset.file: asset for asset in by_name.values()}

    @classmethod
    def load(cls, dist: Path = DIST) -> Assets:
        """Read what the build's manifest lists. Raises AssetsMissing when something that pages need is not there."""
        try:
            manifest = json.loads((dist / "manifest.json").read_text())
            made = {name: _asset(dist, name, entry) for name, entry in manifest.items()}
        except (OSError, ValueError, KeyError) as error:
            raise AssetsMissing(f"{dist.name}/manifest.json: {type(error).__name__}. Run: make build") from None
        lacking = [name for name in NEEDED if name not in made]
        if lacking:
            raise AssetsMissing(f"not built: {', '.join(lacking)}. Run: make build")
        return cls(made)

    def by_file(self, file: str) -> Asset | None:
        """The asset that is served under a name, or None."""
        return self._by_file.get(file)

    def stylesheet(self, name: str) -> Markup:
        """The ``<link>`` to a style sheet, by logical name. Raises AssetsMissing."""
        asset = self._named(name)
        return Markup('<link rel="stylesheet" href="{}" integrity="{}" crossorigin="anonymous">').format(
            _address(asset), asset.integrity
        )

    def script(self, name: str) -> Markup:
        """The ``<script>`` for a bundle, by logical name; the answer then allows our scripts. Raises AssetsMissing."""
        asset = self._named(name)
        need(request.environ, Need.SCRIPTS)
        return Markup('<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>').format(
            _address(asset), asset.integrity
        )

    def worker(self, name: str) -> dict[str, str]:
        """Where a page's script finds the script of a worker, and its integrity; the answer then allows the worker.

        Raises AssetsMissing.
        """
        asset = self._named(name)
        need(request.environ, Need.WORKER)
        return {"url": _address(asset), "sri": asset.integrity}

    def _named(self, name: str) -> Asset:
        if name not in self._by_name:
            raise AssetsMissing(f"not built: {name}. Run: make build")
        return self._by_name[name]


def _asset(dist: Path, name: str, entry: Mapping[str, str]) -> Asset:
    body = (dist / entry["file"]).read_bytes()
    return Asset(entry["file"], entry["sri"], _TYPES[name.rpartition(".")[2]], body, _compressed(body))


@functools.lru_cache(maxsize=64)
def _compressed(body: bytes) -> bytes:
    """Compress as small as it gets: once in a process, however many applications are made in it."""
    # No time in the compressed form: the same bytes in every process and at every start.
    return gzip.compress(body, 9, mtime=0)


def _address(asset: Asset) -> str:
    # Never below a language: one address, one cache entry.
    return f"{request.environ.get(ROOT_KEY, '')}/static/{asset.file}"
