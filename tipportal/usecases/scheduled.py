"""All periodic work, once: idempotent, safe in parallel, run by ``tipportal tick``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tipportal.domain.accounts import SESSION_SECONDS
from tipportal.domain.errors import LogDisagrees
from tipportal.envelope.signednotes import NoteSigner

from . import checkpoints, proving
from .alarms import raise_alarms
from .changing.clock import watch_clock
from .context import Context
from .handovers import ask_due
from .posting import Outgoing, post
from .publishing import make_files
from .registration import feed_due
from .releasing import release_due
from .retention import lock_due
from .reviewing import end_overdue

QUARTER = 15 * 60


@dataclass(frozen=True, slots=True)
class Ticked:
    """How much each duty had to do."""

    entries_joined: int
    rows_settled: int
    proposals_expired: int
    sessions_ended: int
    files_removed: int
    standbys_released: int
    proofs_turned: int = 0
    reviews_ended: int = 0
    handovers_asked: int = 0
    alarms_raised: int = 0
    checkpoints_made: int = 0
    letters_sent: int = 0
    mail_down: bool = False
    cases_locked: int = 0
    lines_registered: int = 0
    report_files_made: int = 0
    files_failed: bool = False
    """A published report could not be made into its files: the libraries that draw them are missing."""
    log_disagrees: bool = False
    """The log does not go on from its newest checkpoint: the day's was not signed."""


def tick(ctx: Context, signer: NoteSigner | None = None, outgoing: Outgoing | None = None) -> Ticked:
    """Join yesterday's pending entries, settle the day's source rows, expire proposals, forget old sessions.

    And remove files that nothing names: uploads that nobody handed in, and what a stopped machine left behind. And
    prove the policies by the register of today.

    ``signer``: the log's key, which no face has; the day's checkpoint is signed with it. ``outgoing``: how mail is
    sent, after everything else and in no transaction, so that a server that is slow or down delays nothing else.

    Pending entries of today wait for the night (05): joining them during the day would bracket a submission.
    """
    today, now = ctx.today(), ctx.clock()
    files_removed = ctx.storage.uploads.sweep() + ctx.storage.sweep_blobs(now)
    proving.prepare(ctx)
    with ctx.storage.write() as uow:
        # Whoever closed the tab does not come back to have theirs forgotten.
        uow.accounts.forget_storage_keys(now)
        # Noted first: after a leap of the clock nothing that hangs on it happens until two have confirmed it.
        watch_clock(ctx, uow)
        uow.ways.forget_challenges(now)
        proposals_expired = uow.proposals.expire(now) + uow.changes.expire(now)
        uow.vaults.forget_lent()
        # Keys for whoever was never let in, and copies of those handed out, which leaving a case would not reach.
        uow.separations.forget_prepared()
        # Before the proofs: an account that is there again is reckoned with.
        reviews_ended = end_overdue(ctx, uow)
        done = Ticked(
            entries_joined=uow.log.fold_pending(before=today),
            rows_settled=uow.settle(today, ctx.random),
            proofs_turned=proving.renew(ctx, uow),
            proposals_expired=proposals_expired,
            sessions_ended=uow.accounts.delete_sessions_before(now - SESSION_SECONDS)
            + uow.accounts.delete_source_sessions_before(now // QUARTER),
            files_removed=files_removed,
            reviews_ended=reviews_ended,
            standbys_released=0,
        )
    # After the clock has been judged, and in transactions of its own: one case's standby must not wait for another's.
    done = replace(
        done, standbys_released=release_due(ctx), handovers_asked=ask_due(ctx), alarms_raised=raise_alarms(ctx)
    )
    # Registered before it may be locked; what is locked is registered all the same.
    done = replace(done, lines_registered=feed_due(ctx), cases_locked=lock_due(ctx))
    done = _with_checkpoint(ctx, done, signer)
    posted = post(ctx, outgoing)
    done = replace(done, letters_sent=posted.sent, mail_down=posted.down)
    return _with_files(ctx, done)


def _with_files(ctx: Context, done: Ticked) -> Ticked:
    try:
        return replace(done, report_files_made=make_files(ctx))
    except OSError:
        # What draws PDFs is missing on this machine. Everything else is done; whoever runs this is told.
        return replace(done, files_failed=True)


def _with_checkpoint(ctx: Context, done: Ticked, signer: NoteSigner | None) -> Ticked:
    if signer is None:
        return done
    try:
        return replace(done, checkpoints_made=int(checkpoints.make_if_due(ctx, signer)))
    except LogDisagrees:
        # Everything else goes on; whoever runs this is told.
        return replace(done, log_disagrees=True)
