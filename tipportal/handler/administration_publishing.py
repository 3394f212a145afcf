"""The form that proposes a draft of the follow-up for publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wtforms import StringField
from wtforms.validators import Length

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.publications import MOST_NUMBER
from tipportal.domain.texts import N_
from tipportal.usecases import publishing
from tipportal.web.services import context

from . import sessions
from .administration_fields import Operation, later, text_field
from .administration_standing import StandingForm

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey


class PublishReport(StandingForm):
    """A draft is proposed for publishing: the report's digest is what both sign."""

    kind = ChangeKind.PUBLISH
    section = "handler.followup"
    heading = N_("Publicera uppföljningen")
    lead = N_(
        "När en annan administratör har godkänt kan alla läsa rapporten. Den kan inte tas tillbaka. "
        "Läs därför igenom hela underlaget först."
    )
    needs_subject = True

    registry_number = text_field(
        N_("Rapportens diarienummer"), N_("Skriv diarienumret som rapporten är registrerad under.")
    )

    def offer(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """Nothing to choose; a draft that is not there has no form. Raises NotFound."""
        publishing.draft(context(), sessions.me(), subject)

    def validate_registry_number(self, field: StringField) -> None:
        """A registry number is short."""
        Length(max=MOST_NUMBER, message=later(N_("Högst 60 tecken.")))(self, field)

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``publish``."""
        shown = publishing.draft(context(), sessions.me(), subject)
        return {
            "draft": subject,
            "digest": shown.draft.digest.hex(),
            "registry_number": self.registry_number.data,
        }
