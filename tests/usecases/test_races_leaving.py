"""What a source says while somebody leaves: never under keys that they have afterwards, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.members import identity, next_epoch, view_of
from tests.support.playing import open_or_none, read, server_sealed
from tests.support.races import Meanwhile, Witness, at_once
from tests.support.setting_up import two
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, seal_text, stored
from tipportal.domain.cases import Stream
from tipportal.domain.errors import EpochClosed, GrantsMismatch, Refusal
from tipportal.domain.separations import Ground
from tipportal.envelope import HybridIdentity
from tipportal.envelope.keys import dialogue_seed
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import at_once as by_one
from tipportal.usecases import dialogue, epochs, logbook, separating, source_session
from tipportal.usecases.sealedfiles import SealedFile

TEXT = "Det hände igen i natt."
ROUNDS = 3


def test_a_message_is_kept_before_somebody_leaves_or_sealed_again_to_those_who_stay(story: Story) -> None:
    witness = Witness(story)
    for _ in range(ROUNDS):
        case = story.report()
        had = _seeds(story, case, "h2")
        sealed = seal_text(story.public, case, Kind.MESSAGE, TEXT, by=SOURCE)

        written, _ = at_once(_adding(story, case, sealed), _leaving(story, case, "h2"))

        if isinstance(written, Refusal):
            assert isinstance(written, EpochClosed)
            _renew(story, case)
            sealed = seal_text(story.public, case, Kind.MESSAGE, TEXT, by=SOURCE)
            dialogue.add_message(story.public, case.keys.lookup_token, sealed)
        _is_kept_from_whoever_left(story, case, witness, had)
    assert logbook.verify(story.handler).findings == ()


def test_a_message_without_javascript_is_sealed_to_whatever_stands_when_it_is_kept(story: Story) -> None:
    witness = Witness(story)
    for _ in range(ROUNDS):
        case = story.report()
        had = _seeds(story, case, "h2")
        visitor = source_session.Visitor(case.keys)

        _, written = at_once(_leaving(story, case, "h2"), _sending(story, visitor))

        assert not isinstance(written, Refusal), written
        _is_kept_from_whoever_left(story, case, witness, had)
    assert logbook.verify(story.handler).findings == ()


def test_somebody_leaves_while_the_server_seals_and_the_message_is_sealed_again(story: Story) -> None:
    case, visitor = server_sealed(story)
    had, witness = _seeds(story, case, "h2"), Witness(story)
    meanwhile = Meanwhile(story.public.random, _leaving(story, case, "h2"))

    written = source_session.send_message(replace(story.public, random=meanwhile), visitor, TEXT, form_nonce="a")

    assert written.created
    assert stored(story.handler, case).epoch == 1
    _is_kept_from_whoever_left(story, case, witness, had)
    assert [record.text for record in source_session.read_case(story.public, visitor).records][-1] == TEXT


def test_one_more_leaves_while_the_server_makes_the_next_keys(story: Story) -> None:
    case = story.report()
    _leaving(story, case, "h2")()
    had, witness = _seeds(story, case, "h3"), Witness(story)
    meanwhile = Meanwhile(story.public.random, _leaving(story, case, "h3"))

    visitor = source_session.Visitor(case.keys)
    written = source_session.send_message(replace(story.public, random=meanwhile), visitor, TEXT, form_nonce="a")

    assert written.created
    _is_kept_from_whoever_left(story, case, witness, had, member="h3")


@pytest.mark.parametrize(("how", "leaver", "stays"), [("recusal", "h3", "h4"), ("suspension", "h4", "h3")])
def test_keys_made_for_somebody_who_leaves_meanwhile_are_not_in_use(
    story: Story, how: str, leaver: str, stays: str
) -> None:
    case = story.report()
    _leaving(story, case, "h2")()
    new = next_epoch(story, case, author=SOURCE)
    leave = _leaving(story, case, leaver) if how == "recusal" else _suspending(story, case, leaver)

    begun, left = at_once(lambda: epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new), leave)

    assert not isinstance(left, Refusal), left
    # Refused, or begun and closed again. Either way the client fetches, and makes keys for those who are left.
    assert begun == 1 or isinstance(begun, GrantsMismatch | EpochClosed)
    _renew(story, case)
    case_id, epoch = _id(story, case), stored(story.handler, case).epoch
    rows = [row for row in story.contents()["grants"] if (row["case_id"], row["epoch"]) == (case_id, epoch)]
    members = {row["member"] for row in rows if row["kind"] in {"panel", "standby"}}
    assert {"h1", stays} <= members
    assert {"h2", leaver}.isdisjoint(members)
    assert epoch == (2 if begun == 1 else 1)
    assert logbook.verify(story.handler).findings == ()


def _is_kept_from_whoever_left(
    story: Story, case: PlayedCase, witness: Witness, had: list[bytes], member: str = "h2"
) -> None:
    """The message stands once, and opens with the old keys only if it was there before they were lost."""
    left = case.members[member].account.id
    contents, case_id = story.contents(), _id(story, case)
    (message,) = (row for row in contents["records"] if row["case_id"] == case_id and row["kind"] == "message")
    (kept,) = (row for row in witness.of("dialogue", case_id) if row.seq == message["seq"])
    gone = sum(row["case_id"] == case_id for row in contents["separations"])
    opens = any(open_or_none(message["body"], HybridIdentity(dialogue_seed(seed))) is not None for seed in had)
    assert opens == (kept.gone < gone)
    assert not any(row["case_id"] == case_id and row["holder"] == left for row in contents["grants"])
    if stored(story.handler, case).epoch == 0:
        assert kept.gone == 0
    shown = read(view_of(story, case, "h1"), case.members["h1"], stored(story.handler, case).source_recipient)
    assert shown[Stream.DIALOGUE].count(TEXT) == 1


def _seeds(story: Story, case: PlayedCase, member: str) -> list[bytes]:
    """What somebody could have copied of their keys."""
    rows = story.contents()["grants"]
    mine = [row for row in rows if row["case_id"] == _id(story, case) and row["member"] == member]
    seeds = [open_or_none(row["file"], identity(case.members[member])) for row in mine]
    assert seeds
    return [seed for seed in seeds if seed is not None]


def _renew(story: Story, case: PlayedCase) -> None:
    """What the source's browser does before it writes."""
    view = dialogue.open_by_token(story.public, case.keys.lookup_token)
    if view.next is not None:
        new = next_epoch(story, case, author=SOURCE)
        epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new)


def _leaving(story: Story, case: PlayedCase, member: str) -> Callable[[], object]:
    account = case.members[member].account
    return lambda: separating.recuse(story.handler, account, case.reference, Ground.OTHER)


def _suspending(story: Story, case: PlayedCase, member: str) -> Callable[[], object]:
    return lambda: by_one.suspend(story.handler, two(story).proposer.account, case.members[member].account.id)


def _adding(story: Story, case: PlayedCase, sealed: SealedFile) -> Callable[[], object]:
    return lambda: dialogue.add_message(story.public, case.keys.lookup_token, sealed)


def _sending(story: Story, visitor: source_session.Visitor) -> Callable[[], object]:
    return lambda: source_session.send_message(story.public, visitor, TEXT, form_nonce="a")


def _id(story: Story, case: PlayedCase) -> str:
    return stored(story.handler, case).id
