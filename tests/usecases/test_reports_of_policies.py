"""From a change by two to a published report that verifies: what the policy changed, and the proof's weak places."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.followed_up import YEAR, document_of, draft_of, end_year, publish
from tests.support.setting_up import decided, two
from tests.support.story import Story, staffed
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.report import Audience, Report, ReportKind
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import Policy, Route, Rule, When
from tipportal.domain.policies.writing import write_policy
from tipportal.envelope.signednotes import NoteSigner
from tipportal.reporting import LANGUAGES, Format, document, render
from tipportal.usecases import checkpoints, logbook, logexport
from tipportal.usecases.reporting import making
from tipportal.usecases.reporting.verifying import Checked, verify

CASES = "Rapporter till Björkviks kommun, till Funktionen"


@dataclass(frozen=True)
class Changed:
    """A municipality whose policy was changed during the year, and what is kept of it."""

    story: Story
    facts: list[dict[str, Any]]
    people: set[str]
    internal: Report
    public: Report
    note: str
    lines: list[bytes]

    def check(self, report: Report, lines: list[bytes] | None = None) -> Checked:
        given = self.lines if lines is None else lines
        return verify(document.encode(report), self.note, lambda: given)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    with staffed("sqlite", tmp_path_factory.mktemp("policies")) as story:
        ctx, signer = story.handler, NoteSigner(checkpoints.origin(story.handler), bytes([7]) * 32)
        with story.database.read() as uow:
            (known,) = uow.register.policies()
            people = {each.id for each in uow.accounts.all()} | {each.id for each in uow.register.units()}
        change = {"policy": write_policy(_other(known.policy)), "register": None, "decision": decided(story)}
        two(story).make(ChangeKind.POLICY, change)
        end_year(story)
        checkpoints.make(ctx, signer)
        internal = making.make(ctx, ReportKind.ANNUAL, YEAR).report
        draft = draft_of(story)
        publish(story, draft)
        note = checkpoints.make(ctx, signer).note
        out = io.BytesIO()
        logexport.export(ctx, out)
        public = document.decode(document_of(story, draft))
        entries = [json.loads(row["data"]) for row in story.contents()["log_entries"]]
        facts = [each["facts"] for each in entries if each["kind"] in {"proof_held", "policy_activated"}]
        yield Changed(story, facts, people, internal, public, note, out.getvalue().splitlines(keepends=True))


def _other(policy: Policy) -> Policy:
    """The policy with a new name for its function, another order of its members and a rule of its own."""
    main, *others = policy.functions
    turned = replace(main, name="Funktionen", members=(*main.members[1:], main.members[0]))
    rule = Rule(When(channels=(Channel.TIP,), areas=("inkop",)), Route((main.id,), "Inköp"))
    return replace(policy, functions=(turned, *others), rules=(*policy.rules, rule))


def _rows(report: Report, table: str) -> list[tuple[str, ...]]:
    (found,) = (each for section in report.sections for each in section.tables if each.id == table)
    return [
        (str(head.words or head.name), *(str(one.text or one.value) for one in row))
        for head, row in zip(found.heads, found.figures, strict=True)
    ]


def test_report_says_what_was_changed_and_where_it_is_weak(changed: Changed) -> None:
    assert [row[2] for row in _rows(changed.internal, "policy_changes")] == [
        "Den första policyn.",
        "Nytt namn på funktionen: Funktionen.",
        "Medlemmarna tillfrågas i en annan ordning: Funktionen.",
        "Nya regler: Funktionen, tips.",
    ]
    few = "Är dessutom någon av 3 personer borta finns en ärendegrupp men ingen ersättare."
    assert _rows(changed.internal, "weak_place_list") == [
        (CASES, "Funktionen Externt ombud berörs.", "Då finns en ärendegrupp men ingen ersättare.", "1"),
        (CASES, "Alla egna handläggare är borta eller berörs.", few, "1"),
        (CASES, "Hela Björkviks kommun berörs.", few, "1"),
        (CASES, "Hela Älvnäs kommun berörs.", few, "1"),
    ]
    assert [row[0] for row in _rows(changed.internal, "designations")] == ["Externt ombud", "Funktionen"]
    assert ("Nytt utseende", "8", "0") in _rows(changed.internal, "register_changes")


def test_published_report_names_no_place_that_hangs_on_few(changed: Changed) -> None:
    anybody = "Är dessutom någon till borta finns en ärendegrupp men ingen ersättare."

    assert _rows(changed.public, "weak_place_list")[1:] == [
        ("Björkviks kommun", "Alla egna handläggare är borta eller berörs.", anybody, "None"),
        ("Björkviks kommun", "En hel organisation berörs.", anybody, "None"),
    ]
    assert {row[1] for row in _rows(changed.public, "designations")} == {"ändrades"}


@pytest.mark.parametrize("audience", Audience)
def test_both_reports_verify_from_the_log_alone(changed: Changed, audience: Audience) -> None:
    report = changed.internal if audience is Audience.INTERNAL else changed.public

    checked = changed.check(report)

    assert checked.holds, [str(each) for each in checked.wrong]
    assert logbook.verify(changed.story.handler).findings == ()


def test_words_of_a_weak_place_that_were_changed_are_found(changed: Changed) -> None:
    data = document.encode(changed.internal).replace(b"Hela %(name)s ber", b"Inte %(name)s ber")

    checked = changed.check(document.decode(data))

    assert not checked.holds
    assert "weak_place_list" in " ".join(str(each) for each in checked.wrong)


def test_log_says_it_in_few_words_and_names_nobody(changed: Changed) -> None:
    said = [json.dumps(each.get("places") or each.get("changed")) for each in changed.facts]

    assert len(said) >= 3
    assert not any(person in each for person in changed.people for each in said)
    assert max(len(each) for each in said) < 2000


def test_every_format_has_them(changed: Changed) -> None:
    for form in (Format.HTML, Format.CSV, Format.JSON, Format.TEXT):
        text = " ".join(render(changed.internal, form, "sv").decode().split())
        assert "Hela Älvnäs kommun" in text or form is Format.JSON, form
        assert "Medlemmarna tillfrågas i en annan ordning" in text, form
    english = render(changed.internal, Format.TEXT, "en").decode()
    assert "All of Älvnäs kommun is concerned." in english
    assert set(LANGUAGES) == {"sv", "en"}
