"""The proof after activation: kept, renewed when the day or the register changes, said in the log when it turns."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.support import setting_up
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import ask
from tipportal.domain.independence.findings import Proven
from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.organisations import Channel
from tipportal.usecases import at_once, proving, scheduled


def _said(story: Story) -> list[str]:
    kinds = [json.loads(row["data"])["kind"] for row in story.contents()["log_entries"]]
    return [kind for kind in kinds if kind in ("proof_held", "proof_lapsed")]


def _kept(story: Story) -> KeptProof:
    with story.database.read() as uow:
        found = uow.register.proof(setting_up.organisation(story).id)
    assert found is not None
    return found


def _renewed(story: Story) -> int:
    with story.database.write() as uow:
        return proving.renew(story.handler, uow)


def test_a_policy_that_holds_is_kept_as_such_and_said_once(story: Story) -> None:
    scheduled.tick(story.handler)
    said = _said(story)
    assert said[-1:] == ["proof_held"]
    assert _kept(story).holds

    story.clock.advance(DAY)
    scheduled.tick(story.handler)

    assert _said(story) == said
    assert _kept(story).proven_on == story.handler.today()
    with story.database.read() as uow:
        (in_force,) = uow.register.policies()
        assert isinstance(proving.prove_policy(uow, in_force.policy, story.handler.today()), Proven)


def test_an_absence_that_breaks_it_lapses_it_at_once_and_the_channel_goes_on_receiving(story: Story) -> None:
    _renewed(story)
    before = _said(story)
    handler = story.municipality.handlers()[0].account

    at_once.note_absence(story.handler, handler, handler.id, None)

    assert _said(story) == [*before, "proof_lapsed"]
    kept = _kept(story)
    assert not kept.holds
    assert any("Lägg till" in str(sentence) for reason in kept.reasons for sentence in reason)
    told = json.loads(story.contents()["log_entries"][-1]["data"])["facts"]["places"]
    assert told == kept.places
    assert {line["what"] for line in told["lines"]} <= {"panel", "standby", "outside"}
    assert handler.id not in json.dumps(told)
    members = {member.recipient for member in ask(story.public, Channel.TIP).members}
    assert handler.recipient not in members
    assert len(members) == len(story.municipality.handlers()) - 1


def test_a_designation_that_runs_out_at_midnight_lapses_it_in_the_night(story: Story) -> None:
    _renewed(story)
    said = _said(story)
    last = story.handler.today()
    with story.database.write() as uow:
        ending = next(iter(uow.register.designations()))
        uow.register.change_designation(replace(ending, valid_to=last))
        assert [each.id for each in uow.register.expiring(last, proving.WARNED_DAYS)] == [ending.id]
        proving.renew(story.handler, uow)
    # Its last day counts whole: it is the night after that takes it away.
    assert _said(story) == said

    story.clock.advance(DAY)
    scheduled.tick(story.handler)

    assert _said(story) == [*said, "proof_lapsed"]


def test_a_proof_that_is_still_true_is_not_made_again(story: Story) -> None:
    _renewed(story)
    before = story.contents()["proofs"]

    assert _renewed(story) == 0

    assert story.contents()["proofs"] == before


def test_a_register_that_is_mended_holds_again(story: Story) -> None:
    _renewed(story)
    handler = story.municipality.handlers()[0].account
    absence = at_once.note_absence(story.handler, handler, handler.id, None)
    with story.database.write() as uow:
        uow.register.change_absence(replace(absence, last=absence.first))

    assert _renewed(story) == 1

    assert _said(story)[-2:] == ["proof_lapsed", "proof_held"]
    assert _kept(story).reasons == ()
