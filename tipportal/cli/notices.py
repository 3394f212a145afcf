"""Mail: how the settings become a way to send it, a letter to try it, and what came back."""

from __future__ import annotations

import email.policy
import sys
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser

import click

from tipportal.delivery import CatalogueMissing, MailServer, SmtpPost, translator
from tipportal.domain.notices import Delivery
from tipportal.settings import MailSettings, Settings
from tipportal.usecases import posting
from tipportal.usecases.posting import Outgoing

from .surroundings import handler_context, read_settings

MAX_RETURNED = 1 << 20
"""Bytes of a returned letter that are read: what the server says of it stands before the letter itself."""


@click.group()
def notices() -> None:
    """Mail to those who work in the portal."""


@notices.command()
@click.argument("address")
def check(address: str) -> None:
    """Send a letter to ADDRESS now and tell what the mail server answered. It holds nothing but that it is a test."""
    settings = read_settings()
    outgoing = outgoing_of(settings)
    if outgoing is None or settings.mail is None:
        raise click.ClickException("no mail is set up: TIPPORTAL_SMTP_URL is empty")
    with handler_context() as ctx:
        done = posting.check(ctx, outgoing, address)
    answered = f"it answered {done.code}" if done.code else "it did not answer as a mail server does"
    if done.outcome is Delivery.SENT:
        click.echo(f"{settings.mail.host} has taken the letter. See that it arrives.")
    elif done.outcome is Delivery.DOWN:
        raise click.ClickException(f"{settings.mail.host} takes no mail from here: {answered}")
    else:
        raise click.ClickException(f"{settings.mail.host} did not take the letter to {address}: {answered}")


@notices.command()
def bounced() -> None:
    """Read one returned letter (RFC 3464) on standard input and show its address as faulty in the portal.

    For the mailbox that TIPPORTAL_MAIL_FROM names: have its mail server pipe what comes there into this.
    """
    settings = read_settings()
    addresses = list(failed_recipients(sys.stdin.buffer.read(MAX_RETURNED)))
    with handler_context() as ctx:
        known = posting.bounced(ctx, addresses, settings.mail.auditors if settings.mail else "")
    click.echo(f"{known} addresses noted")


def outgoing_of(settings: Settings) -> Outgoing | None:
    """How to send mail, or None where none is set up. Raises ClickException for what cannot be used."""
    mail = settings.mail
    if mail is None:
        return None
    try:
        translate = translator(settings.languages)
    except CatalogueMissing as missing:
        raise click.ClickException(f"the catalogue of {missing} has not been built") from None
    server = MailServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        implicit_tls=mail.implicit_tls,
        plain=mail.plain,
        user=mail.user,
        password=_password(mail),
    )
    address = f"{settings.handler_url}/handlaggare/"
    return Outgoing(SmtpPost(server), address, mail.auditors, mail.digest_at, settings.languages, translate)


def failed_recipients(returned: bytes) -> Iterator[str]:
    """The addresses that a report of undelivered mail names as failed for good; none in anything else."""
    message = BytesParser(policy=email.policy.compat32).parsebytes(returned)
    if message.get_content_type() != "multipart/report":
        return
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for group in part.walk():
                yield from _failed(group)


def _failed(group: Message) -> Iterator[str]:
    if str(group.get("Action", "")).strip().lower() != "failed":
        return
    if not str(group.get("Status", "")).strip().startswith("5."):
        return
    for field in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = str(group.get(field, "")).partition(";")
        if kind.strip().lower() == "rfc822":
            yield address.strip().strip("<>")


def _password(mail: MailSettings) -> str:
    if mail.password_file is None:
        return ""
    try:
        mode = mail.password_file.stat().st_mode
        password = mail.password_file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{mail.password_file}: the mail server's password cannot be read") from None
    if mode & 0o077:
        raise click.ClickException(f"{mail.password_file}: must be readable by its owner only (chmod 600)")
    return password
