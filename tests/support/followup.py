"""A year of the follow-up whose figures can be checked by eye, and random years for properties."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import strategies as st

from tipportal.domain.cases import AckException, Outcome
from tipportal.domain.followup.facts import (
    CaseFacts,
    Folded,
    HandedOver,
    Measured,
    OrganisationFacts,
    Proved,
    Spell,
)  # fmt: skip
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, Figure, LogRange, Paragraph, Report, ReportKind, Table
from tipportal.domain.followup.requests import Request
from tipportal.domain.handovers import Recipient
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.measures import Amount, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.organisations import Channel
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.triage import (
    Facts,
    HeardHow,
    Named,
    Origin,
    Reason,
    RelationGroup,
    ReprisalConcern,
)  # fmt: skip

LOG = LogRange("example", 1000, "ab" * 32)
AS_OF = date(2027, 1, 31)
NAMES = {"town": "Ekköping", "school": "Skolnämnden", "homes": "Bostadsbolaget", "function": "Visselblåsarfunktionen"}


def request(
    kind: ReportKind = ReportKind.ANNUAL,
    period: str = "2026",
    *,
    scope: str | None = None,
    audience: Audience = Audience.INTERNAL,
    as_of: date = AS_OF,
    seed: str | None = None,
) -> Request:
    """A request for a report of the whole installation, for those who read the log."""
    return Request(kind, Period.read(period), scope, audience, as_of, LOG, seed)


def triaged(**others: object) -> Facts:
    """Facts of a case: an improper payment in home care, told by somebody anonymous."""
    told: dict[str, object] = {
        "origin": Origin.TIP,
        "types": (IrregularityType.IMPROPER_PAYMENT,),
        "areas": ("hemtjanst",),
        "relation": RelationGroup.OUTSIDE,
        "named": Named.ANONYMOUS,
        "reprisals": ReprisalConcern.NO,
        "heard_how": HeardHow.WEBSITE,
        **others,
    }
    return Facts(**told)  # type: ignore[arg-type] # names and types stand right above


def case(reference: str, received: date, channel: Channel = Channel.TIP, **others: object) -> CaseFacts:
    """A case of the town's."""
    told: dict[str, object] = {"organisation": "town", "authority": "town", "area": "hemtjanst", **others}
    return CaseFacts(reference=reference, channel=channel, received=received, **told)  # type: ignore[arg-type]


def year() -> Folded:
    """2026 in a small town: three reports, six tips, and of 2025 one tip. Every figure can be counted by eye."""
    folded = Folded(size=1000, as_of=AS_OF)
    folded.organisations = {
        "town": OrganisationFacts("town", "ekkoping", "municipality", date(2025, 3, 1)),
        "school": OrganisationFacts("school", "skola", "committee", date(2026, 7, 1)),
        "homes": OrganisationFacts("homes", "bostader", "company", date(2025, 3, 1), date(2026, 6, 30), "town"),
    }
    police = Measured("m1", MeasureKind.POLICE_REPORT, date(2026, 3, 1), date(2026, 3, 2), {})
    claim = Measured(
        "m2", MeasureKind.RECOVERY_CLAIM, date(2026, 4, 1), date(2026, 4, 1),
        {Amount.CLAIMED: 100_000, Amount.RECOVERED: 25_000}, after_closing=True,
    )  # fmt: skip
    mistaken = Measured("m3", MeasureKind.LEX_SARAH, date(2026, 4, 1), date(2026, 4, 1), {}, withdrawn=True)
    outside = Measured(
        "m4", MeasureKind.EXTERNAL_INVESTIGATION, date(2026, 5, 1), date(2026, 5, 1), {Amount.COST: 70_000}
    )
    warned = Measured("m5", MeasureKind.SANCTION, date(2026, 6, 1), date(2026, 6, 1), {}, step=SanctionStep.WARNING)
    handed = HandedOver("p1", Recipient.POLICE, "osl_10_24", date(2026, 3, 2))
    handed.answers = {3: (date(2026, 6, 9), "ongoing"), 6: (date(2026, 9, 9), "police_report")}
    report = Channel.REPORT
    cases = [
        # Acknowledged on the seventh day, feedback in time, confirmed.
        case(
            "R1", date(2026, 1, 5), report, acknowledged=date(2026, 1, 12), first_opened=date(2026, 1, 6),
            covered=True, assessed=date(2026, 1, 20), feedback=date(2026, 4, 12), messages_in=2, messages_out=3,
            triage=triaged(origin=Origin.REPORT, relation=RelationGroup.ACTIVE, named=Named.NAMED,
                           reprisals=ReprisalConcern.FEARED, types=(IrregularityType.INFLUENCE_THREAT,)),
            spells=[Spell(date(2026, 4, 20), Outcome.CONFIRMED)], measures={"m1": police, "m5": warned},
            handovers={"p1": handed}, recusals=[date(2026, 1, 7)], standby=[date(2026, 1, 8)],
            reprisals=[date(2026, 2, 1)], identity_opened=[date(2026, 2, 2)],
        ),
        # Acknowledged a day late, feedback a day late, not covered.
        case(
            "R2", date(2026, 8, 3), report, organisation="school", acknowledged=date(2026, 8, 11),
            first_opened=date(2026, 8, 10), covered=False, not_covered_reason="no_public_interest",
            assessed=date(2026, 9, 1), feedback=date(2026, 11, 12),
            triage=triaged(origin=Origin.REPORT, reasons=(Reason.NO_PUBLIC_INTEREST,)),
            spells=[Spell(date(2026, 11, 20), Outcome.NOT_COVERED)],
        ),
        # The acknowledgement was waived, and the time for feedback has not run out.
        case("R3", date(2026, 12, 1), report, not_acknowledged=AckException.WAIVED),
        case(
            "T1", date(2026, 2, 2), first_opened=date(2026, 2, 4), triage=triaged(), messages_in=1,
            spells=[Spell(date(2026, 3, 1), Outcome.PARTLY_CONFIRMED)], measures={"m2": claim, "m3": mistaken},
        ),
        case("T2", date(2026, 2, 3), triage=triaged(), spells=[Spell(date(2026, 2, 9), Outcome.JUNK)], junk=True),
        case("T3", date(2026, 7, 1), triage=triaged(areas=("hemtjanst", "inkop"), heard_how=HeardHow.POSTER)),
        case("T4", date(2026, 7, 2), origin=Origin.OWN_CONTROL, organisation="school"),
        case(
            "T5", date(2026, 9, 9), triage=triaged(named=Named.NAMED),
            spells=[Spell(date(2026, 10, 1), Outcome.UNFOUNDED, reopened=date(2026, 11, 1))],
        ),
        case("T6", date(2026, 5, 5), organisation="homes"),
        case(
            "T0", date(2025, 5, 5), triage=triaged(), spells=[Spell(date(2025, 6, 1), Outcome.UNFOUNDED)],
            measures={"m4": outside},
        ),
    ]  # fmt: skip
    folded.cases = {one.reference: one for one in cases}
    folded.acts = {("town", "2026-1"): Counter(anna=6, bo=3), ("school", "2026-2"): Counter(anna=1)}
    folded.proofs = [
        Proved("town", date(2025, 3, 1), held=True, weak_places=4, firm_alone=0, dependence={"function": 1}),
        Proved("town", date(2026, 5, 1), held=True, weak_places=1, firm_alone=1, dependence={"function": 2}),
    ]
    folded.policies = [(date(2025, 3, 1), "town", 1), (date(2026, 5, 1), "town", 2)]
    folded.channels = [(date(2026, 8, 1), "school", "report", True)]
    return folded


def tables(report: Report) -> dict[str, Table]:
    """Its tables by id."""
    return {table.id: table for section in report.sections for table in section.tables}


def paragraphs(report: Report) -> dict[str, str]:
    """Its paragraphs in Swedish, by section and id."""
    return {f"{section.id}.{one.id}": swedish(one) for section in report.sections for one in section.paragraphs}


def swedish(one: Paragraph) -> str:
    """A paragraph's words."""
    return str(one.words)


def figure(report: Report, table: str, row: str, column: str) -> Figure:
    """One figure of a table."""
    found = tables(report)[table]
    heads = [head.key for head in found.heads]
    columns = [one.key for one in found.columns]
    return found.figures[heads.index(row)][columns.index(column)]


def values(report: Report, table: str, column: str) -> dict[str, int | None]:
    """A column's values by row; none where the report says that there was nothing to count for the table."""
    if any(one.id == f"empty_{table}" for section in report.sections for one in section.paragraphs):
        return {}
    found = tables(report)[table]
    place = [one.key for one in found.columns].index(column)
    return {head.key: row[place].value for head, row in zip(found.heads, found.figures, strict=True)}


_DAYS = st.integers(0, 364 * 3).map(lambda days: date(2024, 1, 1) + timedelta(days=days))
_AREAS = st.lists(st.sampled_from([area.key for area in RISK_AREAS[:4]]), unique=True, max_size=2).map(tuple)
_TYPES = st.lists(
    st.sampled_from([IrregularityType.BRIBERY, IrregularityType.INFLUENCE_THREAT, IrregularityType.OTHER]),
    unique=True, min_size=1, max_size=2,
).map(tuple)  # fmt: skip


def _after(received: date, days: int) -> date:
    # A log tells of nothing that comes after its newest entry.
    return min(received + timedelta(days=days), AS_OF)


@st.composite
def random_cases(draw: st.DrawFn, reference: str, organisations: tuple[str, ...]) -> CaseFacts:
    """A case such as the log may tell of."""
    received = draw(_DAYS)
    later = st.none() | st.integers(0, 200).map(lambda days: _after(received, days))
    channel = draw(st.sampled_from(Channel))
    is_report = channel is Channel.REPORT
    known = draw(st.booleans())
    facts = triaged(
        origin=draw(st.sampled_from(Origin)), types=draw(_TYPES), areas=draw(_AREAS),
        relation=draw(st.sampled_from(RelationGroup)), named=draw(st.sampled_from(Named)),
        reprisals=draw(st.sampled_from(ReprisalConcern)), heard_how=draw(st.sampled_from(HeardHow)),
    )  # fmt: skip
    covered = draw(st.none() | st.booleans()) if is_report else None
    made = case(
        reference, received, channel, organisation=draw(st.sampled_from(organisations)),
        triage=facts if known else None, covered=covered,
        not_covered_reason=None if covered is not False else draw(st.sampled_from(Reason)).value,
        acknowledged=draw(later), first_opened=draw(later), feedback=draw(later),
        messages_in=draw(st.integers(0, 2)), messages_out=draw(st.integers(0, 2)),
    )  # fmt: skip
    if made.acknowledged is None and is_report:
        made.not_acknowledged = draw(st.none() | st.sampled_from(AckException))
    closed = draw(later)
    if closed is not None and (covered is not None or not is_report):
        ends = [Outcome.CONFIRMED, Outcome.UNFOUNDED, Outcome.REFERRED, *([] if is_report else [Outcome.JUNK])]
        outcome = Outcome.NOT_COVERED if covered is False else draw(st.sampled_from(ends))
        made.spells = [Spell(closed, outcome)]
    made.measures = {one.id: one for one in draw(st.lists(_measures(received), max_size=2, unique_by=lambda m: m.id))}
    if draw(st.booleans()):
        on = _after(received, draw(st.integers(0, 300)))
        made.handovers = {"p": HandedOver("p", draw(st.sampled_from(Recipient)), "osl_10_24", on)}
    return made


@st.composite
def _measures(draw: st.DrawFn, received: date) -> Measured:
    on = _after(received, draw(st.integers(0, 400)))
    kind = draw(st.sampled_from(
        [MeasureKind.POLICE_REPORT, MeasureKind.STOPPED_PAYMENT, MeasureKind.SANCTION, MeasureKind.NO_MEASURE]
    ))  # fmt: skip
    return Measured(
        draw(st.sampled_from(["a", "b", "c"])), kind, on, on,
        {Amount.STOPPED: draw(st.integers(0, 10**6))} if kind is MeasureKind.STOPPED_PAYMENT else {},
        draw(st.sampled_from(SanctionStep)) if kind is MeasureKind.SANCTION else None,
        draw(st.sampled_from(NoMeasureReason)) if kind is MeasureKind.NO_MEASURE else None,
        withdrawn=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def random_folded(draw: st.DrawFn, most: int = 12) -> Folded:
    """What a log of three years may have told: two or three organisations and up to ``most`` cases."""
    folded = Folded(size=most, as_of=AS_OF)
    organisations = ("town", "school", "homes")[: draw(st.integers(2, 3))]
    folded.organisations = {one: OrganisationFacts(one, one, "committee", date(2024, 1, 1)) for one in organisations}
    made = [draw(random_cases(f"C{number}", organisations)) for number in range(draw(st.integers(0, most)))]
    folded.cases = {one.reference: one for one in made}
    actors = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), max_size=6)
    folded.acts = {(one, "2026-1"): Counter(draw(actors)) for one in organisations}
    return folded
