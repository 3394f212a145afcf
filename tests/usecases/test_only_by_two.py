"""No other path to the register, policies, accounts and channels than a change that two have approved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tipportal import usecases
from tipportal.domain.ports import Accounts, Changes, Register

ROOT = Path(usecases.__file__).parent
READS = ("by_", "all", "invitation", "session", "source_session")
MOVES_SESSIONS = frozenset({
    # Sessions, links and codes of people who are let in already: nothing of who they are or what they may.
    "use_totp", "use_invitation", "withdraw_invitations", "add_invitation", "add_session", "set_storage_key",
    "forget_storage_keys", "delete_session", "delete_sessions_before", "add_source_session", "touch_source_session",
    "delete_source_session", "delete_source_sessions_before", "confirm_session", "delete_sessions_of",
})  # fmt: skip
ALLOWED = {
    # The mechanism itself: what is proposed and decided, and what has run out.
    ("changes.py", "changes", "add"), ("changes.py", "changes", "decide"), ("scheduled.py", "changes", "expire"),
    # Founding: the first organisation, and the two.
    ("administer.py", "register", "add_organisation"), ("enrol.py", "accounts", "add"),
    # At once by one: each only takes away, and another looks at it.
    ("at_once.py", "register", "add_absence"), ("at_once.py", "register", "add_conflict"),
    ("at_once.py", "accounts", "change_state"), ("at_once.py", "changes", "add_review"),
    # Lifted or ended: what one did at once is undone by another, or by nobody's having looked at it in time.
    ("reviewing.py", "accounts", "change_state"), ("reviewing.py", "register", "change_absence"),
    # Whether one's own keyboard has shortcuts.
    ("shortcuts.py", "accounts", "has_shortcuts"), ("shortcuts.py", "accounts", "set_shortcuts"),
    # What the program finds by itself.
    ("proving.py", "register", "keep_proof"), ("changing/clock.py", "changes", "watch_clock"),
    # One's own password, by whoever has just shown who they are.
    ("ways.py", "accounts", "set_password"),
    # Whoever holds the link that two have given makes their own keys.
    ("enrol.py", "accounts", "enrol"),
}  # fmt: skip


def test_only_approved_changes_reach_what_two_decide() -> None:
    effects = {(file, room, method) for file, room, method in _writes() if file.startswith("changing/")}

    assert {*_writes()} - effects <= ALLOWED
    assert {(file, room, method) for file, room, method in ALLOWED} <= {*_writes()}


def test_effects_are_reached_by_approving_alone() -> None:
    """An effect applies in one place, which two ways lead to: each has checked everybody's signature before."""
    applying = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for call in _calls(ast.parse(path.read_text()))
        if call in {"effect.apply", "EFFECTS[change.kind].apply"}
    }
    assert applying == {"approve.py", "changes.py"}
    leading = {
        (path.relative_to(ROOT).as_posix(), function.name)
        for path in ROOT.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and "take_effect" in _calls(function)
    }
    assert leading == {("changes.py", "_approve"), ("replacing.py", "_approve")}
    for file, checks in (
        ("changes.py", ("check_open", "check_together", "signed_content", "_verify", "check_effect")),
        ("replacing.py", ("check_open", "_must_be_theirs", "signed_content", "_must_have_signed", "check_effect")),
    ):
        calls = _calls(_function(file, "_approve"))
        assert all(calls.index(check) < calls.index("take_effect") for check in checks)
    assert "_verify" in _calls(_function("changes.py", "signed_content"))


def test_no_writing_effect_is_called_by_its_name() -> None:
    """Nobody goes around the table: ``_apply`` of an effect is private, and what it shares writes nothing by itself."""
    outside = [path for path in ROOT.rglob("*.py") if path.parent.name != "changing"]
    named = {
        (path.name, alias.name)
        for path in outside
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("changing.")
        for alias in node.names
    }

    assert not {name for name in named if name[1] in {"keep", "log_operations", "applied"} or name[1].startswith("_")}


def _writes() -> Iterator[tuple[str, str, str]]:
    """Every call of a writing method of these rooms, as file, room and method, with or without a name in between."""
    writing = {
        "register": _methods(Register, ("add_", "change_", "keep_")),
        "accounts": {
            name for name in dir(Accounts) if not name.startswith(("_", *READS)) and name not in MOVES_SESSIONS
        },
        "changes": _methods(Changes, ("add", "decide", "expire", "record_", "set_", "watch_", "reviewed"))
        - {"decided_since"},
    }
    for path in sorted(ROOT.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            room = _room(node.value)
            if room in writing and node.attr in writing[room]:
                yield file, room, node.attr


def _room(node: ast.expr) -> str:
    """``uow.register`` and a plain ``register`` are the register, whatever the unit of work is called."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _methods(port: type, prefixes: tuple[str, ...]) -> set[str]:
    return {name for name in dir(port) if name.startswith(prefixes)}


def _function(file: str, name: str) -> ast.FunctionDef:
    tree = ast.parse((ROOT / file).read_text())
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)


def _calls(node: ast.AST) -> list[str]:
    """What is called in it, as written, in order."""
    found = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return [ast.unparse(each.func) for each in sorted(found, key=lambda each: (each.lineno, each.col_offset))]
