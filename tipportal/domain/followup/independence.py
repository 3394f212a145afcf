"""How independent the handling was of any single person: who left, who stepped in, and how few it rests on (04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import SMALL
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import EVENTS
from .counting import LONGEST_SUM, Span
from .grids import Words, grid, lines_of, period_title, period_words, years_of
from .phrases import Noun, said
from .policychanges import designations, policy_changes, register_changes, trustees
from .report import Column, Figure, Head, Mark, Paragraph, Section, Table, Unit, share
from .view import View
from .weakplaces import listed_places, proof_at

_SEPARATIONS = ("recusal", "standby", "reopened", "reclassified")
_FEW = N_("färre än 5")
_SHARES: tuple[tuple[int, str], ...] = (
    (333, N_("högst en tredjedel")),
    (500, N_("en tredjedel till hälften")),
    (750, N_("hälften till tre fjärdedelar")),
)
_MOST = N_("mer än tre fjärdedelar")
_EFFECTIVE: tuple[tuple[int, str], ...] = ((15, N_("ungefär en")), (25, N_("ungefär två")), (35, N_("ungefär tre")))
_FOUR = N_("minst fyra")


def independence(view: View) -> Section:
    """Recusals and standbys, the dependence figures over time, and the proof's weak places."""
    words = Words(
        "separations",
        Sentence(N_("Jäv och ersättare")),
        Sentence(N_("Vad")),
        Sentence(
            N_(
                "Antal ärenden där det har hänt under perioden. Att ett ärende gick till en annan grupp än den vanliga "
                "räknas inte: det står inte i loggen, eftersom det kan peka ut vem ärendet rör."
            )
        ),
    )
    lines = lines_of({key: labels.EVENTS[key] for key in _SEPARATIONS})
    tables = (
        grid(view, words, EVENTS, lines, years_of(view)),
        concentration(view),
        dependence(view),
        weak_places(view),
        listed_places(view),
        policy_changes(view),
        designations(view),
        # Most of it is about single people, and the rest is told elsewhere.
        *(() if view.is_public or view.scope is not None else (register_changes(view),)),
    )
    return Section("independence", Sentence(N_("Personberoende och jäv")), tuple(_words(view)), tables)


def acts_in(view: View, span: Span) -> Counter[str]:
    """Acts of handling in scope by who did them."""
    halves = {str(half) for back in range(span.years) for half in span.period.before(back).halves()}
    total: Counter[str] = Counter()
    for (organisation, half), acts in view.cube.folded.acts.items():
        if view.scope in (None, organisation) and half in halves:
            total.update(acts)
    return total


def largest_share(acts: Counter[str]) -> Figure:
    """The share of the acts that the busiest has done."""
    return share(max(acts.values(), default=0), acts.total())


def effective(acts: Counter[str]) -> int:
    """The effective number of handlers in tenths: one divided by the sum of the squares of their shares."""
    squares = sum(count * count for count in acts.values())
    return 0 if squares == 0 else (20 * acts.total() ** 2 + squares) // (2 * squares)


def concentration(view: View) -> Table:
    """How many handled, the largest share, and the effective number, by year; in bands where few share the acts."""
    spans = [Span(view.request.period.before(back)) for back in range(LONGEST_SUM - 1, -1, -1)]
    columns = [acts_in(view, span) for span in spans]
    rows = (
        (Head("handlers", Sentence(N_("Personer som har handlagt"))), _handlers),
        (Head("largest", Sentence(N_("Största andel av handläggningen som en person har gjort"))), _largest),
        (Head("effective", Sentence(N_("Antal personer som fördelningen motsvarar"))), _effective),
    )
    units = (Unit.PEOPLE, Unit.SHARE, Unit.TEXT)
    return Table(
        "concentration",
        Sentence(N_("Hur handläggningen var fördelad")),
        Sentence(N_("Period")),
        (
            Column("handlers", _named(rows[0][0]), units[0]),
            Column("largest", _named(rows[1][0]), units[1]),
            Column("effective", _named(rows[2][0]), units[2]),
        ),
        tuple(Head(str(span.period), period_title(span)) for span in spans),
        tuple(tuple(of(view, acts) for _, of in rows) for acts in columns),
        Sentence(
            N_(
                "Handläggningsåtgärder i loggen: meddelanden, bedömningar, beslut och anteckningar, men inte läsning. "
                "Det sista måttet är ett delat med summan av kvadraterna på personernas andelar: 1,0 betyder att en "
                "person har gjort allt, 3,0 att arbetet är lika delat på tre. I offentliga rapporter står intervall."
            )
        ),
    )


def dependence(view: View) -> Table:
    """For each function the fewest people whose absence breaks it, at the end of each of the years."""
    spans = [Span(view.request.period.before(back)) for back in range(LONGEST_SUM - 1, -1, -1)]
    newest = [_dependence_at(view, span) for span in spans]
    functions = sorted({function for one in newest for function in one}, key=lambda one: (view.name(one), one))
    return Table(
        "dependence",
        Sentence(N_("Hur få som behöver vara borta för att en funktion inte ska fungera")),
        Sentence(N_("Funktion")),
        tuple(Column(str(span.period), period_title(span), Unit.PEOPLE) for span in spans),
        tuple(Head(function, name=_told_apart(view, function, functions)) for function in functions),
        tuple(
            tuple(Figure(one[function]) if function in one else Figure(mark=Mark.NOT_YET) for one in newest)
            for function in functions
        ),
        Sentence(
            N_(
                "Ur bevisen av oberoende: det minsta antal personer vars frånvaro gör att funktionen inte kan bilda en "
                "egen ärendegrupp, enligt det senaste beviset före periodens slut. 0 betyder att den inte kan det "
                "alls. Då går ärendena vidare enligt policyn."
            )
        ),
    )


def _told_apart(view: View, function: str, functions: Sequence[str]) -> str:
    """A function's name, with its organisation's where another function is called the same."""
    name = view.name(function)
    if sum(view.name(other) == name for other in functions) == 1:
        return name
    return f"{name}, {view.name(view.cube.folded.functions.get(function, function))}"


def weak_places(view: View) -> Table:
    """What the newest proof says of each organisation: whether it holds, and where only a panel is left."""
    known = {one.organisation for one in view.cube.folded.proofs}
    rows = []
    for organisation in sorted(known, key=lambda one: (view.name(one), one)):
        proof, before = proof_at(view, organisation, view.span), proof_at(view, organisation, view.before)
        if proof is not None and view.scope in (None, organisation):
            held = Sentence(N_("håller")) if proof.held else Sentence(N_("håller inte"))
            rows.append((
                Head(organisation, name=view.name(organisation)),
                (
                    Figure(mark=Mark.BAND, text=held),
                    Figure(proof.weak_places),
                    Figure(mark=Mark.NOT_YET) if before is None else Figure(before.weak_places),
                    Figure(proof.firm_alone),
                ),
            ))  # fmt: skip
    return Table(
        "weak_places",
        Sentence(N_("Bevisets svaga ställen")),
        Sentence(N_("Organisation")),
        (
            Column("held", Sentence(N_("Beviset")), Unit.TEXT),
            Column("weak_places", Sentence(N_("Svaga ställen")), Unit.ACTS),
            Column("before", Sentence(N_("Svaga ställen ett år tidigare")), Unit.ACTS),
            Column("firm_alone", Sentence(N_("Fall där en firma är ensam ärendegrupp")), Unit.ACTS),
        ),
        tuple(head for head, _ in rows),
        tuple(figures for _, figures in rows),
        Sentence(
            N_(
                "Det senaste beviset före periodens slut. Ett svagt ställe är en situation där en hel part berörs och "
                "en person till är borta, så att det finns en ärendegrupp men ingen ersättare. De räknas upp i nästa "
                "tabell."
            )
        ),
    )


def _words(view: View) -> list[Paragraph]:
    found = []
    proofs = [proof_at(view, one, view.span) for one in sorted({each.organisation for each in view.cube.folded.proofs})]
    newest = [one for one in proofs if one is not None and view.scope in (None, one.organisation)]
    if newest:
        weak = sum(one.weak_places for one in newest)
        text = N_("Vid slutet av %(period)s hade beviset av oberoende %(places)s.")
        values = {"period": period_words(view.span), "places": said(Noun.PLACES, weak)}
        found.append(Paragraph("weak_places", Sentence(text, values)))
        found += _before(view, len(newest), weak)
        if not all(one.held for one in newest):
            text = N_("Beviset höll inte. Det står i tabellen vilken organisation det gäller.")
            found.append(Paragraph("proof_lapsed", Sentence(text)))
    fewest = min(_dependence_at(view, view.span).values(), default=None)
    if fewest is not None:
        text = N_("I den känsligaste funktionen räcker det att %(people)s är borta för att den inte ska fungera.")
        found.append(Paragraph("dependence", Sentence(text, {"people": said(Noun.PEOPLE, fewest)})))
    return [*found, *trustees(view)]


def _before(view: View, organisations: int, weak: int) -> list[Paragraph]:
    """How many weak places there were a year before, where as many organisations had a proof then."""
    known = dict.fromkeys(one.organisation for one in view.cube.folded.proofs if view.scope in {None, one.organisation})
    proofs = [found for one in known if (found := proof_at(view, one, view.before)) is not None]
    if len(proofs) != organisations:
        return []
    then = sum(one.weak_places for one in proofs)
    if then == weak:
        return [Paragraph("weak_places_before", Sentence(N_("Det är lika många som ett år tidigare.")))]
    text = N_("Ett år tidigare hade det %(places)s.")
    return [Paragraph("weak_places_before", Sentence(text, {"places": said(Noun.PLACES, then)}))]


def _dependence_at(view: View, span: Span) -> dict[str, int]:
    found: dict[str, int] = {}
    if span.first > view.request.as_of:
        return found
    for organisation in dict.fromkeys(one.organisation for one in view.cube.folded.proofs):
        proof = proof_at(view, organisation, span)
        if proof is not None and view.scope in (None, organisation):
            found.update(proof.dependence)
    return found


def _named(head: Head) -> Sentence:
    return head.words or Sentence(head.key)


def _handlers(view: View, acts: Counter[str]) -> Figure:
    if not acts:
        return Figure(mark=Mark.NO_BASE)
    if _is_few(view, acts):
        return Figure(mark=Mark.BAND, text=Sentence(_FEW))
    return Figure(len(acts))


def _largest(view: View, acts: Counter[str]) -> Figure:
    if not acts:
        return Figure(mark=Mark.NO_BASE)
    figure = largest_share(acts)
    if not view.is_public:
        return figure
    value = figure.value or 0
    return Figure(mark=Mark.BAND, text=Sentence(next((words for most, words in _SHARES if value <= most), _MOST)))


def _effective(view: View, acts: Counter[str]) -> Figure:
    if not acts:
        return Figure(mark=Mark.NO_BASE)
    tenths = effective(acts)
    if not _is_few(view, acts):
        values = {"whole": tenths // 10, "tenth": tenths % 10}
        return Figure(mark=Mark.BAND, text=Sentence(N_("%(whole)d,%(tenth)d"), values))
    return Figure(mark=Mark.BAND, text=Sentence(next((words for most, words in _EFFECTIVE if tenths < most), _FOUR)))


def _is_few(view: View, acts: Counter[str]) -> bool:
    return view.is_public and len(acts) <= SMALL
