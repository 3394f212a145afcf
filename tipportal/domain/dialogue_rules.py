"""Times of the dialogue that design 01 sets, as pure functions of Stockholm dates.

A question that nobody has answered for thirty days permits closing. A message that comes after closing is registered as
all others are, and within seven days the members decide whether the case is opened again.
"""

from __future__ import annotations

from datetime import date, timedelta

from .deadlines import Deadline, law1930_of, target_of

UNANSWERED_DAYS = 30
REOPENING_DAYS = 7


def may_close_unanswered(asked_on: date, answered_on: date | None, today: date) -> bool:
    """Whether a question asked on ``asked_on`` has waited so long for its answer that the case may be closed.

    ``answered_on``: the date of the source's first message since, None while there is none. The day of the question is
    not counted, so that the source has thirty whole days. Raises ValueError for an answer before its question.
    """
    if answered_on is not None:
        if answered_on < asked_on:
            raise ValueError("answered before asked")
        return False
    return today > unanswered_until(asked_on)


def unanswered_until(asked_on: date) -> date:
    """The last day on which a question still waits for its answer."""
    return asked_on + timedelta(days=UNANSWERED_DAYS)


def decide_reopening_by(message_on: date) -> Deadline:
    """When it must be decided whether a closed case is opened again after a message of ``message_on``: in seven days.

    The day of the message is not counted.
    """
    strict = message_on + timedelta(days=REOPENING_DAYS)
    return Deadline(strict=strict, target=target_of(strict), law1930=law1930_of(strict))
