"""What a source is shown when a case has been acknowledged: the reference, the secret code, dates, who received."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tipportal.domain import deadlines
from tipportal.domain.organisations import Channel
from tipportal.envelope.casecode import CaseCode
from tipportal.usecases import source_session
from tipportal.usecases.dialogue import SourceView
from tipportal.usecases.offers import ChannelPage


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmation to show. ``words`` are the nine words of the code in order."""

    organisation: str
    channel: Channel
    reference: str
    words: tuple[str, ...] = field(repr=False)
    received_on: date
    feedback_by: date
    functions: tuple[str, ...]
    sealed_by: str
    fingerprint: tuple[str, ...] = ()

    @classmethod
    def of_receipt(
        cls, page: ChannelPage, done: source_session.Confirmation, fingerprint: tuple[str, ...]
    ) -> Confirmation:
        """The confirmation of a form that the server has just sealed. ``fingerprint``: of the directory's root."""
        return cls(
            organisation=page.organisation.name,
            channel=page.channel,
            reference=done.receipt.reference,
            words=done.code.words,
            received_on=done.receipt.received_on,
            feedback_by=done.receipt.feedback_by,
            functions=done.function_names,
            sealed_by="server",
            fingerprint=fingerprint,
        )

    @classmethod
    def of_case(cls, view: SourceView, code: CaseCode) -> Confirmation:
        """The confirmation of a case that was there before."""
        case = view.case
        return cls(
            organisation=view.organisation.name,
            channel=case.channel,
            reference=case.reference,
            words=code.words,
            received_on=case.received_on,
            feedback_by=deadlines.feedback_by(case.received_on, case.acknowledged_on).strict,
            functions=(),
            sealed_by=case.sealed_by.value,
        )
