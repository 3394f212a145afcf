"""Entries as the log has them, and what the follow-up makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

from tests.support.story import Story
from tipportal.domain.followup.facts import CaseFacts, Folded
from tipportal.domain.followup.folding import Fold
from tipportal.domain.handlinglog import Entry, EntryKind, Json

ORGANISATION = "c" * 32
_COMPARED = {
    "organisation_id": "organisation", "authority_id": "authority", "channel": "channel", "covered": "covered",
    "outcome": "outcome", "feedback_on": "feedback",
}  # fmt: skip
"""Columns of a case with what the follow-up calls them. Other days are moved by tests behind the program's back."""


def body(
    kind: EntryKind,
    time: str,
    facts: Mapping[str, Json] | None = None,
    *,
    actor: str = "system",
    case: str | None = "AAA-AAA-AAA",
    organisation: str | None = ORGANISATION,
) -> dict[str, Json]:
    """The members of an entry but for its index. ``time`` is a date, or an instant in UTC."""
    made = Entry(kind, date(2000, 1, 1), actor, organisation, case, facts or {}).body()
    return {**made, "time": time}


def received(day: str, channel: str = "tip", case: str = "AAA-AAA-AAA", **facts: Json) -> dict[str, Json]:
    """A receipt."""
    told: dict[str, Json] = {"channel": channel, "authority": ORGANISATION, "area": "inkop", "sealed_by": "browser"}
    return body(EntryKind.CASE_RECEIVED, day, {**told, **facts}, actor="source", case=case)


def folded(bodies: Iterable[dict[str, Json]]) -> Folded:
    """What entries in this order say."""
    fold = Fold()
    for index, each in enumerate(bodies):
        fold.take(index, each)
    return fold.folded


def only(bodies: Iterable[dict[str, Json]]) -> CaseFacts:
    """What entries say of the one case that they are of."""
    (case,) = folded(bodies).cases.values()
    return case


def of_log(story: Story) -> Folded:
    """What the log of an installation says."""
    fold = Fold()
    with story.database.read() as uow:
        for index, data in uow.log.entries():
            fold.take(index, json.loads(data))
    return fold.folded


def agrees(story: Story, found: Folded) -> None:
    """Assert that every case stands in the database as the log says; one whose receipt waits is in neither."""
    waiting = {
        told["case"]
        for row in story.contents()["pending_entries"]
        if (told := json.loads(row["data"]))["kind"] == EntryKind.CASE_RECEIVED
    }
    kept = {
        row["reference"]: [row[column] for column in _COMPARED]
        for row in story.contents()["cases"]
        if row["reference"] not in waiting
    }
    said = {
        case.reference: [getattr(case, name) for name in _COMPARED.values()]
        for case in found.cases.values()
        if case.disposed is None
    }
    assert said == kept
