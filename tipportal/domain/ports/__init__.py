"""What the use cases need from outside, as protocols: this is the whole of it."""

from __future__ import annotations

from .accounts import Accounts
from .acts import Log, Proposals
from .cases import Cases, Row
from .changes import Changes
from .checkpoints import Checkpoints
from .directory import Directory
from .duties import Duties
from .files import Attachments, Uploads, WaitingFile
from .register import Register
from .separations import Separations
from .trustees import Trustees
from .units import Clock, RandomBytes, Storage, UnitOfWork, Versions
from .vaults import Vaults
from .ways import Ways

__all__ = [
    "Accounts",
    "Attachments",
    "Cases",
    "Changes",
    "Checkpoints",
    "Clock",
    "Directory",
    "Duties",
    "Log",
    "Proposals",
    "RandomBytes",
    "Register",
    "Row",
    "Separations",
    "Storage",
    "Trustees",
    "UnitOfWork",
    "Uploads",
    "Vaults",
    "Versions",
    "WaitingFile",
    "Ways",
]
