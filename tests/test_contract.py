"""What docs/contract.md promises is what the code has, and nothing of it is left out."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

import tipportal.web
from tests.support.story import Story, staffed
from tipportal.app import create_app
from tipportal.cli import main
from tipportal.domain.errors import Refusal
from tipportal.domain.organisations import RESERVED_SLUGS, Channel
from tipportal.domain.questions import questions
from tipportal.settings import Settings
from tipportal.web.errors import BY_STATUS

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = (ROOT / "docs" / "contract.md").read_text()
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def section(title: str) -> str:
    """The text under a heading."""
    return CONTRACT.split(f"## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with staffed("sqlite", tmp_path) as opened:
        yield opened


@pytest.fixture
def portal(story: Story) -> Flask:
    settings = Settings(
        data_dir=story.blobs.parent,
        database_url="",
        faces=("public", "handler"),
        secret_key=bytes(range(32)),
        public_url="http://localhost:8000",
        handler_url="http://localhost:8000",
    )
    return create_app(settings, story.database, clock=story.clock)


def commands(group: click.Command, path: tuple[str, ...] = ("tipportal",)) -> Iterator[str]:
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(command, (*path, name))
    else:
        yield " ".join(path)


def test_commands() -> None:
    promised = {named(row[0])[0] for row in rows("Commands")}
    assert {command for command in promised if command.startswith("tipportal ")} == set(commands(main))
    makefile = (ROOT / "Makefile").read_text()
    for command in promised:
        if command.startswith("make "):
            assert re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE), command


def test_addresses(portal: Flask) -> None:
    promised = {named(row[0])[0] for row in rows("Addresses")}
    routes = {re.sub(r"<\w+:", "<", rule.rule) for rule in portal.url_map.iter_rules()}
    interfaces = {rule for rule in routes if "/api/" in rule}
    assert promised == routes - interfaces
    for rule in interfaces:
        spoken = rule.removeprefix("/handlaggare/api/").replace("<reference>", "<ref>")
        spoken = re.sub(r"<\w+_id>", "<id>", spoken)
        assert spoken in PROTOCOL, rule


def test_a_slug_never_hides_an_address(portal: Flask) -> None:
    first = {rule.rule.split("/")[1] for rule in portal.url_map.iter_rules()}
    words = {word.split(".")[0] for word in first if not word.startswith("<")}
    assert words <= RESERVED_SLUGS


def test_form_fields() -> None:
    promised = {row[0]: named(row[1]) for row in rows("Form fields")}
    assert promised["tip"] == list(questions(Channel.TIP))
    assert promised["report"] == list(questions(Channel.REPORT))
    from tipportal.handler.sign_in import SignInForm  # noqa: PLC0415 - a face is loaded where it is asked about
    from tipportal.public.case_pages import CodeForm, MessageForm  # noqa: PLC0415

    assert {"code", "message"} <= set(vars(CodeForm))
    assert "message" in vars(MessageForm)
    assert {*promised["handler sign-in"]} <= set(vars(SignInForm))


def sources(*folders: str) -> str:
    """All templates and scripts below some folders."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.suffix in {".html", ".ts"}]
    return "\n".join(file.read_text() for file in sorted(files))


@pytest.mark.parametrize("face", ["public", "handler"])
def test_element_ids(face: str) -> None:
    written = sources(f"tipportal/{face}", f"frontend/src/{face}", "tipportal/web/templates")
    expected = {named(row[0])[0] for row in rows("Element ids")}
    assert expected == {
        "#case-code",
        "#case-reference",
        "#error-summary",
        "#sealed-by",
        ".record",
        "#due",
        "#fingerprint",
    }
    # The code is the source's alone, and the words are shown to those who come from outside.
    for element in expected - ({"#case-code", "#fingerprint"} if face == "handler" else set()):
        name = re.escape(element[1:])
        assert re.search(rf"(?:id|class)[=:] ?[\"'`]{name}\b", written), element
    for attribute in named(section("Element ids")):
        if attribute.startswith("data-"):
            spelled = attribute.removeprefix("data-")
            assert re.search(rf"{attribute}\b|dataset\[\"{spelled}\"\]", written), attribute


def refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from refusals(each)


def given_out() -> Iterator[tuple[str, int]]:
    """Codes that a view gives out by hand."""
    for file in (ROOT / "tipportal").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "problem":
                first, second = node.args[:2]
                if isinstance(first, ast.Constant) and isinstance(second, ast.Constant):
                    yield str(second.value), int(str(first.value))


def test_codes_of_refusals() -> None:
    for module in pkgutil.iter_modules(tipportal.web.__path__):
        importlib.import_module(f"tipportal.web.{module.name}")
    promised = [(named(row[0])[0], int(row[1])) for row in rows("Codes of refusals")]
    raised = {(kind.code, kind.status) for kind in refusals(Refusal)}
    answered = {(known.code, status) for status, known in BY_STATUS.items()} | set(given_out())
    assert ("sign_in_required", 401) in answered
    assert set(promised) == raised | answered
    assert promised == sorted(promised)
