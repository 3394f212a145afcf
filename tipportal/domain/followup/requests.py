"""Which report is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .periods import Period
from .report import Audience, LogRange, ReportKind


@dataclass(frozen=True, slots=True)
class Request:
    """A report: its kind and period, whose (an organisation's id, None for all), for whom, and from which entries.

    ``as_of``: the Swedish date that it tells of, as far as the log goes. ``seed``: of a sample, published with it.
    """

    kind: ReportKind
    period: Period
    scope: str | None
    audience: Audience
    as_of: date
    log: LogRange
    seed: str | None = None
