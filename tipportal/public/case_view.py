"""A case as its source sees it: what the template shows, and what the page's script needs to show the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import url_for
from flask_babel import gettext

from tipportal.domain import deadlines
from tipportal.domain.cases import CaseState, GrantKind, RecordKind
from tipportal.domain.conversations import Reader, read_on
from tipportal.domain.intake import may_approve_minutes
from tipportal.domain.organisations import Channel
from tipportal.envelope.genesis import Role
from tipportal.usecases.context import Context
from tipportal.usecases.offers import Party
from tipportal.usecases.source_session import OpenedCase, OpenedRecord
from tipportal.web.uploads import file_data

from . import wording
from .attached import ShownFile, shown_files
from .filled import Asked, asked_of, heading, shown_text
from .questionnaire import AnswerLine, choice_labels, labels, lines
from .script_texts import CASE, MEMBER_CAME, MEMBER_LEFT, MEMBERS_SAME, translated

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
    read_on: date | None = None
    asked: Asked | None = None


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
    takes_files: bool
    may_approve: bool
    readers: tuple[str, ...]
    records: tuple[ShownRecord, ...] = field(repr=False)


def case_view(opened: OpenedCase, parties: Sequence[Party], functions: Mapping[str, str]) -> ShownCase:
    """An opened case as the page shows it, in this request's language. ``functions`` are names, by id."""
    case, asked = opened.view.case, asked_of(opened.records)
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
        due=deadlines.feedback_by(case.received_on, case.acknowledged_on, waived=case.ack_left_out is not None),
        due_label=gettext(wording.DUE_LABELS[case.channel]),
        due_meaning=gettext(wording.DUE[case.channel]),
        feedback_on=case.feedback_on,
        closed_on=case.closed_on,
        open=case.state is not CaseState.LOCKED,
        takes_files=opened.view.takes_files,
        may_approve=may_approve_minutes(opened.view.intake),
        readers=tuple(_readers(opened, functions)),
        records=(*_missing(opened), *(_record(opened, record, parties, asked) for record in opened.records)),
    )


def script_data(ctx: Context) -> dict[str, object]:
    """What the script of the case page is handed: addresses, words, and the labels of all answers."""
    with ctx.storage.read() as uow:
        installation_id = uow.installation_id() or b""
    return {
        "installation": installation_id.hex(),
        "api": {
            "case": url_for("public.api_case"),
            "directory": url_for("public.api_directory"),
            "records": url_for("public.api_case_records"),
            "read": url_for("public.api_case_read"),
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
        "forms": {name.value: gettext(text) for name, text in wording.FORMS.items()},
        "words": {one.value: gettext(text) for one, text in (*wording.MODES.items(), *wording.VERDICTS.items())},
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


def _readers(opened: OpenedCase, functions: Mapping[str, str]) -> Iterator[str]:
    """Who reads what is written now, by function: each as this case names them, never by name."""
    coming = opened.view.next
    # Who has left reads nothing that comes; the keys that make it so are made before the next message.
    members = [
        (member.id, member.function)
        for member in (opened.members[max(opened.members)] if coming is None else coming.members)
        if member.role.value == GrantKind.PANEL.value
    ]
    for function in dict.fromkeys(function for _, function in members):
        ids = ", ".join(member for member, named in members if named == function)
        yield gettext("%(function)s (%(ids)s)", function=functions.get(function, ""), ids=ids)


def _changes(opened: OpenedCase, epoch: int) -> str:
    """What a new epoch means for its source: who no longer reads, and who now does."""
    before, now = ([m.id for m in opened.members.get(n, ()) if m.role is Role.PANEL] for n in (epoch - 1, epoch))
    left = [gettext(MEMBER_LEFT, id=member) for member in before if member not in now]
    came = [gettext(MEMBER_CAME, id=member) for member in now if member not in before]
    return " ".join([*left, *came]) or gettext(MEMBERS_SAME)


def _record(
    case: OpenedCase, opened: OpenedRecord, parties: Sequence[Party], asked: Mapping[int, Asked]
) -> ShownRecord:
    record, channel = opened.record, case.view.case.channel
    # Of what the source wrote: the day on which somebody of the group had it open.
    read = read_on(record.seq, case.view.readings, Reader.GROUP) if record.author == "source" else None
    said = gettext(wording.KINDS.get(record.kind, wording.KINDS[RecordKind.MESSAGE]))
    text = opened.text if opened.form is None else shown_text(opened.form)
    begins = record.kind is RecordKind.EPOCH and opened.failed is None
    author = wording.author(record.author)
    return ShownRecord(
        author=author,
        author_name=gettext(wording.AUTHORS[author]),
        kind=record.kind.value,
        heading=said if opened.form is None else heading(opened.form),
        written_on=record.written_on,
        text=_changes(case, record.epoch) if begins else text,
        answers=lines(channel, opened.answers, parties) if opened.answers is not None else (),
        failed=opened.failed is not None,
        files=shown_files(opened),
        read_on=read,
        asked=asked.get(record.seq),
    )
