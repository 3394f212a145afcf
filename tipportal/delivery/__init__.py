"""Mail out of the house: implements ``ports.Post``. Nothing else of the program speaks to another machine."""

from __future__ import annotations

from .smtp import MailServer, SmtpPost
from .wording import CatalogueMissing, translator

__all__ = ["CatalogueMissing", "MailServer", "SmtpPost", "translator"]
