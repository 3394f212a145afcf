"""Real servers for the tests in a browser: the demo over HTTP, and gunicorn over HTTPS, each in a folder of its own.

Everything that a server could write goes below that folder: data, output and temporary files. So a promise that
something is nowhere can be checked by reading all of it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import ipaddress
import json
import os
import pickle
import secrets
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.forwarder import SOURCE_ADDRESS, Forwarder
from tests.support.traces import code_spellings, found_below, spellings
from tipportal.cli.demo_staffing import Municipality, Person, staff
from tipportal.cli.demo_trustees import DemoTrustee
from tipportal.contexts import context_for
from tipportal.settings import Settings
from tipportal.storage.database import Database
from tipportal.storage.schema import upgrade
from tipportal.web.form_tokens import FormTokens

ORGANISATION = "bjorkvik"
CANARY = "Grodsång & blåklint"
"""Stands in every text that a test writes as a source or a handler, and nowhere else."""
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Canary-5d1c/77.0"
"""What every source's browser calls itself."""
BIN = Path(sys.executable).parent
STARTING_SECONDS = 60
SETTLED_SECONDS = 21 * 24 * 3600


@dataclass(frozen=True)
class Server:
    """A running installation. Sources reach it through ``forwarder``, from an address that no test uses otherwise."""

    folder: Path
    scheme: str
    port: int
    people: tuple[Person, ...]
    forwarder: Forwarder
    process: subprocess.Popen[bytes]
    settings: Settings = field(repr=False)
    codes: list[str] = field(default_factory=list)
    """The codes of its cases that a test has seen: they may stand nowhere below its folder."""
    trustees: tuple[DemoTrustee, ...] = field(default=(), repr=False)
    """Those whose papers a test has."""

    def canary(self, what: str = "") -> str:
        """A text of its own, in which the words of `CANARY` stand: letters that each encoding spells in its own way."""
        return f"{what}{CANARY} {secrets.token_hex(8)}"

    def traces(self) -> dict[str, list[bytes]]:
        """Where below this server's folder something of a source or of a case can be read, however it is spelled."""
        needles = [spelling for text in (CANARY, SOURCE_ADDRESS, USER_AGENT) for spelling in spellings(text)]
        needles += [spelling for code in self.codes for spelling in code_spellings(code)]
        needles += [b"7f530509", str(int(ipaddress.ip_address(SOURCE_ADDRESS))).encode()]
        return found_below(self.folder, needles)

    @property
    def source_url(self) -> str:
        """Where a source's browser goes: `scheme://localhost:port`, without a slash at the end."""
        return f"{self.scheme}://{self.at('public')}"

    @property
    def staff_url(self) -> str:
        """Where a handler's browser goes: the handler face, with a slash at the end."""
        return f"{self.scheme}://{self.at('handler')}/handlaggare/"

    def at(self, face: str) -> str:
        """Host and port of a face. A source comes from afar: through what stands for the network."""
        return f"localhost:{self.forwarder.port if face == 'public' else self.port}"

    def person(self, role: str, number: int = 0) -> Person:
        """The person with a role, in the order in which they were invited."""
        return [person for person in self.people if person.role == role][number]

    @property
    def cases(self) -> int:
        """How many cases the installation holds."""
        with closing(
            sqlite3.connect(f"file:{self.folder / 'data' / 'tipportal.sqlite3'}?mode=ro", uri=True)
        ) as database:
            return int(database.execute("SELECT count(*) FROM cases").fetchone()[0])

    def expired_token(self, purpose: str) -> str:
        """A form token that this server issued the day before."""
        yesterday = int(time.time()) - 24 * 3600
        database = Database(self.settings.database_url, self.settings.blobs_dir)
        try:
            face = context_for(self.settings, database, "public")
            return FormTokens(face.keyed("form-token"), lambda: yesterday, secrets.token_bytes).issue(purpose)
        finally:
            database.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `tipportal` on this installation, as its operator does."""
        described = {
            "TIPPORTAL_DATA_DIR": str(self.settings.data_dir),
            "TIPPORTAL_SECRET_KEY_FILE": str(_key_file(self.folder)),
            "TIPPORTAL_PUBLIC_URL": self.settings.public_url,
        }
        command: list[str | Path] = [BIN / "tipportal", *arguments]
        environment = {**_environment(self.folder), **described}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def connection(self) -> HTTPConnection:
        """A connection without a browser, from the source's address."""
        if self.scheme == "http":
            return HTTPConnection("127.0.0.1", self.port, source_address=(SOURCE_ADDRESS, 0), timeout=30)
        # The certificate is the test's own and the server is on this machine: there is nobody to mistake it for.
        trusting = ssl._create_unverified_context()  # noqa: S323, SLF001
        return HTTPSConnection("127.0.0.1", self.port, source_address=(SOURCE_ADDRESS, 0), timeout=30, context=trusting)


@dataclass(frozen=True)
class FoundedServer:
    """A server where nobody has enrolled yet, with the founders' links by their e-mail addresses."""

    server: Server
    links: dict[str, str]


def seeded_demo(shared: Path) -> Path:
    """The data folder of a demo that has been started once and is stopped: made by whichever process comes first.

    ``shared`` is a folder of all processes of this run. Seeding takes longer than many tests.
    """

    def seed(folder: Path) -> None:
        with demo_over_http(folder):
            pass

    return _made_once(shared / "seeded", seed)


def staffed_portal(shared: Path) -> Path:
    """The data folder of an installation behind TLS that is staffed and has never run, made likewise.

    Beside it, in a file of the same name that ends in `.people`, who works there.
    """

    def staff_it(folder: Path) -> None:
        settings = _settings_behind_tls(_folders(folder), 0)
        _key_file(folder).touch(mode=0o600)
        _key_file(folder).write_bytes(secrets.token_bytes(32))
        municipality = _staffed(Settings.from_env(settings))
        people = tuple(member.person for member in municipality.members)
        (shared / "staffed.people").write_bytes(pickle.dumps((people, municipality.trustees)))

    return _made_once(shared / "staffed", staff_it)


def _made_once(place: Path, make: Callable[[Path], None]) -> Path:
    """A data folder that whichever process comes first lets `make` below a folder of its own; the others wait."""
    folder = place.with_name(f"{place.name}-first")
    with place.with_name(f"{place.name}-turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not place.exists():
            make(folder)
            (folder / "data").rename(place)
    return place


@contextmanager
def demo_over_http(folder: Path, seeded: Path | None = None) -> Iterator[Server]:
    """`tipportal demo` as anybody starts it, for the first time or, with a copy of ``seeded``, again."""
    port = free_port()
    data = _folders(folder)
    if seeded is not None:
        shutil.copytree(seeded, data, dirs_exist_ok=True)
    command: list[str | Path] = [BIN / "tipportal", "demo", "--port", str(port), "--data", data, "--json"]
    with _running(command, folder, _environment(folder)) as process:
        _await(lambda: b"\n" in (folder / "logs" / "stdout").read_bytes(), process, folder)
        told = json.loads((folder / "logs" / "stdout").read_bytes().partition(b"\n")[0])
        people = tuple(Person(**person) for person in told["people"])
        described = {
            "TIPPORTAL_DATA_DIR": str(data),
            "TIPPORTAL_SECRET_KEY_FILE": str(_key_file(folder)),
            "TIPPORTAL_PUBLIC_URL": f"http://localhost:{port}",
        }
        with Forwarder(port) as forwarder:
            yield Server(folder, "http", port, people, forwarder, process, Settings.from_env(described))


@contextmanager
def newly_founded(folder: Path, slug: str, name: str, founders: Sequence[tuple[str, str]]) -> Iterator[FoundedServer]:
    """An installation that an operator has just founded by the commands, with the links of its founders (by e-mail)."""
    port = free_port()
    data = _folders(folder)
    described = {
        "TIPPORTAL_DATA_DIR": str(data),
        "TIPPORTAL_SECRET_KEY_FILE": str(_key_file(folder)),
        "TIPPORTAL_PUBLIC_URL": f"http://localhost:{port}",
    }
    environment = {**_environment(folder), **described}

    def run(*arguments: str | Path) -> str:
        command: list[str | Path] = [BIN / "tipportal", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    _key_file(folder).touch(mode=0o600)
    _key_file(folder).write_bytes(secrets.token_bytes(32))
    run("db", "upgrade")
    named = [word for founder in founders for word in ("--administrator", *founder)]
    told = run("found", "--slug", slug, "--name", name, *named)
    links = {line.partition("<")[2].partition(">")[0]: line.rpartition(" ")[2] for line in told.splitlines()}
    serve: list[str | Path] = [BIN / "tipportal", "serve"]
    serving = {"TIPPORTAL_BIND": f"127.0.0.1:{port}", "TIPPORTAL_WORKERS": "1"}
    with _running(serve, folder, {**environment, **serving}) as process, Forwarder(port) as forwarder:
        server = Server(folder, "http", port, (), forwarder, process, Settings.from_env(described))
        _await(lambda: _answers(server), process, folder)
        yield FoundedServer(server, links)


@contextmanager
def portal_over_https(folder: Path, staffed: Path) -> Iterator[Server]:
    """Gunicorn with two workers and a certificate, as an installation runs: `Secure` and `__Host-` cookies in force.

    It runs on a copy of ``staffed``.
    """
    port = free_port()
    data = _folders(folder)
    shutil.copytree(staffed, data, dirs_exist_ok=True)
    described = _settings_behind_tls(data, port)
    settings = Settings.from_env(described)
    # Written by this run's own tests, a moment ago.
    people, trustees = pickle.loads(staffed.with_suffix(".people").read_bytes())  # noqa: S301 - see above
    certificate, private = _certificate(folder)
    options: list[str | Path] = ["--certfile", certificate, "--keyfile", private, "--bind", f"127.0.0.1:{port}"]
    running = ["--workers", "2", "--threads", "16", "--log-level", "error", "--no-control-socket"]
    command: list[str | Path] = [BIN / "gunicorn", *options, *running, "tipportal.app:serve_app()"]
    with _running(command, folder, {**_environment(folder), **described}) as process, Forwarder(port) as forwarder:
        # How many keys are derived at once goes by the cores: here by two on every machine.
        os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:2])
        server = Server(folder, "https", port, people, forwarder, process, settings, trustees=trustees)
        _await(lambda: _answers(server), process, folder)
        yield server


def _settings_behind_tls(data: Path, port: int) -> dict[str, str]:
    return {
        "TIPPORTAL_DATA_DIR": str(data),
        "TIPPORTAL_SECRET_KEY_FILE": str(data / "secret-key"),
        "TIPPORTAL_PUBLIC_URL": f"https://localhost:{port}",
        "TIPPORTAL_SUBMISSIONS_PER_MINUTE": "200",
    }


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _folders(folder: Path) -> Path:
    for name in ("data", "logs", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder / "data"


def _key_file(folder: Path) -> Path:
    return folder / "data" / "secret-key"


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIPPORTAL_", "COV_"))}
    return {**kept, "TMPDIR": str(folder / "tmp"), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _running(command: list[str | Path], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    logs = folder / "logs"
    with (
        (logs / "stdout").open("wb") as out,
        (logs / "stderr").open("wb") as err,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err) as process,
    ):
        try:
            yield process
        finally:
            # As Ctrl+C: at once, without waiting for the connections that browsers keep open.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(ready: object, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while not callable(ready) or not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"the server did not start: {(folder / 'logs' / 'stderr').read_text()}")
        time.sleep(0.05)


def _answers(server: Server) -> bool:
    connection = server.connection()
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _staffed(settings: Settings) -> Municipality:
    upgrade(settings.database_url)
    database = Database(settings.database_url, settings.blobs_dir)
    # Enrolled three weeks ago: the one-time codes of this minute are still unused.
    then = int(time.time()) - SETTLED_SECONDS
    try:
        return staff(context_for(settings, database, "handler", clock=lambda: then))
    finally:
        database.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "certificate.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
