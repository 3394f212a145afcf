"""What a publication showed, as bytes, so that the next one need not compute it again.

It follows from the log; whoever verifies a report computes it from there.
"""

from __future__ import annotations

import json

from .families import Published


def keep(shown: Published) -> bytes:
    """A publication's shown cells as JSON, the same bytes each time."""
    told = {
        "id": shown.id,
        "counts": {
            family: [[*cell, count] for cell, count in sorted(counts.items())]
            for family, counts in shown.counts.items()
        },
        "money": {each: sorted(map(list, cells)) for each, cells in shown.money.items()},
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def read(data: bytes) -> Published:
    """What ``keep`` kept. Raises ValueError, KeyError or TypeError for other bytes."""
    told = json.loads(data)
    return Published(
        str(told["id"]),
        {
            family: {tuple(map(str, cell)): int(count) for *cell, count in cells}
            for family, cells in told["counts"].items()
        },
        {each: frozenset((str(one), str(other)) for one, other in cells) for each, cells in told["money"].items()},
    )
