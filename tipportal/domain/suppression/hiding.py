"""Which figures a publication may show, so that none of 0 to 4 can be inferred from it and all earlier ones (06).

**What is promised.** The attacker knows the register's totals (every combination of the known variables' members),
that counts are whole and not negative, how many members a case has (``Told``), and every publication. Whatever they
combine, any cell of 0 to 4 cases that is no register total could still be 0, and could still be 4 or, where the
register has fewer cases there, all of them. That holds for cells that have been asked for and for those that could be
inferred or asked for later: of each category variable every label in every organisation, channel and period, whether a
report shows it or not; of two category variables together those that a publication has asked for at that level.
A year is only safe after a half-year because its other half is such a cell.

**How.** Cells of 0 to 4 are hidden. For each cell to protect other tables of whole cases are built, move by move
(``moves``), that agree with all that is published: one in which it is 0, one in which it is 4. What stands in the way
of a move is hidden too, fewest cells first; where nothing helps the whole family is. Hiding more never takes a table
away, so that one pass is enough. The tables are of whole numbers, and so are all on the way: an attacker who reasons in
whole numbers gets no further than one who solves linear programmes.

**What is not promised.**

- Nothing is random: whoever runs this very program on guessed counts can rule out those for which it would have hidden
  other cells (a minimality attack). That narrows what stands beside a small cell, seldom the cell.
- A cell that has changed since it was published is not held against the newer counts: what is protected is the
  table as it stands at the newest publication. What two publications of the same cell tell of the difference – that so
  many cases were corrected or closed in between – is not hidden.
- Whoever knows cases from elsewhere (an organisation its own, a source theirs) may subtract them.
- Sums of several cells that are no label (two of fifty organisations together) may be known to be small.
- What follows from the meaning of variables in different families (see ``families``), or from their order in time: that
  nothing happens in a case before it is received.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from .deciding import Deciding
from .families import Cell, FamilyCounts, MoneyCounts, Plan, Published, Wish
from .money import shown_sums


def hide(
    families: Sequence[FamilyCounts], earlier: Sequence[Published] = (), money: Sequence[MoneyCounts] = ()
) -> Plan:
    """What a publication may show, after the earlier ones. Deterministic.

    Raises ValueError where families share a category variable or counts do not fit their family, KeyError for a label
    that a variable does not have.
    """
    return hide_together([Wish(families, money)], earlier)[0]


def hide_together(wishes: Sequence[Wish], earlier: Sequence[Published] = ()) -> list[Plan]:
    """What each of several reports of the same counts may show, whether all of them are published or some.

    The first comes first; the others are decided at once, so that none of them shows less for coming later. Showing
    less than has been decided tells nobody more. Raises as ``hide``, and ValueError where the counts are not the same.
    """
    for wish in wishes:
        _check(wish.families)
    counts: list[dict[str, dict[Cell, int]]] = [{} for _ in wishes]
    tables: list[dict[str, int | None]] = [{} for _ in wishes]
    for name, of in _by_family(wishes).items():
        asked = {(number, table.table): table for number, each in of.items() for table in each.tables}
        every = replace(next(iter(of.values())), tables=tuple(asked.values()))
        decided = Deciding(every, [one.counts.get(name, {}) for one in earlier])
        for stage in (range(1), range(1, len(wishes))):
            mine = {key: table for key, table in asked.items() if key[0] in stage}
            dropped = decided.decide(mine)
            for number in stage:
                if number in of:
                    whole = {key[1]: instead for key, instead in dropped.items() if key[0] == number}
                    tables[number] |= whole
                    counts[number][name] = decided.result(of[number].tables, whole)
            decided.settle()
    return [Plan(some, whole, sums) for some, whole, sums in zip(counts, tables, _sums(wishes, earlier), strict=True)]


def _by_family(wishes: Sequence[Wish]) -> dict[str, dict[int, FamilyCounts]]:
    found: dict[str, dict[int, FamilyCounts]] = {}
    for number, wish in enumerate(wishes):
        for each in wish.families:
            of = found.setdefault(each.family.id, {})
            first = next(iter(of.values()), each)
            if first.family != each.family or (first.atoms is not each.atoms and first.atoms != each.atoms):
                raise ValueError(f"family {each.family.id}: the reports count differently")
            of[number] = each
    return found


def _sums(wishes: Sequence[Wish], earlier: Sequence[Published]) -> list[dict[str, frozenset[Cell]]]:
    shown: defaultdict[str, list[frozenset[Cell]]] = defaultdict(list)
    for one in earlier:
        for name, cells in one.money.items():
            shown[name].append(cells)
    plans = []
    for wish in wishes:
        plans.append({each.id: shown_sums(each, shown[each.id]) for each in wish.money})
        for name, cells in plans[-1].items():
            shown[name].append(cells)
    return plans


def _check(families: Sequence[FamilyCounts]) -> None:
    ids = Counter(each.family.id for each in families)
    names = Counter(variable.name for each in families for variable in each.family.variables if not variable.known)
    twice = sorted(one for found in (ids, names) for one, times in found.items() if times > 1)
    if twice:
        raise ValueError(f"more than one family, or of one variable: {', '.join(twice)}")
