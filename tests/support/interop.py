"""The client's envelope code in Node and in a browser, driven from Python: bytes go in and out as base64."""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, Route

from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import Json

ROOT = Path(__file__).resolve().parent.parent.parent
INTEROP = ROOT / "tests" / "browser" / "interop"
NODE = ROOT / ".venv" / "bin" / "node"
# The faces' own policy for scripts: no eval, no inline script, no markup from strings.
POLICY = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types"


class Client(Protocol):
    """The other implementation, wherever it runs."""

    def call(self, name: str, *arguments: object) -> Json:
        """Give the answer of one call of `frontend/test/interop.ts`; raises `EnvelopeError` when it refuses."""


class NodeClient:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, name: str, *arguments: object) -> Json:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("started without pipes")
        self._process.stdin.write(json.dumps({"name": name, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        return _answer(json.loads(self._process.stdout.readline()))


class BrowserClient:
    def __init__(self, page: Page) -> None:
        self._page = page

    def call(self, name: str, *arguments: object) -> Json:
        script = """([name, given]) => interop[name](...given).then(
            (answer) => ({ answer }), (error) => ({ error: error.reason ?? String(error) }))"""
        reply: dict[str, Json] = self._page.evaluate(script, [name, list(arguments)])
        return _answer(reply)


def _answer(reply: dict[str, Json]) -> Json:
    if "error" in reply:
        raise EnvelopeError(str(reply["error"]))
    return reply["answer"]


def make_bundle(made: Path) -> None:
    """Bundle `frontend/test/interop.ts` just as the pages' scripts are."""
    subprocess.run([NODE, INTEROP / "bundle.mjs", made], check=True)


@contextmanager
def node_client(bundle: Path) -> Iterator[Client]:
    """Run the bundle in Node."""
    command = [NODE, INTEROP / "serve.mjs", bundle]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield NodeClient(process)
        process.terminate()


@contextmanager
def browser_client(bundle: Path, browser: Browser) -> Iterator[Client]:
    """Run the bundle in a page under the faces' own policy."""

    def fulfil(route: Route) -> None:
        if route.request.url.endswith("/interop.js"):
            route.fulfill(body=bundle.read_bytes(), content_type="text/javascript")
        else:
            page = '<!doctype html><title>interop</title><script src="/interop.js"></script>'
            route.fulfill(body=page, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    # localhost is a secure context, without which there is no WebCrypto; nothing is served there.
    page = browser.new_page(base_url="http://localhost")
    page.route("**/*", fulfil)
    page.goto("/")
    yield BrowserClient(page)
    page.close()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def from_b64(value: Json) -> bytes:
    assert isinstance(value, str)
    return base64.b64decode(value, validate=True)


def members(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


def items(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [members(item) for item in value]
