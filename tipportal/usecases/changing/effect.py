"""What a kind of change does: how a room of the program takes part in changes by two administrators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.cases import Case
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.usecases.context import Context
from tipportal.usecases.entries import system_entry

Payload: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Applied:
    """What happened: the entry that stands in the log, and ``answer``: what only the approver gets to see."""

    kind: EntryKind
    facts: Mapping[str, Json]
    answer: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Effect:
    """A kind of change.

    ``check`` raises a Refusal (FaultyChange with every fault) when it cannot be made now: at proposing and again right
    before it is made. ``apply`` makes it, in the approver's transaction, after the approval stands in the log. ``tell``
    says in sentences what it does, and what will be so afterwards. ``base`` is the version of what it builds on; it
    stays 0 for a kind that builds on nothing that moves. ``case``: the one case that it is about, and that is not there
    for those from whom it is hidden. ``confirm`` judges what the approver has said beside the
    signature and raises a Refusal; without it an approver who says something is refused.
    """

    kind: ChangeKind
    check: Callable[[Context, UnitOfWork, Payload], None]
    apply: Callable[[Context, UnitOfWork, Change, Payload], Applied]
    tell: Callable[[Context, UnitOfWork, Payload], Sequence[Sentence]]
    base: Callable[[UnitOfWork], int] = lambda _: 0
    case: Callable[[UnitOfWork, Payload], Case | None] = lambda _, __: None
    confirm: Callable[[Context, UnitOfWork, Payload, Payload], None] | None = None


def add_entry(
    ctx: Context,
    uow: UnitOfWork,
    change: Change,
    kind: EntryKind,
    facts: Mapping[str, Json],
    *,
    organisation_id: str | None = None,
) -> None:
    """Write an entry of a change's effect, with the change's id; by default for the organisation that decided it."""
    uow.log.append(system_entry(ctx, kind, {**facts, "change": change.id}, organisation_id or change.organisation_id))
