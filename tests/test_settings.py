from __future__ import annotations

import re
from pathlib import Path

import pytest

from tipportal.domain.files import PART_SIZE
from tipportal.settings import PREFIX, VARIABLES, Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    key = tmp_path / "secret-key"
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    return {"TIPPORTAL_DATA_DIR": str(tmp_path), "TIPPORTAL_PUBLIC_URL": "https://tips.example.se", "PATH": "/bin"}


def faults(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(environ)
    return refused.value.faults


def test_two_settings_are_enough(environ: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_env(environ)
    assert settings.database_url == f"sqlite:///{tmp_path / 'tipportal.sqlite3'}"
    assert settings.faces == ("public", "handler")
    assert settings.languages == ("sv", "en")
    assert settings.handler_url == settings.public_url == "https://tips.example.se"
    assert settings.limits_url == "memory://"
    assert settings.https
    assert settings.kdf_workers >= 1
    # Reading starts and makes nothing.
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_every_fault_is_told_at_once() -> None:
    found = faults({
        "TIPPORTAL_DATA_DIR": "relative",
        "TIPPORTAL_PUBLIC_URL": "http://tips.example.se",
        "TIPPORTAL_HANDLER_URL": "https://handl.example.se/path",
        "TIPPORTAL_FACES": "public,admin",
        "TIPPORTAL_LANGUAGES": "en",
        "TIPPORTAL_DATABASE_URL": "mysql://x",
        "TIPPORTAL_REDIS_URL": "http://x",
        "TIPPORTAL_SUBMISSIONS_PER_MINUTE": "0",
        "TIPPORTAL_MAX_BODY": "1000",
        "TIPPORTAL_MAX_FILE": "0",
        "TIPPORTAL_CASE_QUOTA": "1048576",
        "TIPPORTAL_UPLOADS_QUOTA": "4 GiB",
        "TIPPORTAL_BIND": "8000",
        "TIPPORTAL_WORKERS": "två",
        "TIPPORTAL_THREADS": "-1",
        "TIPPORTAL_SECRET_KEY_FILE": "/finns/inte",
        "TIPPORTAL_LOG_KEY_FILE": "relative",
        "TIPPORTAL_SMTP_URL": "http://mail.example.se",
        "TIPPORTAL_SMTP_PASSWORD_FILE": "relative",  # pragma: allowlist secret
        "TIPPORTAL_MAIL_FROM": "tips",
        "TIPPORTAL_MAIL_AUDITORS": "a@x.se, b@x.se",
        "TIPPORTAL_DIGEST_AT": "24:00",
        "TIPPORTAL_REGISTRATION_DIR": "relative",
        "TIPPORTAL_BACKUP_DAYS": "-1",
        "TIPPORTAL_PUBILC_URL": "https://x",
    })  # fmt: skip
    named = {fault.split()[0] for fault in found}
    assert named == {f"{PREFIX}{variable.name}" for variable in VARIABLES} | {"TIPPORTAL_PUBILC_URL"}


def test_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {fault.split()[0] for fault in faults({})} >= {"TIPPORTAL_DATA_DIR", "TIPPORTAL_PUBLIC_URL"}


@pytest.mark.parametrize(
    "address",
    [
        "tips.example.se",
        "http://tips.example.se",
        "https://",
        "https://user@tips.example.se",
        "https://tips.example.se/sub",
        "https://tips.example.se?x=1",
        "https://tips.example.se:port",
        "https://[::1",
        "ftp://localhost",
    ],
)
def test_an_address_that_people_could_not_use_is_refused(environ: dict[str, str], address: str) -> None:
    assert any("PUBLIC_URL" in fault for fault in faults(environ | {"TIPPORTAL_PUBLIC_URL": address}))


@pytest.mark.parametrize(
    "address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://abc.onion", "https://a.se/"]
)
def test_plain_http_only_here_or_as_an_onion_service(environ: dict[str, str], address: str) -> None:
    settings = Settings.from_env(environ | {"TIPPORTAL_PUBLIC_URL": address})
    assert settings.public_url == address.rstrip("/")


@pytest.mark.parametrize(("mode", "content", "word"), [(0o644, bytes(32), "owner"), (0o600, bytes(31), "32")])
def test_the_secret_key_is_long_and_private(
    environ: dict[str, str], tmp_path: Path, mode: int, content: bytes, word: str
) -> None:
    (tmp_path / "secret-key").write_bytes(content)
    (tmp_path / "secret-key").chmod(mode)
    (fault,) = faults(environ)
    assert word in fault


def test_secrets_are_not_shown(environ: dict[str, str]) -> None:
    word = "hemligt"
    url = f"postgresql+psycopg://tips:{word}@db/tips"
    shown = repr(Settings.from_env(environ | {"TIPPORTAL_DATABASE_URL": url}))
    assert word not in shown
    assert "secret_key" not in shown
    assert "\\x01" not in shown


def test_whoever_floods_the_public_forms_leaves_handlers_room_for_a_largest_file(environ: dict[str, str]) -> None:
    settings = Settings.from_env(environ | {"TIPPORTAL_MAX_FILE": "1048576", "TIPPORTAL_UPLOADS_QUOTA": "41943040"})
    kept = settings.uploads_quota_of("handler") - settings.uploads_quota_of("public")
    assert settings.uploads_quota_of("handler") == 41_943_040
    assert kept == 41_943_040 // 4 > settings.max_file + 2 * PART_SIZE
    assert any("UPLOADS_QUOTA" in fault for fault in faults(environ | {"TIPPORTAL_UPLOADS_QUOTA": "400000000"}))


MAIL = {"TIPPORTAL_SMTP_URL": "smtp://mail.example.se", "TIPPORTAL_MAIL_FROM": "tips@example.se"}


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit_tls", "plain"),
    [
        ("smtp://mail.example.se", "mail.example.se", 587, False, False),
        ("smtp://mail.example.se:2525", "mail.example.se", 2525, False, False),
        ("smtps://mail.example.se", "mail.example.se", 465, True, False),
        ("smtp://localhost", "localhost", 25, False, True),
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, False, True),
        ("smtps://localhost", "localhost", 465, True, False),
    ],
)
def test_where_mail_goes(
    environ: dict[str, str], url: str, host: str, port: int, *, implicit_tls: bool, plain: bool
) -> None:
    mail = Settings.from_env(environ | MAIL | {"TIPPORTAL_SMTP_URL": url}).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.implicit_tls, mail.plain) == (host, port, implicit_tls, plain)
    assert (mail.sender, mail.auditors, mail.user, mail.password_file) == ("tips@example.se", "", "", None)
    assert mail.digest_at.isoformat("minutes") == "07:30"


def test_without_a_mail_server_there_is_no_mail(environ: dict[str, str]) -> None:
    assert Settings.from_env(environ).mail is None
    assert Settings.from_env(environ | {"TIPPORTAL_DIGEST_AT": "06:15"}).mail is None


def test_a_mail_server_that_asks_who_one_is(environ: dict[str, str], tmp_path: Path) -> None:
    user = MAIL | {"TIPPORTAL_SMTP_URL": "smtps://portal%40example.se@mail.example.se"}
    password = {"TIPPORTAL_SMTP_PASSWORD_FILE": str(tmp_path / "smtp-password")}
    mail = Settings.from_env(environ | user | password).mail
    assert mail is not None
    # Not looked for: only what sends mail reads it.
    assert (mail.user, mail.password_file) == ("portal@example.se", tmp_path / "smtp-password")
    assert any("SMTP_PASSWORD_FILE" in fault for fault in faults(environ | user))
    assert any("SMTP_PASSWORD_FILE" in fault for fault in faults(environ | MAIL | password))


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("smtps://u:hemligt@mail.example.se", "password"),  # pragma: allowlist secret
        ("smtps://", "host"),
        ("smtps://mail.example.se/x", "nothing after"),
        ("smtps://mail.example.se:port", "not an address"),
        ("mail.example.se", "smtps://"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused(environ: dict[str, str], url: str, word: str) -> None:
    found = faults(environ | MAIL | {"TIPPORTAL_SMTP_URL": url})
    assert any("SMTP_URL" in fault and word in fault for fault in found)
    assert "hemligt" not in str(found)


def test_mail_says_whom_it_is_from(environ: dict[str, str]) -> None:
    (fault,) = faults(environ | MAIL | {"TIPPORTAL_MAIL_FROM": ""})
    assert "MAIL_FROM" in fault


def test_the_documentation_names_every_setting_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| `(TIPPORTAL_[A-Z_]+)` \| (.*?) \| (.+) \|$", text, re.MULTILINE)
    documented = {name: (default, purpose) for name, default, purpose in rows}
    for variable in VARIABLES:
        default, purpose = documented.pop(f"{PREFIX}{variable.name}")
        expected = {None: "required", "": "empty"}.get(variable.default, f"`{variable.default}`")
        assert default == expected, variable.name
        assert purpose.startswith(variable.purpose), variable.name
    assert documented == {}
