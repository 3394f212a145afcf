"""An opened case in the words of a package: who wrote as functions, answers under their questions, days as days."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tipportal.archive.content import (
    ArchivedCase,
    ArchivedFile,
    Direction,
    Disposal,
    Document,
    LogLine,
    LogProof,
    Say,
)
from tipportal.archive.package import Room
from tipportal.domain.cases import Outcome
from tipportal.domain.files import safe_name
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import Question, questions
from tipportal.domain.texts import N_
from tipportal.envelope.bodies import FactsBody, FormBody, NoticeBody, ReportBody, TextBody
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.reading import FailedRecord, ReadRecord, VerifiedRecord
from tipportal.envelope.records import SOURCE, STAFF, Attachment, Kind, Stream
from tipportal.handler.wording import ACTORS, CHANNELS, ENTRIES, OUTCOMES

from .archive_opening import Bundle, OpenedCase
from .sealed_case import VerifiedCase

TITLES = {
    Kind.REPORT: N_("Det som lämnades in"),
    Kind.MESSAGE: N_("Meddelande"),
    Kind.FEEDBACK: N_("Återkoppling"),
    Kind.NOTICE: N_("Besked om ett beslut"),
    Kind.FACTS: N_("Val som avgjorde vem som fick ärendet"),
    Kind.TITLE: N_("Rubrik"),
    Kind.NOTE: N_("Intern anteckning"),
    Kind.ASSESSMENT: N_("Bedömning med skäl"),
    Kind.FORM: N_("Ifyllt formulär"),
}
FORMS = {
    "measure": N_("Åtgärd"),
    "checklist": N_("Checklista"),
    "handover": N_("Överlämnande"),
    "reopening_declined": N_("Beslut att inte öppna igen"),
    "minutes": N_("Dokumentation av en muntlig rapport eller ett möte"),
    "minutes_answer": N_("Svar om dokumentationen"),
    "slots": N_("Förslag på mötestider"),
    "slot_choice": N_("Svar om mötestid"),
    "subject_right": N_("Begäran från den som uppgifterna gäller"),
    "triage": N_("Uppgifter om ärendet"),
}
FIELDS = {
    "basis": N_("Rättslig grund"),
    "checklist": N_("Checklista"),
    "content": N_("Innehåll"),
    "description": N_("Beskrivning"),
    "done": N_("Bockat av"),
    "kind": N_("Slag"),
    "mode": N_("Sätt"),
    "notes": N_("Anteckningar"),
    "reasons": N_("Skäl"),
    "recipient": N_("Mottagare"),
    "slot": N_("Vald tid"),
    "slots": N_("Tider"),
    "text": "",
    "to": N_("Till"),
    "verdict": N_("Svar"),
    "weighing": N_("Intresseavvägning"),
    "why_skipped": N_("Varför steg hoppades över"),
}
FACTS = {"area": N_("Område"), "subject_role": N_("Roll"), "concerns": N_("Berör")}
_PROTECTED = N_("Skyddad uppgift")
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}\Z")
_DATE_LENGTH = len("2026-01-31")
_KEYS_ONLY = (Kind.GENESIS, Kind.EPOCH)


class Describer:
    """Makes the documents of a package out of a case's records, and puts their texts and files into its room."""

    def __init__(self, bundle: Bundle, opened: OpenedCase, room: Room, say: Say) -> None:
        """Take what is to be described, and where it goes."""
        self._bundle, self._opened, self._room, self._say = bundle, opened, room, say
        self._places: Mapping[str, str] = bundle.content["places"]
        self._channel = Channel(str(bundle.content["channel"]))

    def case(self, proof: LogProof, language: str) -> ArchivedCase:
        """The whole case."""
        content, say = self._bundle.content, self._say
        outcome = content["outcome"]
        closed_on = content["closed_on"]
        kept = content["kept"]
        channel = say(CHANNELS[self._channel])
        return ArchivedCase(
            reference=self._bundle.reference,
            installation=str(content["installation"]),
            language=language,
            title=self._title(),
            channel=channel,
            is_report=self._channel is Channel.REPORT,
            organisation=str(content["organisation"]["name"]),
            authority=str(content["authority"]),
            registry_number=content["registry_number"],
            received_on=date.fromisoformat(content["received_on"]),
            closed_on=None if closed_on is None else date.fromisoformat(closed_on),
            outcome="" if outcome is None else say(OUTCOMES[Outcome(outcome)]),
            functions=tuple(sorted(set(self._opened.functions.values()))),
            facts=tuple(self._facts(channel, outcome)),
            documents=tuple(self._documents()),
            log=tuple(self._log()),
            proof=proof,
            disposal=None
            if kept is None
            else Disposal(kept["decision"] == "preserve", str(kept["number"]), date.fromisoformat(kept["on"])),
        )

    def _title(self) -> str:
        titles = [
            record.body.text
            for record in self._opened.case.work
            if isinstance(record, VerifiedRecord)
            and record.header.kind is Kind.TITLE
            and isinstance(record.body, TextBody)
        ]
        return titles[-1] if titles else self._say(N_("Ärende %(reference)s")) % {"reference": self._bundle.reference}

    def _facts(self, channel: str, outcome: str | None) -> Iterator[tuple[str, str]]:
        content, say = self._bundle.content, self._say
        yield say(N_("Ärende")), self._bundle.reference
        if content["registry_number"] is not None:
            yield say(N_("Diarienummer")), str(content["registry_number"])
        yield say(N_("Kanal")), channel
        yield say(N_("Organisation")), str(content["organisation"]["name"])
        yield say(N_("Myndighet")), str(content["authority"])
        yield say(N_("Kom in")), str(content["received_on"])
        for label, key in ((N_("Återkoppling gavs"), "feedback_on"), (N_("Avslutades"), "closed_on")):
            if content[key] is not None:
                yield say(label), str(content[key])
        if outcome is not None:
            yield say(N_("Utfall")), say(OUTCOMES[Outcome(outcome)])
        if content["covered"] is not None:
            yield say(N_("Omfattas av lag (2021:890)")), say(N_("Ja")) if content["covered"] else say(N_("Nej"))
        yield say(N_("Handläggs av")), ", ".join(sorted(set(self._opened.functions.values())))
        if content["kept"] is not None:
            preserved = content["kept"]["decision"] == "preserve"
            decided = say(N_("Bevaras enligt %(number)s")) if preserved else say(N_("Gallras enligt %(number)s"))
            yield say(N_("Beslut om bevarande")), decided % {"number": content["kept"]["number"]}

    def _documents(self) -> Iterator[Document]:
        number = 0
        for stream, record in _in_order(self._opened.case):
            if isinstance(record, VerifiedRecord) and record.header.kind in _KEYS_ONLY:
                continue
            number += 1
            if isinstance(record, FailedRecord):
                yield self._failed(stream, record, number)
            else:
                yield self._document(record, number)

    def _failed(self, stream: Stream, record: FailedRecord, number: int) -> Document:
        say = self._say
        fault = say(N_("Posten går inte att lita på (%(reason)s). Den återges inte.")) % {"reason": record.reason}
        return Document(
            id=f"{stream.value}-{record.seq}",
            number=number,
            title=say(N_("Post som inte stämmer")),
            on=None,
            direction=Direction.INTERNAL,
            agent=say(N_("Okänd")),
            by_source=False,
            sections=(),
            text=None,
            fault=fault,
        )

    def _document(self, record: VerifiedRecord, number: int) -> Document:
        head, say = record.header, self._say
        by_source = head.author == SOURCE
        title = say(TITLES[head.kind])
        if isinstance(record.body, FormBody):
            title = say(FORMS.get(record.body.form, TITLES[Kind.FORM]))
        sections = tuple((label, text) for label, text in self._sections(record) if text)
        key = f"{head.stream.value}-{head.seq}"
        files, faults = [], []
        for position, attachment in enumerate(head.attachments):
            kept = self._file(head.stream, head.seq, position, attachment)
            if kept is None:
                faults.append(
                    say(N_("Filen %(name)s går inte att öppna och ingår inte.")) % {"name": safe_name(attachment.name)}
                )
            else:
                files.append(kept)
        agent = say(_PROTECTED) if by_source else self._agent(head.author)
        plain = "\n\n".join("\n".join(part for part in section if part) for section in sections)
        text = f"{title}\n{head.at.isoformat()}, {agent}\n\n{plain}\n"
        return Document(
            id=key,
            number=number,
            title=title,
            on=head.at,
            direction=_direction(head.stream, by_source=by_source),
            agent=agent,
            by_source=by_source,
            sections=sections,
            text=self._room.keep_text(f"{key}.txt", f"{title}.txt", text),
            files=tuple(files),
            fault=" ".join(faults),
        )

    def _agent(self, author: str) -> str:
        """The function of a pseudonym. Of one who signed as the whole panel it is all of them."""
        if author == STAFF:
            return ", ".join(sorted(set(self._opened.functions.values())))
        return f"{self._opened.functions.get(author, self._say(N_('Ärendegruppen')))} ({author})"

    def _file(self, stream: Stream, seq: int, position: int, attachment: Attachment) -> ArchivedFile | None:
        name = safe_name(attachment.name)
        extension = _EXTENSION.search(name.lower())
        path = f"{stream.value}-{seq}-{position + 1}{extension.group() if extension else ''}"
        try:
            self._bundle.open_file(stream.value, seq, position, attachment, self._room.data / path)
        except (EnvelopeError, KeyError):
            return None
        return self._room.kept(path, name, attachment.type or "application/octet-stream")

    def _sections(self, record: VerifiedRecord) -> Iterator[tuple[str, str]]:
        body, say = record.body, self._say
        if isinstance(body, TextBody | NoticeBody):
            yield "", body.text
        elif isinstance(body, ReportBody):
            asked = questions(Channel(body.form.value))
            for name, answer in body.answers.items():
                question = asked.get(name)
                yield say(question.label) if question else name, self._answers(answer, question)
        elif isinstance(body, FormBody):
            for name, answer in body.answers.items():
                label = FIELDS.get(name, name)
                yield say(label) if label else "", self._answers(answer, None)
        elif isinstance(body, FactsBody):
            asked = questions(self._channel)
            for name, label in FACTS.items():
                yield say(label), self._answers(getattr(body, name), asked.get(name))

    def _answers(self, answer: str | tuple[str, ...], question: Question | None) -> str:
        words = {} if question is None else {choice.value: choice.label for choice in question.choices}
        given = [answer] if isinstance(answer, str) else [*answer]
        return ", ".join(self._say(words[one]) if words.get(one) else self._place(one) for one in given)

    def _place(self, value: str) -> str:
        kind, _, key = value.partition(":")
        return self._places.get(key, value) if kind in ("unit", "function") else value

    def _log(self) -> Iterator[LogLine]:
        for one in self._bundle.content["log"]["entries"]:
            body: Mapping[str, Any] = json.loads(base64.b64decode(one["entry"]))
            actor = str(body["actor"])
            who = ACTORS.get(actor, N_("Handläggare"))
            what = ENTRIES[EntryKind(str(body["kind"]))]
            yield LogLine(int(one["index"]), _when(str(body["time"])), self._say(who), self._say(what))


def faults_of(case: ArchivedCase) -> Sequence[str]:
    """What is wrong with a case that has been made into a package, one line each."""
    return [f"{document.number}. {document.title}: {document.fault}" for document in case.documents if document.fault]


def _in_order(case: VerifiedCase) -> list[tuple[Stream, ReadRecord]]:
    """Both streams by day, each in its own order: what cannot be trusted stands where its stream has it."""
    placed: list[tuple[date, int, int, Stream, ReadRecord]] = []
    for rank, (stream, records) in enumerate(((Stream.DIALOGUE, case.dialogue), (Stream.WORK, case.work))):
        day = date.min
        for place, record in enumerate(records):
            day = max(day, record.header.at) if isinstance(record, VerifiedRecord) else day
            placed.append((day, rank, place, stream, record))
    return [(stream, record) for *_, stream, record in sorted(placed, key=lambda one: one[:3])]


def _direction(stream: Stream, *, by_source: bool) -> Direction:
    if by_source:
        return Direction.INCOMING
    return Direction.OUTGOING if stream is Stream.DIALOGUE else Direction.INTERNAL


def _when(time: str) -> str:
    if len(time) == _DATE_LENGTH:
        return time
    return datetime.fromisoformat(time).astimezone(_STOCKHOLM).strftime("%Y-%m-%d %H:%M")
