"""A way out for letters from a story, to a mail server on this machine."""

from __future__ import annotations

import base64
from datetime import time
from typing import Any

from tests.support.mail import Running, Taken
from tests.support.story import Story
from tipportal.delivery import SmtpPost, translator
from tipportal.usecases.posting import Outgoing

ADDRESS = "https://handlaggare.example/handlaggare/"
AUDITORS = "revision@bjorkvik.example"
LANGUAGES = ("sv", "en")
MORNING_AFTER = 22 * 3600
"""From the clock of a story, a Monday past the hour of the digest, to the next morning's."""


def outgoing(running: Running, *, auditors: str = "") -> Outgoing:
    """How a story's letters go out."""
    return Outgoing(SmtpPost(running.server), ADDRESS, auditors, time(7, 30), LANGUAGES, translator(LANGUAGES))


def text(taken: Taken) -> str:
    """What stands in a letter, as it is read."""
    return base64.b64decode(taken.body).decode()


def waiting(story: Story) -> list[dict[str, Any]]:
    """The rows of letters that nobody has sent."""
    return [row for row in story.contents()["outbox"] if row["state"].value == "waiting"]


def empty(story: Story) -> None:
    """Leave no letter from staffing the installation."""
    with story.sql() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
