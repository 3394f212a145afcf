"""The lines of checkpoints: a new key and an acknowledgement leave an entry, what only looks or exports none."""

from __future__ import annotations

import io

from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.domain.accounts import Account, Role
from tipportal.domain.checkpoints import KeptCheckpoint
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import checkpoints, logexport


def _signer(world: World, seed: int) -> NoteSigner:
    return NoteSigner(checkpoints.origin(world.story.handler), bytes([seed]) * 32)


def _auditor(world: World) -> Account:
    return next(each.account for each in world.story.municipality.members if each.account.role is Role.AUDITOR)


def _kept(world: World, seed: int) -> KeptCheckpoint:
    return checkpoints.make(world.story.handler, _signer(world, seed))


# First of all: while there is none, the day's is due without the clock having to move for the other lines.
@line("checkpoints.make_if_due", E.LOG_KEY_SET)
def _make_if_due(world: World) -> Act:
    return lambda: checkpoints.make_if_due(world.story.handler, _signer(world, 1))


@line("checkpoints.make", E.LOG_KEY_SET)
def _make(world: World) -> Act:
    return lambda: checkpoints.make(world.story.handler, _signer(world, 2))


@line("checkpoints.confirm", E.CHECKPOINT_ACKNOWLEDGED)
def _confirm(world: World) -> Act:
    kept = _kept(world, 3)
    return lambda: checkpoints.confirm(world.story.handler, _auditor(world), kept.size)


@line("checkpoints.confirm_text", E.CHECKPOINT_ACKNOWLEDGED)
def _confirm_text(world: World) -> Act:
    kept = _kept(world, 4)
    return lambda: checkpoints.confirm_text(world.story.handler, _auditor(world), kept.note)


@line("checkpoints.one_of_size")
def _one_of_size(world: World) -> Act:
    kept = _kept(world, 5)
    return lambda: checkpoints.one_of_size(world.story.handler, kept.size)


reads("checkpoints.due_mail", lambda world: checkpoints.due_mail(world.story.handler))
reads("checkpoints.newest", lambda world: checkpoints.newest(world.story.handler))
reads("checkpoints.origin", lambda world: checkpoints.origin(world.story.handler))
reads("checkpoints.overview", lambda world: checkpoints.overview(world.story.handler, _auditor(world)))
reads("checkpoints.published_key", lambda world: checkpoints.published_key(world.story.handler))
reads("checkpoints.state", lambda world: checkpoints.state(world.story.handler))
reads("logexport.export", lambda world: logexport.export(world.story.handler, io.BytesIO()))
