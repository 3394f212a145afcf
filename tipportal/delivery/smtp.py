"""Hands letters to one mail server by SMTP (RFC 5321), with TLS that is checked, and tells what it answered.

A server that cannot be reached, or takes no mail from us at all, is down: everything waits. What it answers about one
recipient, or in the middle of one letter, is about that letter alone.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from tipportal.domain.notices import Delivered, Delivery, Letter

from .messages import UnusableAddress, message_of, read_address

TIMEOUT_SECONDS = 60
DROPS = 3
"""After so many connections in a row that broke in the middle of a letter the server counts as down."""
_OK = 250
_FORWARDS = 251
_GOES_AWAY = 421
_PERMANENT = range(500, 600)
# What a server answers of us and not of the recipient: out of order, or sign in first.
_OURS = frozenset({503, 530, 535, 538})
# RFC 3463: X.1 is the address, X.2 the mailbox. X.7, policy, is about who sends and what, and may pass.
_ENHANCED = re.compile(rb"[245]\.(\d{1,3})\.\d{1,3}\b")
_OF_RECIPIENT = frozenset({b"1", b"2"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes and how. ``implicit_tls``: from the first byte; else STARTTLS, which must be offered.

    ``plain`` does without: only for a server on this machine. ``sender`` is the address that letters are from, and
    that other servers send them back to.
    """

    host: str
    port: int
    sender: str
    implicit_tls: bool = False
    plain: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT_SECONDS


class SmtpPost:
    """Implements ``ports.Post``."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    @contextmanager
    def open(self) -> Iterator[SmtpMailer]:
        """A connection that is made when the first letter is sent, and closed at the end."""
        mailer = SmtpMailer(self._server)
        try:
            yield mailer
        finally:
            mailer.close()


class SmtpMailer:
    """Implements ``ports.Mailer`` on one connection at a time."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None
        self._drops = 0

    def send(self, letter: Letter) -> Delivered:
        """Hand over one letter. Raises nothing that the server or the network can cause."""
        try:
            to, message = read_address(letter.to).addr_spec, message_of(letter, self._server.sender)
        except UnusableAddress:
            return Delivered(Delivery.REFUSED)
        if self._drops >= DROPS:
            return Delivered(Delivery.DOWN)
        try:
            connection = self._connected()
        except smtplib.SMTPResponseException as refused:
            self._drop()
            return Delivered(Delivery.DOWN, refused.smtp_code)
        except (OSError, ValueError, smtplib.SMTPException):
            # ValueError: a password that the protocol cannot carry.
            self._drop()
            return Delivered(Delivery.DOWN)
        try:
            done = self._hand_over(connection, to, message)
        except (OSError, smtplib.SMTPException):
            self._drop()
            self._drops += 1
            return Delivered(Delivery.LATER)
        self._drops = 0
        return done

    def close(self) -> None:
        """Take leave of the server."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
        self._drop()

    def _hand_over(self, connection: smtplib.SMTP, to: str, message: EmailMessage) -> Delivered:
        code, answer = connection.mail(read_address(self._server.sender).addr_spec)
        if code != _OK:
            # Of whom it is from, before it knows to whom: that is all of them.
            self._drop()
            return Delivered(Delivery.DOWN, code)
        code, answer = connection.rcpt(to)
        if code not in (_OK, _FORWARDS):
            self._leave(connection, code)
            return _judged(code, answer, of_recipient=code in _PERMANENT and code not in _OURS)
        try:
            code, answer = connection.data(message.as_bytes())
        except smtplib.SMTPDataError as refused:
            self._leave(connection, refused.smtp_code)
            return Delivered(Delivery.LATER, refused.smtp_code)
        if code == _OK:
            return Delivered(Delivery.SENT, code)
        self._leave(connection, code)
        return _judged(code, answer, of_recipient=False)

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None:
            return self._connection
        server = self._server
        # The usual greeting is this machine's name.
        greeting = read_address(server.sender).domain
        if server.implicit_tls:
            checked = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, greeting, timeout=server.timeout, context=checked
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, greeting, timeout=server.timeout)
        self._connection = connection
        connection.ehlo_or_helo_if_needed()
        if not server.implicit_tls and not server.plain:
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
        if server.user:
            connection.login(server.user, server.password)
        return connection

    def _leave(self, connection: smtplib.SMTP, code: int) -> None:
        """Be ready for the next letter after one that was not taken."""
        if code == _GOES_AWAY or connection.rset()[0] != _OK:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _judged(code: int, answer: bytes, *, of_recipient: bool) -> Delivered:
    """What an answer that is no yes means. ``of_recipient``: what it means where it does not say more itself."""
    said = _ENHANCED.match(answer)
    if said is not None:
        of_recipient = code in _PERMANENT and said[1] in _OF_RECIPIENT
    return Delivered(Delivery.REFUSED if of_recipient else Delivery.LATER, code)
