"""No secret is in the repr of anything, so none reaches a log, a traceback or an error by being printed."""

from __future__ import annotations

import base64
import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pyotp

import tipportal
from tests.support.playing import choose, new_form, send, server_sealed
from tests.support.setting_up import invite_person
from tests.support.story import TIP, Story
from tests.support.traces import spellings
from tipportal.cli.demo_playing import ask, seal_case, write
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import Role
from tipportal.domain.cases import RecordKind, Stream
from tipportal.domain.organisations import Channel
from tipportal.domain.ways import WayKind
from tipportal.envelope.records import Kind
from tipportal.settings import Settings
from tipportal.usecases import enrol, handle, sign_in, source_session
from tipportal.usecases.chosenfiles import attachments_of
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.ways import NewWay
from tipportal.web.received_files import ReceivedFiles

CANARY = "kanariefågeln"


class Shown:
    """Everything that the story handed out, and every secret that was in it."""

    def __init__(self) -> None:
        self.things: list[object] = []
        self.secrets: dict[str, bytes | str] = {}

    def add(self, *things: object, **secrets: bytes | str) -> None:
        self.things += things
        self.secrets |= secrets


def test_nothing_that_the_use_cases_hand_out_shows_a_secret(story: Story, tmp_path: Path) -> None:
    shown = Shown()
    _settings(shown, tmp_path)
    _enrolment(story, shown)
    _signing_in(story, shown)
    _a_source(story, shown)
    _files(story, shown)
    texts = [text(thing) for thing in shown.things for text in (repr, str)]
    texts += [repr(part) for thing in shown.things for part in _parts(thing)]

    assert len(shown.secrets) > 20
    leaks = {
        name
        for name, secret in shown.secrets.items()
        for spelling in _spellings(secret)
        if any(spelling in text for text in texts)
    }
    assert leaks == set()


def test_search_finds_a_secret_that_is_shown() -> None:
    @dataclasses.dataclass
    class Careless:
        key: bytes

    secret = bytes(range(32))

    assert any(spelling in repr(Careless(secret)) for spelling in _spellings(secret))
    assert any(spelling in f"<{secret.hex()}>" for spelling in _spellings(secret))
    assert any(spelling in repr([base64.b64encode(secret)]) for spelling in _spellings(secret))


def test_every_field_that_is_named_like_a_secret_is_kept_out_of_the_repr() -> None:
    telling = ("secret", "password", "passphrase", "seed", "token", "private", "storage_key", "signing")
    # Digests, public addresses and kinds: named for what they belong to, worth nothing by themselves.
    harmless = {
        "Invitation.token_digest",
        "Services.form_tokens",
        "Settings.secret_key_file",
        "MailSettings.password_file",
        # What a sample is drawn with is published, so that anybody can draw it again.
        "Report.seed",
        "Request.seed",
        "Wanted.seed",
    }
    careless = {
        f"{kind.__name__}.{field.name}"
        for kind in _dataclasses()
        for field in dataclasses.fields(kind)
        if field.repr and any(word in field.name for word in telling) and "__repr__" not in _own_repr(kind)
    }

    assert careless - harmless == set()


def _settings(shown: Shown, folder: Path) -> None:
    key = folder / "secret.key"
    key.write_bytes(bytes(range(1, 33)))
    key.chmod(0o600)
    settings = Settings.from_env({
        "TIPPORTAL_DATA_DIR": str(folder),
        "TIPPORTAL_SECRET_KEY_FILE": str(key),
        "TIPPORTAL_PUBLIC_URL": "http://localhost:8000",
    })  # fmt: skip
    shown.add(settings, face_key=bytes(range(1, 33)))


def _enrolment(story: Story, shown: Shown) -> None:
    unit = next(row["id"] for row in story.contents()["units"] if row["name"] == "Kommunkansliet")
    invited = invite_person(story, name="Ny", email="ny@b.example", role=Role.HANDLER, unit_id=unit)
    welcome = enrol.welcome(story.handler, invited.token)
    otp = pyotp.TOTP(welcome.totp_secret).at(story.clock())
    paper = NewWay(WayKind.PASSPHRASE, "Papper", b"age sealed" * 4)
    enrolment = enrol.Enrolment(invited.token, "en lång mening till lösenord", otp, ways=(paper,))
    member = enrol_person(story.handler, invited, "jurist")
    assert member.identity is not None
    shown.add(
        invited,
        welcome,
        enrolment,
        member,
        story.municipality,
        token=invited.token,
        totp=welcome.totp_secret,
        password=enrolment.password,
        own_password=member.person.password,
        passphrase=member.person.passphrase,
        identity=member.identity.identity.seed,
        signing=member.identity.signing_key.seed,
    )


def _signing_in(story: Story, shown: Shown) -> None:
    member = story.municipality.handlers()[0]
    story.clock.advance(120)
    entered = sign_in.sign_in(story.handler, member.person.email, member.person.password, story.otp(member))
    found = sign_in.account_of(story.handler, entered.secret)
    assert found is not None
    unlocked = sign_in.unlock(story.handler, found[0], found[1])
    again = sign_in.account_of(story.handler, entered.secret)
    assert again is not None
    with story.database.read() as uow:
        account = uow.accounts.by_email(member.person.email)
    assert account is not None
    shown.add(
        entered,
        found,
        unlocked,
        again,
        account,
        story.handler,
        story.public,
        cookie=entered.secret,
        storage_key=unlocked.storage_key,
        sealed_identity=unlocked.ways[0].file,
        password_hash=account.password_hash or "",
        totp_sealed=account.totp_sealed or b"",
        handler_face=story.handler.face_secret,
        public_face=story.public.face_secret,
    )


def _a_source(story: Story, shown: Shown) -> None:
    code, keys = source_session.keys_for_form(story.public, bytes(16))
    form = new_form(story)
    confirmation = send(story, type(form)(keys, code, form.nonce), CANARY)
    entered = source_session.enter(story.public, keys)
    visitor = source_session.visitor(story.public, entered.secret)
    assert visitor is not None
    opened = source_session.read_case(story.public, visitor)
    source_session.send_message(story.public, visitor, CANARY, form_nonce="a")
    offer = ask(story.public, Channel.TIP)
    other = story.source()
    sealed = seal_case(story.public, offer, other, {**TIP, "what_happened": CANARY})
    case, _ = server_sealed(story)
    tip = story.tip()
    write(story.handler, tip, Kind.NOTE, CANARY)
    with story.database.read() as uow:
        session = uow.accounts.source_session(_digest_of(story))
    assert session is not None
    shown.add(
        code,
        keys,
        form,
        confirmation,
        entered,
        visitor,
        opened,
        offer,
        sealed,
        case,
        tip,
        session,
        handle.open_case(story.handler, tip.members["h1"].account, tip.reference),
        code=code.text,
        first_words=" ".join(code.text.split()[:3]),
        source_identity=keys.identity.seed,
        lookup_token=keys.lookup_token,
        source_signing=keys.signing_key.seed,
        other_identity=other.identity.seed,
        other_token=other.lookup_token,
        other_signing=other.signing_key.seed,
        source_cookie=entered.secret,
        sealed_keys=session.sealed,
        text=CANARY,
    )


def _files(story: Story, shown: Shown) -> None:
    name, said = "uppsägning av Ragnhild.pdf", "application/x-hemligt"
    file = choose(story, name, CANARY.encode() * 9, f"application/pdf; name={said}")
    (attachment,) = attachments_of([file])
    _, visitor = server_sealed(story, files=[file])
    opened = source_session.read_case(story.public, visitor)
    given = source_session.open_file(story.public, visitor, 0, 0)
    handed_in = SealedFile(Stream.DIALOGUE, RecordKind.REPORT, 0, 0, bytes(32), b"sealed", (file.sealed.upload,))
    shown.add(
        file,
        attachment,
        opened,
        given,
        handed_in,
        ReceivedFiles(chosen=[file]),
        file_name=name,
        file_type=said,
        file_key=file.sealed.key,
        file_digest=file.sealed.sha256,
        file_content=b"".join(given.chunks),
        upload=file.sealed.upload.id,
    )


def _digest_of(story: Story) -> bytes:
    digest = story.contents()["source_sessions"][0]["id_digest"]
    assert isinstance(digest, bytes)
    return digest


def _spellings(secret: bytes | str) -> list[str]:
    if isinstance(secret, str):
        return [secret, *(spelling.decode("latin-1") for spelling in spellings(secret))]
    coded = [base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode().rstrip("=")]
    return [repr(secret)[2:-1], secret.hex(), secret.hex().upper(), str(list(secret))[1:-1], *coded]


def _parts(thing: object) -> Iterator[object]:
    """Whatever lies inside, as a traceback with local values would show it: but not the secrets by themselves."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            value = getattr(thing, field.name)
            if not isinstance(value, (bytes, str, dict)):
                yield value
                yield from _parts(value)
    elif isinstance(thing, (tuple, list)):
        for value in thing:
            yield value
            yield from _parts(value)


def _dataclasses() -> Iterator[type]:
    for found in pkgutil.walk_packages(tipportal.__path__, "tipportal."):
        module = importlib.import_module(found.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if dataclasses.is_dataclass(kind) and kind.__module__ == found.name:
                yield kind


def _own_repr(kind: type) -> set[str]:
    written = inspect.getsource(kind)
    return {"__repr__"} if "def __repr__" in written else set()
