"""Policy files: what is refused and on which line, the exact form, the schema, and where things stand in a text."""

import json
import re
import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.random_policies import TODAY, random_policy
from tipportal.domain.policies.positions import lines_of
from tipportal.domain.policies.reading import FaultyPolicy, read, read_policy
from tipportal.domain.policies.schema import MOST_RULES, SCHEMA
from tipportal.domain.policies.structure import shape_faults
from tipportal.domain.policies.writing import write_policy, write_register

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = (DOCS / "policy.example.toml").read_text()
RULE = '[[policy.rule]]\nwhen = { area = ["inkop"] }\nto = ["externt-ombud"]\nbecause = "x"\n'


def _edit(old: str, new: str) -> Callable[[str], str]:
    def edited(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edited


def _size(size: str) -> Callable[[str], str]:
    return _edit('because = "Det', f'panel_size = {size}\nbecause = "Det')


def _add(more: str) -> Callable[[str], str]:
    return lambda text: text + "\n" + more


def _unit(id_: str, parent: str) -> str:
    return f'[[register.unit]]\nid = "{id_}"\nname = "x"\norganisation = "bjorkvik"\nparent = "{parent}"\n'


def _designation(person: str, function: str, days: str) -> str:
    return (
        f'[[register.designation]]\nperson = "{person}"\nfunction = "{function}"\nground = "employment"\n'
        f'decision = "KS 1"\n{days}\n'
    )


BAD: dict[str, tuple[Callable[[str], str], str, str]] = {
    "not TOML": (_edit('id = "externt-ombud"', 'id = "externt-ombud'), 'id = "externt-ombud', "giltig TOML"),
    "unknown member": (_edit('"erik", "sara"]', '"erik",\n  "nobody"]'), '"nobody"', "Personen nobody finns inte"),
    "unknown name": (_edit("ladder = ", "laddr = 1\nladder = "), "laddr", "Okänt namn: laddr"),
    "missing name": (_edit('name = "Externt ombud"\n', ""), "[[policy.function]]", "saknar name"),
    "wrong type": (_size('"2"'), 'panel_size = "2"', "ett heltal"),
    "true is no number": (_size("true"), "panel_size = true", "ett heltal"),
    "one is no panel": (_size("1"), "panel_size = 1", "minst 2"),
    "panel that no function fills": (_size("9"), "panel_size = 9", "En ärendegrupp på 9"),
    "unknown word": (_edit('kind = "external"', 'kind = "firm"'), 'kind = "firm"', "okänt värde: firm"),
    "rule to nowhere": (_add(RULE.replace('["externt-ombud"]', "[]")), "to = []", "är tom"),
    "rule without condition": (_add(RULE.replace('area = ["inkop"]', "")), "when = {  }", "inget villkor"),
    "rule to nobody": (_add(RULE.replace("externt-ombud", "nowhere")), 'to = ["nowhere"]', "Funktionen nowhere"),
    "contradictory rules": (_add(RULE + RULE.replace('"x"', '"y"')), 'because = "y"', "motsäger regel 2"),
    "rule never used": (
        _add(RULE + RULE.replace('area = ["inkop"]', 'area = ["inkop"], channel = ["tip"]')),
        'channel = ["tip"]',
        "används aldrig, eftersom regel 2",
    ),
    "rule about a foreign organisation": (
        _add(RULE.replace('area = ["inkop"]', 'organisation = ["alvnas"]')),
        'organisation = ["alvnas"] }',
        "inte omfattas",
    ),
    "concern that isn't there": (
        _add(RULE.replace('area = ["inkop"]', 'concerns = ["unit:none"]')),
        '["unit:none"]',
        "Enheten none",
    ),
    "concern of no kind": (
        _add(RULE.replace('area = ["inkop"]', 'concerns = ["none"]')),
        '["none"]',
        "inte skrivet på rätt sätt",
    ),
    "circle of units": (_add(_unit("a", "b") + _unit("b", "a")), 'id = "a"', "a → b → a"),
    "unit above itself": (_add(_unit("a", "a")), 'id = "a"', "a → a"),
    "circle of organisations": (
        _edit('id = "alvnas"', 'part_of = "alvnas"\nid = "alvnas"'),
        'part_of = "alvnas"',
        "alvnas → alvnas",
    ),
    "the same id twice": (_add(_unit("kansli", "ledning")), 'parent = "ledning"\n$', "redan namn"),
    "expired designation": (
        _edit("valid_from = 2026-01-01\n", "valid_from = 2026-01-01\nvalid_to = 2026-11-21\n"),
        "valid_to",
        "gick ut",
    ),
    "backward designation": (
        _edit("valid_from = 2026-01-01\n", "valid_from = 2026-12-01\nvalid_to = 2026-11-30\n"),
        "valid_to",
        "före första",
    ),
    "not a date": (_edit("valid_from = 2026-01-01\n", 'valid_from = "2026"\n'), 'valid_from = "2026"', "ett datum"),
    "a time is no date": (
        _edit("valid_from = 2026-01-01\n", "valid_from = 2026-01-01T10:00:00\n"),
        "10:00:00",
        "ett datum",
    ),
    "elected": (
        _edit('unit = "kansli"', 'unit = "kansli"\nelected = true'),
        "[[register.designation]]",
        "förtroendevald",
    ),
    "auditor": (_edit('unit = "kansli"', 'unit = "kansli"\nauditor = true'), "[[register.designation]]", "revisor"),
    "member without a decision": (
        _edit('"sara"]\n\n[[policy.auth', '"sara", "anna"]\n\n[[policy.auth'),
        '"sara", "anna"]',
        "utan beslut",
    ),
    "decision without membership": (
        _add(_designation("direktor", "externt-ombud", "valid_from = 2026-01-01")),
        'person = "direktor"',
        "inte medlem",
    ),
    "decision twice": (
        _add(_designation("anna", "visselblasarfunktion", "valid_from = 2026-01-01")),
        "[[register.designation]]",
        "två gånger",
    ),
    "backward absence": (
        _add('[[register.absence]]\nperson = "anna"\nfirst = 2026-02-01\nlast = 2026-01-01\n'),
        "last = ",
        "före första",
    ),
    "authority for tips alone": (
        _edit('authority = "bjorkvik"\n\n[policy.def', 'authority = "bjorkvik"\nchannel = ["tip"]\n\n[policy.def'),
        "organisations = ",
        "kanalen report",
    ),
    "authority for one area alone": (
        _edit('authority = "bjorkvik"\n\n[policy.def', 'authority = "bjorkvik"\narea = ["inkop"]\n\n[policy.def'),
        "organisations = ",
        "Mottagande myndighet saknas",
    ),
    "no default for tips": (_edit("[policy.default.tip]", "[policy.default.tips]"), "[policy.default.tips]", "tips"),
    "firm that isn't one": (
        _add('[[register.firm]]\norganisation = "alvnas"\nclient = "externt-ombud"\nnamed_persons = ["maria"]\n'),
        'organisation = "alvnas"\nclient',
        "ingen extern part",
    ),
    "firm naming others": (
        _add('[[register.firm]]\norganisation = "advokat"\nclient = "externt-ombud"\nnamed_persons = ["maria"]\n'),
        "named_persons",
        "inte anställd hos advokat",
    ),
    "conflict with nobody": (
        _add('[[register.conflict]]\nperson = "anna"\nsubjects = ["person:none"]\n'),
        "person:none",
        "Personen none",
    ),
    "name with a line break": (_edit('"Externt ombud"', '"Externt\\nombud"'), '"Externt', "inte skrivet på rätt sätt"),
    "id that isn't one": (_edit('id = "direktor"', 'id = "Direktör"'), '"Direktör"', "inte skrivet på rätt sätt"),
    "member twice": (_edit('"erik", "sara"]', '"erik", "erik"]'), '"erik", "erik"]', "två gånger"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_with_its_line(name: str) -> None:
    edit, marker, message = BAD[name]
    text = edit(EXAMPLE)
    with pytest.raises(FaultyPolicy) as refused:
        read([("p.toml", text)], TODAY)
    told = [fault for fault in refused.value.faults if message in str(fault.what)]
    assert told, str(refused.value)
    found = list(re.finditer(marker if marker.endswith("$") else re.escape(marker), text))
    lines = {text.count("\n", 0, m.start()) + 1 for m in found}
    # A fault of a whole table stands at its head.
    heads = {max(n for n, line in enumerate(text.splitlines()[:at], 1) if line.startswith("[")) for at in lines}
    assert {fault.line for fault in told} & (lines | heads)
    assert all(str(fault) == f"p.toml:{fault.line}: {fault.what}" for fault in told)


def test_the_example_is_in_its_exact_form() -> None:
    policy, register = read([("example", EXAMPLE)], TODAY)
    assert f"{write_policy(policy)}\n{write_register(register)}" == EXAMPLE


def test_policy_and_register_may_stand_in_two_files() -> None:
    policy, register = read([("example", EXAMPLE)], TODAY)
    files = [("register", write_register(register)), ("policy", write_policy(policy))]
    assert read(files, TODAY) == (policy, register)
    assert read_policy(*files[1]) == policy


@pytest.mark.parametrize(("files", "message"), [
    ([("a", EXAMPLE), ("b", EXAMPLE)], "policy finns i mer än en fil"),
    ([("a", "")], "policy, register saknas"),
    ([("a", write_register(read([("", EXAMPLE)], TODAY)[1]))], "policy saknas"),
])  # fmt: skip
def test_each_part_stands_in_exactly_one_file(files: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(FaultyPolicy, match=message):
        read(files, TODAY)


def test_more_rules_than_anybody_can_read_are_refused_at_once() -> None:
    text = EXAMPLE + RULE * 10_000
    with pytest.raises(FaultyPolicy) as refused:
        read([("many", text)], TODAY)
    (fault,) = refused.value.faults
    assert "10001 gånger" in str(fault.what)
    first = EXAMPLE.count("\n") + 1
    assert fault.line == first + (MOST_RULES - 1) * RULE.count("\n")


def test_line_ends_of_another_system_move_no_line() -> None:
    edit, _, message = BAD["unknown member"]
    text = edit(EXAMPLE)
    with pytest.raises(FaultyPolicy, match=message) as one:
        read([("p", text)], TODAY)
    with pytest.raises(FaultyPolicy, match=message) as other:
        read([("p", text.replace("\n", "\r\n"))], TODAY)
    assert one.value.faults == other.value.faults


@settings(derandomize=True, deadline=None, max_examples=100, database=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_written_is_read_back_and_written_the_same(seed: int) -> None:
    policy, register = random_policy(seed)
    assume(all(function.members for function in policy.functions))
    text = write_policy(policy) + write_register(register)
    assert not list(shape_faults(tomllib.loads(text), SCHEMA))
    assert read_policy("p", text) == policy
    try:
        again = read([("p", text)], TODAY)
    except FaultyPolicy:
        return  # with expired decisions, or rules that can never be used
    # Whether somebody has an account stands in no file.
    everybody = tuple(replace(person, ready=True) for person in register.people)
    assert again == (policy, replace(register, people=everybody))


@pytest.mark.parametrize("depth", [100, 300, 600, 10_000])
def test_no_depth_of_lists_does_more_than_be_refused(depth: int) -> None:
    with pytest.raises(FaultyPolicy):
        read([("p", f"a = {'[' * depth}{']' * depth}")], TODAY)


def test_names_with_anything_printable_come_back() -> None:
    name = 'Å "citat" \\ snedstreck \' och 🦉 #inte en kommentar'
    policy, register = read([("p", EXAMPLE.replace('"Externt ombud"', json.dumps(name, ensure_ascii=False)))], TODAY)
    assert policy.functions[1].name == name
    assert read([("p", write_policy(policy) + write_register(register))], TODAY) == (policy, register)


def test_the_published_schema_is_the_parsers() -> None:
    assert json.loads((DOCS / "policy.schema.json").read_text()) == json.loads(json.dumps(SCHEMA))


def _allowed(value: object, schema: dict[str, Any]) -> bool:  # noqa: PLR0911 - one line for each word of the schema
    """JSON Schema's own rules, for JSON values, written from its specification."""
    if "enum" in schema:
        return value in schema["enum"]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if not isinstance(value, kinds[schema["type"]]) or (schema["type"] == "integer" and isinstance(value, bool)):
        return False
    if isinstance(value, dict):
        known = schema["properties"]
        return set(schema["required"]) <= set(value) <= set(known) and all(
            _allowed(v, known[k]) for k, v in value.items()
        )
    if isinstance(value, list):
        unique = not schema.get("uniqueItems") or len({json.dumps(v) for v in value}) == len(value)
        fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        return unique and fits and all(_allowed(v, schema["items"]) for v in value)
    if isinstance(value, str):
        if schema.get("format") == "date":
            return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return fits and bool(re.search(schema["pattern"].replace("$", r"\Z"), value))
    return not isinstance(value, int) or isinstance(value, bool) or schema["minimum"] <= value <= schema["maximum"]


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = list(enumerate(value))
    return [path, *(place for key, part in below for place in _places(part, (*path, key)))]


@settings(derandomize=True, deadline=None, max_examples=300, database=None)
@given(st.data())
def test_the_published_schema_takes_what_the_parser_takes(data: st.DataObject) -> None:
    published = json.loads((DOCS / "policy.schema.json").read_text())
    content = deepcopy(tomllib.loads(EXAMPLE))
    place = data.draw(st.sampled_from(_places(content)[1:]))
    holder: Any = content
    for key in place[:-1]:
        holder = holder[key]
    others = [7, 2, True, "", "x", "Å", "unit:x", [], ["x"], ["x", "x"], {}, date(2026, 1, 1), None]
    new = data.draw(st.sampled_from(others))
    # In JSON a date is a text, so that only where a date belongs can both be asked.
    assume(not isinstance(new, date) or isinstance(holder[place[-1]], date))
    if new is None:
        del holder[place[-1]]
    elif data.draw(st.booleans()) and isinstance(holder, dict):
        holder["panel_size" if new in (7, 2) else "more"] = new
    else:
        holder[place[-1]] = new
    as_json = json.loads(json.dumps(content, default=str))
    assert (not list(shape_faults(content, SCHEMA))) == _allowed(as_json, published)


LAID_OUT = '''
# a = [ "not a key" ]
a.b = 1 # line 3
"q.r" = """
two = "lines" \\"""
three""" # 4 to 6
[t]
l = [ # 8
  "]", '#', # 9
  { x = 1, y = [ 2 ] }, # 10

  1979-05-27 07:32:00, # 12
]
[[t.u]]
v = "a\\"b" # 15
[[t.u]]
[t.u.w]
s = \'\'\'
it\'s\'\'\' # 18
'k' = 20
'''


def test_every_value_has_its_line() -> None:
    content = tomllib.loads(LAID_OUT)
    lines = lines_of(LAID_OUT)
    assert set(_places(content)) - {()} <= set(lines)
    expected = {
        ("a", "b"): 3, ("q.r",): 4, ("t",): 7, ("t", "l"): 8, ("t", "l", 0): 9, ("t", "l", 1): 9, ("t", "l", 2): 10,
        ("t", "l", 2, "y", 0): 10, ("t", "l", 3): 12, ("t", "u", 0): 14, ("t", "u", 0, "v"): 15, ("t", "u", 1): 16,
        ("t", "u", 1, "w"): 17, ("t", "u", 1, "w", "s"): 18, ("t", "u", 1, "w", "k"): 20,
    }  # fmt: skip
    assert {path: lines[path] for path in expected} == expected
