"""``publish``: a report of the follow-up leaves the function (06). What is signed is the digest of what was seen."""

from __future__ import annotations

from collections.abc import Sequence

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.followup.publications import MOST_NUMBER, Draft, Published
from tipportal.domain.followup.report import REPORTS
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.reporting import document
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import exactly, text, wrong


def read(uow: UnitOfWork, payload: Payload) -> tuple[Draft, str]:
    """The draft and the registry number. Raises FaultyChange.

    A draft whose document is not the one that was signed, or that does not reckon with what was published since, is
    not published: its hidden figures could be computed from both.
    """
    exactly(payload, {"draft", "digest", "registry_number"})
    number = text(payload, "registry_number")
    if len(number) > MOST_NUMBER:
        raise wrong("registry_number")
    draft = uow.publications.draft(text(payload, "draft"))
    if draft is None:
        raise faulty(N_("Underlaget finns inte längre. Ta fram det igen."))
    if draft.digest.hex() != text(payload, "digest"):
        raise faulty(N_("Underlaget är inte det som förslaget gäller."))
    if draft.after != uow.publications.how_many():
        raise faulty(N_("En annan rapport har publicerats sedan underlaget togs fram. Ta fram det igen."))
    return draft, number


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    read(uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    draft, number = read(uow, payload)
    published = Published(
        id=ctx.new_id(),
        position=draft.after,
        organisation_id=draft.organisation_id,
        kind=draft.kind,
        period=draft.period,
        size=draft.size,
        as_of=draft.as_of,
        digest=draft.digest,
        registry_number=number,
        change_id=change.id,
        published_at=ctx.clock(),
    )
    content = uow.publications.draft_content(draft.id)
    uow.publications.publish(published, content)
    facts: dict[str, Json] = {
        "report": published.id,
        "kind": published.kind.value,
        "period": published.period,
        "scope": published.organisation_id,
        "size": published.size,
        "as_of": published.as_of.isoformat(),
        "digest": published.digest.hex(),
        "definitions": document.decode(content.document).definitions,
        "number": number,
    }
    return Applied(EntryKind.REPORT_PUBLISHED, facts, {"publication": published.id})


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    draft, number = read(uow, payload)
    owner = None if draft.organisation_id is None else uow.register.organisation_by_id(draft.organisation_id)
    values: dict[str, object] = {"report": Sentence(REPORTS[draft.kind]), "period": draft.period, "number": number}
    if owner is None:
        what = Sentence(N_("%(report)s %(period)s för hela portalen publiceras, diarienummer %(number)s."), values)
    else:
        what = Sentence(
            N_("%(report)s %(period)s för %(organisation)s publiceras, diarienummer %(number)s."),
            {**values, "organisation": owner.name},
        )
    report = document.decode(uow.publications.draft_content(draft.id).document)
    return [
        what,
        Sentence(N_("Rapporten syns för alla, och kan inte tas tillbaka. Rättelser görs i en ny rapport.")),
        Sentence(N_("Kontrollsumma för det som publiceras: %(digest)s"), {"digest": draft.digest.hex()}),
        *(
            Sentence(N_("Ändrad text under %(heading)s: %(text)s"), {"heading": section.title, "text": one.edited})
            for section in report.sections
            for one in section.paragraphs
            if one.edited is not None
        ),
    ]


EFFECT = Effect(ChangeKind.PUBLISH, _check, _apply, _tell, base=lambda uow: uow.publications.how_many())
