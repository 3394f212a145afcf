"""The directory's root is made, signed and changed away from the server, and verified by anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support import databases
from tests.support.installation import settings_for
from tipportal.cli import main
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_staffing import enrol_person, signer
from tipportal.contexts import context_for
from tipportal.domain.organisations import OrganisationKind
from tipportal.settings import Settings
from tipportal.storage import Database
from tipportal.usecases import administer
from tipportal.usecases.context import Context

FOUNDERS = (administer.Founder("Karin Ek", "karin@vik.example"), administer.Founder("Olof Al", "olof@vik.example"))


@dataclass(frozen=True)
class Place:
    """A founded installation, and the folder where its root travels."""

    folder: Path
    environment: dict[str, str]
    ctx: Context
    two: Administrators

    def run(self, *arguments: str, said: str = "", code: int = 0) -> str:
        """Run a directory command; its output."""
        found: Result = CliRunner().invoke(
            main, ["directory", *arguments], env=self.environment, input=said, catch_exceptions=False
        )
        assert found.exit_code == code, found.output
        return found.output

    def path(self, name: str) -> str:
        """A file that travels."""
        return str(self.folder / name)

    def key(self, name: str) -> str:
        """Make a root key; the rows on its paper, on one line."""
        output = self.run("key", self.path(name))
        return " ".join(re.findall(r"^  \d\.  (.*)$", output, re.MULTILINE))

    def root(self, name: str, *keys: str) -> str:
        """Make a root of what the server tells now."""
        self.folder.joinpath("request.json").write_text(self.run("show", "--request"))
        options = [part for key in keys for part in ("--key", self.path(key))]
        return self.run("root", self.path("request.json"), *options, "--out", self.path(name))

    def sign(self, name: str, rows: str, code: int = 0) -> str:
        """Sign a root with a key on paper."""
        return self.run("sign", self.path(name), said=rows + "\n", code=code)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with databases.fresh("sqlite", tmp_path) as url:
        environment = settings_for(tmp_path, url)
        settings = Settings.from_env(environment)
        database = Database(settings.database_url, settings.blobs_dir)
        ctx = context_for(settings, database, "handler")
        founded = administer.found(
            ctx, slug="vik", name="Viks kommun", kind=OrganisationKind.MUNICIPALITY, founders=FOUNDERS
        )
        members = [enrol_person(ctx, invited, "administratör") for invited in founded.invitations]
        try:
            yield Place(tmp_path, environment, ctx, Administrators(ctx, *map(signer, members)))
        finally:
            database.close()


@pytest.fixture
def papers(place: Place) -> dict[str, str]:
    """Three keys, and a root that two of them have signed and that is published."""
    papers = {name: place.key(name) for name in ("a", "b", "c")}
    place.root("one.json", "a", "b", "c")
    for name in ("a", "b"):
        place.sign("one.json", papers[name])
    place.run("publish", place.path("one.json"))
    return papers


def test_nothing_is_there_at_first(place: Place) -> None:
    assert "No root is published." in place.run("show", code=1)
    assert "nothing has been published" in place.run("verify", code=1)


def test_a_root_is_made_signed_by_two_and_published(place: Place) -> None:
    papers = {name: place.key(name) for name in ("a", "b", "c")}
    made = place.root("one.json", "a", "b", "c")
    assert len(re.findall(r"^administrator [0-9a-f]{32}  \w+ \w+: (?:\w+ ?){6}$", made, re.MULTILINE)) == 2
    assert "1 of 2 of its own keys" in place.sign("one.json", papers["a"])
    # The same key again is no second one.
    assert "1 of 2 of its own keys" in place.sign("one.json", papers["a"])
    place.run("publish", place.path("one.json"), code=1)
    assert "ready to be published" in place.sign("one.json", papers["b"])
    place.run("publish", place.path("one.json"))
    place.run("publish", place.path("one.json"), code=1)
    assert "No directory is published." in place.run("show", code=1)


def test_the_server_keeps_no_secret_of_a_key(place: Place, papers: dict[str, str]) -> None:
    for file in place.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(
                rows.split()[0].encode() + b" " + rows.split()[1].encode() in content for rows in papers.values()
            )


def test_a_slip_of_the_pen_is_named_and_another_s_key_refused(place: Place, papers: dict[str, str]) -> None:
    place.root("two.json")
    rows = papers["a"].split()
    wrong = [*rows[:9], f"{(int(rows[9]) + 1) % 100:02d}", *rows[10:]]
    assert "row 2: not as on the paper" in place.sign("two.json", " ".join(wrong), code=1)
    assert "neither of this root" in place.sign("two.json", place.key("d"), code=1)


def test_keys_are_changed_by_the_old_and_the_new(place: Place, papers: dict[str, str]) -> None:
    publish(place.two)
    words = re.search(r"fingerprint (.*)", place.run("show"))
    assert words is not None
    new = {name: place.key(name) for name in ("d", "e")}
    place.root("two.json", "a", "d", "e")
    for rows in (new["d"], new["e"]):
        place.sign("two.json", rows)
    place.run("publish", place.path("two.json"), code=1)
    place.sign("two.json", papers["a"])
    assert "1 of 2" not in place.sign("two.json", papers["b"])
    place.run("publish", place.path("two.json"))
    # Until two administrators sign the next directory under it, the old one holds.
    assert words[1] in place.run("verify")
    publish(place.two)
    assert words[1] not in place.run("verify")
    assert "under root 2" in place.run("verify")


def test_anybody_verifies_what_the_server_answered(place: Place, papers: dict[str, str]) -> None:
    del papers
    publish(place.two)
    installation = json.loads(place.run("show", "--request"))["installation"]
    answer = json.loads(place.run("show", "--json"))
    older = place.folder / "older.json"
    older.write_text(json.dumps(answer))
    here = ("--installation", installation)
    words = place.run("verify", str(older), *here).splitlines()[1].removeprefix("fingerprint ")
    place.run("verify", str(older), *here, "--fingerprint", words.upper())
    assert "another" in place.run("verify", str(older), *here, "--fingerprint", f"{words} x", code=1)
    assert "another installation" in place.run("verify", str(older), "--installation", "f" * 32, code=1)
    assert "expired" in place.run("verify", str(older), *here, "--date", "2099-01-01", code=1)
    place.run("verify", str(older), code=2)
    publish(place.two)
    place.run("verify", "--seen", place.path("seen.json"))
    assert "newer version has been seen" in place.run(
        "verify", str(older), *here, "--seen", place.path("seen.json"), code=1
    )
    answer["roots"][0]["signatures"][0]["mldsa65"] = answer["roots"][0]["signatures"][1]["mldsa65"]
    older.write_text(json.dumps(answer))
    assert "signatures of enough keys" in place.run("verify", str(older), *here, code=1)


@pytest.mark.parametrize("content", ["", "[]", '{"v":1}', "\x00"])
def test_files_that_are_no_root(place: Place, content: str) -> None:
    file = place.folder / "strange.json"
    file.write_text(content)
    commands: tuple[Callable[[], str], ...] = (
        lambda: place.run("publish", str(file), code=1),
        lambda: place.run("root", str(file), "--out", place.path("out.json"), code=1),
        lambda: place.run("verify", str(file), "--installation", "0" * 32, code=1),
    )
    for command in commands:
        assert command().startswith("Error: ")
