"""Forms that propose drafts of the follow-up for publishing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext
from wtforms import StringField
from wtforms.validators import Length

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.publications import MOST_NUMBER
from tipportal.domain.texts import N_
from tipportal.usecases import publishing
from tipportal.web.services import context

from . import sessions
from .administration_fields import Operation, choose, later, several, text_field
from .administration_standing import StandingForm

if TYPE_CHECKING:
    from tipportal.domain.handlinglog import Json
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
        return publishing.proposal([shown.draft], self.registry_number.data or "")


class PublishReports(PublishReport):
    """Drafts of a set are proposed for publishing at once: all, or those that are chosen."""

    heading = N_("Publicera flera rapporter")
    lead = N_(
        "När en annan administratör har godkänt kan alla läsa rapporterna. De kan inte tas tillbaka. "
        "Läs därför igenom underlagen först."
    )

    reports = several(
        N_("Rapporter"),
        N_("De som inte är valda kan publiceras senare, om de tas fram igen."),
        N_("Välj minst en rapport."),
    )
    registry_number = text_field(
        N_("Rapporternas diarienummer"), N_("Skriv diarienumret som rapporterna är registrerade under.")
    )

    def offer(self, survey: Survey, subject: str) -> None:
        """The newest draft of each report in the set. Raises NotFound."""
        names = {each.id: each.name for each in survey.organisations}
        drafts = publishing.draft_set(context(), sessions.me(), subject).drafts
        choose(
            self.reports,
            [(one.id, names.get(one.organisation_id or "") or gettext(N_("Hela portalen"))) for one in drafts],
        )

    def fill(self, survey: Survey, subject: str) -> None:  # noqa: ARG002
        """All are chosen at first."""
        self.reports.data = [str(choice[0]) for choice in self.reports.choices or []]

    def payload(self, survey: Survey, new_id: Callable[[], str], subject: str) -> Operation:  # noqa: ARG002
        """``publish``."""
        drafts = publishing.draft_set(context(), sessions.me(), subject).drafts
        chosen = [one for one in drafts if one.id in (self.reports.data or [])]
        return publishing.proposal(chosen, self.registry_number.data or "")


@dataclass(frozen=True, slots=True)
class ToRead:
    """A draft that a change publishes, and of whom: for whoever is about to approve."""

    draft_id: str
    whose: str


def to_read(payload: Mapping[str, Json], survey: Survey) -> list[ToRead]:
    """The drafts that a ``publish`` names, those that are there."""
    named = payload.get("drafts")
    ids = [each.get("draft") for each in named if isinstance(each, Mapping)] if isinstance(named, list) else []
    drafts = {one.id: one for one in publishing.drafts(context(), sessions.me())}
    names = {each.id: each.name for each in survey.organisations}
    found = [drafts[one] for one in ids if isinstance(one, str) and one in drafts]
    return [ToRead(one.id, names.get(one.organisation_id or "") or gettext(N_("Hela portalen"))) for one in found]
