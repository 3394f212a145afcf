"""A handling log of any size, as years of handling would leave it: for measuring what reads it. The same every time.

Entries have the facts, the order and about the sizes that the use cases give them; digests, signatures and ids are
drawn. The tree is made as appending would have made it.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

from tipportal.domain.handlinglog import ENTRY_VERSION, EntryKind, Json, instant
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.riskareas import KEYS
from tipportal.domain.treeproofs import GrowingTree
from tipportal.storage.guards import create_statements
from tipportal.storage.schema import upgrade

_Act: TypeAlias = Callable[..., None]
LogRow: TypeAlias = tuple[str, str | None, bytes]
"""Organisation, case and canonical bytes of an entry."""
CHUNK = 16_384
DAY = 24 * 3600
YEARS = 5
FIRST = int(datetime(2021, 1, 2, 7, tzinfo=UTC).timestamp())
_TYPES, _AREAS = sorted(IrregularityType), sorted(KEYS)
_RELATIONS = ("active", "contractor", "before_or_after", "outside", "not_told")
_HEARD = ("website", "intranet", "poster", "person", "news", "other", "unknown")
_OUTCOMES = ("confirmed", "partly_confirmed", "unfounded", "cannot_be_investigated", "referred")
_PER_CASE = 31
"""About how many entries a case leaves, with the sign-ins around it."""


@dataclass(slots=True)
class Bulk:
    """Draws entries, day by day. ``organisations``: ids, of which the first is the founding one."""

    cases: int
    organisations: tuple[str, ...]
    draw: random.Random
    _turn: Iterator[int] = field(default_factory=itertools.count)
    _later: list[tuple[int, int, dict[str, Json]]] = field(default_factory=list)

    def bodies(self) -> Iterator[dict[str, Json]]:
        """Every entry but its index, in the order of the log."""
        yield from self._founding()
        span = YEARS * 365 * DAY
        for number in range(self.cases):
            begun = FIRST + DAY + span * number // self.cases
            while self._later and self._later[0][0] < begun:
                yield heapq.heappop(self._later)[2]
            self._case(number, begun)
        while self._later:
            yield heapq.heappop(self._later)[2]

    def _hex(self, size: int = 16) -> str:
        return self.draw.randbytes(size).hex()

    def _handlers(self, organisation: str) -> list[str]:
        return [hashlib.sha256(f"{organisation}{number}".encode()).hexdigest()[:32] for number in range(5)]

    def _founding(self) -> Iterator[dict[str, Json]]:
        for place, each in enumerate(self.organisations):
            named: dict[str, Json] = {} if place == 0 else {"id": each, "change": self._hex()}
            slug = f"organisation-{place}"
            yield _body(
                EntryKind.ORGANISATION_ADDED, FIRST, "system", each, None, {"kind": "committee", "slug": slug, **named}
            )
            function = self._hex()
            yield _body(EntryKind.FUNCTION_ADDED, FIRST, "system", each, None, {"id": function, "change": self._hex()})
            for person in self._handlers(each):
                yield _body(EntryKind.DESIGNATION_MADE, FIRST, "system", each, None, {
                    "id": self._hex(), "function": function, "person": person, "ground": "employment",
                    "decision_number": "KS 2020/1", "decided_on": "2020-12-01", "valid_from": "2021-01-01",
                    "valid_to": None, "change": self._hex(),
                })  # fmt: skip
            yield _body(EntryKind.PROOF_HELD, FIRST, "system", each, None, {
                "register": 4, "counterexamples": 0, "weak_places": 3, "firm_alone": 0, "dependence": {function: 2},
                "places": {"lines": [{
                    "what": "one_more", "channel": "report", "organisation": each, "to": [function],
                    "out": [f"concerned:organisation:{each}"], "people": 2, "number": 3,
                }], "rest": {}},
            })  # fmt: skip
            yield _body(EntryKind.POLICY_ACTIVATED, FIRST, self._hex(), each, None, {
                "change": self._hex(), "decision": "KS 2020/1", "document": self._hex(32), "operations": 0,
                "organisations": [each], "version": 0, "kinds": {},
                "changed": [{"since": None, "organisations": [each], "lines": [], "rest": {}}],
            })  # fmt: skip

    def _at(self, time: int, body: dict[str, Json]) -> None:
        heapq.heappush(self._later, (time, next(self._turn), body))

    def _case(self, number: int, begun: int) -> None:
        of = self.draw.choice(self.organisations)
        first, second = self.draw.sample(self._handlers(of), 2)
        reference = f"{number:09d}"
        reference = f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"
        report = self.draw.random() < 0.3  # noqa: PLR2004 - a third, about
        moment = begun

        def act(
            kind: EntryKind, who: str, facts: dict[str, Json], *, later: float = 0.02, by_two: bool = False
        ) -> None:
            nonlocal moment
            moment += int(later * DAY * (0.5 + self.draw.random()))
            of_source = who in {"source", "system"}
            signatures = [self._signed(first), self._signed(second)] if by_two else []
            time = datetime.fromtimestamp(moment, UTC).date() if of_source else moment
            self._at(moment, _body(kind, time, who, of, reference, facts, signatures))

        def written(seq: int) -> dict[str, Json]:
            return {"epoch": 0, "record": self._hex(32), "seq": seq}

        act(EntryKind.CASE_RECEIVED, "source", {
            "channel": "report" if report else "tip", "authority": of, "area": self.draw.choice(_AREAS),
            "sealed_by": "browser", "facts": self._hex(32), "genesis": self._hex(32), "decision": self._hex(32),
        })  # fmt: skip
        act(EntryKind.CASE_ACKNOWLEDGED, "system", {"by": "confirmation_page"}, later=0)
        for who in (first, second, first, first):
            signed: dict[str, Json] = {}
            moment += DAY
            self._at(moment, _body(EntryKind.SIGNED_IN, moment, who, of, None, signed))
            self._at(moment, _body(EntryKind.IDENTITY_UNLOCKED, moment, who, of, None, signed))
            act(EntryKind.OPENED, who, {})
            act(EntryKind.OPENED, who, {})
        act(EntryKind.TITLE_SET, first, written(1))
        act(EntryKind.NOTE_ADDED, first, written(2))
        act(EntryKind.FILE_OPENED, second, {"record": self._hex(32), "file": 0})
        act(EntryKind.CASE_TRIAGED, first, {
            "version": 1, "origin": "report" if report else "tip", "areas": sorted(self.draw.sample(_AREAS, 2)),
            "types": [str(each) for each in sorted(self.draw.sample(_TYPES, 2))], "named": "anonymous",
            "relation": self.draw.choice(_RELATIONS), "reprisals": self.draw.choice(("no", "feared", "unknown")),
            "heard_how": self.draw.choice(_HEARD), "reasons": [],
        })  # fmt: skip
        if report:
            decided: dict[str, Json] = {"covered": True, "ground": "public_interest"}
            self._by_two(act, first, second, EntryKind.CASE_ASSESSED, "assess", decided)
        act(EntryKind.FOLLOW_UP_BEGUN, first, {}, later=2)
        act(EntryKind.MESSAGE_SENT, first, written(1), later=3)
        act(EntryKind.SOURCE_MESSAGE_RECEIVED, "source", written(2), later=5)
        act(EntryKind.NOTE_ADDED, second, written(3), later=9)
        if self.draw.random() < 0.5:  # noqa: PLR2004 - every second
            act(EntryKind.MEASURE_RECORDED, first, {
                "measure": self._hex(), "kind": "recovery_claim", "taken_on": _day(moment), "step": None,
                "reason": None, "amounts": {"claimed": self.draw.randrange(1_000, 900_000), "recovered": 0},
                "corrects": None, "withdrawn": False, "handover": None, "record": self._hex(32),
                "after_closing": False, "skipped": [],
            }, later=10)  # fmt: skip
        act(EntryKind.FEEDBACK_GIVEN, second, written(3), later=40)
        act(EntryKind.FEEDBACK_READ, "source", {"seq": 3}, later=3)
        outcome: dict[str, Json] = {"outcome": self.draw.choice(_OUTCOMES)}
        self._by_two(act, second, first, EntryKind.CASE_CLOSED, "close", outcome)

    def _by_two(self, act: _Act, one: str, other: str, kind: EntryKind, word: str, content: dict[str, Json]) -> None:
        proposal = self._hex()
        act(EntryKind.PROPOSED, one, {"proposal": proposal, "act": word})
        signed: dict[str, Json] = {
            "case": "000-000-000", "directory": 1, "epoch": 0, "expires": instant(FIRST), "genesis": self._hex(32),
            "kind": word, "nonce": self._hex(), "payload": self._hex(32), "policy": 1,
        }  # fmt: skip
        payload: dict[str, Json] = {**content, "reasons": self._hex(32)}
        act(EntryKind.APPROVED, other, {"act": signed, "payload": payload, "proposal": proposal}, by_two=True)
        act(kind, other, {**content, "proposal": proposal}, later=0)

    def _signed(self, signer: str) -> dict[str, Json]:
        return {"signer": signer, "signature": self._hex(64)}


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _body(  # noqa: PLR0917 - an entry's members
    kind: EntryKind,
    time: int | date,
    actor: str,
    organisation: str,
    case: str | None,
    facts: dict[str, Json],
    signatures: list[dict[str, Json]] | None = None,
) -> dict[str, Json]:
    return {
        "v": ENTRY_VERSION, "kind": kind.value, "time": instant(time) if isinstance(time, int) else time.isoformat(),
        "actor": actor, "organisation": organisation, "case": case, "facts": facts, "policy": 1, "directory": 1,
        "signatures": signatures or [],
    }  # fmt: skip


def bulk(size: int, organisations: int = 10) -> Iterator[bytes]:
    """Entries' canonical bytes, ``size`` of them or a few less."""
    draw = random.Random(20_260_101)  # noqa: S311 # nosec B311 - nothing here is secret
    owners = tuple(draw.randbytes(16).hex() for _ in range(organisations))
    made = Bulk(max(1, (size - 9 * organisations) // _PER_CASE), owners, draw).bodies()
    for index, body in enumerate(itertools.islice(made, size)):
        body["index"] = index
        # The same bytes as RFC 8785 gives: names are ASCII, numbers are whole.
        yield json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def fill(path: Path, size: int, organisations: int = 10) -> int:
    """Make a database with such a log, guards and all; how many entries it has."""
    upgrade(f"sqlite:///{path}")

    def rows() -> Iterator[LogRow]:
        for data in bulk(size, organisations):
            body = json.loads(data)
            yield body["organisation"], body["case"], data

    return append_past_guards(path, GrowingTree(), 0, rows())


def append_past_guards(path: Path, tree: GrowingTree, there: int, rows: Iterable[LogRow]) -> int:
    """Append to the log of a database in SQLite, with leaves and nodes as appending one by one would have made them.

    ``tree``: over the ``there`` entries that it has. Gives how many it then has.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -1000000")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    waiting = iter(rows)
    while batch := list(itertools.islice(waiting, CHUNK)):
        leaves = [hashlib.sha256(b"\x00" + data).digest() for _, _, data in batch]
        nodes = [
            (made.level, made.first + place, each)
            for made in tree.add(leaves)
            for place, each in enumerate(made.hashes)
        ]
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO log_entries (position, organisation_id, case_reference, leaf, data) VALUES (?, ?, ?, ?, ?)",
            (
                (there + place, organisation, case, leaf, data)
                for place, ((organisation, case, data), leaf) in enumerate(zip(batch, leaves, strict=True))
            ),
        )
        connection.executemany("INSERT INTO log_nodes (level, position, hash) VALUES (?, ?, ?)", nodes)
        connection.execute("COMMIT")
        there += len(batch)
    for statement in create_statements("sqlite"):
        connection.execute(statement)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return there
