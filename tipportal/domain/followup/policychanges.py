"""What two changed that the handling rests on: policies, designations, the register, trustees (04).

All of it comes from the log, which names functions, channels and organisations. How many members came or left a
function is not for the public: of a small one it would be somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import CHANNEL, Changed, What
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import labels
from .counting import Span
from .facts import PolicyChange, RegisterChange
from .grids import period_title
from .report import Column, Figure, Head, Mark, Paragraph, Table, Unit
from .view import View

TITLE = N_("Vad som ändrades i policyn")
_PERSONS = frozenset({What.MEMBERS_ADDED, What.MEMBERS_REMOVED})
"""Changes whose number is of people."""
_NO_MORE = "says_no_more"


@dataclass(frozen=True, slots=True)
class _Row:
    names: str
    day: Sentence
    what: Sentence
    number: Figure


def policy_changes(view: View) -> Table:
    """Each change of a policy in the period: the functions, channels and organisations that it concerns."""
    rows = [row for change in _in_scope(view) for row in _rows(view, change)]
    return Table(
        "policy_changes",
        Sentence(TITLE),
        Sentence(N_("Policyn för")),
        (
            Column("day", Sentence(N_("Dag")), Unit.TEXT),
            Column("what", Sentence(N_("Ändring")), Unit.TEXT),
            Column("number", Sentence(N_("Antal ändringar")), Unit.ACTS),
        ),
        tuple(Head(f"change_{number}", name=row.names) for number, row in enumerate(rows, 1)),
        tuple(
            (Figure(mark=Mark.BAND, text=row.day), Figure(mark=Mark.BAND, text=row.what), row.number) for row in rows
        ),
        Sentence(
            N_(
                "Policyer som två administratörer har beslutat under perioden, jämförda med dem som gällde innan. "
                "Vilka personer det gäller, och villkoren i reglerna, står inte i loggen."
            )
        ),
        (Sentence(N_("Hur många medlemmar som har kommit eller lämnat visas inte offentligt.")),)
        if view.is_public
        else (),
    )


def designations(view: View) -> Table:
    """For each function how many designations began and ended; for the public whether any did."""
    last = min(view.span.last, view.request.as_of)
    known = view.cube.folded.designations.values()
    functions = _functions(view)
    rows: list[tuple[Head, tuple[Figure, ...]]] = []
    for function in sorted(functions, key=lambda one: (view.name(one), one)):
        mine = [(person, first, end) for of, person, first, end in known if of == function]
        began = sum(view.span.first <= first <= last for _, first, _ in mine)
        ended = sum(end is not None and view.span.first <= end <= last for _, _, end in mine)
        held = len({person for person, first, end in mine if first <= last and (end is None or end >= last)})
        if not mine:
            continue
        head = Head(function, name=view.name(function))
        if view.is_public:
            text = Sentence(N_("ändrades") if began or ended else N_("oförändrade"))
            rows.append((head, (Figure(mark=Mark.BAND, text=text),)))
        else:
            rows.append((head, (Figure(began), Figure(ended), Figure(held))))
    columns: tuple[Column, ...] = (
        Column("began", Sentence(N_("Började gälla")), Unit.ACTS),
        Column("ended", Sentence(N_("Upphörde")), Unit.ACTS),
        Column("held", Sentence(N_("Personer vid periodens slut")), Unit.PEOPLE),
    )
    if view.is_public:
        columns = (Column("changed", Sentence(N_("Utseenden")), Unit.TEXT),)
    return Table(
        "designations",
        Sentence(N_("Utseenden till funktionerna")),
        Sentence(N_("Funktion")),
        columns,
        tuple(head for head, _ in rows),
        tuple(figures for _, figures in rows),
        Sentence(
            N_("Beslut som gör en person till medlem i en funktion, efter den dag då de började gälla eller upphörde.")
        ),
        ()
        if view.is_public
        else (Sentence(N_("Ett beslut som förnyas räknas både som ett som upphörde och ett som började.")),),
    )


def register_changes(view: View) -> Table:
    """What was changed in the register, by kind, in the period and the same a year before."""
    spans = (view.span, view.before)
    counts = [_counted(view.cube.folded.register_changes, span) for span in spans]
    keys = [key for key in labels.OPERATIONS if any(one[key] for one in counts)]
    known = {*labels.OPERATIONS, _NO_MORE}
    later = sorted({key for one in counts for key in one} - known)
    heads = [*(Head(key, Sentence(labels.OPERATIONS[key])) for key in keys), *(Head(key, name=key) for key in later)]
    if any(one[_NO_MORE] for one in counts):
        heads.append(Head(_NO_MORE, Sentence(N_("Loggen säger inte av vilket slag"))))
    return Table(
        "register_changes",
        Sentence(N_("Ändringar i registret")),
        Sentence(N_("Slag")),
        tuple(Column(key, period_title(span), Unit.ACTS) for key, span in zip(("now", "before"), spans, strict=True)),
        tuple(heads),
        tuple(tuple(Figure(one[head.key]) for one in counts) for head in heads),
        Sentence(
            N_(
                "Åtgärder som två administratörer har beslutat om i registret över organisationer, enheter, funktioner "
                "och personer, efter den dag då de gjordes. Frånvaro som någon själv anmäler räknas inte."
            )
        ),
    )


def trustees(view: View) -> Iterator[Paragraph]:
    """How many trustees it takes from now on, where new ones were decided on; they are the whole installation's."""
    every = view.cube.folded.trustees if view.scope is None else []
    for place, (day, threshold, number) in enumerate(every):
        if day in view.span:
            values: dict[str, object] = {"day": day, "threshold": threshold, "number": number}
            text = N_("Nyckelförvaltare utsågs %(day)s: %(threshold)d av %(number)d kan tillsammans öppna ett ärende.")
            if place:
                values |= {"before": every[place - 1][1], "count": every[place - 1][2]}
                text = N_(
                    "Nyckelförvaltarna ändrades %(day)s: %(threshold)d av %(number)d kan tillsammans öppna ett ärende, "
                    "förut %(before)d av %(count)d."
                )
            yield Paragraph(f"trustees_{place}", Sentence(text, values))


def _in_scope(view: View) -> list[PolicyChange]:
    found = [one for one in view.cube.folded.policy_changes if one.on in view.span]
    return [one for one in found if view.scope is None or view.scope in one.organisations]


def _rows(view: View, change: PolicyChange) -> Iterator[_Row]:
    covered = change.organisations if view.scope is None else (view.scope,)
    names = ", ".join(sorted(view.name(each) for each in covered))
    day = Sentence("%(day)s", {"day": change.on})

    def row(text: str, number: Figure) -> _Row:
        return _Row(names, day, Sentence(text), number)

    if change.changes is None:
        yield row(N_("Loggen säger inte vad som ändrades."), Figure(mark=Mark.NOT_YET))
        return
    if change.since is None:
        yield row(N_("Den första policyn."), Figure(1))
        return
    if not change.changes.lines:
        yield row(N_("Policyn är densamma som förut."), Figure(0))
    for line in change.changes.lines:
        yield _Row(names, day, _said(view, line), _number(view, line.what, line.number))
    for what, number in change.changes.rest.items():
        more = Sentence(labels.CHANGES[What(what)], {"of": Sentence(N_("fler, som loggen bara räknar"))})
        yield _Row(names, day, more, _number(view, What(what), number))


def _number(view: View, what: What, number: int) -> Figure:
    return Figure(mark=Mark.HIDDEN) if view.is_public and what in _PERSONS else Figure(number)


def _said(view: View, line: Changed) -> Sentence:
    of = _named(view, line)
    if line.sizes is not None:
        values = {"of": of, "before": line.sizes[0], "after": line.sizes[1]}
        return Sentence(N_("Ärendegruppen är nu minst %(after)d personer, förut %(before)d: %(of)s."), values)
    return Sentence(labels.CHANGES[line.what], {"of": of})


def _named(view: View, line: Changed) -> Sentence:
    parts = [_part(view, each) for each in line.of]
    if line.more:
        parts.append(Sentence(N_("och %(number)d till"), {"number": line.more}))
    whole = parts[0] if parts else Sentence("–")
    for part in parts[1:]:
        whole = Sentence("%(one)s, %(other)s", {"one": whole, "other": part})
    return whole


def _part(view: View, written: str) -> Sentence:
    kind, _, named = written.partition(":")
    if f"{kind}:" == CHANNEL and named in {each.value for each in Channel}:
        return Sentence(_CHANNELS[Channel(named)])
    return Sentence("%(name)s", {"name": view.name(named)})


_CHANNELS = {Channel.TIP: N_("tips"), Channel.REPORT: N_("rapporter")}


def _functions(view: View) -> set[str]:
    """Every function; of one organisation its own, and those that receive for it."""
    folded = view.cube.folded
    if view.scope is None:
        return set(folded.functions)
    owned = {function for function, organisation in folded.functions.items() if organisation == view.scope}
    return owned | {
        function for proof in folded.proofs if proof.organisation == view.scope for function in proof.dependence
    }


def _counted(changes: Sequence[RegisterChange], span: Span) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in changes:
        if one.on in span:
            total.update({_NO_MORE: one.operations} if one.kinds is None else one.kinds)
    return total
