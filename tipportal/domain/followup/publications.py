"""Reports that leave the function: drafts that administrators look at and edit, and what two of them publish (06).

A draft is made once a month at most for each report: whoever could make one every day would see in the difference
what a single case changed. It shows the public's figures and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_

from .periods import Period
from .report import ReportKind

PUBLISHABLE: tuple[ReportKind, ...] = (
    ReportKind.ANNUAL,
    ReportKind.HALF_YEAR,
    ReportKind.BRA,
    ReportKind.AWARENESS,
    ReportKind.SITUATION,
    ReportKind.INDICATORS,
)
"""All but the sample, whose lines are single cases: it goes to whoever may read the log."""
DRAFT_DAYS = 120
"""How long a draft that nobody published is kept."""
LONGEST_TEXT = 4_000
"""Characters that a paragraph may have."""
MOST_NUMBER = 60
"""Characters that a registry number may have."""
MOST_TOGETHER = 1_000
"""Reports that are published at once: far more than there are organisations in one installation."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft or a publication holds, apart from the rows that lists are made of: up to megabytes.

    ``document`` is the report's canonical JSON. ``shown`` is what it is to later reports when it is published
    (``suppression.kept``).
    """

    document: bytes = field(repr=False)
    shown: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: ``digest`` is the SHA-256 of its document.

    ``organisation_id`` is the report's scope, None for the whole installation. ``first`` names the report and the month
    of a draft as it was computed (unique), and is None for one that somebody edited, whose ``based_on`` is another's
    id. ``size`` is how many entries of the log it was computed from, ``after`` how many publications it reckons with.
    ``set_id`` is shared by the drafts of a set, which were computed together: the whole installation's and one for each
    of its organisations, of one kind and period, size and ``after``. Only those may be published at once: what is
    hidden in each reckons with all of the others, so that any of them may be published and showing fewer tells less.
    """

    id: str
    organisation_id: str | None
    kind: ReportKind
    period: str
    size: int
    as_of: date
    digest: bytes
    after: int
    made_by: str
    made_at: int
    first: str | None = None
    based_on: str | None = None
    set_id: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A published report, for good. ``position`` counts from 0: what each reckons with stands before it.

    ``together``: it was computed with a whole set; those of it that were published at once have one change.
    """

    id: str
    position: int
    organisation_id: str | None
    kind: ReportKind
    period: str
    size: int
    as_of: date
    digest: bytes
    registry_number: str
    change_id: str
    published_at: int
    together: bool = False

    def concerns(self, organisation_id: str) -> bool:
        """Whether it is about an organisation: about it alone, or about the whole installation."""
        return self.organisation_id in {None, organisation_id}


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A published report as a file of one format in one language: made once, after publishing, and then only served."""

    publication_id: str
    format: str
    language: str
    data: bytes = field(repr=False)
    made_at: int


def first_key(
    kind: ReportKind, period: Period, organisation_id: str | None, today: date, after: int, *, together: bool = False
) -> str:
    """What the first draft of a report in a month is known by; there is one for each number of publications before.

    ``together``: that of a set, which is made once a month too.
    """
    key = f"{kind.value}|{period}|{organisation_id or '-'}|{today:%Y-%m}|{after}"
    return f"{key}|set" if together else key


def check_period(kind: ReportKind, period: Period) -> None:
    """Raise Invalid unless a report of the kind speaks of such a period: a half, or a whole year."""
    if (kind is ReportKind.HALF_YEAR) is bool(period.half):
        return
    raise Invalid(
        N_("Skriv ett halvår, till exempel 2026-1.")
        if kind is ReportKind.HALF_YEAR
        else N_("Skriv ett helt år, till exempel 2026."),
        field="period",
    )


def check_publishable(kind: ReportKind, period: Period, today: date) -> None:
    """Raise Invalid, naming the field, unless a report of the kind may be made for the period today.

    Only of what is over: figures of a period that runs would tell day by day what came in.
    """
    if kind not in PUBLISHABLE:
        raise Invalid(N_("Den rapporten publiceras inte."), field="kind")
    check_period(kind, period)
    if period.is_running(today):
        raise Invalid(N_("Perioden är inte slut än. Underlaget kan tas fram när den är det."), field="period")
