"""`tipportal recover` opens one case with its trustees' papers, and only a case that two have decided to recover."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.recovering import begun, bundle_of
from tests.support.story import Story, staffed
from tipportal.cli.entry import main


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with staffed("sqlite", tmp_path) as made:
        yield made


def test_papers_open_the_case_and_nothing_less(story: Story, tmp_path: Path) -> None:
    case = story.tip()
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle_of(story, begun(story, case))))
    first, _, third = story.municipality.trustees
    papers = ["\n".join(paper) + "\n\n" for paper in (first.paper, first.paper, third.paper[:3], third.paper)]

    opened = CliRunner().invoke(main, ["recover", case.reference, "--bundle", str(file)], input="".join(papers))
    assert opened.exit_code == 0, opened.output
    assert "Grannen får aldrig sitt besök" in opened.output
    assert "redan skrivits in" in opened.output
    assert "sex rader" in opened.output
    assert first.paper[0] not in opened.output

    alone = CliRunner().invoke(main, ["recover", case.reference, "--bundle", str(file)], input=papers[0])
    assert alone.exit_code == 1
    assert "Grannen" not in alone.output
    other = CliRunner().invoke(main, ["recover", "another", "--bundle", str(file)], input="".join(papers))
    assert other.exit_code == 1
