"""What the administrators' pages hand to templates and scripts: sentences, days, and changes as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

from flask_babel import format_date, gettext

from tipportal.domain.handlinglog import instant
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.changes import ShownChange

from . import blueprint
from .answers import Answer


def told(sentence: Sentence) -> str:
    """A sentence in the page's language; a value may be a sentence itself."""
    values = {name: told(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    return gettext(sentence.msgid) % values if values else gettext(sentence.msgid)


def paragraph(sentences: tuple[Sentence, ...]) -> str:
    """Sentences after each other."""
    return " ".join(map(told, sentences))


def written_day(day: date) -> str:
    """A day as people here write it."""
    return format_date(day, "d MMMM yyyy")


def period(first: date, last: date | None) -> str:
    """From the first day to the last, or until further notice."""
    if last is None:
        return gettext(N_("från %(first)s, tills vidare"), first=written_day(first))
    return f"{written_day(first)} – {written_day(last)}"


def decided_by(shown: ShownChange) -> str:
    """Who decided a change, by name: another administrator, or trustees. Empty for one that waits or ran out."""
    trustees = [each.name for each in shown.trustees]
    return ", ".join(trustees) or shown.approver_name or ""


def change_answer(shown: ShownChange) -> Answer:
    """A change as JSON (docs/protocol.md, changes by two administrators)."""
    change = shown.change
    signature = change.approver_signature
    return {
        "id": change.id,
        "kind": change.kind.value,
        "act": json.loads(change.act),
        "payload": dict(shown.payload),
        "proposer": change.proposer,
        "proposer_name": shown.proposer_name,
        "proposer_signature": encode_b64(change.proposer_signature),
        "proposer_key": encode_b64(shown.proposer_key),
        "state": shown.state.value,
        "approver": change.approver,
        "approver_name": shown.approver_name,
        "approver_signature": None if signature is None else encode_b64(signature),
        "approver_key": encode_b64(shown.approver_key),
        "trustees": [
            {
                "name": each.name,
                "verification_key": encode_b64(each.verification_key),
                "signature": encode_b64(each.signature),
            }
            for each in shown.trustees
        ],
        "decided": None if change.decided_at is None else instant(change.decided_at),
        "expires": instant(change.expires_at),
        "lines": [told(line) for line in shown.lines],
        "stale": shown.stale,
        "may_approve": shown.why_not is None,
        "may_decline": shown.may_decline,
        "why_not": None if shown.why_not is None else gettext(shown.why_not),
    }


@blueprint.context_processor
def for_administration() -> dict[str, Callable[..., str]]:
    """What the administrators' templates can call."""
    return {
        "told": told,
        "paragraph": paragraph,
        "written_day": written_day,
        "period": period,
        "decided_by": decided_by,
    }
