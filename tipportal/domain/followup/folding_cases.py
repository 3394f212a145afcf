"""What entries of a case say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from tipportal.domain.cases import AckException, Outcome, SealedBy
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.handovers import Recipient
from tipportal.domain.measures import Amount, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.organisations import Channel
from tipportal.domain.triage import CoveredGround, Origin, read_facts

from .facts import CaseFacts, HandedOver, Measured, Spell
from .telling import Told, UnreadableFacts

Tell: TypeAlias = Callable[[CaseFacts, Told], None]


def received(told: Told) -> CaseFacts:
    """The case that came in. What staff entered for somebody came in on the day that they say, before the entry."""
    return CaseFacts(
        reference=told.case,
        organisation=told.organisation,
        authority=told.text("authority"),
        channel=told.word(Channel, "channel"),
        area=told.text("area"),
        received=told.optional_dated("received_on") or told.day,
        sealed_by=told.optional_word(SealedBy, "sealed_by"),
        origin=told.optional_word(Origin, "origin"),
    )


def _acknowledged(case: CaseFacts, told: Told) -> None:
    if case.acknowledged is None:
        case.acknowledged = told.optional_dated("on") or told.day


def _not_acknowledged(case: CaseFacts, told: Told) -> None:
    case.not_acknowledged = told.word(AckException, "reason")


def _opened(case: CaseFacts, told: Told) -> None:
    # With facts it is the vault or the archive that was opened: by then the case has been read.
    if told.facts or case.second_opened is not None:
        return
    if case.first_opened is None:
        case.first_opened, case.first_opener = told.day, told.actor
    elif told.actor != case.first_opener:
        case.second_opened = told.day


def _triaged(case: CaseFacts, told: Told) -> None:
    try:
        case.triage = read_facts(told.facts)
    except Invalid as error:
        raise UnreadableFacts(f"{error.field} is not what a triage has") from None
    if case.triaged is None:
        case.triaged = told.day


def _reclassified(case: CaseFacts, told: Told) -> None:
    """A report from now on, which nobody has assessed or given feedback on; its times run from the first receipt."""
    if case.reclassified is not None:
        raise UnreadableFacts("the tip had become a report before")
    case.came_as, case.channel, case.reclassified = case.channel, Channel.REPORT, told.day
    case.assessed = case.covered = case.ground = case.not_covered_reason = None
    case.feedback = case.feedback_read = None


def _assessed(case: CaseFacts, told: Told) -> None:
    if not isinstance(told.facts.get("covered"), bool):
        raise UnreadableFacts("covered is neither true nor false")
    case.covered, case.assessed = told.flag("covered"), told.day
    case.ground = told.word(CoveredGround, "ground") if case.covered else None
    case.not_covered_reason = None if case.covered else told.text("ground")


def _feedback(case: CaseFacts, told: Told) -> None:
    if case.feedback is None:
        case.feedback = told.day


def _feedback_read(case: CaseFacts, told: Told) -> None:
    if case.feedback_read is None:
        case.feedback_read = told.day


def _written_by_source(case: CaseFacts, told: Told) -> None:
    del told
    case.messages_in += 1


def _written_to_source(case: CaseFacts, told: Told) -> None:
    del told
    case.messages_out += 1


def _closed(case: CaseFacts, told: Told) -> None:
    outcome = told.word(Outcome, "outcome")
    reasons = () if case.triage is None else case.triage.reasons
    case.spells = (*case.spells, Spell(told.day, outcome, reasons))
    case.junk = outcome is Outcome.JUNK


def _reopened(case: CaseFacts, told: Told) -> None:
    if case.closed is None:
        raise UnreadableFacts("the case was not closed")
    case.spells[-1].reopened = told.day
    case.junk = False
    if case.covered is False:
        # Found not covered before: it is assessed anew.
        case.covered = case.assessed = case.not_covered_reason = None


def _measured(case: CaseFacts, told: Told) -> None:
    measure = Measured(
        id=told.text("measure"),
        kind=told.word(MeasureKind, "kind"),
        taken_on=told.dated("taken_on"),
        recorded=told.day,
        amounts={_amount(name): kronor for name, kronor in told.numbers("amounts").items()},
        step=told.optional_word(SanctionStep, "step"),
        reason=told.optional_word(NoMeasureReason, "reason"),
        after_closing=told.flag("after_closing"),
        withdrawn=told.flag("withdrawn"),
    )
    corrected = told.optional("corrects")
    standing = dict(case.measures)
    if corrected is not None and standing.pop(corrected, None) is None:
        raise UnreadableFacts("it corrects a measure that does not stand")
    if measure.id in standing:
        raise UnreadableFacts("the measure was recorded before")
    case.measures = {**standing, measure.id: measure}
    handover = told.optional("handover")
    if handover is not None and corrected is None:
        _name_handover(case, handover)


def _amount(name: str) -> Amount:
    try:
        return Amount(name)
    except ValueError:
        raise UnreadableFacts(f"an amount of {name!r} is not known") from None


def _handed_over(case: CaseFacts, told: Told) -> None:
    # By its proposal until the measure that it is gives it a name, in the next entry.
    proposal = told.text("proposal")
    given = HandedOver(proposal, told.word(Recipient, "recipient"), told.text("basis"), told.day)
    case.handovers = {**case.handovers, proposal: given}


def _name_handover(case: CaseFacts, handover: str) -> None:
    unnamed = [key for key, each in case.handovers.items() if key == each.proposal]
    if unnamed:
        standing = dict(case.handovers)
        given = standing.pop(unnamed[-1])
        case.handovers = {**standing, handover: given}


def _handover_of(case: CaseFacts, told: Told) -> HandedOver:
    found = case.handovers.get(told.text("handover"))
    if found is None:
        raise UnreadableFacts("the handover is not known")
    return found


def _asked(case: CaseFacts, told: Told) -> None:
    _handover_of(case, told).asked[told.number("months")] = told.day


def _answered(case: CaseFacts, told: Told) -> None:
    handover, months = _handover_of(case, told), told.number("months")
    handover.answers[months] = (told.day, told.text("result"))
    if told.facts.get("kronor") is not None:
        handover.kronor[months] = told.number("kronor")


def _recused(case: CaseFacts, told: Told) -> None:
    case.recusals = (*case.recusals, told.day)


def _standby(case: CaseFacts, told: Told) -> None:
    case.standby = (*case.standby, told.day)


def _reprisal(case: CaseFacts, told: Told) -> None:
    case.reprisals = (*case.reprisals, told.day)


def _after_care(case: CaseFacts, told: Told) -> None:
    case.after_care = (*case.after_care, told.day)


def _identity_opened(case: CaseFacts, told: Told) -> None:
    case.identity_opened = (*case.identity_opened, told.day)


def _identity_disclosed(case: CaseFacts, told: Told) -> None:
    case.identity_disclosed = (*case.identity_disclosed, told.day)


def _locked(case: CaseFacts, told: Told) -> None:
    case.locked = told.day


def _disposed(case: CaseFacts, told: Told) -> None:
    case.disposed = told.day


CASES: Mapping[EntryKind, Tell] = {
    EntryKind.CASE_ACKNOWLEDGED: _acknowledged,
    EntryKind.ACKNOWLEDGEMENT_LEFT_OUT: _not_acknowledged,
    EntryKind.OPENED: _opened,
    EntryKind.CASE_TRIAGED: _triaged,
    EntryKind.CASE_RECLASSIFIED: _reclassified,
    EntryKind.CASE_ASSESSED: _assessed,
    EntryKind.FEEDBACK_GIVEN: _feedback,
    EntryKind.FEEDBACK_READ: _feedback_read,
    EntryKind.SOURCE_MESSAGE_RECEIVED: _written_by_source,
    EntryKind.MINUTES_ANSWERED: _written_by_source,
    EntryKind.MEETING_CHOSEN: _written_by_source,
    EntryKind.MESSAGE_SENT: _written_to_source,
    EntryKind.CASE_CLOSED: _closed,
    EntryKind.CASE_REOPENED: _reopened,
    EntryKind.MEASURE_RECORDED: _measured,
    EntryKind.MEASURE_CORRECTED: _measured,
    EntryKind.HANDED_OVER: _handed_over,
    EntryKind.HANDOVER_ASKED: _asked,
    EntryKind.HANDOVER_REPORTED: _answered,
    EntryKind.RECUSED: _recused,
    EntryKind.MEMBER_EXCLUDED: _recused,
    EntryKind.STANDBY_RELEASED: _standby,
    EntryKind.REPRISAL_REPORTED: _reprisal,
    EntryKind.AFTER_CARE_DONE: _after_care,
    EntryKind.IDENTITY_OPENED: _identity_opened,
    EntryKind.IDENTITY_DISCLOSED: _identity_disclosed,
    EntryKind.CASE_LOCKED: _locked,
    EntryKind.CASE_DISPOSED: _disposed,
}
"""What an entry of each kind does to its case. A receipt makes the case, and is not here."""
DAY_ONLY: frozenset[EntryKind] = frozenset({
    EntryKind.FEEDBACK_GIVEN, EntryKind.FEEDBACK_READ, EntryKind.SOURCE_MESSAGE_RECEIVED, EntryKind.MINUTES_ANSWERED,
    EntryKind.MEETING_CHOSEN, EntryKind.MESSAGE_SENT, EntryKind.RECUSED, EntryKind.MEMBER_EXCLUDED,
    EntryKind.STANDBY_RELEASED, EntryKind.REPRISAL_REPORTED, EntryKind.AFTER_CARE_DONE, EntryKind.IDENTITY_OPENED,
    EntryKind.IDENTITY_DISCLOSED, EntryKind.CASE_LOCKED, EntryKind.CASE_DISPOSED,
})  # fmt: skip
"""Those of which the kind and the day are all that counts: nobody looks at their facts."""
