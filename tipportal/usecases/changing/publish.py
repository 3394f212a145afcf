"""``publish``: reports of the follow-up leave the function (06). What is signed are the digests of what was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.followup.publications import MOST_NUMBER, MOST_TOGETHER, Draft, Published
from tipportal.domain.followup.report import REPORTS
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.reporting import document
from tipportal.usecases.context import Context

from .effect import Applied, Effect, Payload
from .payloads import exactly, text, wrong


def read(uow: UnitOfWork, payload: Payload) -> tuple[Sequence[Draft], str]:
    """The drafts in the order that they are published in, and the registry number. Raises FaultyChange.

    A draft whose document is not the one that was signed, or that does not reckon with what was published since, is
    not published: its hidden figures could be computed from both. Several are published at once only of one set, where
    each reckons with all of the others, and of each report one.
    """
    exactly(payload, {"drafts", "registry_number"})
    number = text(payload, "registry_number")
    if len(number) > MOST_NUMBER:
        raise wrong("registry_number")
    drafts = [_draft(uow, each) for each in _listed(payload)]
    if len(drafts) > 1 and (len({one.set_id for one in drafts}) > 1 or drafts[0].set_id is None):
        raise faulty(N_("Rapporter publiceras tillsammans bara när de är framtagna tillsammans."))
    if len({one.organisation_id for one in drafts}) < len(drafts):
        raise faulty(N_("Förslaget har samma rapport två gånger."))
    if any(one.after != uow.publications.how_many() for one in drafts):
        raise faulty(N_("En annan rapport har publicerats sedan underlaget togs fram. Ta fram det igen."))
    return drafts, number


def _listed(payload: Payload) -> Sequence[Payload]:
    raw = payload["drafts"]
    if not isinstance(raw, list | tuple) or not 1 <= len(raw) <= MOST_TOGETHER:
        raise wrong("drafts")
    listed = [each for each in raw if isinstance(each, Mapping)]
    if len(listed) < len(raw):
        raise wrong("drafts")
    return listed


def _draft(uow: UnitOfWork, named: Payload) -> Draft:
    exactly(named, {"draft", "digest"})
    draft = uow.publications.draft(text(named, "draft"))
    if draft is None:
        raise faulty(N_("Underlaget finns inte längre. Ta fram det igen."))
    if draft.digest.hex() != text(named, "digest"):
        raise faulty(N_("Underlaget är inte det som förslaget gäller."))
    return draft


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    del ctx
    read(uow, payload)


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    drafts, number = read(uow, payload)
    reports: list[Json] = []
    for place, draft in enumerate(drafts):
        published = Published(
            id=ctx.new_id(),
            position=draft.after + place,
            organisation_id=draft.organisation_id,
            kind=draft.kind,
            period=draft.period,
            size=draft.size,
            as_of=draft.as_of,
            digest=draft.digest,
            registry_number=number,
            change_id=change.id,
            published_at=ctx.clock(),
            together=draft.set_id is not None,
        )
        content = uow.publications.draft_content(draft.id)
        uow.publications.publish(published, content)
        reports.append(
            {
                "report": published.id,
                "kind": published.kind.value,
                "period": published.period,
                "scope": published.organisation_id,
                "size": published.size,
                "as_of": published.as_of.isoformat(),
                "digest": published.digest.hex(),
                # What stands there was checked when it was written; all of it takes too long here for many reports.
                "definitions": json.loads(content.document)["definitions"],
                "together": published.together,
            }
        )
    answer = {"publications": [one["report"] for one in reports if isinstance(one, Mapping)]}
    return Applied(EntryKind.REPORT_PUBLISHED, {"reports": reports, "number": number}, answer)


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    drafts, number = read(uow, payload)
    of = drafts[0]
    values: dict[str, object] = {"report": Sentence(REPORTS[of.kind]), "period": of.period, "number": number}
    if len(drafts) > 1:
        return [
            Sentence(
                N_("%(report)s %(period)s publiceras i %(many)d rapporter, diarienummer %(number)s."),
                {**values, "many": len(drafts)},
            ),
            Sentence(N_("Rapporterna syns för alla, och kan inte tas tillbaka. Rättelser görs i nya rapporter.")),
            *(line for one in drafts for line in _one_of_many(uow, one)),
        ]
    owner = _owner(uow, of)
    if owner is None:
        what = Sentence(N_("%(report)s %(period)s för hela portalen publiceras, diarienummer %(number)s."), values)
    else:
        what = Sentence(
            N_("%(report)s %(period)s för %(organisation)s publiceras, diarienummer %(number)s."),
            {**values, "organisation": owner},
        )
    return [
        what,
        Sentence(N_("Rapporten syns för alla, och kan inte tas tillbaka. Rättelser görs i en ny rapport.")),
        Sentence(N_("Kontrollsumma för det som publiceras: %(digest)s"), {"digest": of.digest.hex()}),
        *_edited(uow, of),
    ]


def _one_of_many(uow: UnitOfWork, draft: Draft) -> Iterator[Sentence]:
    """Whose report, its digest, and its edited texts."""
    whose = _owner(uow, draft) or Sentence(N_("Hela portalen"))
    yield Sentence(N_("%(whose)s. Kontrollsumma: %(digest)s"), {"whose": whose, "digest": draft.digest.hex()})
    for each in _edited(uow, draft):
        yield Sentence(N_("%(whose)s. %(what)s"), {"whose": whose, "what": each})


def _owner(uow: UnitOfWork, draft: Draft) -> str | None:
    owner = None if draft.organisation_id is None else uow.register.organisation_by_id(draft.organisation_id)
    return None if owner is None else owner.name


def _edited(uow: UnitOfWork, draft: Draft) -> Iterator[Sentence]:
    """The texts that people have written. A draft that nobody has edited has none, and is not read for it."""
    if draft.based_on is None:
        return
    report = document.decode(uow.publications.draft_content(draft.id).document)
    for section in report.sections:
        for one in section.paragraphs:
            if one.edited is not None:
                values = {"heading": section.title, "text": one.edited}
                yield Sentence(N_("Ändrad text under %(heading)s: %(text)s"), values)


EFFECT = Effect(ChangeKind.PUBLISH, _check, _apply, _tell, base=lambda uow: uow.publications.how_many())
