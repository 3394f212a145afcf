"""The report as a page: tables that can be heard, nothing that the site's policy forbids, no markup of strangers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lxml import etree, html

from tests.support.reports import CHECKPOINT, HARMFUL, harmful_year, municipal_year
from tipportal.reporting import Format, fragment, render


@pytest.fixture(scope="module")
def page() -> html.HtmlElement:
    return html.fromstring(fragment(municipal_year(), "sv"))


def test_every_table_has_a_caption_and_its_headers_their_scope(page: html.HtmlElement) -> None:
    tables = page.xpath(".//table[contains(@class, 'followup__table')]")
    assert len(tables) == 43
    for table in tables:
        assert table.xpath("string(caption)").strip().startswith("Tabell ")
        assert set(table.xpath(".//thead//th/@scope")) == {"col"}
        assert set(table.xpath("./tbody/tr/th/@scope")) == {"row"}
        assert not table.xpath(".//th[not(@scope)]")
        # Each row has a cell for each column, and is named by its first.
        wide = len(table.xpath("./thead/tr/th"))
        assert {len(row) for row in table.xpath("./tbody/tr")} == {wide}
        region = table.getparent()
        assert region.get("tabindex") == "0"
        assert page.xpath(f".//caption[@id='{region.get('aria-labelledby')}']")


def test_headings_follow_each_other_and_links_lead_somewhere(page: html.HtmlElement) -> None:
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = page.xpath(".//@id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in page.xpath(".//a/@href")} <= set(ids)


def test_bars_say_their_numbers_and_stand_beside_them(page: html.HtmlElement) -> None:
    bars = page.xpath(".//*[local-name()='svg']")
    assert bars
    for bar in bars:
        assert bar.get("aria-hidden") == "true"
        said = bar.xpath("string(*[local-name()='title'])")
        number = bar.getparent().xpath("string(span[@class='r-value'])")
        assert number
        assert said.startswith(f"Stapel: {number} av högst ")
        assert 1 <= int(bar.xpath("number(*[local-name()='rect']/@width)")) <= 100


def test_marks_are_heard_as_words(page: html.HtmlElement) -> None:
    hidden = page.xpath(".//td[span[@aria-hidden='true'][text()='..']]/span[2]/text()")
    assert set(hidden) == {"dolt"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_nothing_that_a_strict_policy_forbids_and_no_markup_of_strangers(language: str) -> None:
    for report in (municipal_year(), harmful_year()):
        found = html.fromstring(fragment(report, language))
        assert not found.xpath(".//@style | .//script | .//style | .//@onclick | .//img | .//b")
        assert {name for each in found.iter(etree.Element) for name in each.attrib if name.startswith("on")} == set()


def test_what_strangers_wrote_stands_as_text() -> None:
    text = html.fromstring(fragment(harmful_year(), "sv")).text_content().replace("\u200b", "")
    for name in (HARMFUL[0], HARMFUL[11], HARMFUL[12], "100 %(name)s %"):
        assert name in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "x" * 10_000 in text


def test_a_label_is_never_endless_and_no_word_unbreakable() -> None:
    found = html.fromstring(fragment(harmful_year(), "sv"))
    for label in found.xpath(".//th | .//caption | .//h2"):
        text = label.text_content().strip()
        assert len(text.replace("\u200b", "")) <= 220
        assert max((len(word) for word in text.replace("\u200b", " ").split()), default=0) <= 30


def test_a_table_of_which_too_much_is_hidden_is_not_drawn(page: html.HtmlElement) -> None:
    (said,) = page.xpath(".//h3[starts-with(., 'Tabell 9.')]/following-sibling::p/text()")
    assert said == "Tabellen visas inte: mer än hälften av talen skulle vara dolda."


def test_the_end_says_how_the_figures_are_checked(page: html.HtmlElement) -> None:
    text = " ".join(page.text_content().split())
    assert "de 48 530 första posterna" in text.replace("\xa0", " ")
    assert "0 – 48 529" in text.replace("\xa0", " ")
    assert "0f" * 32 in text
    assert all(each in text for each in CHECKPOINT.splitlines())


def test_a_file_of_its_own_fetches_nothing_and_a_draft_says_so() -> None:
    found = render(municipal_year(5), Format.HTML, "en", draft=True).decode()
    assert "Draft. The report has not been published." in found
    assert not html.fromstring(found).xpath("//@src | //link | //script")
    assert "url(" not in found
    assert "@import" not in found


def test_a_registry_number_stands_among_the_facts() -> None:
    assert "KS 2027/12" in fragment(municipal_year(5), "sv", registry_number="KS 2027/12")
