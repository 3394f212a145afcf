"""Years of handling before the demo's own stories, for a follow-up that is worth reading: ``demo --years 5``.

What happens is drawn from a seed and is the same in every demo; it is done through the real use cases, one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from random import Random

from tipportal.domain.aftercare import Phase
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.deadlines import is_working_day
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import ReportKind
from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.measures import AMOUNTS, Amount, Measure, MeasureKind, SanctionStep
from tipportal.domain.organisations import Channel
from tipportal.domain.routing import SubjectRole
from tipportal.domain.triage import (
    Facts,
    HeardHow,
    Named,
    Origin,
    Reason,
    RelationGroup,
    ReprisalConcern,
)
from tipportal.envelope.casecode import source_keys
from tipportal.envelope.payloads import Outcome
from tipportal.usecases import care, publishing, triage

from .demo_cases import Stage, Story
from .demo_organisations import EDUCATION, HEALTH_AND_CARE, HOUSING, RESCUE
from .demo_playing import PlayedCase, ask, hand_in, members_of
from .demo_staffing import SLUG
from .demo_work import repaid, take_measure

SEED = "Björkvik"
REPORTS_A_YEAR, TIPS_A_YEAR = 100, 300
YEAR = 365
QUIET_DAYS = 13
"""How long the members let a case rest while they follow it up.

Moved to a working day it is never so long that a standby steps in, after fifteen working days.
"""
_SLUGS = (SLUG, HEALTH_AND_CARE, EDUCATION, HOUSING, RESCUE)
_AREAS = {
    SLUG: ("inkop", "upphandling", "fakturahantering", "foreningsbidrag", "bygglov", "bisysslor", "ekonomiskt-bistand"),
    HEALTH_AND_CARE: (
        "hemtjanst",
        "personlig-assistans",
        "externa-utforare",
        "hem-for-vard-och-boende",
        "korttidsvard",
    ),
    EDUCATION: ("fristaende-utbildningsverksamhet", "barnomsorgsavgifter", "inkop", "rekrytering"),
    HOUSING: ("hyresavtal-fastigheter", "byggentreprenader", "folkbokforing"),
    RESCUE: ("inkop", "bisysslor"),
}
_TYPES = (
    IrregularityType.IMPROPER_PAYMENT,
    IrregularityType.WELFARE_CRIME,
    IrregularityType.FALSE_REGISTRATION,
    IrregularityType.CONFLICT_OF_INTEREST,
    IrregularityType.THEFT_OR_MISUSE,
    IrregularityType.PROCUREMENT,
    IrregularityType.WORKING_ENVIRONMENT,
    IrregularityType.BRIBERY,
    IrregularityType.INFLUENCE_THREAT,
    IrregularityType.OTHER,
)
_COMMON = (24, 20, 12, 9, 9, 8, 8, 4, 3, 3)
_GROUNDS = ("public_interest", "eu_law_breach", "no_public_interest", "own_employment_terms_only", "not_wrongdoing")
_NOT = {
    "no_public_interest": Reason.NO_PUBLIC_INTEREST,
    "own_employment_terms_only": Reason.OWN_EMPLOYMENT_TERMS_ONLY,
    "not_wrongdoing": Reason.NOT_WRONGDOING,
}
_MEASURES = (
    MeasureKind.RECOVERY_CLAIM,
    MeasureKind.STOPPED_PAYMENT,
    MeasureKind.CHANGED_CONTROL,
    MeasureKind.POLICE_REPORT,
    MeasureKind.WRONGFUL_PAYMENT_NOTICE,
    MeasureKind.TAX_AGENCY_REGISTRATION,
    MeasureKind.SANCTION,
    MeasureKind.HR_MEASURE,
    MeasureKind.EXTERNAL_INVESTIGATION,
)
_TAKEN = (22, 14, 22, 12, 10, 8, 5, 4, 3)
_ENDS = (Outcome.CONFIRMED, Outcome.PARTLY_CONFIRMED, Outcome.UNFOUNDED, Outcome.CANNOT_BE_INVESTIGATED)
_ENDED = (34, 16, 34, 16)
_BASES = {
    Recipient.POLICE: LegalBasis.OSL_10_24,
    Recipient.TAX_AGENCY: LegalBasis.ACT_2024_307,
    Recipient.FORSAKRINGSKASSAN: LegalBasis.ACT_2024_307,
}
_INSIDE = (RelationGroup.ACTIVE, RelationGroup.CONTRACTOR, RelationGroup.BEFORE_OR_AFTER), (80, 8, 12)
_ABOUT = (RelationGroup.OUTSIDE, RelationGroup.NOT_TOLD), (60, 40)


@dataclass(frozen=True, slots=True)
class Life:
    """What will happen in one case. Days count from its receipt; ``left`` is days before today."""

    left: int
    channel: Channel
    slug: str
    area: str
    role: SubjectRole
    facts: Facts
    ground: str
    opened: int
    second: int
    talks: bool
    measures: tuple[tuple[MeasureKind, int, int], ...]
    """Kind, on which day, kronor."""
    handed: tuple[Recipient, int] | None
    feedback: int
    closed: int
    outcome: Outcome
    repaid: int
    """Days from receipt to the first repayment, 0 for none."""
    reprisal: bool


def lives(years: int, *, a_year: tuple[int, int] = (REPORTS_A_YEAR, TIPS_A_YEAR), last: int) -> list[Life]:
    """The cases of some years, none of them received later than ``last`` days before today. The same every time."""
    # Nothing secret hangs on what a made-up municipality goes through.
    chance = Random(SEED)  # noqa: S311  # nosec B311
    made = []
    for year in range(years):
        # The channels became known little by little.
        known = 0.7 + 0.3 * (year + 1) / years
        for channel, many in zip((Channel.REPORT, Channel.TIP), a_year, strict=True):
            for _ in range(round(many * known)):
                left = (years - year) * YEAR - chance.randrange(YEAR)
                if left > last:
                    made.append(_life(chance, channel, left))
    return made


def _happens(chance: Random, in_a_hundred: int) -> bool:
    return chance.randrange(100) < in_a_hundred


def _life(chance: Random, channel: Channel, left: int) -> Life:
    slug = chance.choices(_SLUGS, (40, 28, 16, 10, 6))[0]
    area = chance.choice(_AREAS[slug])
    report = channel is Channel.REPORT
    ground = chance.choices(_GROUNDS, (42, 8, 20, 20, 10))[0] if report else ""
    covered = ground not in _NOT
    kinds = chance.choices(_TYPES, _COMMON, k=1 + _happens(chance, 20))
    outcome = chance.choices(_ENDS, _ENDED)[0] if covered else Outcome.NOT_COVERED
    opened = chance.choices((0, 1, 2, 3, 5, 9), (25, 35, 20, 12, 6, 2))[0]
    feedback = chance.choices((chance.randint(12, 60), chance.randint(61, 85), chance.randint(96, 130)), (70, 24, 6))[0]
    closed = feedback + chance.randint(0, 40)
    confirmed = outcome in {Outcome.CONFIRMED, Outcome.PARTLY_CONFIRMED}
    taken = []
    if confirmed:
        for kind in dict.fromkeys(chance.choices(_MEASURES, _TAKEN, k=chance.choices((1, 2, 3), (55, 35, 10))[0])):
            kronor = 100 * round(10 ** chance.uniform(1.6, 3.9)) if kind in AMOUNTS else 0
            taken.append((kind, chance.randint(opened + 4, max(opened + 5, feedback - 2)), kronor))
    handed = None
    if confirmed and _happens(chance, 25):
        handed = (chance.choice(tuple(_BASES)), opened + 4)
    facts = Facts(
        origin=Origin.REPORT if report else Origin.TIP,
        types=tuple(kind for kind in IrregularityType if kind in kinds),
        areas=(area,),
        relation=chance.choices(
            (RelationGroup.ACTIVE, RelationGroup.CONTRACTOR, RelationGroup.BEFORE_OR_AFTER), (80, 8, 12)
        )[0]
        if report
        else chance.choices((RelationGroup.OUTSIDE, RelationGroup.NOT_TOLD), (60, 40))[0],
        named=Named.NAMED if report and _happens(chance, 35) else Named.ANONYMOUS,
        reprisals=ReprisalConcern.FEARED if report and _happens(chance, 20) else ReprisalConcern.UNKNOWN,
        heard_how=chance.choice(tuple(HeardHow)),
        reasons=(_NOT[ground],) if ground in _NOT else (),
    )
    return Life(
        left=left,
        channel=channel,
        slug=slug,
        area=area,
        role=chance.choices(tuple(SubjectRole), [1 + (role is SubjectRole.SUPPLIER) * 4 for role in SubjectRole])[0],
        facts=facts,
        ground=ground,
        opened=opened,
        second=opened + chance.choices((0, 1, 2, 4), (40, 35, 20, 5))[0],
        talks=_happens(chance, 50),
        measures=tuple(taken),
        handed=handed,
        feedback=feedback,
        closed=closed,
        outcome=outcome,
        repaid=closed + chance.randint(30, 200) if _happens(chance, 60) else 0,
        reprisal=report and covered and _happens(chance, 6),
    )


def histories(stage: Stage, years: int, last: int) -> Iterator[Story]:
    """The stories of some years until ``last`` days before today, to be played with ``demo_cases.play``."""
    yield from (live(stage, life) for life in lives(years, last=last))
    if years:
        yield publishing_yearly(stage, years)


def publishing_yearly(stage: Stage, years: int) -> Story:
    """Each January two publish the whole year's report that has ended, with its registry number."""
    two = stage.municipality.administrators(stage.handler)
    for year in range(stage.opens_on.year - years, stage.opens_on.year):
        yield (stage.opens_on - date(year + 1, 1, 25)).days
        draft = publishing.make_draft(stage.handler, two.proposer.account, ReportKind.ANNUAL, Period(year), None)
        number = f"KS {year + 1}/{17 + year % 7}"
        two.make(ChangeKind.PUBLISH, publishing.proposal([draft], number))


def live(stage: Stage, life: Life) -> Story:
    """The story of one case."""

    def on(day: int) -> int:
        # The demo's people work on working days; what would be after today has not happened.
        before = life.left - day
        while before > 0 and not is_working_day(stage.opens_on - timedelta(days=before)):
            before -= 1
        return before

    yield life.left
    case = _left(stage, life)
    if on(life.opened) < 1:
        return
    yield on(life.opened)
    stage.begin(case, f"Ärende om {life.area.replace('-', ' ')}")
    yield on(life.second)
    stage.read(case, by="h2")
    triage.triage_case(stage.handler, case.members["h1"].account, case.reference, 0, life.facts.as_json())
    steps = sorted(_steps(stage, life, case), key=lambda step: step[0])
    for day, step in steps:
        if on(day) < 1:
            return
        yield on(day)
        step()


def _left(stage: Stage, life: Life) -> PlayedCase:
    offer = ask(stage.public, life.channel, area=life.area, subject_role=life.role.value, slug=life.slug)
    told = f"Det här gäller {life.area.replace('-', ' ')}. Jag har sett det flera gånger och tror att det pågår än."
    answers = {"area": life.area, "what_happened": told, "ongoing": "yes"}
    case = hand_in(stage.public, stage.municipality, offer, source_keys(stage.public.random(32)), answers)
    return PlayedCase(case.reference, case.keys, members_of(stage.municipality, offer))


def _steps(stage: Stage, life: Life, case: PlayedCase) -> Iterator[tuple[int, Callable[[], object]]]:
    """What the members do after triage: on which day after receipt, and the act."""
    report = life.channel is Channel.REPORT
    begins = life.second + 1
    if report:
        yield begins, lambda: stage.assess(case, "Bedömningen enligt lagens två frågor är gjord.", life.ground)
    covered = life.ground not in _NOT
    if covered:
        yield begins + 1, lambda: stage.follow_up(case)
    if life.talks:
        yield begins + 2, lambda: stage.tell(case, "Tack för det du berättar. När såg du det senast?", by="h2")
        yield begins + 5, lambda: stage.answer(case, "För ungefär en månad sedan, på samma ställe som förut.")
        yield begins + 7, lambda: stage.read(case)
    claims: list[Measure] = []
    for kind, day, kronor in life.measures:
        yield max(day, begins + 2), partial(_measure, stage, case, kind, kronor, claims)
    if life.handed is not None:
        recipient, day = life.handed
        yield (
            max(day, begins + 2),
            lambda: stage.hand_over(
                case, recipient, _BASES[recipient], "Uppgifter om misstänkt brott.", reasons="Behövs för utredning."
            ),
        )
    if life.reprisal:
        account = case.members["h1"].account
        yield begins + 6, lambda: care.note_reprisal(stage.handler, account, case.reference, Phase.FEARED)
    for day in _quiet(life, begins):
        yield day, lambda: stage.note(case, "Underlaget är begärt och gås igenom.", by="h2")
    told = "Vi har granskat det du berättat, vidtagit åtgärder där det fanns skäl, och avslutar ärendet."
    yield life.feedback, lambda: stage.give_feedback(case, told)
    outcome = Outcome.NOT_COVERED if not covered else life.outcome
    yield life.closed, lambda: stage.close(case, outcome, "Utredningen är klar.")
    if life.repaid:
        yield life.repaid, lambda: _repay(stage, case, claims)


def _quiet(life: Life, begins: int) -> Iterator[int]:
    """Days on which somebody writes because nobody has for long: between the title and the closing."""
    written = {life.opened, life.feedback, life.closed, *(max(day, begins + 2) for _, day, _ in life.measures)}
    written |= {begins} if life.channel is Channel.REPORT else set()
    written |= {begins + 2} if life.talks else set()
    for earlier, later in pairwise(sorted(written)):
        yield from range(earlier + QUIET_DAYS, min(later, life.closed), QUIET_DAYS)


def _measure(stage: Stage, case: PlayedCase, kind: MeasureKind, kronor: int, claims: list[Measure]) -> None:
    amounts = {amount: 0 if amount is Amount.RECOVERED else kronor for amount in AMOUNTS.get(kind, ())}
    step = SanctionStep.ACTION_PLAN if kind is MeasureKind.SANCTION else None
    made = take_measure(stage.handler, case, kind, "Åtgärd efter granskningen.", amounts=amounts, step=step)
    if kind is MeasureKind.RECOVERY_CLAIM:
        claims.append(made)


def _repay(stage: Stage, case: PlayedCase, claims: list[Measure]) -> None:
    for claim in claims:
        kronor = claim.facts.amounts[Amount.CLAIMED] * 3 // 5
        repaid(stage.handler, case, claim, kronor, "En del är betald.")
