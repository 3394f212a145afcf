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

from collections import Counter
from collections.abc import Sequence

from .deciding import Deciding
from .families import Cell, FamilyCounts, MoneyCounts, Plan, Published
from .money import shown_sums


def hide(
    families: Sequence[FamilyCounts], earlier: Sequence[Published] = (), money: Sequence[MoneyCounts] = ()
) -> Plan:
    """What a publication may show, after the earlier ones. Deterministic.

    Raises ValueError where families share a category variable or counts do not fit their family, KeyError for a label
    that a variable does not have.
    """
    _check(families)
    counts: dict[str, dict[Cell, int]] = {}
    tables: dict[str, int | None] = {}
    for each in families:
        published = [one.counts.get(each.family.id, {}) for one in earlier]
        decided = Deciding(each, published)
        decided.decide()
        counts[each.family.id] = decided.result()
        tables |= decided.dropped
    sums = {each.id: shown_sums(each, [one.money.get(each.id, frozenset()) for one in earlier]) for each in money}
    return Plan(counts, tables, sums)


def _check(families: Sequence[FamilyCounts]) -> None:
    ids = Counter(each.family.id for each in families)
    names = Counter(variable.name for each in families for variable in each.family.variables if not variable.known)
    twice = sorted(one for found in (ids, names) for one, times in found.items() if times > 1)
    if twice:
        raise ValueError(f"more than one family, or of one variable: {', '.join(twice)}")
