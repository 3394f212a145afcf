"""What a case led to (06): measures of closed kinds, with whole kronor, each corrected by a new entry and never edited.

What the follow-up counts stands here in clear; what was done, to whom and why is a sealed record beside it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .errors import IllegalTransition, Invalid
from .texts import N_

MOST_KRONOR = 10**12
"""The largest amount that is taken: more is a slip of the hand."""


class MeasureKind(enum.StrEnum):
    """The kinds of measures (06). The enumeration only grows."""

    POLICE_REPORT = "police_report"
    WRONGFUL_PAYMENT_NOTICE = "wrongful_payment_notice"
    TAX_AGENCY_REGISTRATION = "tax_agency_registration"
    TAX_AGENCY_TAX = "tax_agency_tax"
    SOCIAL_INSURANCE_NOTICE = "social_insurance_notice"
    INSPECTORATE_NOTICE = "inspectorate_notice"
    DISCLOSURE_ACT_2024_307 = "disclosure_act_2024_307"
    DISCLOSURE_OSL_10_15A = "disclosure_osl_10_15a"
    RECOVERY_CLAIM = "recovery_claim"
    STOPPED_PAYMENT = "stopped_payment"
    SANCTION = "sanction"
    CONTRACT_ENDED = "contract_ended"
    HR_MEASURE = "hr_measure"
    CHANGED_CONTROL = "changed_control"
    EXTERNAL_INVESTIGATION = "external_investigation"
    HANDED_OVER = "handed_over"
    CONCERN_FOR_CHILD = "concern_for_child"
    LEX_SARAH = "lex_sarah"
    LEX_MARIA = "lex_maria"
    NO_MEASURE = "no_measure"


class Amount(enum.StrEnum):
    """What kronor can be of."""

    CLAIMED = "claimed"
    RECOVERED = "recovered"
    STOPPED = "stopped"
    COST = "cost"


AMOUNTS: Mapping[MeasureKind, tuple[Amount, ...]] = {
    MeasureKind.RECOVERY_CLAIM: (Amount.CLAIMED, Amount.RECOVERED),
    MeasureKind.STOPPED_PAYMENT: (Amount.STOPPED,),
    MeasureKind.EXTERNAL_INVESTIGATION: (Amount.COST,),
}
"""The amounts that a measure of a kind has, all of them; other kinds have none."""


class SanctionStep(enum.StrEnum):
    """The ladder of sanctions against a provider, mildest first.

    Source: the seed of Nacka municipality, section 7.1, which speaks of four steps and names three. ``LOCAL_STEP`` is
    the one that a municipality's own terms name, where they have one.
    """

    ACTION_PLAN = "action_plan"
    WARNING = "warning"
    LOCAL_STEP = "local_step"
    DEAUTHORISATION = "deauthorisation"


_LADDER = tuple(SanctionStep)


class NoMeasureReason(enum.StrEnum):
    """Why nothing more was done."""

    UNFOUNDED = "unfounded"
    NOT_PROVABLE = "not_provable"
    ALREADY_HANDLED = "already_handled"
    NOT_OURS = "not_ours"
    TOO_OLD = "too_old"
    MINOR = "minor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What is counted of a measure. ``amounts`` in whole kronor, exactly those of ``AMOUNTS``.

    ``taken_on`` is the Stockholm date on which it was taken. ``step`` belongs to sanctions, ``reason`` to no measure.
    """

    kind: MeasureKind
    taken_on: date
    amounts: Mapping[Amount, int] = field(default_factory=dict)
    step: SanctionStep | None = None
    reason: NoMeasureReason | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as it was recorded, or a correction of one.

    ``corrects`` is the id of the entry that it stands in the place of. ``withdrawn``: it was recorded by mistake, and
    counts no more. ``record`` is the digest (32 bytes) of the sealed form that tells of it. ``recorded_at``: UTC
    seconds; ``member`` a pseudonym. ``handover`` is the id of the handover that it is.
    """

    id: str
    organisation_id: str
    case_id: str
    facts: MeasureFacts
    record: bytes
    recorded_by: str
    member: str
    recorded_at: int
    corrects: str | None = None
    withdrawn: bool = False
    handover: str | None = None


def check_facts(facts: MeasureFacts, today: date) -> None:
    """Raise Invalid, naming the field, unless what is to be counted holds together. ``today``: a Stockholm date."""
    if facts.taken_on > today:
        raise Invalid(N_("En åtgärd kan inte ha vidtagits i framtiden."), field="taken_on")
    if set(facts.amounts) != set(AMOUNTS.get(facts.kind, ())):
        raise Invalid(
            N_("Ange de belopp som hör till åtgärden, i hela kronor. Skriv 0 om det inte finns något."), field="amounts"
        )
    for name, kronor in facts.amounts.items():
        if not 0 <= kronor <= MOST_KRONOR:
            raise Invalid(N_("Skriv beloppet i hela kronor, från 0 till 1 000 000 000 000."), field=name.value)
    if (facts.step is not None) is not (facts.kind is MeasureKind.SANCTION):
        raise Invalid(N_("Välj ett steg på sanktionstrappan."), field="step")
    if (facts.reason is not None) is not (facts.kind is MeasureKind.NO_MEASURE):
        raise Invalid(N_("Välj varför ingen åtgärd vidtas."), field="reason")


def check_by_hand(kind: MeasureKind) -> None:
    """Raise IllegalTransition for what is written when two have done it, and never by one person."""
    if kind is MeasureKind.HANDED_OVER:
        raise IllegalTransition(N_("Ett överlämnande görs av två, under Överlämna. Då skrivs åtgärden av sig själv."))


def check_correction(before: Measure, facts: MeasureFacts) -> None:
    """Raise IllegalTransition unless a measure may be corrected into this: it stays what it is."""
    check_by_hand(before.facts.kind)
    if before.facts.kind is not facts.kind:
        raise IllegalTransition(N_("En rättelse gäller samma slags åtgärd. Återta den här och skriv en ny i stället."))


def in_force(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures that count: neither corrected since nor withdrawn. In the order given."""
    every = tuple(measures)
    corrected = {each.corrects for each in every}
    return tuple(each for each in every if each.id not in corrected and not each.withdrawn)


def sums(measures: Iterable[Measure]) -> dict[Amount, int]:
    """What the measures in force come to, in whole kronor, by what it is of; only what some measure has."""
    found: dict[Amount, int] = {}
    for measure in in_force(measures):
        for name, kronor in measure.facts.amounts.items():
            found[name] = found.get(name, 0) + kronor
    return found


def steps_taken(measures: Iterable[Measure]) -> tuple[SanctionStep, ...]:
    """The steps of the ladder that the measures in force have gone up, mildest first."""
    taken = {measure.facts.step for measure in in_force(measures)}
    return tuple(step for step in _LADDER if step in taken)


def steps_skipped(step: SanctionStep, taken: Sequence[SanctionStep]) -> tuple[SanctionStep, ...]:
    """The milder steps that going to ``step`` passes over, given those taken before.

    Never the local one: not every municipality has it, and nobody can be said to have skipped what may not exist. Where
    a sterner step has been taken already, the ladder was climbed before and nothing is skipped anew.
    """
    place = _LADDER.index(step)
    if any(_LADDER.index(other) >= place for other in taken):
        return ()
    return tuple(milder for milder in _LADDER[:place] if milder is not SanctionStep.LOCAL_STEP and milder not in taken)
