"""Reports are verified from their file, an export of the log and a checkpoint: what was changed anywhere is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import rfc8785

from tests.support.followed_up import YEAR, administrator, document_of, draft_of, end_year, publish
from tests.support.story import Story, staffed, unstaffed
from tipportal.domain.errors import Conflict, Invalid, LogDisagrees
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, Figure, Report, ReportKind
from tipportal.envelope.signednotes import NoteSigner
from tipportal.reporting import document
from tipportal.reporting.words import Words
from tipportal.usecases import checkpoints, handle, logexport, publishing
from tipportal.usecases.reporting import making
from tipportal.usecases.reporting.verifying import Checked, verify


@dataclass(frozen=True)
class Followed:
    """A year with two published reports, an internal one, and what is kept of the log then."""

    story: Story
    signer: NoteSigner
    early: str
    internal: Report
    annual: bytes
    council: bytes
    note: str
    lines: list[bytes]

    def check(
        self,
        file: bytes | Report,
        *,
        note: str | None = None,
        lines: Sequence[bytes] | None = None,
        keys: Sequence[NoteSigner] = (),
    ) -> Checked:
        data = file if isinstance(file, bytes) else document.encode(file)
        given = self.lines if lines is None else lines
        return verify(data, self.note if note is None else note, lambda: given, [each.public for each in keys])


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    with staffed("sqlite", tmp_path_factory.mktemp("followed")) as story:
        signer = NoteSigner(checkpoints.origin(story.handler), bytes([7]) * 32)
        early = checkpoints.make(story.handler, signer).note
        ctx = story.handler
        for case in (story.tip(), story.report()):
            # What waits of a case joins the log with its first act there.
            handle.open_case(ctx, case.members["h1"].account, case.reference)
        end_year(story)
        account = administrator(story)
        checkpoints.make(ctx, signer)
        internal = making.make(ctx, ReportKind.ANNUAL, YEAR).report
        draft = draft_of(story)
        words = {"log": "Vi har räknat själva."}
        annual = publishing.edit_draft(ctx, account, draft.id, words)
        publish(story, annual)
        council = publishing.make_draft(ctx, account, ReportKind.BRA, YEAR, None)
        publish(story, council)
        note = checkpoints.make(ctx, signer).note
        out = io.BytesIO()
        logexport.export(ctx, out)
        lines = out.getvalue().splitlines(keepends=True)
        yield Followed(
            story, signer, early, internal, document_of(story, annual), document_of(story, council), note, lines
        )


def said(checked: Checked) -> str:
    return " ".join(str(each) for each in checked.wrong)


def test_internal_report_is_what_the_log_says(followed: Followed) -> None:
    checked = followed.check(followed.internal, keys=[followed.signer])

    assert checked.holds, said(checked)
    assert (checked.published, checked.edited, checked.own_key) == (None, (), False)


def test_published_reports_hold_with_what_was_published_before_them_and_edited_words_are_named(
    followed: Followed,
) -> None:
    annual, council = followed.check(followed.annual), followed.check(followed.council)

    assert annual.holds, said(annual)
    assert council.holds, said(council)
    assert annual.published is not None
    assert council.report is not None
    assert council.report.earlier == (annual.published.digest,)
    assert (annual.edited, council.edited) == (("log",), ())
    assert annual.own_key


def test_changed_words_of_what_is_published_make_it_another_file(followed: Followed) -> None:
    report = document.decode(followed.annual)
    checked = followed.check(report.edited({"log": "Andra ord."}))

    assert (checked.holds, checked.published) == (False, None)
    assert "Stycke log: någon har skrivit om texten" in said(checked)
    assert checked.instead is not None


def _first_figure(report: Report, put: Callable[[Figure], Figure]) -> Report:
    for section in report.sections:
        for table in section.tables:
            row = (put(table.figures[0][0]), *table.figures[0][1:])
            changed = replace(table, figures=(row, *table.figures[1:]))
            tables = tuple(changed if each is table else each for each in section.tables)
            sections = tuple(replace(section, tables=tables) if each is section else each for each in report.sections)
            return replace(report, sections=sections)
    raise LookupError


def _one_more(figure: Figure) -> Figure:
    return Figure(7) if figure.value is None else replace(figure, value=figure.value + 1)


def test_changed_figure_is_named_with_its_place(followed: Followed) -> None:
    (table,) = (
        each for section in followed.internal.sections for each in section.tables[:1] if section.id == "received"
    )
    checked = followed.check(_first_figure(followed.internal, _one_more))

    assert not checked.holds
    assert len(checked.wrong) == 1
    assert f"Tabell {table.id} ({table.title}), rad {table.heads[0].key} ({table.heads[0].words})" in said(checked)
    assert f"kolumn {table.columns[0].key} ({table.columns[0].words})" in said(checked)


def test_figure_of_a_public_report_that_should_be_hidden_is_named(followed: Followed) -> None:
    public = document.decode(followed.annual)
    checked = followed.check(replace(followed.internal, audience=Audience.PUBLIC, log=public.log))

    assert not checked.holds
    assert "dolt" in said(checked)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda report: replace(report, definitions=7), "version 7 av definitionerna"),
        (lambda report: replace(report, log=replace(report.log, origin="tipportal/00")), "olika installationer"),
        (lambda report: replace(report, log=replace(report.log, size=10**6)), "exporten har bara"),
        (lambda report: replace(report, log=replace(report.log, root="ab" * 32)), "en annan logg"),
        (lambda report: replace(report, log=replace(report.log, size=report.log.size - 1)), "trädets huvud"),
        (lambda report: replace(report, scope="f" * 32), "Organisationen finns inte i loggen"),
        (lambda report: replace(report, earlier=("ab" * 32,)), "andra tidigare rapporter"),
        (lambda report: replace(report, period=Period(2025)), "loggen ger"),
        (lambda report: replace(report, sections=report.sections[1:]), "Rapportens delar"),
    ],
)
def test_report_of_another_kind_or_log_is_said_plainly(
    followed: Followed, change: Callable[[Report], Report], why: str
) -> None:
    checked = followed.check(change(followed.internal))

    assert not checked.holds
    assert why in said(checked)


def test_file_that_is_no_report(followed: Followed) -> None:
    checked = followed.check(b'{"format": 1}')

    assert not checked.holds
    assert "Filen är ingen rapport" in said(checked)


def test_tampered_export_is_named_with_its_entry(followed: Followed) -> None:
    place = next(number for number, line in enumerate(followed.lines) if b"case_received" in line)
    altered = followed.lines[place].replace(b"hemtjanst", b"fardtjanst").replace(b"fakturahantering", b"inkop")
    lines = [*followed.lines[:place], altered, *followed.lines[place + 1 :]]
    checked = followed.check(followed.internal, lines=lines)

    assert altered != followed.lines[place]
    assert not checked.holds
    assert checked.log is not None
    assert checked.log.findings
    assert "Loggen är inte den" in said(checked)


def test_entry_taken_out_of_an_export_is_named(followed: Followed) -> None:
    place = next(number for number, line in enumerate(followed.lines) if b"case_received" in line)
    index = json.loads(followed.lines[place])["index"]
    checked = followed.check(followed.internal, lines=[*followed.lines[:place], *followed.lines[place + 1 :]])

    assert checked.log is not None
    assert any(f"Post {index} saknas" in finding.what for finding in checked.log.findings)


def test_checkpoint_from_before_the_report_shows_nothing_of_it(followed: Followed) -> None:
    checked = followed.check(followed.internal, note=followed.early)

    assert not checked.holds
    assert "Använd en kontrollpunkt från senare" in said(checked)


def test_unknown_checkpoint_is_refused(followed: Followed) -> None:
    size = document.decode(followed.council).log.size
    text = f"{checkpoints.origin(followed.story.handler)}\n{size}\n" + "A" * 43 + "=\n"
    forged = NoteSigner(checkpoints.origin(followed.story.handler), bytes([9]) * 32).sign(text)
    own = NoteSigner("tipportal/00", bytes([7]) * 32).sign(f"tipportal/00\n{size}\n" + "A" * 43 + "=\n")

    for note in (forged, own):
        checked = followed.check(followed.internal, note=note)
        assert not checked.holds
        assert checked.log is not None
        assert checked.log.findings
    assert "går inte att läsa" in said(followed.check(followed.internal, note="hej\n"))


def test_other_key_than_the_log_s_own(followed: Followed) -> None:
    stranger = NoteSigner(checkpoints.origin(followed.story.handler), bytes([9]) * 32)

    assert not followed.check(followed.internal, keys=[stranger]).holds


def test_checkpoint_inside_the_report_must_be_the_log_s_own(followed: Followed) -> None:
    log = followed.internal.log
    stranger = NoteSigner(log.origin, bytes([9]) * 32)
    lines = str(log.checkpoint).split("\n\n")[0] + "\n"

    for other in ("hej\n", stranger.sign(lines), followed.note):
        checked = followed.check(replace(followed.internal, log=replace(log, checkpoint=other)))
        assert not checked.holds
        assert "Kontrollpunkten i rapporten är inte loggens" in said(checked)
    early = replace(log, checkpoint=followed.early)
    assert "Kontrollpunkten i rapporten" not in said(followed.check(replace(followed.internal, log=early)))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry | {"case": []},
        lambda entry: entry | {"actor": {}},
        lambda entry: entry | {"facts": {name: [{}] for name in entry["facts"]}},
        lambda entry: entry | {"kind": "checklist_updated", "facts": {"checklist": {}}},
        lambda entry: entry | {"kind": "policy_activated", "facts": {"organisations": [1], "version": []}},
    ],
    ids=["case", "actor", "facts", "checklist", "policy"],
)
def test_facts_of_a_wrong_kind_in_an_export_are_findings_in_both_languages(
    followed: Followed, change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    place = next(number for number, line in enumerate(followed.lines) if b"case_received" in line)
    read = json.loads(followed.lines[place])
    crafted = rfc8785.dumps(change(json.loads(read["entry"]))).decode()  # type: ignore[arg-type] # JSON as it was read
    line = json.dumps({**read, "entry": crafted}).encode() + b"\n"
    checked = followed.check(followed.internal, lines=[*followed.lines[:place], line, *followed.lines[place + 1 :]])

    assert not checked.holds
    assert checked.log is not None
    english = " ".join(Words("en").told(each.said) for each in checked.log.findings)
    assert "The log has been rewritten" in english


def test_part_of_a_log_computes_nothing(followed: Followed) -> None:
    out = io.BytesIO()
    logexport.export(followed.story.handler, out, 5)

    assert "första posten" in said(followed.check(followed.internal, lines=out.getvalue().splitlines(keepends=True)))


def test_what_is_no_export_is_an_error(followed: Followed) -> None:
    with pytest.raises(logexport.ExportError):
        followed.check(followed.internal, lines=[b"hej\n"])


def test_report_names_the_log_it_is_of(followed: Followed) -> None:
    log = followed.internal.log

    assert log.origin == checkpoints.origin(followed.story.handler)
    assert log.checkpoint is not None
    assert int(log.checkpoint.splitlines()[1]) <= log.size


def test_cases_that_a_reader_is_kept_out_of_do_not_count(followed: Followed) -> None:
    ctx = followed.story.handler
    references = sorted({row["case_reference"] for row in followed.story.contents()["log_entries"]} - {None})
    internal = making.make(ctx, ReportKind.ANNUAL, YEAR).report
    without = making.make(ctx, ReportKind.ANNUAL, YEAR, without=frozenset(references[:1])).report
    nothing = making.make(ctx, ReportKind.ANNUAL, YEAR, without=frozenset(references)).report

    many = len(references)
    assert many > 1
    assert [_total(each) for each in (internal, without, nothing)] == [many, many - 1, 0]


def _total(report: Report) -> int:
    (table,) = (section.tables[0] for section in report.sections if section.id == "received")
    return max(figure.value or 0 for figure in table.figures[-1])


def test_publication_that_the_log_does_not_know_stops_what_is_public(tmp_path: Path) -> None:
    with staffed("sqlite", tmp_path) as story:
        end_year(story)
        publish(story, draft_of(story))
        story.drop_guards()
        story.change("UPDATE publications SET digest = :other", other=bytes(32))
        with pytest.raises(LogDisagrees):
            making.make(story.handler, ReportKind.BRA, YEAR, audience=Audience.PUBLIC)
        making.make(story.handler, ReportKind.BRA, YEAR)


def test_period_that_does_not_fit_its_report(followed: Followed) -> None:
    for kind, period in ((ReportKind.HALF_YEAR, YEAR), (ReportKind.ANNUAL, Period(2026, 1))):
        with pytest.raises(Invalid) as caught:
            making.make(followed.story.handler, kind, period)
        assert caught.value.field == "period"


def test_nothing_before_founding(tmp_path: Path) -> None:
    with unstaffed("sqlite", tmp_path) as story, pytest.raises(Conflict):
        making.make(story.handler, ReportKind.ANNUAL, YEAR)
