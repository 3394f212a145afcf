"""The protocol's vectors are what the code makes, and none is left over."""

import pytest

from tests.vectors.make import FILES, HERE, rendered


@pytest.mark.parametrize("name", sorted(FILES))
def test_current(name: str) -> None:
    """A difference means that the protocol changed: other clients, and cases that already exist, would not follow."""
    assert (HERE / f"{name}.json").read_text("ascii") == rendered(name)


def test_none_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == set(FILES)
