"""Checkpoints of the handling log (05): made, kept, due to be mailed, acknowledged by auditors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tipportal.domain.accounts import Account
from tipportal.domain.checkpoints import (
    AcknowledgedBy,
    Acknowledgement,
    Checkpoint,
    KeptCheckpoint,
    Mailing,
    Witnessing,
    is_due,
    month_of,
    origin_of,
    witnessing,
)
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import AlreadyDecided, Conflict, Invalid, LogDisagrees, NotFound
from tipportal.domain.handlinglog import EntryKind, Json, root_of
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import consistency_path, proves_consistency
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.signednotes import NoteSigner, parse_vkey

from .context import Context
from .entries import account_entry, system_entry
from .logtree import Mark, read_mark

SHOWN = 12
_ORIGIN = re.compile(r"tipportal/[0-9a-f]{32}")
_SIGNED = "— "
"""How a signature's line begins in a note (C2SP signed-note)."""


def make(ctx: Context, signer: NoteSigner) -> KeptCheckpoint:
    """Sign the log as it is now and keep that, or give the newest one where nothing has been added since.

    Raises LogDisagrees when the log does not go on from the newest kept checkpoint, Invalid when the key is another
    installation's, Conflict before founding.
    """
    with ctx.storage.write() as uow:
        return _made(ctx, uow, signer)


def make_if_due(ctx: Context, signer: NoteSigner) -> bool:
    """Make the day's checkpoint unless it is there. Raises what ``make`` raises."""
    with ctx.storage.write() as uow:
        if uow.installation_id() is None or not is_due(uow.checkpoints.newest(), uow.log.size(), ctx.today()):
            return False
        _made(ctx, uow, signer)
        return True


def origin(ctx: Context) -> str:
    """What this installation's log is called. Raises Conflict before founding."""
    with ctx.storage.read() as uow:
        return _origin(uow)


def published_key(ctx: Context) -> str | None:
    """The public key (vkey) that the newest checkpoint is signed with, or None while there is none."""
    with ctx.storage.read() as uow:
        newest = uow.checkpoints.newest()
    return None if newest is None else newest.key


def newest(ctx: Context) -> KeptCheckpoint | None:
    """The newest kept checkpoint, for reports to print."""
    with ctx.storage.read() as uow:
        return uow.checkpoints.newest()


def state(ctx: Context) -> Witnessing:
    """How long no auditor has acknowledged a checkpoint."""
    with ctx.storage.read() as uow:
        return _state(ctx, uow)


@dataclass(frozen=True, slots=True)
class Overview:
    """The newest checkpoints with who has acknowledged each, and how long it is since anybody did.

    ``mine``: sizes that the reader has acknowledged.
    """

    checkpoints: tuple[KeptCheckpoint, ...]
    acknowledged: dict[int, tuple[Acknowledgement, ...]]
    mine: frozenset[int]
    state: Witnessing


def overview(ctx: Context, account: Account) -> Overview:
    """What an auditor sees of checkpoints."""
    with ctx.storage.read() as uow:
        kept = tuple(uow.checkpoints.latest(SHOWN))
        given = uow.checkpoints.acknowledged_of([each.size for each in kept])
        return Overview(
            kept,
            {each.size: tuple(one for one in given if one.size == each.size) for each in kept},
            frozenset(each.size for each in given if each.account_id == account.id),
            _state(ctx, uow),
        )


def one_of_size(ctx: Context, size: int) -> KeptCheckpoint:
    """A kept checkpoint. Raises NotFound."""
    with ctx.storage.read() as uow:
        return _of_size(uow, size)


def confirm(ctx: Context, account: Account, size: int) -> KeptCheckpoint:
    """An auditor says that they have a checkpoint outside. Raises NotFound, AlreadyDecided, LogDisagrees."""
    with ctx.storage.write() as uow:
        kept = _of_size(uow, size)
        _acknowledge(ctx, uow, account, kept, AcknowledgedBy.BUTTON)
        return kept


def confirm_text(ctx: Context, account: Account, text: str) -> KeptCheckpoint:
    """An auditor gives back the text that they have kept, which is held against the log.

    Raises Invalid when it is no checkpoint of this log or does not agree with it, AlreadyDecided, LogDisagrees.
    """
    mark = read_mark(as_sent(text), outside=True)
    if mark is None:
        raise Invalid(N_("Texten är ingen kontrollpunkt. Klistra in hela texten ur brevet."), field="checkpoint")
    with ctx.storage.write() as uow:
        kept = uow.checkpoints.of_size(mark.checkpoint.size)
        if mark.checkpoint.origin != _origin(uow):
            raise Invalid(N_("Kontrollpunkten hör till en annan installation."), field="checkpoint")
        if kept is None or not _is_signed(mark, kept) or kept.root != mark.checkpoint.root:
            raise Invalid(
                N_(
                    "Kontrollpunkten stämmer inte med loggen. Spara texten. Loggen kan ha ändrats: låt någon utanför "
                    "driften pröva den med tipportal log verify."
                ),
                field="checkpoint",
            )
        try:
            _acknowledge(ctx, uow, account, kept, AcknowledgedBy.TEXT)
        except AlreadyDecided:
            again = N_("Texten stämmer med loggen. Du har redan bekräftat den kontrollpunkten.")
            raise AlreadyDecided(again, field="checkpoint") from None
        return kept


@dataclass(frozen=True, slots=True)
class Mail:
    """Which checkpoint goes to the auditors' function mailbox for a month, as 2026-11."""

    month: str
    size: int


def due_mail(ctx: Context) -> Mail | None:
    """The month's mail while it has not been sent, None otherwise."""
    month = month_of(ctx.today())
    with ctx.storage.read() as uow:
        kept = uow.checkpoints.newest()
        if kept is None or uow.checkpoints.mailing_of(month) is not None:
            return None
    return Mail(month, kept.size)


def note_mailed(ctx: Context, uow: UnitOfWork, mail: Mail) -> None:
    """Note that the mail is in the outbox, in the transaction that puts it there. Raises Conflict the second time."""
    uow.checkpoints.mailed(Mailing(mail.month, mail.size, ctx.clock()))
    facts: dict[str, Json] = {"size": mail.size, "month": mail.month}
    uow.log.append(system_entry(ctx, EntryKind.CHECKPOINT_MAILED, facts))


def _made(ctx: Context, uow: UnitOfWork, signer: NoteSigner) -> KeptCheckpoint:
    called = _origin(uow)
    if signer.public.name != called:
        raise Invalid(N_("Nyckeln för kontrollpunkter hör till en annan installation."), field="key")
    before = uow.checkpoints.newest()
    size = uow.log.size()
    if before is not None:
        _must_go_on(uow, before, size)
    vkey = signer.public.vkey()
    if before is None or before.key != vkey:
        # In the log before anything is signed with it: the keys of all checkpoints stand in what they cover.
        uow.log.append(system_entry(ctx, EntryKind.LOG_KEY_SET, {"key": vkey}))
        size += 1
    elif before.size == size:
        return before
    root = uow.log.root()
    note = signer.sign(Checkpoint(called, size, root).text())
    kept = KeptCheckpoint(size, root, note, vkey, ctx.clock())
    uow.checkpoints.keep(kept)
    return kept


def _must_go_on(uow: UnitOfWork, before: KeptCheckpoint, size: int) -> None:
    """Whoever has altered the log must not get a signature under it: prove that it goes on from what was signed."""
    try:
        root = uow.log.root()
        path = consistency_path(before.size, size, uow.log.node)
        holds = proves_consistency(before.size, size, path, (before.root, root))
    except (LookupError, ValueError):
        holds = False
    if not holds:
        raise LogDisagrees(
            N_(
                "Loggen stämmer inte med den senaste kontrollpunkten, och ingen ny skrivs under. Kör tipportal log "
                "verify med en kontrollpunkt som revisorerna har."
            )
        )


def _acknowledge(ctx: Context, uow: UnitOfWork, account: Account, kept: KeptCheckpoint, way: AcknowledgedBy) -> None:
    try:
        holds = root_of(kept.size, uow.log.node) == kept.root
    except LookupError:
        holds = False
    if not holds:
        raise LogDisagrees(N_("Loggen stämmer inte med kontrollpunkten. Bekräfta den inte, och spara din kopia."))
    uow.checkpoints.acknowledge(Acknowledgement(kept.size, account.id, way, ctx.clock()))
    facts: dict[str, Json] = {"size": kept.size, "root": kept.root.hex(), "way": way.value}
    uow.log.append(account_entry(ctx, account, EntryKind.CHECKPOINT_ACKNOWLEDGED, facts))


def _is_signed(mark: Mark, kept: KeptCheckpoint) -> bool:
    try:
        mark.note.verify(parse_vkey(kept.key))
    except EnvelopeError:
        return False
    return True


def as_sent(text: str) -> str:
    """A note as it was, whatever a mail program made of its line ends and margins, also out of the whole letter."""
    lines = [line.strip() for line in text.strip().splitlines()]
    begins = [place for place, line in enumerate(lines) if _ORIGIN.fullmatch(line)]
    ends = [place for place, line in enumerate(lines) if line.startswith(_SIGNED)]
    if begins and ends:
        lines = lines[begins[-1] : ends[-1] + 1]
    return "\n".join(lines) + "\n"


def _state(ctx: Context, uow: UnitOfWork) -> Witnessing:
    return witnessing(ctx.today(), _founded_on(uow, ctx.today()), uow.checkpoints.last_acknowledged())


def _founded_on(uow: UnitOfWork, today: date) -> date:
    founded = uow.founded_at()
    return today if founded is None else stockholm_date(founded)


def _origin(uow: UnitOfWork) -> str:
    installation = uow.installation_id()
    if installation is None:
        raise Conflict(N_("Installationen är inte grundad."))
    return origin_of(installation)


def _of_size(uow: UnitOfWork, size: int) -> KeptCheckpoint:
    kept = uow.checkpoints.of_size(size)
    if kept is None:
        raise NotFound(N_("Sidan finns inte."))
    return kept
