"""A real mail server on this machine that tests send to: it keeps what it takes, or answers as it is told to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tipportal.delivery import MailServer

SENDER = "tips@kommun.example"


@dataclass
class Taken:
    """A letter as it arrived: to whom, and every byte."""

    to: str
    content: bytes = field(repr=False)

    @property
    def headers(self) -> str:
        return self.content.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[2]


class Mailbox:
    """What a server does: takes letters, or answers as the test says. ``refusals``: an answer by recipient."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.greetings: list[str] = []
        self.senders: list[str] = []
        self.refusals: dict[str, str] = {}
        self.of_sender = ""
        self.of_content: dict[str, str] = {}
        self.hangs_up_on: set[str] = set()
        self.lock = threading.Lock()

    async def handle_EHLO(  # noqa: N802 - as the library calls it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        self.greetings.append(hostname)
        return responses

    async def handle_MAIL(  # noqa: N802 - as the library calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if self.of_sender:
            return self.of_sender
        self.senders.append(address)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as the library calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        if address in self.hangs_up_on:
            transport = server.transport
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as the library calls it
        del server, session
        (to,) = envelope.rcpt_tos
        if to in self.of_content:
            return self.of_content[to]
        content = envelope.content
        assert isinstance(content, bytes)
        with self.lock:
            self.taken.append(Taken(to, content))
        return "250 OK"


@dataclass(frozen=True)
class Running:
    """A server that answers, and how to reach it."""

    mailbox: Mailbox
    server: MailServer


@contextmanager
def mail_server(
    certificate: Path | None = None, *, implicit: bool = False, users: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Serve mail on a port of its own. With a certificate (PEM with its key) by STARTTLS, or TLS from the start."""
    mailbox = Mailbox()
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)

    def authenticator(*arguments: Any) -> AuthResult:  # noqa: ANN401 - the library's own arguments
        given = arguments[-1]
        assert isinstance(given, LoginPassword)
        known = (users or {}).get(given.login.decode())
        right = known is not None and known == given.password.decode()
        # Not handled: the server itself answers what is wrong.
        return AuthResult(success=right, handled=False)

    options: dict[str, Any] = {"authenticator": authenticator} if users else {}
    if context is not None and not implicit:
        options |= {"tls_context": context, "require_starttls": True}
    if users:
        # The library takes TLS from the first byte for none.
        options |= {"auth_require_tls": False} if implicit else {"auth_required": True}
    loop = asyncio.new_event_loop()
    served = loop.run_until_complete(
        loop.create_server(
            lambda: SMTP(mailbox, hostname="mail.example", loop=loop, **options),
            sock=socket.create_server(("127.0.0.1", 0)),
            ssl=context if implicit else None,
        )
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    port = served.sockets[0].getsockname()[1]
    server = MailServer("127.0.0.1", port, SENDER, implicit_tls=implicit, plain=context is None, timeout=5)
    try:
        yield Running(mailbox, server)
    finally:
        asyncio.run_coroutine_threadsafe(_stop(served), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _stop(served: asyncio.Server) -> None:
    served.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await served.wait_closed()


def certificate(path: Path, name: str = "127.0.0.1") -> Path:
    """Write a certificate for an address, with its key; itself is what verifies it."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path
