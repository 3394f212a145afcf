"""What an act has written: rows that are new, and the entries of the handling log by kind."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


def added(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The kinds of new entries, waiting or in the tree: one that only joined the tree is the same as before."""
    return [json.loads(body)["kind"] for body in (entries(after) - entries(before)).elements()]


def entries(contents: dict[str, list[dict[str, Any]]]) -> Counter[str]:
    bodies = [json.loads(row["data"]) for table in ("log_entries", "pending_entries") for row in contents[table]]
    return Counter(
        json.dumps({name: body[name] for name in body if name != "index"}, sort_keys=True) for body in bodies
    )
