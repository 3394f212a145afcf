"""What the demo shows: cases of every kind, each with the people who should have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tipportal.cli import demo_files, main
from tipportal.cli.demo import prepare
from tipportal.cli.demo_cases import codes
from tipportal.cli.demo_organisations import EXECUTIVE_COMMITTEE, OPEN_SLUGS
from tipportal.cli.demo_staffing import Person
from tipportal.contexts import context_for
from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, CaseState, Outcome, SealedBy
from tipportal.domain.deadlines import feedback_by
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel
from tipportal.domain.pressing import SOON_DAYS
from tipportal.settings import Settings
from tipportal.storage import Database
from tipportal.usecases import auditing, checkpoints, desk, firstscreen, handle, logbook, offers, source_session
from tipportal.usecases.auditing import Wanted
from tipportal.usecases.context import Context
from tipportal.usecases.source_session import Visitor

HANDLERS = ("Anna Lindqvist", "Johan Ek", "Maria Sund", "Erik Holm", "Sara Nyberg")


@dataclass(frozen=True)
class Demo:
    """A seeded demo, without a server. ``visitors`` have entered one of the three codes each."""

    folder: Path
    people: list[Person]
    public: Context
    handler: Context
    visitors: list[Visitor]

    def account(self, name: str) -> Account:
        """Somebody's account."""
        with self.handler.storage.read() as uow:
            return next(account for account in uow.accounts.all() if account.name == name)

    def cases(self, name: str) -> list[Case]:
        """The cases of a handler, newest first."""
        return [row.case for row in handle.my_cases(self.handler, self.account(name)).rows]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A seeded demo, which the tests of this file only read."""
    folder = tmp_path_factory.mktemp("demo")
    settings, people = prepare(8000, folder)
    with _database(settings) as database:
        public, handler = (context_for(settings, database, face) for face in ("public", "handler"))
        visitors = [Visitor(source_session.keys_for_code(public, code)) for code in codes()]
        yield Demo(folder, people, public, handler, visitors)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        yield database
    finally:
        database.close()


def test_eleven_cases_stand_in_every_state_and_ended_in_different_ways(demo: Demo) -> None:
    cases = {case.reference: case for name in HANDLERS for case in demo.cases(name)}

    assert len(cases) == 11
    assert Counter(case.state for case in cases.values()) == {
        CaseState.ACKNOWLEDGED: 2,
        CaseState.ASSESSED: 1,
        CaseState.UNDER_FOLLOW_UP: 4,
        CaseState.FEEDBACK_GIVEN: 1,
        CaseState.CLOSED: 3,
    }
    assert {case.outcome for case in cases.values()} == {
        None,
        Outcome.CONFIRMED,
        Outcome.NOT_COVERED,
        Outcome.CANNOT_BE_INVESTIGATED,
    }
    assert {case.channel for case in cases.values()} == set(Channel)
    assert {case.sealed_by for case in cases.values()} == set(SealedBy)
    assert {case.covered for case in cases.values()} == {None, True, False}


def test_each_organisation_has_cases_of_its_own_authority(demo: Demo) -> None:
    with demo.handler.storage.read() as uow:
        slugs = {organisation.id: organisation.slug for organisation in uow.register.organisations()}
    received = {
        (slugs[case.organisation_id], slugs[case.authority_id]) for name in HANDLERS for case in demo.cases(name)
    }

    assert {organisation for organisation, _ in received} == set(OPEN_SLUGS)
    assert received == {(slug, EXECUTIVE_COMMITTEE if slug == "bjorkvik" else slug) for slug in OPEN_SLUGS}
    for slug in OPEN_SLUGS:
        assert [page.channel for page in offers.start_page(demo.public, slug)[1]] == list(Channel)


def test_the_first_screen_of_the_guide_shows_what_needs_doing(demo: Demo) -> None:
    anna, today = demo.account("Anna Lindqvist"), demo.handler.today()
    screen = firstscreen.first_screen(demo.handler, anna)

    late, soon = sorted(
        feedback_by(row.case.received_on, row.case.acknowledged_on).target
        for row in (one.row for one in screen.needs_action)
        if row.case.feedback_on is None
    )
    assert late < today
    assert late < soon <= today + timedelta(days=SOON_DAYS)
    assert screen.counts["waiting"] == 1
    assert screen.counts["unread"] == 1
    [approval] = desk.approvals(demo.handler, anna)
    assert (approval.proposer_name, approval.why_not) == ("Maria Sund", "")


def test_whoever_a_report_concerns_has_no_part_in_it(demo: Demo) -> None:
    [about_annas_unit] = [case for case in demo.cases("Johan Ek") if case.sealed_by is SealedBy.SERVER]
    assert about_annas_unit in demo.cases("Maria Sund")
    assert about_annas_unit not in demo.cases("Anna Lindqvist")

    about_johans_unit = next(case for case in demo.cases("Anna Lindqvist") if case.state is CaseState.UNDER_FOLLOW_UP)
    with demo.handler.storage.read() as uow:
        holders = {grant.holder for grant in uow.cases.grants(about_johans_unit.id, 0)}
    assert demo.account("Anna Lindqvist").id in holders
    assert demo.account("Johan Ek").id not in holders


def test_the_codes_lead_to_a_new_a_discussed_and_a_closed_case(demo: Demo) -> None:
    opened = [source_session.read_case(demo.public, visitor) for visitor in demo.visitors]

    assert [case.view.case.state for case in opened] == [
        CaseState.ACKNOWLEDGED,
        CaseState.UNDER_FOLLOW_UP,
        CaseState.CLOSED,
    ]
    assert [len(case.records) for case in opened] == [1, 3, 2]
    assert not [record.failed for case in opened for record in case.records if record.failed]


def test_files_hang_on_both_sides_of_a_dialogue_and_open_as_they_were_made(demo: Demo) -> None:
    made = {
        file.name: file.content
        for file in (
            demo_files.picture_of_schedule(),
            demo_files.invoice(4711, "Omsorgsförvaltningen", 80),
            demo_files.invoice(4712, "Utbildningsförvaltningen", 80),
            demo_files.hours_by_department(),
            demo_files.decision(),
        )
    }
    opened = {}
    for visitor in demo.visitors:
        for record in source_session.read_case(demo.public, visitor).records:
            for position, _ in enumerate(record.attachments):
                file = source_session.open_file(demo.public, visitor, record.record.seq, position)
                opened[file.name] = b"".join(file.chunks)

    assert opened == made


def test_the_log_tells_of_every_kind_of_work_and_an_auditor_has_a_checkpoint_of_it(demo: Demo) -> None:
    lena = demo.account("Lena Ström")
    kinds = (
        EntryKind.CASE_TRIAGED,
        EntryKind.MINUTES_OFFERED,
        EntryKind.REGISTRY_NUMBER_SET,
        EntryKind.LOG_KEY_SET,
        EntryKind.CHECKPOINT_ACKNOWLEDGED,
    )
    assert [len(auditing.audit_page(demo.handler, lena, None, Wanted(kind)).lines) for kind in kinds] == [4, 1, 1, 1, 1]
    state = checkpoints.state(demo.handler)
    assert (state.ever, state.overdue) == (True, False)
    assert logbook.verify(demo.handler).findings == ()


def test_sign_in_prints_what_a_person_needs_just_now(demo: Demo) -> None:
    told = CliRunner().invoke(main, ["demo", "--data", str(demo.folder), "--sign-in", "anna"], catch_exceptions=False)

    anna = next(person for person in demo.people if person.name == "Anna Lindqvist")
    assert told.exit_code == 0
    assert all(secret in told.output for secret in (anna.email, anna.password, anna.passphrase))
    assert anna.totp_secret not in told.output
