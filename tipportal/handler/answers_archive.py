"""Whether a case may go to an archive, as JSON (docs/protocol.md, section 7d)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from tipportal.domain.archiving import decided_export, may_export
from tipportal.domain.errors import IllegalTransition
from tipportal.usecases.handle import CaseView

Answer = dict[str, Any]


def archive_answer(view: CaseView) -> Answer:
    """Why an export cannot be proposed, null when it can; and whether two have decided one since the case closed."""
    return {"export": {"why_not": _why_not(view), "decided": decided_export(view.case, view.proposals) is not None}}


def _why_not(view: CaseView) -> str | None:
    try:
        may_export(view.case)
    except IllegalTransition as refusal:
        return gettext(refusal.reason)
    return None
