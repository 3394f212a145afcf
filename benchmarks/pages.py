"""Requests and compressed bytes of the pages that a source meets first, scripts apart."""

from __future__ import annotations

import gzip
import http.client
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from .installation import ORGANISATION, environment
from .served import served

KILOBYTE = 1000
PAGES = ("/", f"/{ORGANISATION}/", f"/{ORGANISATION}/tips", f"/{ORGANISATION}/rapport", "/arende")


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("src"):
            self.scripts.append(given["src"] or "")
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon"}:
            self.others.append(given["href"] or "")
        elif tag == "img":
            self.others.append(given["src"] or "")


def main() -> None:
    """Print each page with what it loads."""
    with tempfile.TemporaryDirectory() as folder:
        _, variables = environment(Path(folder))
        with served("tipportal.app:serve_app()", variables) as (port, _):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            for path in PAGES:
                _tell(connection, path)


def _tell(connection: http.client.HTTPConnection, path: str) -> None:
    page, size = _get(connection, path)
    parts = _Parts()
    parts.feed(page)
    others = {part: _get(connection, part)[1] for part in parts.others}
    scripts = {part: _get(connection, part)[1] for part in parts.scripts}
    requests = 1 + len(others) + len(scripts)
    before = size + sum(others.values())
    print(
        f"{path}: {requests} requests, {before / KILOBYTE:.1f} kB before scripts, "
        f"scripts {', '.join(f'{n / KILOBYTE:.1f}' for n in scripts.values()) or '0'} kB, "
        f"in all {(before + sum(scripts.values())) / KILOBYTE:.1f} kB"
    )


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[str, int]:
    """The page as text, and the bytes that came over the wire for it, without headers."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {answer.status}")
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(body) if packed else body).decode("utf-8", "replace"), len(body)


if __name__ == "__main__":
    main()
