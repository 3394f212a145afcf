"""A case as its source sees it: what the template shows, and what the page's script needs to show the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import url_for
from flask_babel import gettext

from tipportal.domain import deadlines
from tipportal.domain.cases import CaseState, GrantKind, RecordKind
from tipportal.domain.organisations import Channel
from tipportal.usecases.context import Context
from tipportal.usecases.offers import Party
from tipportal.usecases.source_session import OpenedCase, OpenedRecord
from tipportal.web.uploads import file_data

from . import wording
from .attached import ShownFile, shown_files
from .questionnaire import AnswerLine, choice_labels, labels, lines
from .script_texts import CASE, translated

MESSAGE_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record of the dialogue: its text or its answers, or that it could not be verified."""

    author: str
    author_name: str
    kind: str
    heading: str
    written_on: date
    text: str | None = field(repr=False)
    answers: Sequence[AnswerLine] = field(repr=False)
    failed: bool
    files: Sequence[ShownFile] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case: its state in plain words, its dates, its dialogue."""

    reference: str
    organisation: str
    channel: str
    state: str
    meaning: str
    sealed_by: str
    sealed: str
    received_on: date
    acknowledged_on: date | None
    due: deadlines.Deadline
    due_label: str
    due_meaning: str
    feedback_on: date | None
    closed_on: date | None
    open: bool
    records: tuple[ShownRecord, ...] = field(repr=False)


def case_view(opened: OpenedCase, parties: Sequence[Party]) -> ShownCase:
    """An opened case as the page shows it, in this request's language."""
    case = opened.view.case
    return ShownCase(
        reference=case.reference,
        organisation=opened.view.organisation.name,
        channel=case.channel.value,
        state=gettext(wording.STATES[case.state]),
        meaning=gettext(wording.MEANINGS[case.state]),
        sealed_by=case.sealed_by.value,
        sealed=gettext(wording.SEALED[case.sealed_by]),
        received_on=case.received_on,
        acknowledged_on=case.acknowledged_on,
        due=deadlines.feedback_by(case.received_on, case.acknowledged_on),
        due_label=gettext(wording.DUE_LABELS[case.channel]),
        due_meaning=gettext(wording.DUE[case.channel]),
        feedback_on=case.feedback_on,
        closed_on=case.closed_on,
        open=case.state is not CaseState.LOCKED,
        records=(*_missing(opened), *(_record(record, case.channel, parties) for record in opened.records)),
    )


def script_data(ctx: Context) -> dict[str, object]:
    """What the script of the case page is handed: addresses, words, and the labels of all answers."""
    with ctx.storage.read() as uow:
        installation_id = uow.installation_id() or b""
    return {
        "installation": installation_id.hex(),
        "api": {
            "case": url_for("public.api_case"),
            "records": url_for("public.api_case_records"),
            # Beside the records, as `docs/protocol.md` names it.
            "epochs": f"{url_for('public.api_case')}/epochs",
            "token": url_for("public.api_form_token"),
            "uploads": url_for("public.api_uploads"),
        },
        "files": file_data(),
        "limit": MESSAGE_LENGTH,
        "texts": translated(CASE),
        "states": {state.value: gettext(text) for state, text in wording.STATES.items()},
        "meanings": {state.value: gettext(text) for state, text in wording.MEANINGS.items()},
        "due": {channel.value: gettext(text) for channel, text in wording.DUE.items()},
        "due_labels": {channel.value: gettext(text) for channel, text in wording.DUE_LABELS.items()},
        "sealed": {sealer.value: gettext(text) for sealer, text in wording.SEALED.items()},
        "authors": {author: gettext(text) for author, text in wording.AUTHORS.items()},
        "kinds": {kind.value: gettext(text) for kind, text in wording.KINDS.items()},
        "labels": {channel.value: labels(channel) for channel in Channel},
        # The choices of a report are those of a tip and some more, so one table serves both.
        "choices": choice_labels(Channel.TIP) | choice_labels(Channel.REPORT),
    }


def _missing(opened: OpenedCase) -> Sequence[ShownRecord]:
    # Every dialogue begins with what was sent in. One that the database has lost has no row that could fail.
    if any(record.record.seq == 0 for record in opened.records):
        return ()
    author = wording.author(GrantKind.SOURCE)
    return (
        ShownRecord(
            author=author,
            author_name=gettext(wording.AUTHORS[author]),
            kind=RecordKind.REPORT.value,
            heading=gettext(wording.KINDS[RecordKind.REPORT]),
            written_on=opened.view.case.received_on,
            text=None,
            answers=(),
            failed=True,
        ),
    )


def _record(opened: OpenedRecord, channel: Channel, parties: Sequence[Party]) -> ShownRecord:
    record = opened.record
    author = wording.author(record.author)
    return ShownRecord(
        author=author,
        author_name=gettext(wording.AUTHORS[author]),
        kind=record.kind.value,
        heading=gettext(wording.KINDS.get(record.kind, wording.KINDS[RecordKind.MESSAGE])),
        written_on=record.written_on,
        text=opened.text,
        answers=lines(channel, opened.answers, parties) if opened.answers is not None else (),
        failed=opened.failed is not None,
        files=shown_files(opened),
    )
