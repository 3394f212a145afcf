"""Sentences and numbers in both languages, and what is left of text that does harm."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipportal.domain.policies.explaining import Sentence
from tipportal.reporting import CatalogueMissing, told
from tipportal.reporting.cells import cell
from tipportal.reporting.words import LONGEST_LABEL, Words, line, plain


def test_numbers_are_written_as_each_language_writes_them() -> None:
    swedish, english = Words("sv"), Words("en")
    assert [swedish.number(each) for each in (0, 999, 1234, 12_345_678, -1234)] == [
        "0",
        "999",
        "1\xa0234",
        "12\xa0345\xa0678",
        "-1\xa0234",
    ]
    assert english.number(12_345_678) == "12,345,678"
    assert [swedish.share(each) for each in (0, 375, 1000, 1118, -5)] == [
        "0,0\xa0%",
        "37,5\xa0%",
        "100,0\xa0%",
        "111,8\xa0%",
        "-0,5\xa0%",
    ]
    assert english.share(375) == "37.5%"
    assert swedish.kronor(1_234_567) == "1\xa0234\xa0567\xa0kr"
    assert english.kronor(1_234_567) == "SEK\xa01,234,567"


def test_sentences_inside_sentences_are_told_first_and_years_are_not_grouped() -> None:
    inner = Sentence("%(number)d ärenden som %(nobody)s har skrivit", {"number": 12_345, "nobody": "ingen\x1b[31m"})
    whole = Sentence("%(year)d kom %(what)s: 100 %%", {"year": 2026, "what": inner})
    assert told(whole, "sv") == "2026 kom 12\xa0345 ärenden som ingen[31m har skrivit: 100 %"
    assert told(Sentence("Vad siffrorna är"), "en") == "What the figures are"


def test_a_language_without_a_catalogue_is_told() -> None:
    with pytest.raises(CatalogueMissing):
        told(Sentence("a"), "fi")


@given(st.text(alphabet=st.characters(), max_size=400))
def test_no_text_moves_a_cursor_or_turns_a_direction(text: str) -> None:
    kept = plain(text)
    assert not {unicodedata.category(each) for each in kept.replace("\n", "")} & {"Cc", "Cs", "Cn", "Co"}
    assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029")
    one = line(text)
    assert "\n" not in one
    assert len(one) <= LONGEST_LABEL
    # Whatever is left can stand in XML 1.0 and in UTF-8.
    kept.encode()


@given(
    st.text(alphabet=st.sampled_from("=+-@\t\r\n\v\u200b\ufeff\uff1d\uff0b\uff0d\uff20\ufe62\u2212 a1'"), max_size=8)
)
def test_no_cell_begins_a_formula(text: str) -> None:
    found = cell(text)
    assert unicodedata.normalize("NFKC", found.lstrip())[:1] not in {"=", "+", "-", "@", "\u2212", "\t", "\r", "\n"}


@pytest.mark.parametrize("name", ["–", "Ekköping", "'redan citerad", "2026", "Åtgärd - uppföljd", "×", "..", ""])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert cell(name) == name
