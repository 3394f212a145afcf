"""What the use cases need from outside, as protocols: this is the whole of it."""

from __future__ import annotations

from .accounts import Accounts
from .acts import Log, Proposals
from .care import Care
from .cases import Cases, Row
from .changes import Changes
from .checkpoints import Checkpoints
from .conversations import Conversations
from .directory import Directory
from .duties import Duties
from .files import Attachments, Uploads, WaitingFile
from .intakes import Intakes
from .notices import Mailer, Outbox, Post
from .pressing import Pressing
from .publications import Publications
from .register import Register
from .retention import Diary, Disclosures, Retention
from .separations import Separations
from .triage import Alarms, Awaiting, Links, Triages
from .trustees import Trustees
from .units import Clock, RandomBytes, Storage, UnitOfWork, Versions
from .vaults import Vaults
from .ways import Ways
from .work import Handovers, Measures, Reopenings, Worklists

__all__ = [
    "Accounts",
    "Alarms",
    "Attachments",
    "Awaiting",
    "Care",
    "Cases",
    "Changes",
    "Checkpoints",
    "Clock",
    "Conversations",
    "Diary",
    "Directory",
    "Disclosures",
    "Duties",
    "Handovers",
    "Intakes",
    "Links",
    "Log",
    "Mailer",
    "Measures",
    "Outbox",
    "Post",
    "Pressing",
    "Proposals",
    "Publications",
    "RandomBytes",
    "Register",
    "Reopenings",
    "Retention",
    "Row",
    "Separations",
    "Storage",
    "Triages",
    "Trustees",
    "UnitOfWork",
    "Uploads",
    "Vaults",
    "Versions",
    "WaitingFile",
    "Ways",
    "Worklists",
]
