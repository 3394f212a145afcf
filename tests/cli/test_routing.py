"""`tipportal routing`: files in, a verdict out, without any installation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tipportal.cli import main

EXAMPLE = Path(__file__).parents[2] / "docs" / "policy.example.toml"
TEMPLATE = (
    "template", "neighbour", "--organisation", "bjorkvik", "--own", "anna", "--own", "johan",
    "--outside", "maria", "--outside", "erik", "--outside", "sara",
)  # fmt: skip


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["routing", *map(str, arguments)], env={}, catch_exceptions=False)


def test_a_policy_that_holds(tmp_path: Path) -> None:
    result = _run("check", EXAMPLE)
    assert result.exit_code == 0
    assert result.output.startswith("Policyn håller: det finns ärendegrupp och ersättare vem som än är borta")
    assert "polisen eller medier" in result.output
    assert "Visselblåsarfunktionen står sig tills 4 är borta" in result.output

    exported = _run("export", EXAMPLE)
    assert exported.output == EXAMPLE.read_text()
    policy, register = tmp_path / "policy.toml", tmp_path / "register.toml"
    policy.write_text(_run(*TEMPLATE).output)
    register.write_text(exported.output[exported.output.index("[register]") :])
    assert _run("check", policy, register).output == result.output


def test_a_policy_that_does_not_hold() -> None:
    result = _run("check", EXAMPLE, "--pairs")
    assert result.exit_code == 1
    assert "Policyn håller inte." in result.output
    assert "Lägg till 1 i Visselblåsarfunktionen" in result.output


def test_json(tmp_path: Path) -> None:
    proven = json.loads(_run("check", EXAMPLE, "--json").output)
    assert list(proven) == ["result", "people_out", "weak_places", "firm_alone", "turned_away", "dependence"]
    assert (proven["result"], proven["people_out"]) == ("proven", 1)
    assert list(proven["weak_places"][0]) == ["facts", "out", "left", "people", "text"]
    assert proven["dependence"]["externt-ombud"]["figure"] == 2
    refuted = json.loads(_run("check", EXAMPLE, "--json", "--pairs").output)
    assert list(refuted) == ["result", "people_out", "counterexamples", "dependence"]
    assert (refuted["result"], refuted["people_out"]) == ("refuted", 2)
    first = refuted["counterexamples"][0]
    assert list(first) == ["facts", "out", "left", "missing", "to_add", "text"]
    assert [outage["how"] for outage in first["out"]] == ["concerned", "out", "out"]
    faulty = tmp_path / "p.toml"
    faulty.write_text(EXAMPLE.read_text().replace('"erik", "sara"]', '"erik", "nobody"]', 1))
    result = _run("check", faulty, "--json")
    assert result.exit_code == 2
    told = json.loads(result.output)
    assert told["result"] == "faulty"
    assert {"file": str(faulty), "line": 9, "what": "Personen nobody finns inte."} in told["faults"]


@pytest.mark.parametrize("command", [("check",), ("export",), ("diff", EXAMPLE)])
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, command: tuple[str | Path, ...]) -> None:
    faulty = tmp_path / "p.toml"
    faulty.write_text(EXAMPLE.read_text().replace("organisations =", "organisation =", 1))
    result = _run(*command, faulty)
    assert result.exit_code == 2
    assert f"{faulty}:2: Okänt namn: organisation." in result.stderr
    assert not result.stdout
    faulty.write_bytes(b"\xff")
    assert _run(*command, faulty).exit_code == 2
    assert _run(*command, tmp_path / "none").exit_code == 2


def test_differences(tmp_path: Path) -> None:
    other = tmp_path / "p.toml"
    other.write_text(EXAMPLE.read_text().replace('"erik", "sara"]', '"erik"]', 1))
    assert (_run("diff", EXAMPLE, EXAMPLE).exit_code, _run("diff", EXAMPLE, EXAMPLE).output) == (0, "")
    told = _run("diff", EXAMPLE, other)
    assert (told.exit_code, told.output) == (1, "visselblasarfunktion: sara är inte längre medlem.\n")


def test_a_company_needs_its_municipality() -> None:
    arguments = ("template", "company", "--organisation", "vatten", "--own", "anna", "--outside", "sara")
    assert _run(*arguments).exit_code == 2
    assert 'authority = "bjorkvik"' in _run(*arguments, "--authority", "bjorkvik").output
