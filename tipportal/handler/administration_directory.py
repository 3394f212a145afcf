"""The form that proposes the next directory: there is nothing to fill in, it follows from the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_
from tipportal.usecases import directory
from tipportal.web.services import context

from .administration_fields import Operation
from .administration_standing import StandingForm

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey


class PublishDirectory(StandingForm):
    """The next version of the handler directory."""

    kind = ChangeKind.DIRECTORY
    heading = N_("Publicera katalogen")
    lead = N_(
        "Katalogen säger vilka handläggare som finns och vilka nycklar de har. Den gäller i 35 dagar. En ny "
        "handläggare får ärenden först när namnet står i den. Innehållet följer av registret. "
        "Två administratörer skriver under."
    )

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``directory``, as the register and the accounts are now. Empty without a root: the check then says so."""
        try:
            return dict(directory.next_snapshot(context()).payload)
        except Invalid:
            return {}
