"""From the entries of the log, one after another, to what the follow-up knows (06): the same entries, the same facts.

What counts is the entry, with corrections as entries of their own; the day is the Swedish one. Kinds that say nothing
of what is counted are passed over, as are kinds that a later version of the program writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias, TypeVar

from tipportal.domain.handlinglog import EntryKind

from .acts import ACTS, NOBODY
from .facts import CaseFacts, Folded
from .folding_cases import CASES, DAY_ONLY, received
from .folding_installation import INSTALLATION
from .periods import half_of
from .telling import Told, UnreadableFacts, swedish_day

_HOUR = len("2026-01-31T22")
_DAY = len("2026-01-31")
_SAFE_HOURS = "22"
"""Sweden is one or two hours ahead of UTC: before 22 UTC its date is the same."""
_Waiting: TypeAlias = "tuple[int, Told, EntryKind]"
_T = TypeVar("_T")

KINDS: Mapping[str, EntryKind] = {kind.value: kind for kind in (EntryKind.CASE_RECEIVED, *CASES, *INSTALLATION, *ACTS)}
"""Entries that something is counted from, by name. Any other changes nothing but the size and the newest day."""
BARE: frozenset[str] = frozenset(kind.value for kind in {*DAY_ONLY, *ACTS} if kind in DAY_ONLY or kind not in CASES)
"""Of those, the ones whose facts nobody looks at."""


class BadEntry(ValueError):
    """An entry says something that no entry of its kind can: the log is damaged, or of a version not known here.

    ``index`` is which entry, ``kind`` what it says it is, ``what`` what is wrong with it.
    """

    def __init__(self, index: int, kind: str, what: str) -> None:
        super().__init__(f"entry {index} ({kind}): {what}")
        self.index, self.kind, self.what = index, kind, what


@dataclass(slots=True)
class Fold:
    """Takes entries in their order, from 0 on, and keeps what they say in ``folded``.

    Between two entries ``folded`` is what a report of exactly the entries so far is made from: look, do not change.
    """

    folded: Folded = field(default_factory=Folded)
    _days: dict[str, date] = field(default_factory=dict)
    _halves: dict[date, str] = field(default_factory=dict)
    _waiting: dict[str, list[_Waiting]] = field(default_factory=dict)
    """Entries of cases whose receipt has not come yet: what waited together joins the log in the order of hashes."""

    def take(self, index: int, body: Mapping[str, object]) -> None:
        """Take the entry at ``index``, as its JSON says. Raises BadEntry; the fold is of no use after that."""
        kind, time, actor, facts = (body.get(name) for name in ("kind", "time", "actor", "facts"))
        organisation, case = body.get("organisation"), body.get("case")
        if (
            not isinstance(kind, str)
            or not isinstance(time, str)
            or not isinstance(actor, str)
            or not isinstance(facts, Mapping)
            or not isinstance(organisation, str | None)
            or not isinstance(case, str | None)
        ):
            raise BadEntry(index, str(kind), "a member is missing or of the wrong kind")
        self.add(index, kind, time, actor, organisation, case, facts)

    def add(  # noqa: PLR0917 - the members of an entry, taken apart by whoever reads a million of them
        self,
        index: int,
        kind: str,
        time: str,
        actor: str,
        organisation: str | None,
        case: str | None,
        facts: Mapping[str, object],
    ) -> None:
        """Take the entry at ``index`` by its members. ``facts`` may be empty for kinds in BARE or not in KINDS."""
        day = self.skip(index, time)
        known = KINDS.get(kind)
        if known is None:
            return
        folded = self.folded
        if case is None:
            tell = INSTALLATION.get(known)
            if tell is not None:
                _tell(index, known, tell, folded, Told(facts, day, actor, organisation or "", ""))
            return
        found = folded.cases.get(case)
        if known is EntryKind.OPENED and found is not None and found.second_opened is not None:
            # A quarter of a log: whoever opens a case that two have opened changes nothing.
            return
        if found is None or known is EntryKind.CASE_RECEIVED:
            self._of_nobody(index, known, Told(facts, day, actor, organisation or "", case))
        else:
            self._of_case(index, known, found, day, actor, facts)

    def skip(self, index: int, time: str) -> date:
        """Take the entry at ``index`` as one that says nothing but its day, which is given. Raises BadEntry."""
        folded = self.folded
        if index != folded.size:
            raise BadEntry(index, "?", f"entry {folded.size} was expected")
        folded.size = index + 1
        key = time[:_DAY] if time[_DAY + 1 : _HOUR] < _SAFE_HOURS else time[:_HOUR]
        day = self._days.get(key)
        if day is None:
            day = self._days[key] = _day_of(index, time)
        if folded.as_of is None or day > folded.as_of:
            folded.as_of = day
        return day

    def _of_nobody(self, index: int, kind: EntryKind, told: Told) -> None:
        """Take a receipt, or an entry that waits for it."""
        if kind is not EntryKind.CASE_RECEIVED:
            self._waiting.setdefault(told.case, []).append((index, told, kind))
            return
        if told.case in self.folded.cases:
            raise BadEntry(index, kind.value, f"the case {told.case} came in before")
        try:
            case = self.folded.cases[told.case] = received(told)
        except UnreadableFacts as error:
            raise BadEntry(index, kind.value, str(error)) from None
        for waited, of, which in self._waiting.pop(told.case, ()):
            self._of_case(waited, which, case, of.day, of.actor, of.facts)

    def _of_case(
        self, index: int, kind: EntryKind, case: CaseFacts, day: date, actor: str, facts: Mapping[str, object]
    ) -> None:
        tell = CASES.get(kind)
        if tell is not None:
            _tell(index, kind, tell, case, Told(facts, day, actor, case.organisation, case.reference))
        # A handover is recorded as a measure: that follows from an act that is counted already.
        follows = kind is EntryKind.MEASURE_RECORDED and facts.get("handover") is not None
        if kind in ACTS and actor not in NOBODY and not follows:
            half = self._halves.get(day)
            if half is None:
                half = self._halves[day] = str(half_of(day))
            acts = self.folded.acts.get((case.organisation, half))
            if acts is None:
                acts = self.folded.acts[case.organisation, half] = Counter()
            acts[actor] += 1


def _tell(index: int, kind: EntryKind, tell: Callable[[_T, Told], None], of: _T, told: Told) -> None:
    try:
        tell(of, told)
    except UnreadableFacts as error:
        raise BadEntry(index, kind.value, str(error)) from None


def _day_of(index: int, time: str) -> date:
    try:
        return swedish_day(time)
    except ValueError:
        raise BadEntry(index, "?", f"no time: {time}") from None
