"""Opening a closed case again, by two (01). When it is to be decided: ``dialogue_rules``."""

from __future__ import annotations

from .cases import Case, CaseState
from .errors import IllegalTransition
from .organisations import Channel
from .texts import N_


def after_reopening(case: Case) -> CaseState:
    """State after reopening by two. A report found not covered is assessed anew: what was decided may not hold."""
    if case.state is CaseState.LOCKED:
        raise IllegalTransition(N_("Ärendet är låst och kan inte öppnas igen."))
    if case.state is not CaseState.CLOSED:
        raise IllegalTransition(N_("Ärendet är inte avslutat."))
    if case.channel is Channel.REPORT and not case.covered:
        return CaseState.ACKNOWLEDGED
    return CaseState.UNDER_FOLLOW_UP
