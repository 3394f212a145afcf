"""Promise 5: no consequential act is done by one person alone, nor by editing the database (04, invariant 3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, act_on, agree, propose, seal_text, sign, stored, write
from tipportal.domain.errors import Refusal
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.envelope.acts import Act, sign_act
from tipportal.envelope.canonical import canonical
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.payloads import AssessPayload, ClosePayload, Outcome, Payload
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, logbook


def test_what_two_have_decided_verifies(story: Story) -> None:
    case = _closed_tip(story)

    assert logbook.verify(story.handler).findings == ()
    assert stored(story.handler, case).outcome is not None


def test_nobody_alone_moves_a_case_to_its_end(story: Story) -> None:
    case = story.report()
    alone = case.members["h1"]
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    proposal = propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )

    for by in ("h1", "h3", "h4", "h5"):
        with pytest.raises(Refusal):
            agree(story.handler, case, proposal, by=by)
    with pytest.raises(Refusal):
        handle.begin_follow_up(story.handler, alone.account, case.reference)
    with pytest.raises(Refusal):
        write(story.handler, case, Kind.FEEDBACK, "Klart.")

    now = stored(story.handler, case)
    assert (now.covered, now.outcome, now.closed_on) == (None, None, None)


def test_somebody_who_left_the_panel_no_longer_counts(story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    proposal = propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    story.change("DELETE FROM grants WHERE holder = :id", id=case.members["h1"].account.id)

    with pytest.raises(Refusal):
        agree(story.handler, case, proposal)

    assert stored(story.handler, case).covered is None


def test_database_refuses_an_approval_by_the_proposer(story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )

    with pytest.raises(Exception, match="two_people"):
        _insert_approval(story, case, "h1")


Edit = Callable[[Story, PlayedCase], None]


def _case_says_covered(story: Story, case: PlayedCase) -> None:
    story.change("UPDATE cases SET covered = :yes, state = 'assessed' WHERE reference = :r", yes=True, r=case.reference)


def _case_says_closed(story: Story, case: PlayedCase) -> None:
    story.change("UPDATE cases SET outcome = 'unfounded', state = 'closed' WHERE reference = :r", r=case.reference)


def _case_moved_on(story: Story, case: PlayedCase) -> None:
    story.change("UPDATE cases SET state = 'feedback_given' WHERE reference = :r", r=case.reference)


def _proposal_says_approved(story: Story, case: PlayedCase) -> None:
    del case
    story.change("UPDATE proposals SET state = 'approved', decided_at = :now WHERE state = 'open'", now=story.clock())


def _approval_row(story: Story, case: PlayedCase) -> None:
    _insert_approval(story, case, "h2")


def _case_is_gone(story: Story, case: PlayedCase) -> None:
    with story.sql() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(f"DELETE FROM cases WHERE reference = '{case.reference}'")  # noqa: S608 - our own


@pytest.mark.parametrize(
    "edit",
    [_case_says_covered, _case_says_closed, _case_moved_on, _proposal_says_approved, _approval_row, _case_is_gone],
)
def test_database_edit_that_decides_is_found(story: Story, edit: Edit) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    assert logbook.verify(story.handler).findings == ()

    edit(story, case)

    assert len(logbook.verify(story.handler).findings) == 1


def test_decision_that_is_taken_back_in_the_database_is_found(story: Story) -> None:
    case = _closed_tip(story)

    story.change("UPDATE cases SET state = 'under_follow_up', outcome = NULL, closed_on = NULL")
    assert len(logbook.verify(story.handler).findings) == 1
    story.change("DELETE FROM approvals")
    story.change("UPDATE proposals SET state = 'open', decided_at = NULL")
    findings = [finding.what for finding in logbook.verify(story.handler).findings]

    assert len(findings) == 2
    assert case.reference in findings[0]


class Forger:
    """Somebody who writes well-formed entries into the log and rows beside it, but holds nobody else's signing key."""

    def __init__(self, story: Story, case: PlayedCase) -> None:
        self.story = story
        self.case = case

    def write(self, kind: EntryKind, actor: str, facts: dict[str, Json], *signatures: dict[str, Json]) -> None:
        now = stored(self.story.handler, self.case)
        with self.story.database.write() as uow:
            uow.log.append(
                Entry(
                    kind, self.story.clock(), actor, now.organisation_id, now.reference, facts, 0, 0, tuple(signatures)
                )
            )

    def act(self, payload: Payload) -> Act:
        return act_on(self.story.handler, self.case, payload)

    def approve(
        self, act: Act, payload: AssessPayload | ClosePayload, first: tuple[str, bytes], second: tuple[str, bytes]
    ) -> None:
        """All entries that an approved act leaves, in their order, and the case as they say."""
        content: dict[str, Json] = json.loads(payload.encode())
        proposal = self.story.handler.new_id()
        signatures: list[dict[str, Json]] = [
            {"signer": signer, "signature": signature.hex()} for signer, signature in (first, second)
        ]
        self.write(EntryKind.PROPOSED, first[0], {"proposal": proposal, "act": act.kind.value}, signatures[0])
        approved: dict[str, Json] = {"proposal": proposal, "act": dict(act.to_json()), "payload": content}
        self.write(EntryKind.APPROVED, second[0], approved, *signatures)
        shown = {name: value for name, value in content.items() if name != "reasons"}
        kind = EntryKind.CASE_ASSESSED if isinstance(payload, AssessPayload) else EntryKind.CASE_CLOSED
        self.write(kind, second[0], {**shown, "proposal": proposal})
        self.story.change(
            "UPDATE cases SET state = :state, covered = :covered, outcome = :outcome WHERE reference = :r",
            state="assessed" if isinstance(payload, AssessPayload) else "closed",
            covered=payload.covered if isinstance(payload, AssessPayload) else None,
            outcome=None if isinstance(payload, AssessPayload) else payload.outcome.value,
            r=self.case.reference,
        )
        self._proposal_row(proposal, act, payload, first, second)

    def _proposal_row(
        self, proposal: str, act: Act, payload: Payload, first: tuple[str, bytes], second: tuple[str, bytes]
    ) -> None:
        now = stored(self.story.handler, self.case)
        values = {
            "id": proposal, "organisation": now.organisation_id, "case": now.id, "kind": act.kind.value,
            "act": canonical(act.to_json()), "payload": payload.encode(), "nonce": proposal, "first": first[0],
            "signature": first[1], "second": second[0], "approval": second[1], "now": self.story.clock(),
        }  # fmt: skip
        self.story.change(
            "INSERT INTO proposals (id, organisation_id, case_id, epoch, kind, act, payload, nonce, proposer,"
            " proposer_member, proposer_signature, proposed_at, expires_at, state, decided_at) VALUES (:id,"
            " :organisation, :case, 0, :kind, :act, :payload, :nonce, :first, 'h1', :signature, :now, :now, 'approved',"
            " :now)",
            **values,
        )
        if first[0] != second[0]:
            self.story.change(
                "INSERT INTO approvals (proposal_id, organisation_id, proposer, approver, approver_member,"
                " approver_signature, approved_at) VALUES (:id, :organisation, :first, :second, 'h2', :approval, :now)",
                **values,
            )

    def ids(self) -> tuple[str, str]:
        return self.case.members["h1"].account.id, self.case.members["h2"].account.id


def test_forger_who_held_both_keys_would_not_be_found(story: Story) -> None:
    # The control: with two true signatures the same entries and rows verify, so what is found below are the forgeries.
    forger, payload = _forger(story)
    act, (first, second) = forger.act(payload), forger.ids()

    forger.approve(
        act, payload, (first, sign(forger.case.members["h1"], act)), (second, sign(forger.case.members["h2"], act))
    )

    assert logbook.verify(story.handler).findings == ()


def test_forged_second_signature_is_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, second) = forger.act(payload), forger.ids()
    mine = sign(forger.case.members["h1"], act)

    forger.approve(act, payload, (first, mine), (second, mine))

    assert _found(story)[:2] == [
        "En underskrift under beslutet stämmer inte.",
        "Beslutet saknar ett godkännande av två personer.",
    ]


def test_one_person_twice_is_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, _) = forger.act(payload), forger.ids()
    mine = sign(forger.case.members["h1"], act)

    forger.approve(act, payload, (first, mine), (first, mine))

    assert "Godkännandet är inte undertecknat av två olika personer." in _found(story)


def test_second_key_for_somebody_else_is_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, second) = forger.act(payload), forger.ids()
    mine = SigningKey(bytes(range(32)))
    forger.write(
        EntryKind.ACCOUNT_ENROLLED, second, {"account": second, "verification_key": mine.verification_key.raw.hex()}
    )

    forger.approve(act, payload, (first, sign(forger.case.members["h1"], act)), (second, sign_act(act, mine)))

    assert _found(story)[:2] == ["Kontot har fått en andra nyckel.", "En underskrift under beslutet stämmer inte."]


def test_two_accounts_with_one_key_are_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, _) = forger.act(payload), forger.ids()
    member = forger.case.members["h1"]
    own = sign(member, act)
    straw = next(each.account.id for each in story.municipality.members if each.account.verification_key is None)
    key = (member.account.verification_key or b"").hex()
    forger.write(EntryKind.ACCOUNT_ENROLLED, straw, {"account": straw, "verification_key": key})

    forger.approve(act, payload, (first, own), (straw, own))

    assert _found(story)[0] == "Godkännandet är inte undertecknat med två olika nycklar."


def test_true_signatures_of_another_case_are_found(story: Story) -> None:
    forger, payload = _forger(story)
    other = Forger(story, _followed_up_tip(story))
    object.__setattr__(other.case, "members", forger.case.members)
    act, (first, second) = forger.act(payload), forger.ids()
    signatures = [(name, sign(forger.case.members[m], act)) for name, m in ((first, "h1"), (second, "h2"))]

    other.approve(act, payload, *signatures)

    assert _found(story)[0] == "Beslutet gäller ett annat ärende."


def test_decision_that_is_replayed_or_has_expired_is_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, second) = forger.act(payload), forger.ids()
    signatures = [(name, sign(forger.case.members[m], act)) for name, m in ((first, "h1"), (second, "h2"))]
    story.clock.advance(14 * DAY)
    forger.approve(act, payload, *signatures)
    assert _found(story)[0] == "Beslutet har använts förut eller hade gått ut."

    again, later = Forger(story, _followed_up_tip(story)), ClosePayload(Outcome.CONFIRMED, "0" * 64)
    act, (first, second) = again.act(later), again.ids()
    signatures = [(name, sign(again.case.members[m], act)) for name, m in ((first, "h1"), (second, "h2"))]
    again.approve(act, later, *signatures)
    before = len(_found(story))
    again.approve(act, later, *signatures)
    assert len(_found(story)) > before


def test_other_outcome_than_the_signed_one_is_found(story: Story) -> None:
    forger, payload = _forger(story)
    act, (first, second) = forger.act(payload), forger.ids()
    signatures = [(name, sign(forger.case.members[m], act)) for name, m in ((first, "h1"), (second, "h2"))]

    forger.approve(act, replace(payload, outcome=Outcome.UNFOUNDED), *signatures)

    assert _found(story)[0] == "En underskrift under beslutet stämmer inte."


def _forger(story: Story) -> tuple[Forger, ClosePayload]:
    return Forger(story, _followed_up_tip(story)), ClosePayload(Outcome.CONFIRMED, "0" * 64)


def _followed_up_tip(story: Story) -> PlayedCase:
    case = story.tip()
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    return case


def _closed_tip(story: Story) -> PlayedCase:
    case = _followed_up_tip(story)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    agree(
        story.handler,
        case,
        propose(story.handler, case, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons),
    )
    return case


def _insert_approval(story: Story, case: PlayedCase, by: str) -> None:
    story.change(
        "INSERT INTO approvals (proposal_id, organisation_id, proposer, approver, approver_member, approver_signature,"
        " approved_at) SELECT id, organisation_id, proposer, :approver, :by, :signature, :now FROM proposals",
        approver=case.members[by].account.id,
        by=by,
        signature=bytes(64),
        now=story.clock(),
    )


def _found(story: Story) -> list[str]:
    return [finding.what for finding in logbook.verify(story.handler).findings]
