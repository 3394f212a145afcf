from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipportal.domain.files import MAX_NAME, safe_name

# What names are made of, and what they are attacked with, far more often than by chance.
_PIECES = st.sampled_from(
    ["CON", "nul", "com1", "lpt0", ".", "..", "/", "\\", " ", "\u00a0", "\0", "\r\n", "\t", "\u202e", "\u2066",
     "\u200b", "\u200c", "\u200d", "\ufeff", "\u2028", "\ud800", "e\u0301", "\u0301", "<", "*", "?",
     ":", "|", '"', "å", "🧑‍💻",
     "a" * 200, ".pdf", ".tar.gz", "." + "x" * 17]
)  # fmt: skip
NAMES = st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=8).map("".join))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Räksmörgås på Åland.pdf", "Räksmörgås på Åland.pdf"),
        ("Ra\u0308ksmo\u0308rga\u030as.pdf", "Räksmörgås.pdf"),
        ("👨‍👩‍👧 på utflykt 🎉.png", "👨‍👩‍👧 på utflykt 🎉.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\lön.xlsx", "lön.xlsx"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("a \u00a0\u2003 b.txt", "a b.txt"),
        ('<b>"vad?"|*:.txt', "_b__vad_____.txt"),
        ("CON", "_CON"),
        ("com7.tar.gz", "_com7.tar.gz"),
        ("Lpt1 .txt", "_Lpt1 .txt"),
        ("console.log", "console.log"),
        (".htaccess", "htaccess"),
        ("slut. . .", "slut"),
        ("", "fil"),
        ("...", "fil"),
        ("mapp/", "fil"),
        ("\u202e\u200b\ufeff", "fil"),
        ("å" * 300 + ".docx", "å" * 145 + ".docx"),
        ("å" * 300, "å" * 150),
        ("a." + "x" * 300, "a." + "x" * 148),
    ],
)
def test_a_name_becomes_one_that_can_be_shown_and_saved(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(NAMES)
def test_whatever_a_name_was_it_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)

    assert safe_name(safe) == safe
    assert 0 < len(safe) <= MAX_NAME
    assert not set('/\\<>:"|?*') & set(safe)
    assert all(
        character == "\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        for character in safe
    )
    assert safe == safe.strip(" .") == unicodedata.normalize("NFC", safe)
    assert "  " not in safe
    assert safe.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT0"}
    assert safe.encode()
