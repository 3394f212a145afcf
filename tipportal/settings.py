"""Settings from the environment: read once, checked as a whole, and frozen. Reading them starts nothing."""

from __future__ import annotations

import importlib.util
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "TIPPORTAL_"
FACES = ("public", "handler")
SOURCE_LANGUAGE = "sv"
LANGUAGES = (SOURCE_LANGUAGE, "en")
MIN_SECRET = 32
MEBIBYTE = 1 << 20
TEBIBYTE = 1 << 40
HANDLERS_PART = 4
"""One part in so many of the room for waiting uploads is the handler face's alone."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAIL_PORTS = {"smtp": 587, "smtps": 465}
_PLAIN_MAIL_PORT = 25
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name without the prefix, its default (None: required), what it is for."""

    name: str
    default: str | None
    purpose: str


VARIABLES = (
    Variable("DATA_DIR", None, "Folder of the installation: database, sealed files and, by default, the secret key."),
    Variable("DATABASE_URL", "", "SQLAlchemy address of the database. Empty: SQLite in DATA_DIR."),
    Variable("FACES", "public,handler", "Which faces this process serves."),
    Variable("SECRET_KEY_FILE", "", "File of at least 32 random bytes, readable by its owner only. Empty: DATA_DIR."),
    Variable("LOG_KEY_FILE", "", "File with the key that signs the handling log's checkpoints. Empty: DATA_DIR."),
    Variable("PUBLIC_URL", None, "Address of the public face as sources see it: scheme and host, no path."),
    Variable("HANDLER_URL", "", "Address of the handler face. Empty: the same as PUBLIC_URL."),
    Variable("LANGUAGES", "sv,en", "Languages that are offered, Swedish first."),
    Variable("SMTP_URL", "", "Mail server: smtps:// or smtp:// (STARTTLS), a user if needed, a host. Empty: no mail."),
    Variable("SMTP_PASSWORD_FILE", "", "File with the password of the user in SMTP_URL, readable by its owner only."),
    Variable("MAIL_FROM", "", "Address that mail is from, and that it is sent back to when it cannot be delivered."),
    Variable("MAIL_AUDITORS", "", "The auditors' function mailbox, which gets the log's checkpoint each month."),
    Variable("DIGEST_AT", "07:30", "When the daily mail to everybody goes out on working days, Swedish time."),
    Variable("REGISTRATION_DIR", "", "Folder that `tick` puts diary files in on working days. Empty: none are made."),
    Variable("BACKUP_DAYS", "35", "How many days a backup is kept: a disposal is complete when the last has expired."),
    Variable("REDIS_URL", "", "Where limits are counted. Empty: in the memory of each process."),
    Variable("SUBMISSIONS_PER_MINUTE", "60", "How many cases can be created a minute, by everybody together."),
    Variable("MAX_BODY", "2097152", "Largest request body in bytes, refused by its declared length before it is read."),
    Variable("MAX_FILE", "104857600", "Largest attached file in bytes."),
    Variable("CASE_QUOTA", "1073741824", "Bytes on the disk that the files of one case may take."),
    Variable("UPLOADS_QUOTA", "4294967296", "Bytes on the disk that files may take before they are handed in."),
    Variable("BIND", "127.0.0.1:8000", "Address and port that `tipportal serve` listens on."),
    Variable("WORKERS", "2", "Processes that `tipportal serve` starts."),
    Variable("THREADS", "16", "Threads in each process. Key derivations hold at most three in four of them."),
)


class SettingsError(Exception):
    """The environment does not describe an installation. ``faults`` holds every reason, not only the first."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mail goes. ``plain``: without TLS, to a server on this machine. ``digest_at``: a time of day in Sweden."""

    host: str
    port: int
    implicit_tls: bool
    plain: bool
    user: str
    password_file: Path | None
    sender: str
    auditors: str
    digest_at: time


@dataclass(frozen=True, slots=True)
class Settings:
    """How one process of an installation runs. Sizes are bytes, rates are per minute."""

    data_dir: Path
    database_url: str = field(repr=False)
    faces: tuple[str, ...]
    secret_key: bytes = field(repr=False)
    public_url: str
    handler_url: str
    languages: tuple[str, ...] = LANGUAGES
    limits_url: str = field(default="memory://", repr=False)
    submissions_per_minute: int = 60
    max_body: int = 2 * MEBIBYTE
    max_file: int = 100 * MEBIBYTE
    case_quota: int = 1024 * MEBIBYTE
    uploads_quota: int = 4096 * MEBIBYTE
    bind: str = "127.0.0.1:8000"
    workers: int = 2
    threads: int = 16
    named_log_key: Path | None = None
    mail: MailSettings | None = None
    registration_dir: Path | None = None
    backup_days: int = 35

    @property
    def blobs_dir(self) -> Path:
        """Folder of the sealed files that do not fit a row."""
        return self.data_dir / "blobs"

    def uploads_quota_of(self, face: str) -> int:
        """What may wait when a face takes more: a quarter is the handlers', whoever floods the public forms."""
        return self.uploads_quota if face == "handler" else self.uploads_quota - self.uploads_quota // HANDLERS_PART

    @property
    def log_key_file(self) -> Path:
        """Where the key lies that signs checkpoints. Read by the command line alone: no face ever has it."""
        return self.named_log_key or self.data_dir / "log-key"

    @property
    def https(self) -> bool:
        """Whether people reach this installation over TLS, so that cookies and HSTS can demand it."""
        return self.public_url.startswith("https://")

    @property
    def kdf_workers(self) -> int:
        """Key derivations at a time in this process, so that all processes together use each core once."""
        return max(1, len(os.sched_getaffinity(0)) // self.workers)

    @property
    def kdf_places(self) -> int:
        """Key derivations that may run or wait in this process: a quarter of the threads stays free for others."""
        return max(self.kdf_workers, self.threads * 3 // 4)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read ``TIPPORTAL_…`` from an environment.

        Raises SettingsError with every fault at once. Reads the secret key's file; opens, makes and starts nothing.
        """
        return _Reader(environ).settings()


class _Reader:
    """Reads each variable and collects the faults instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._defaults = {variable.name: variable.default for variable in VARIABLES}
        self._faults: list[str] = []

    def settings(self) -> Settings:
        self._refuse_unknown()
        data_dir = self._data_dir()
        public_url = self._address("PUBLIC_URL")
        handler_url = self._address("HANDLER_URL") or public_url
        if public_url and public_url.split(":")[0] != handler_url.split(":")[0]:
            self._fault("HANDLER_URL", "must have the same scheme as PUBLIC_URL")
        max_file = self._number("MAX_FILE", 1, TEBIBYTE)
        # Below, a largest file could never be handed in: sealed and padded it is a sixteenth larger at most, and room
        # is made for it in parts of 4 MiB.
        least = max_file + max_file // 8 + 8 * MEBIBYTE
        made = Settings(
            data_dir=data_dir,
            database_url=self._database(data_dir),
            faces=self._choices("FACES", FACES),
            secret_key=self._secret(data_dir),
            public_url=public_url,
            handler_url=handler_url,
            languages=self._languages(),
            limits_url=self._limits(),
            submissions_per_minute=self._number("SUBMISSIONS_PER_MINUTE", 1, 100_000),
            # Below this, a text of 100,000 characters no longer fits once it is sealed or percent-encoded.
            max_body=self._number("MAX_BODY", MEBIBYTE + MEBIBYTE // 2, 64 * MEBIBYTE),
            max_file=max_file,
            case_quota=self._number("CASE_QUOTA", least, TEBIBYTE),
            uploads_quota=self._number("UPLOADS_QUOTA", HANDLERS_PART * least, TEBIBYTE),
            bind=self._bind(),
            workers=self._number("WORKERS", 1, 64),
            threads=self._number("THREADS", 1, 64),
            named_log_key=self._private_file("LOG_KEY_FILE"),
            registration_dir=self._private_file("REGISTRATION_DIR"),
            backup_days=self._number("BACKUP_DAYS", 0, 3650),
            mail=self._mail(),
        )
        if self._faults:
            raise SettingsError(tuple(self._faults))
        return made

    def _fault(self, name: str, what: str) -> None:
        self._faults.append(f"{PREFIX}{name} {what}")

    def _refuse_unknown(self) -> None:
        # A misspelt name would otherwise leave its default in force without a word. Tests have names of their own.
        for key in sorted(self._environ):
            name = key.removeprefix(PREFIX)
            if key.startswith(PREFIX) and name not in self._defaults and not name.startswith("TEST_"):
                self._fault(name, "is not a setting")

    def _text(self, name: str) -> str:
        given = self._environ.get(PREFIX + name, "").strip()
        return given or self._defaults[name] or ""

    def _number(self, name: str, low: int, high: int) -> int:
        text = self._text(name)
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            self._fault(name, f"must be a whole number from {low} to {high}")
            return low
        return int(text)

    def _choices(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        chosen = tuple(part.strip() for part in self._text(name).split(","))
        if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(known):
            self._fault(name, f"must name some of {', '.join(known)}, each once")
        return chosen

    def _languages(self) -> tuple[str, ...]:
        chosen = self._choices("LANGUAGES", LANGUAGES)
        if chosen[0] != SOURCE_LANGUAGE:
            self._fault("LANGUAGES", f"must begin with {SOURCE_LANGUAGE}")
        return chosen

    def _data_dir(self) -> Path:
        path = Path(self._text("DATA_DIR"))
        if not path.is_absolute():
            self._fault("DATA_DIR", "must be an absolute path")
        return path

    def _address(self, name: str) -> str:
        text = self._text(name)
        if not text:
            if self._defaults[name] is None:
                self._fault(name, "is missing")
            return ""
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            self._fault(name, "is not an address")
            return ""
        if parts.scheme not in {"http", "https"} or not host or parts.username or parts.path.strip("/") or parts.query:
            self._fault(name, "must be https:// and a host, with nothing after it")
        elif parts.scheme == "http" and host not in _LOOPBACK and not host.endswith(".onion"):
            self._fault(name, "must begin with https:// unless the host is this machine or an onion service")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    def _database(self, data_dir: Path) -> str:
        text = self._text("DATABASE_URL")
        if not text:
            return f"sqlite:///{data_dir / 'tipportal.sqlite3'}"
        if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
            self._fault("DATABASE_URL", "must begin with sqlite:/// or postgresql+psycopg://")
        return text

    def _limits(self) -> str:
        text = self._text("REDIS_URL")
        if not text:
            return "memory://"
        if not text.startswith(("redis://", "rediss://", "redis+unix://")):
            self._fault("REDIS_URL", "must begin with redis://, rediss:// or redis+unix://")
        elif importlib.util.find_spec("redis") is None:
            self._fault("REDIS_URL", "needs the Python package redis, which is not installed")
        return text

    def _bind(self) -> str:
        text = self._text("BIND")
        host, _, port = text.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 1 << 16:
            self._fault("BIND", "must be an address and a port, such as 127.0.0.1:8000")
        return text

    def _private_file(self, name: str) -> Path | None:
        # Neither opened nor looked for: where the faces run it is out of sight.
        named = Path(self._text(name)) if self._text(name) else None
        if named is not None and not named.is_absolute():
            self._fault(name, "must be an absolute path")
        return named

    def _mail(self) -> MailSettings | None:
        sender, auditors = self._mailbox("MAIL_FROM"), self._mailbox("MAIL_AUDITORS")
        password_file, digest_at = self._private_file("SMTP_PASSWORD_FILE"), self._time("DIGEST_AT")
        text = self._text("SMTP_URL")
        if not text:
            return None
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            self._fault("SMTP_URL", "is not an address")
            return None
        user = unquote(parts.username or "")
        if parts.scheme not in _MAIL_PORTS or not host or parts.path.strip("/") or parts.query or parts.fragment:
            self._fault("SMTP_URL", "must be smtps:// or smtp://, a host and its port, with nothing after it")
        if parts.password is not None:
            self._fault("SMTP_URL", "must not hold a password: it stands in SMTP_PASSWORD_FILE")
        if bool(user) != (password_file is not None):
            self._fault("SMTP_PASSWORD_FILE", "goes with a user in SMTP_URL, and a user with it")
        if not sender:
            self._fault("MAIL_FROM", "is missing: with SMTP_URL it must say whom mail is from")
        # Nobody listens between this machine and itself, and what a relay shows there is seldom a valid certificate.
        plain = parts.scheme == "smtp" and host in _LOOPBACK
        return MailSettings(
            host=host,
            port=port or (_PLAIN_MAIL_PORT if plain else _MAIL_PORTS.get(parts.scheme, 0)),
            implicit_tls=parts.scheme == "smtps",
            plain=plain,
            user=user,
            password_file=password_file,
            sender=sender,
            auditors=auditors.casefold(),
            digest_at=digest_at,
        )

    def _mailbox(self, name: str) -> str:
        text = self._text(name)
        if text and not _MAILBOX.fullmatch(text):
            self._fault(name, "must be one mail address, such as tips@kommun.example")
        return text

    def _time(self, name: str) -> time:
        text = self._text(name)
        if not _TIME.fullmatch(text):
            self._fault(name, "must be a time of day, such as 07:30")
            return time()
        return time.fromisoformat(text)

    def _secret(self, data_dir: Path) -> bytes:
        named = self._text("SECRET_KEY_FILE")
        path = Path(named) if named else data_dir / "secret-key"
        try:
            mode = path.stat().st_mode
            secret = path.read_bytes()
        except OSError as error:
            self._fault("SECRET_KEY_FILE", f"cannot be read: {error.strerror}")
            return b""
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            self._fault("SECRET_KEY_FILE", "must be readable by its owner only (chmod 600)")
        if len(secret) < MIN_SECRET:
            self._fault("SECRET_KEY_FILE", f"must hold at least {MIN_SECRET} random bytes")
        return secret
