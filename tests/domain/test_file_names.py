"""Names that strangers gave their files are made safe, here as in the browser."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.files import MAX_NAME, safe_name

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "names.json").read_text("ascii"))["names"]
QUIET = settings(derandomize=True, deadline=None, max_examples=500)


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_vectors(vector: dict[str, str]) -> None:
    assert safe_name(vector["name"]) == vector["safe"]


PIECES = st.text(max_size=40) | st.sampled_from(
    [
        "/",
        "\\",
        ".",
        " ",
        "..",
        "CON",
        "nul",
        "com1",
        "\u202e",
        "\u200d",
        "\u0301",
        "a" * 80,
        "\u00e5" * 140,
        ":",
        "\ud800",
    ]
)


@QUIET
@given(st.lists(PIECES, max_size=6).map("".join))
def test_any_name(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert 0 < len(safe) <= MAX_NAME
    assert safe == safe.strip(" .") == unicodedata.normalize("NFC", safe)
    assert not set(safe) & set('/\\<>:"|?*')
    assert {unicodedata.category(each) for each in safe if each != "\u200d"}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert safe.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    safe.encode()
