"""A report from the log of a database, as it is now."""

from __future__ import annotations

from dataclasses import replace

from tipportal.domain.checkpoints import origin_of
from tipportal.domain.errors import Conflict, LogDisagrees
from tipportal.domain.followup.facts import Publication
from tipportal.domain.followup.folding import BadEntry
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import check_period
from tipportal.domain.followup.report import Audience, LogRange, ReportKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.suppression.families import Published
from tipportal.domain.suppression.kept import read
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context

from . import reading
from .computing import Computed, OtherPublications, Wanted, compute, sizes

NOBODY: frozenset[str] = frozenset()
_NO_LOG = LogRange("", 0, "")


def make(
    ctx: Context,
    kind: ReportKind,
    period: Period,
    *,
    scope: str | None = None,
    audience: Audience = Audience.INTERNAL,
    without: frozenset[str] = NOBODY,
    seed: str | None = None,
) -> Computed:
    """Make a report of all that the log says now. It takes seconds where the log is long.

    ``scope`` is an organisation's id. ``without``: references of cases that do not count, since its reader is kept out
    of them. In public small figures are hidden, with regard to all that has been published. Raises Invalid naming the
    field, Conflict where there is no log yet, and LogDisagrees where it cannot be read, or says something else of what
    was published than the database.
    """
    return _computed(ctx, Wanted(kind, period, scope, audience, _NO_LOG, seed), without)[0]


def make_set(ctx: Context, kind: ReportKind, period: Period) -> list[Computed]:
    """Make the public reports of the whole and of every organisation that was there in the period, the whole's first.

    What each of them may show is decided at once, whichever of them are published. Raises as ``make``.
    """
    return _computed(ctx, Wanted(kind, period, None, Audience.PUBLIC, _NO_LOG, together=True), NOBODY)


def _computed(ctx: Context, asked: Wanted, without: frozenset[str]) -> list[Computed]:
    check_period(asked.kind, asked.period)
    with ctx.storage.read() as uow:
        size = uow.log.size()
        if size == 0:
            raise Conflict(N_("Loggen är tom. Det finns inget att följa upp."))
        wanted = replace(asked, log=_range(uow, size))
        published = _published(uow) if wanted.reckons else []
        kept = _kept(uow) if wanted.reckons else {}
        try:
            steps = reading.at_sizes(uow, sizes(wanted, published, kept), without)
            return compute(steps, wanted, published, names_of(uow), kept)
        except OtherPublications:
            raise LogDisagrees(
                N_("Loggen och databasen säger olika om vad som har publicerats. Kör tipportal log verify.")
            ) from None
        except (BadEntry, EOFError) as error:
            where = error.index if isinstance(error, BadEntry) else size
            raise LogDisagrees(
                N_("Loggen går inte att räkna från post %d. Kör tipportal log verify.") % where
            ) from None


def names_of(uow: UnitOfWork) -> dict[str, str]:
    """What organisations and functions are called now, by id."""
    organisations = {each.id: each.name for each in uow.register.organisations()}
    return {**organisations, **{each.id: each.name for each in uow.register.functions()}}


def _range(uow: UnitOfWork, size: int) -> LogRange:
    newest = uow.checkpoints.newest()
    note = None if newest is None or newest.size > size else newest.note
    return LogRange(origin_of(uow.installation_id() or b""), size, uow.log.root().hex(), note)


def _published(uow: UnitOfWork) -> list[Publication]:
    return [
        Publication(
            id=one.id,
            kind=one.kind.value,
            period=one.period,
            scope=one.organisation_id,
            size=one.size,
            as_of=one.as_of,
            on=one.as_of,
            digest=one.digest.hex(),
            together=one.together,
        )
        for one in uow.publications.published()
    ]


def _kept(uow: UnitOfWork) -> dict[str, Published]:
    """What publications showed, as it was kept when they were made: ``report verify`` computes it from the log."""
    return {digest.hex(): replace(read(shown), id=digest.hex()) for digest, shown in uow.publications.shown().items()}
