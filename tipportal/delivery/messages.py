"""A letter as the bytes that the mail server is given (RFC 5322, RFC 2045): plain text, and nothing of us beside it.

Nothing names the machine or the program, no picture and no link is followed, and the date is the hour that the letter
is for, whenever it is sent. The text is in base64, so that its length is the same whatever stands in it.
"""

from __future__ import annotations

from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from tipportal.domain.notices import Letter, sent_on


class UnusableAddress(ValueError):
    """No letter can be addressed to this."""


def read_address(text: str) -> Address:
    """One mail address without a name, in ASCII. Raises UnusableAddress for what a server could read as another.

    A domain is written as the name system knows it (IDNA); before the at sign few servers take other letters.
    """
    local, _, domain = text.rpartition("@")
    try:
        plain = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
        address = Address(addr_spec=plain)
    except (HeaderParseError, MessageDefect, ValueError, IndexError):
        raise UnusableAddress(text) from None
    if address.addr_spec != plain or not address.domain or not set(plain).isdisjoint('<>,;"() \t\r\n'):
        raise UnusableAddress(text)
    return address


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """The message. ``sender`` stands in it as who it is from. Raises UnusableAddress."""
    to, origin = read_address(letter.to), read_address(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Tipsportalen", origin.username, origin.domain)
    message["To"] = to
    message["Subject"] = letter.subject
    message["Date"] = sent_on(letter.due)
    # The same each time that the letter is tried, so that the recipient's server can drop what comes twice; by the
    # sender's own domain, since the usual one is the machine's name.
    message["Message-ID"] = f"<{letter.id}@{origin.domain}>"
    # RFC 3834: no answers from machines; the second is what Exchange looks at.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, charset="utf-8", cte="base64")
    return message
