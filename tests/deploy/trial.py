"""An installation as `deploy/` describes it: the units' own commands, behind a real nginx with the site of `deploy/`.

Nothing is written anew here. What must differ on a machine that runs tests (ports, host names, paths, certificates) is
replaced in copies; everything else is what an operator installs.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path

from click.testing import CliRunner

from tests.support import servers
from tests.support.forwarder import Forwarder
from tests.support.servers import BIN, ORGANISATION, Server, free_port
from tipportal.cli import main
from tipportal.cli.demo_staffing import Person, set_up
from tipportal.contexts import context_for
from tipportal.settings import Settings
from tipportal.storage.database import Database
from tipportal.usecases.enrol import Invited, welcome

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RUNBOOK = ROOT / "docs" / "operating.md"
FACES = ("public", "handler")
HOSTS = {"public": "tips.localhost", "handler": "handlaggare.localhost"}
"""Browsers find every name below localhost on this machine, without asking anybody."""
DOCUMENTED = {"public": "tips.example.se", "handler": "handlaggare.example.se"}
INSTALLED = "/opt/tipportal/.venv/bin/tipportal"
PATIENCE = 30
NOGROUP = 65534
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""
"""What systemd does with a socket: the command finds it as its file 3."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Deployed(Server):
    """An installation behind nginx, each face by its own host name."""

    nginx: Path = field(default_factory=Path)
    """The folder of nginx: configuration, logs, temporary files."""
    environments: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def at(self, face: str) -> str:
        """Both faces stand behind one proxy, and are told apart by their names."""
        return f"{HOSTS[face]}:{self.forwarder.port}"

    def operator(self, *arguments: str) -> str:
        """What a command of `tipportal` prints, run as the runbook says: with the handler face's settings."""
        return told(self.environments["handler"], *arguments)

    def ask(self, raw: bytes, *, host: str = HOSTS["public"]) -> Answer:
        """Send bytes over TLS to nginx, as from a source, and read the answer."""
        with self.line(host) as line:
            line.sendall(raw)
            return read_answer(line)

    def line(self, name: str) -> ssl.SSLSocket:
        """A connection over TLS through the forwarder, for a host name."""
        # The certificate is the test's own and the server is on this machine: there is nobody to mistake it for.
        trusting = ssl._create_unverified_context()  # noqa: S323, SLF001
        plain = socket.create_connection(("127.0.0.1", self.forwarder.port), timeout=PATIENCE)
        return trusting.wrap_socket(plain, server_hostname=name)

    def get(self, path: str, *, host: str = HOSTS["public"]) -> Answer:
        """The answer to a GET."""
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), host=host)

    def temporary_files(self) -> dict[Path, int]:
        """What lies where nginx puts what does not fit its memory, and when each folder last changed."""
        return {path: path.stat().st_mtime_ns for path in (self.nginx / "temp").rglob("*")}

    def inside(self, face: str, path: str) -> Answer:
        """The answer to a GET on this machine, past the proxy, as a monitor asks."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "run" / f"{face}.sock"))
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return read_answer(line)


def read_answer(line: socket.socket) -> Answer:
    """Read one answer from a connection."""
    response = HTTPResponse(line)
    response.begin()
    return Answer(response.status, response.msg, response.read())


def told(environment: dict[str, str], *arguments: str) -> str:
    """What a command of `tipportal` prints. It must succeed."""
    # In this process: each start of Python takes longer than the command.
    done = CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)
    assert done.exit_code == 0, f"{arguments}: {done.output}"
    return done.output


def found(settings: Settings, environment: dict[str, str]) -> tuple[Person, ...]:
    """Do what the runbook says under "Found the installation", line by line, and what the two then do in browsers."""
    steps = re.findall(r"^tipportal-admin (.*?)(?: +#.*)?$", RUNBOOK.read_text().partition("## 3.")[2], re.MULTILINE)
    for step in steps:
        arguments = [ORGANISATION if word == "exempel" else word for word in shlex.split(step)]
        output = told(environment, *arguments)
        if arguments[0] == "found":
            return set_up_by_two(settings, re.findall(r"#([\w-]{43})$", output, re.MULTILINE))
    raise AssertionError(steps)


def set_up_by_two(settings: Settings, tokens: list[str]) -> tuple[Person, ...]:
    """What the founders set up a minute ago, whose tokens these are: this minute's codes are unused."""
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        face = context_for(settings, database, "handler", clock=lambda: int(time.time()) - 60)
        invitations = [Invited(welcome(face, token).account, token) for token in tokens]
        home = invitations[0].account.organisation_id
        return tuple(member.person for member in set_up(face, home, invitations).members)
    finally:
        database.close()


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit file of `deploy/systemd`: for each section, for each key, its values in their order."""
    sections: dict[str, dict[str, list[str]]] = {}
    here: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text().splitlines():
        if line.startswith("["):
            here = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            here.setdefault(key, []).append(value)
    return sections


def environment_of(name: str, replaced: dict[str, str]) -> dict[str, str]:
    """The environment that systemd would make of a unit's environment files, with our paths and addresses."""
    described: dict[str, str] = {}
    for path in unit(name)["Service"]["EnvironmentFile"]:
        reader = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        reader.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser's documentation says
        reader.read_string(f"[file]\n{(DEPLOY / 'settings' / Path(path).name).read_text()}")
        described |= dict(reader["file"])
    return {key: _with(value, replaced) for key, value in described.items()}


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """The whole installation, founded and answering; everything it writes lies below the folder."""
    nginx, port = folder / "nginx", free_port()
    for place in ("data", "logs", "tmp", "run", "etc/public", "etc/handler"):
        (folder / place).mkdir(parents=True, mode=0o700)
    with ExitStack() as stack:
        forwarder = stack.enter_context(Forwarder(port))
        replaced = {
            "/var/lib/tipportal": str(folder / "data"),
            "/etc/tipportal": str(folder / "etc"),
            **{DOCUMENTED[face]: f"{HOSTS[face]}:{forwarder.port}" for face in FACES},
        }
        surroundings = servers._environment(folder)  # noqa: SLF001 - the same for every server of the tests
        environments = {
            face: {**surroundings, **environment_of(f"tipportal-{face}.service", replaced)} for face in FACES
        }
        for face in FACES:
            told(environments[face], "secret", environments[face]["TIPPORTAL_SECRET_KEY_FILE"])
        settings = Settings.from_env(environments["handler"])
        people = found(settings, environments["handler"])
        processes = {face: stack.enter_context(_face(face, folder, environments[face])) for face in FACES}
        processes["nginx"] = stack.enter_context(_nginx(nginx, folder, port))
        server = Deployed(
            folder, "https", port, people, forwarder, processes["nginx"], settings,
            nginx=nginx, environments=environments, processes=processes,
        )  # fmt: skip
        for face in FACES:
            _await(server, face)
        yield server
        # All at once: each takes a moment to stop.
        for process in processes.values():
            process.send_signal(signal.SIGINT)


def _await(server: Deployed, face: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, HTTPException):
            if server.get("/robots.txt", host=HOSTS[face]).status == 200:
                return
        if time.monotonic() > until or any(process.poll() is not None for process in server.processes.values()):
            said = {path.name: path.read_text() for path in sorted((server.folder / "logs").iterdir())}
            raise AssertionError(f"the {face} face does not answer: {said}")
        time.sleep(0.1)


@contextmanager
def _face(face: str, folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A face as systemd starts it: the unit's own command, with the socket of its socket unit handed over."""
    (command,) = unit(f"tipportal-{face}.service")["Service"]["ExecStart"]
    program, *arguments = shlex.split(command)
    assert program == INSTALLED
    (listening,) = unit(f"tipportal-{face}.socket")["Socket"]["ListenStream"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "run" / Path(listening).name))
        listener.listen(512)
        with _started(
            [sys.executable, "-c", HAND_OVER, str(listener.fileno()), str(BIN / "tipportal"), *arguments],
            folder / "logs" / face,
            env=environment,
            pass_fds=[listener.fileno()],
            # Root's own group owns every closed process as well: with another, a test can tell them apart.
            group=NOGROUP if os.geteuid() == 0 else None,
        ) as process:
            yield process


@contextmanager
def _nginx(place: Path, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A real nginx with the site and the snippets of `deploy/nginx`."""
    for name in ("snippets", "temp", "tls", "pages"):
        (place / name).mkdir(parents=True)
    certificate, private = servers._certificate(place / "tls")  # noqa: SLF001 - as every server of the tests
    shutil.copy(DEPLOY / "nginx" / "fel.html", place / "pages")
    replaced = {
        "/etc/nginx/snippets": str(place / "snippets"),
        "/usr/share/tipportal/": f"{place / 'pages'}/",
        "/run/tipportal": str(folder / "run"),
        **{f"/etc/tipportal/tls/{face}.pem": str(certificate) for face in FACES},
        **{f"/etc/tipportal/tls/{face}.key": str(private) for face in FACES},
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        **{DOCUMENTED[face]: HOSTS[face] for face in FACES},
    }
    for path in (DEPLOY / "nginx").glob("*.conf"):
        text = re.sub(r"^ *listen \[::\].*\n", "", _with(path.read_text(), replaced), flags=re.MULTILINE)
        (place / "snippets" / path.name).write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {place / 'temp' / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} worker_processes 2; worker_rlimit_nofile 2048;\n"
        f"daemon off; pid {place / 'pid'};\n"
        # As talkative as can be: what the site keeps out of the log, it keeps out of this one.
        f"error_log {folder / 'logs' / 'nginx.error'} info;\n"
        "events { worker_connections 768; }\n"
        f"http {{ types {{ }} access_log {folder / 'logs' / 'nginx.access'};\n{temporary}"
        f"include {place / 'snippets' / 'tipportal.conf'}; }}\n"
    )
    arguments = ["-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(folder / "logs" / "nginx.error")]
    with _started([program("nginx"), *arguments], folder / "logs" / "nginx") as process:
        yield process


def workers(site: Deployed) -> set[int]:
    """The processes of the public face that answer."""
    master = site.processes["public"].pid
    with open(f"/proc/{master}/task/{master}/children") as children:  # noqa: PTH123 - a file of the kernel
        return {int(number) for number in children.read().split()}


def program(name: str) -> str:
    """Where a program lies that Debian keeps from the path of plain users."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert found, f"{name} is not on this machine: make setup"
    return found


@contextmanager
def _started(command: list[str], log: Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.with_suffix(".stdout").open("wb") as out,
        log.with_suffix(".stderr").open("wb") as err,
        subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **options) as process,  # type: ignore[call-overload]  # passed on as they are
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _with(text: str, replaced: dict[str, str]) -> str:
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text
