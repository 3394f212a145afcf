"""What whoever reported is told when the act does not cover it, and where else to turn: data, with who reviewed when.

A draft, always changed by a person before it is sent. In the reporter's language, hence not in the catalogue of the
pages: Swedish and English, as the forms are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from .triage import NOT_COVERED_REASONS, Reason

LANGUAGES = ("sv", "en")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Drafts by ground and language, and the day on which a person last held them against the law.

    ``measures``: what has been done, by language, as feedback says it beside the reasons.
    """

    reviewed_on: date
    measures: Mapping[str, str]
    drafts: Mapping[tuple[Reason, str], str]


def read_elsewhere() -> Elsewhere:
    """The drafts of ``elsewhere.json``. Raises KeyError or ValueError unless the file says all, and no more.

    Each ground that a report can fall on has a text and at least one route, each route is used and has its source.
    """
    data = json.loads(files(__package__).joinpath("elsewhere.json").read_text(encoding="utf-8"))
    routes, grounds = data["routes"], data["grounds"]
    if {Reason(key) for key in grounds} != NOT_COVERED_REASONS:
        raise ValueError("grounds")
    if {key for ground in grounds.values() for key in ground["routes"]} != set(routes):
        raise ValueError("routes")
    if not all(route["source"] for route in routes.values()) or not all(
        ground["routes"] for ground in grounds.values()
    ):
        raise ValueError("source")
    drafts = {
        (Reason(key), language): "\n\n".join(
            [
                ground[language],
                "\n".join([data["turn_to"][language], *(f"– {routes[route][language]}" for route in ground["routes"])]),
                data["closing"][language],
            ]
        )
        for key, ground in grounds.items()
        for language in LANGUAGES
    }
    measures = {language: data["opening"][language] for language in LANGUAGES}
    return Elsewhere(date.fromisoformat(data["reviewed_on"]), measures, drafts)
