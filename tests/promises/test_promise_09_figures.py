"""Promise 9: published figures never let anyone infer an individual beyond what the public register already shows.

Here from the first tip to the published file, in a municipality so small that every breakdown is about single people.
What an attacker can work out from several publications together is asked in ``tests/domain/suppression``.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.followed_up import administrator, draft_of, end_year, publish, published_document
from tests.support.story import Story
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, Figure, Mark, Report, ReportKind, Table, Unit
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.triage import Facts, HeardHow, Named, Origin, RelationGroup, ReprisalConcern
from tipportal.reporting import FORMATS, Format, document
from tipportal.usecases import handle, publishing, triage

REGISTER = {"received", "received_by_organisation", "series", "received_tips", "received_reports"}
"""Tables and rows of what the register says of each case anyway: that it came in, where, through which channel."""
OF_RULES = {"dependence", "weak_places", "weak_place_list", "policy_changes"}
"""Tables about the policy and its staffing, and about no case."""
SMALL = 4
OF_PEOPLE = {Unit.CASES, Unit.PEOPLE, Unit.ACTS, Unit.KRONOR}


def of_people(report: Report) -> Iterator[tuple[Table, Figure]]:
    """Counts of cases and people, and money, but for the register's own totals."""
    for section in report.sections:
        for table in section.tables:
            for head, row in zip(table.heads, table.figures, strict=True):
                for column, figure in zip(table.columns, row, strict=True):
                    if not (REGISTER | OF_RULES) & {table.id, head.key} and column.unit in OF_PEOPLE:
                        yield table, figure


def sort_in(story: Story) -> None:
    """A report from the one who is harassed, anonymous and afraid. A tip too: of none there is none to tell of."""
    story.tip()
    case = story.report()
    account = case.members["h1"].account
    handle.open_case(story.handler, account, case.reference)
    facts = Facts(
        origin=Origin.REPORT,
        types=(IrregularityType.INFLUENCE_HARASSMENT,),
        areas=("rekrytering",),
        relation=RelationGroup.BEFORE_OR_AFTER,
        named=Named.ANONYMOUS,
        reprisals=ReprisalConcern.HAPPENING,
        heard_how=HeardHow.POSTER,
    )
    triage.triage_case(story.handler, account, case.reference, 0, facts.as_json())


def test_no_report_of_a_small_municipality_shows_a_single_case(story: Story) -> None:
    sort_in(story)
    end_year(story)
    me = administrator(story)
    organisation = story.municipality.function.organisation_id
    for kind, period, scope in (
        (ReportKind.HALF_YEAR, Period(2026, 2), None),
        (ReportKind.ANNUAL, Period(2026), None),
        (ReportKind.ANNUAL, Period(2026), organisation),
        (ReportKind.SITUATION, Period(2026), None),
        (ReportKind.INDICATORS, Period(2026), None),
    ):
        publish(story, publishing.make_draft(story.handler, me, kind, period, scope))
    seen = publishing.published(story.handler)
    assert len(seen) == 5
    for one in seen:
        report = document.decode(published_document(story, one.id))
        assert report.audience is Audience.PUBLIC
        small = [
            (report.scope, table.id, figure.value)
            for table, figure in of_people(report)
            if figure.mark is Mark.SHOWN and figure.value is not None and figure.value <= SMALL
        ]
        assert small == [], report.kind
        # It says something all the same.
        assert any(section.paragraphs for section in report.sections), report.kind


def test_what_is_hidden_stands_in_no_file(story: Story) -> None:
    """A hidden figure is not in the file beside its mark, and not in another format either."""
    sort_in(story)
    end_year(story)
    publish(story, draft_of(story))
    publishing.make_files(story.handler)
    (published,) = publishing.published(story.handler)
    report = document.decode(published_document(story, published.id))
    hidden = [figure for _, figure in of_people(report) if figure.mark is Mark.HIDDEN]
    assert all((figure.value, figure.part) == (None, None) for figure in hidden)
    assert set(publishing.publication(story.public, published.id).files) >= {(form.value, "sv") for form in FORMATS}
    text = publishing.publication_file(story.public, published.id, Format.CSV, "sv").data.decode()
    assert "trakasserier" not in text.lower()
