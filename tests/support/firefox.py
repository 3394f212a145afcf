"""Firefox as Tor Browser sets it at its safest: no JavaScript, no SVG, no web fonts, nothing kept.

Driven over Marionette, the protocol that Firefox itself carries (Firefox source docs, "testing/marionette/Protocol"):
`length:[type, id, command, parameters]` as JSON over a connection on this machine. Its finding and clicking work in the
browser's own code, and so also where pages may run nothing.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Preference = bool | int | str
PROGRAM = "firefox-esr"
PATIENCE_SECONDS = 20
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which the WebDriver standard (section 12) refers to an element."""
SAFEST: dict[str, Preference] = {
    "javascript.enabled": False,
    "svg.disabled": True,
    "mathml.disabled": True,
    "gfx.downloadable_fonts.enabled": False,
    "browser.privatebrowsing.autostart": True,
    "media.peerconnection.enabled": False,
    "network.prefetch-next": False,
    "network.dns.disablePrefetch": True,
    "browser.display.use_document_fonts": 0,
}
QUIET: dict[str, Preference] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.search.update": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "messaging-system.rsexperimentloader.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


class MarionetteError(Exception):
    """Firefox refused a command; says which and why."""


class Outside:
    """A proxy for everything but this machine, which leads nowhere and remembers who asked."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.asked: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        # Closing the listener ends the thread.
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client, suppress(OSError):
                    client.settimeout(5)
                    self.asked.append(client.recv(200).partition(b"\r\n")[0])

    def close(self) -> None:
        """Take no more."""
        self._listener.close()


@dataclass
class Firefox:
    """A window of Firefox. Elements are found by CSS selectors, and waited for."""

    connection: socket.socket
    outside: Outside
    downloads: Path
    _number: int = 0
    _received: bytearray = field(default_factory=bytearray)

    def command(self, name: str, /, **parameters: object) -> Any:  # noqa: ANN401 - JSON, as the command says
        """Send a command and wait for its answer."""
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self.connection.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self.message()
        assert number == self._number
        if error is not None:
            raise MarionetteError(f"{name} {parameters}: {error['error']}: {error['message']}")
        return result.get("value", result) if isinstance(result, dict) else result

    def message(self) -> Any:  # noqa: ANN401 - JSON
        """Read the next message."""
        while b":" not in self._received:
            self._read()
        length, _, _ = self._received.partition(b":")
        end = len(length) + 1 + int(length)
        while len(self._received) < end:
            self._read()
        content = bytes(self._received[len(length) + 1 : end])
        del self._received[:end]
        return json.loads(content)

    def _read(self) -> None:
        received = self.connection.recv(65536)
        if not received:
            raise MarionetteError("Firefox has gone")
        self._received += received

    def go(self, address: str) -> None:
        """Open an address and wait until the page is there."""
        self.command("WebDriver:Navigate", url=address)

    @property
    def address(self) -> str:
        """Where the window is."""
        return str(self.command("WebDriver:GetCurrentURL"))

    def source(self) -> str:
        """The page as it stands."""
        return str(self.command("WebDriver:GetPageSource"))

    def all(self, selector: str) -> list[str]:
        """The elements that match, in their order; none is an answer too."""
        found = self.command("WebDriver:FindElements", using="css selector", value=selector)
        return [str(element[_ELEMENT]) for element in found]

    def one(self, selector: str) -> str:
        """The first element that matches, as soon as there is one."""
        return str(self.command("WebDriver:FindElement", using="css selector", value=selector)[_ELEMENT])

    def click(self, selector: str) -> None:
        """Click on it, as a person can: it is scrolled to, seen and not covered. Waits for a page that comes of it."""
        self.command("WebDriver:ElementClick", id=self.one(selector))

    def write(self, selector: str, text: str) -> None:
        """Type into a field; into one for files, a path."""
        self.command("WebDriver:ElementSendKeys", id=self.one(selector), text=text)

    def present(self, selector: str) -> bool:
        """Whether the page, which is there, has such an element."""
        self.command("WebDriver:SetTimeouts", implicit=0)
        found = self.all(selector)
        self.command("WebDriver:SetTimeouts", implicit=PATIENCE_SECONDS * 1000)
        return bool(found)

    def text(self, selector: str) -> str:
        """What can be read in it."""
        return str(self.command("WebDriver:GetElementText", id=self.one(selector)))

    def attribute(self, selector: str, name: str) -> str | None:
        """What an attribute says."""
        value = self.command("WebDriver:GetElementAttribute", id=self.one(selector), name=name)
        return None if value is None else str(value)

    def width(self, selector: str) -> float:
        """How much room it takes in the page, in CSS pixels."""
        return float(self.command("WebDriver:GetElementRect", id=self.one(selector))["width"])

    def screenshot(self) -> str:
        """The whole page as a PNG, in base64."""
        return str(self.command("WebDriver:TakeScreenshot", full=True, hash=False))

    def downloaded(self, name: str) -> bytes:
        """A file that was saved, as soon as all of it is there."""
        path, until = self.downloads / name, time.monotonic() + PATIENCE_SECONDS
        # Firefox writes beside it first, and gives it its name when it is whole.
        while not path.exists() or not path.stat().st_size or list(self.downloads.glob("*.part")):
            assert time.monotonic() < until, [found.name for found in self.downloads.iterdir()]
            time.sleep(0.02)
        return path.read_bytes()


@contextmanager
def firefox(folder: Path, more: Mapping[str, Preference]) -> Iterator[Firefox]:
    """Firefox with a profile of its own below a folder, and no way to anything but this machine.

    `more`: preferences beside those that make it strict and quiet.
    """
    program = shutil.which(PROGRAM)
    assert program, f"{PROGRAM} is not installed: see `make setup`"
    profile, downloads, home = folder / "profile", folder / "downloads", folder / "home"
    for place in (profile, downloads, home):
        place.mkdir()
    outside = Outside()
    (profile / "user.js").write_text(_preferences(SAFEST | QUIET | _ways(outside.port, downloads) | dict(more)))
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "TMPDIR": str(home), "LANG": "C.UTF-8"}
    # Without this, a released Firefox asks its maker's server for settings, whatever the preference says.
    environment["MOZ_REMOTE_SETTINGS_DEVTOOLS"] = "1"
    flags = ["--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen([program, *flags], cwd=home, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            with _connected(profile, process) as connection:
                driven = Firefox(connection, outside, downloads)
                driven.message()
                driven.command("WebDriver:NewSession", acceptInsecureCerts=True)
                driven.command("WebDriver:SetTimeouts", implicit=PATIENCE_SECONDS * 1000)
                yield driven
        finally:
            process.kill()
            outside.close()


def _ways(proxy: int, downloads: Path) -> dict[str, Preference]:
    """Where it may go, and where it saves."""
    return {
        "marionette.port": 0,
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": proxy,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": proxy,
        "network.proxy.no_proxies_on": "localhost,127.0.0.1",
        "browser.download.folderList": 2,
        "browser.download.dir": str(downloads),
        "browser.download.always_ask_before_handling_new_types": False,
        "browser.download.alwaysOpenPanel": False,
    }


def _preferences(wanted: Mapping[str, Preference]) -> str:
    return "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())


def _connected(profile: Path, process: subprocess.Popen[bytes]) -> socket.socket:
    told, until = profile / "MarionetteActivePort", time.monotonic() + 3 * PATIENCE_SECONDS
    while not told.exists() or not told.read_text():
        assert process.poll() is None, "Firefox did not start"
        assert time.monotonic() < until, "Firefox takes too long"
        time.sleep(0.02)
    return socket.create_connection(("127.0.0.1", int(told.read_text())), 2 * PATIENCE_SECONDS)
