"""Reports to lay out: a municipality's year with every kind of figure, and the same with names that do harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import (
    Audience,
    Column,
    Figure,
    Head,
    LogRange,
    Mark,
    Paragraph,
    Report,
    ReportKind,
    Section,
    Table,
    Unit,
    share,
)
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.riskareas import RISK_AREAS

S = Sentence

CHECKPOINT = (
    "tipportal/00112233445566778899aabbccddeeff\n48211\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n"
    "— tipportal/00112233445566778899aabbccddeeff c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl\n"
)
HARMFUL = (
    '=HYPERLINK("http://192.0.2.1/","klicka")',
    "+46 70 123 45 67",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "\r=1+1",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "−1",
    "\u200b=1",
    "\u202egnp.exe\u202c",
    "<script>alert(1)</script>",
    "&amp; <b>fet</b> {{ 7*7 }}",
    "Ekköpings " + "omsorgs" * 40,
    "x" * 10_000,
    "ord " * 2_500,
    "عربى 中文 😀",
    "a\x00b\x07c\x1b[31md".replace("\x00", ""),
    "'redan citerad",
    "100 %(name)s %",
)
"""Names as somebody might write them to harm whoever opens a spreadsheet, a page or a terminal."""
ORGANISATIONS = ("Ekköpings kommun", "Omsorgsnämnden", "Skolnämnden", "Samhällsbyggnadsnämnden", "Bostads AB Ekhem")
_YEARS = (2022, 2023, 2024, 2025, 2026)


def _column(key: str, words: str, unit: Unit = Unit.CASES, *, bars: bool = False) -> Column:
    return Column(key, S(words), unit, bars)


def _table(
    name: str, title: str, columns: Sequence[Column], rows: Sequence[tuple[Head, Sequence[Figure]]], **others: object
) -> Table:
    heads, figures = tuple(head for head, _ in rows), tuple(tuple(each) for _, each in rows)
    definition = S("Ärenden som kom in under perioden, räknade ur loggens poster om inkomna ärenden.")
    told = {"first": S("Område"), "definition": definition, "notes": (S("Ett ärende kan höra till flera områden."),)}
    return Table(name, S(title), columns=tuple(columns), heads=heads, figures=figures, **(told | others))  # type: ignore[arg-type] # names and types stand right above


def _section(place: int, names: Sequence[str]) -> Section:
    kinds = (_counts, _shares, _money, _times, _bands)
    tables = (kinds[place % 5](place, names), kinds[(place + 2) % 5](place + 100, names))
    words = S(
        "Under %(year)s kom %(count)s in till %(who)s, och %(money)d kronor återkrävdes.",
        {"year": "2026", "count": S("%(number)d ärenden", {"number": 37 + place}), "who": names[0], "money": 1234567},
    )
    title = S("Avsnitt %(number)d om %(who)s", {"number": place + 1, "who": names[place % len(names)]})
    paragraphs = tuple(Paragraph(f"text.{place}.{one}", words) for one in range(2))
    return Section(f"section-{place}", title, paragraphs, tables)


def _counts(place: int, names: Sequence[str]) -> Table:
    columns = [_column(str(year), f"År {year}", bars=year == 2026) for year in _YEARS]
    rows = [
        (Head(f"row-{number}", name=name), [Figure((number * 7 + year + place) % 60) for year in range(5)])
        for number, name in enumerate(names)
    ]
    rows[-1][1][2] = Figure(mark=Mark.HIDDEN)
    total = [Figure(sum(row[at].value or 0 for _, row in rows)) for at in range(5)]
    return _table(f"counts-{place}", "Ärenden per år", columns, [*rows, (Head("sum", S("Summa"), total=True), total)])


def _shares(place: int, names: Sequence[str]) -> Table:
    columns = [_column("ack", "Bekräftat i tid", Unit.SHARE, bars=True), _column("feed", "Återkopplat", Unit.SHARE)]
    rows = [
        (Head(f"row-{number}", name=name, level=number % 2), [share(number + 3, number + 5), share(number, 17)])
        for number, name in enumerate(names)
    ]
    rows[0] = (rows[0][0], [Figure(mark=Mark.NO_BASE), Figure(mark=Mark.HIDDEN)])
    return _table(f"shares-{place}", "I tid", columns, rows, notes=())


def _money(place: int, names: Sequence[str]) -> Table:
    columns = [_column("claimed", "Återkrävt", Unit.KRONOR, bars=True), _column("stopped", "Stoppat", Unit.KRONOR)]
    rows = [
        (Head(f"row-{number}", name=name), [Figure(number * 1_234_567), Figure(mark=Mark.NOT_YET)])
        for number, name in enumerate(names)
    ]
    return _table(f"money-{place}", "Belopp", columns, rows)


def _times(place: int, _names: Sequence[str]) -> Table:
    columns = [_column("median", "Median, dagar", Unit.DAYS, bars=True), _column("n", "Ärenden")]
    rows = [
        (Head(area.key, S(area.name_sv)), [Figure((number * 5) % 41), Figure(number)])
        for number, area in enumerate(RISK_AREAS)
    ]
    return _table(f"times-{place}", "Dagar till första öppnandet, per riskområde", columns, rows)


def _bands(place: int, names: Sequence[str]) -> Table:
    columns = [_column("worst", "Längsta tid", Unit.DAYS), _column("why", "Anmärkning", Unit.TEXT)]
    rows = [
        (
            Head(f"row-{number}", S("Grupp %(n)d", {"n": number})),
            [Figure(mark=Mark.BAND, text=S("31 till 92 dagar")), Figure(text=S("Se %(who)s", {"who": name}))],
        )
        for number, name in enumerate(names)
    ]
    return _table(f"bands-{place}", "Längsta tider", columns, rows, hidden=place == 4)


def municipal_year(sections: int = 22, names: Sequence[str] = ORGANISATIONS) -> Report:
    """A whole year's report: every unit and mark, long and short tables, and a paragraph that two have written."""
    title = S("Uppföljning av visselblåsning och tips %(period)s", {"period": "2026"})
    report = Report(
        kind=ReportKind.ANNUAL,
        period=Period(2026),
        scope=None,
        audience=Audience.PUBLIC,
        as_of=date(2027, 1, 15),
        log=LogRange("tipportal/00112233445566778899aabbccddeeff", 48_530, "0f" * 32, CHECKPOINT),
        title=title,
        sections=tuple(_section(place, names) for place in range(sections)),
        earlier=("cd" * 32,),
    )
    return report.edited({"text.1.0": "Det här stycket har två skrivit.\n\nDet har två delar\noch en radbrytning."})


def harmful_year(sections: int = 8) -> Report:
    """A report in which everything that people write is meant to do harm, also what two have put in its stead."""
    report = municipal_year(sections, HARMFUL)
    texts = {f"text.{place}.1": HARMFUL[place] for place in range(sections)} | {
        "text.2.0": HARMFUL[14],
        "text.3.0": HARMFUL[15],
    }
    return replace(report.edited(texts), scope="org", names={"org": HARMFUL[0]})
