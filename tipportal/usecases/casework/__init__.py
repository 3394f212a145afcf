"""What the law and good practice ask of those who work with a case: data files, each reviewed by a human on a day."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tipportal.domain.handovers import HandoverRules, read_rules
from tipportal.domain.worklists import Worklist, in_order, read_worklist

_ORDER = (
    "internal_investigation", "police_report", "benefit_crime_act_6", "act_2008_206", "disclosure_osl_10_15a",
    "act_2024_307_out", "act_2024_307_in", "concern_for_child", "lex_sarah",
)  # fmt: skip
"""In the order in which the page lists them: how often they are used, and what must not wait has a place of its own."""
_RULES = "handovers.toml"


@cache
def all_worklists() -> tuple[Worklist, ...]:
    """The checklists, in the order of the page. Raises ValueError for a file that is not one."""
    here = [file for file in files(__package__).iterdir() if file.name.endswith(".toml") and file.name != _RULES]
    return in_order([read_worklist(file.read_text("utf-8")) for file in here], _ORDER)


@cache
def handover_rules() -> HandoverRules:
    """Who may be handed something and on what basis. Raises ValueError for a file that is not one."""
    return read_rules((files(__package__) / _RULES).read_text("utf-8"))
