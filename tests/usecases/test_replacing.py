"""A lost administrator is replaced by the other one and as many trustees as it takes; nothing else is."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

import pytest

from tests.support.setting_up import two, unit_operation
from tests.support.story import Story, staffed
from tests.usecases.test_accounts_by_two import named, state, unit, words
from tests.usecases.test_logged_changes import findings
from tipportal.cli.demo_staffing import Member, decided, enrol_person
from tipportal.cli.demo_trustees import DemoTrustee, appoint
from tipportal.domain.accounts import AccountState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import AlreadyDecided, BadSignature, Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Unit
from tipportal.envelope.changes import ChangeAct, sign_change
from tipportal.usecases import changes, logbook, replacing
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited

SAID = "Nyckelförvaltare har godkänt något annat än att en administratör ersätts."


def signed(act: ChangeAct, *trustees: DemoTrustee) -> dict[str, bytes]:
    return {each.id: sign_change(act, each.keys.signing_key) for each in trustees}


def invitation(story: Story, role: str = "administrator") -> dict[str, Json]:
    return {
        "account": story.handler.new_id(),
        "name": "Efterträdaren",
        "email": "efter@bjorkvik.example",
        "role": role,
        "organisation": two(story).proposer.account.organisation_id,
        "unit": unit(story),
        "decision": None,
    }


def agreed(story: Story, kind: ChangeKind, payload: Mapping[str, Json], said: Mapping[str, Json] | None = None) -> str:
    """Propose as the administrator who is left, and have the first two trustees sign."""
    both = two(story)
    change_id, act = both.propose(kind, payload)
    first, second, *_ = story.municipality.trustees
    replacing.approve(story.handler, both.proposer.account, change_id, signed(act, second, first), said)
    return change_id


def heard(member: Member, *trustees: DemoTrustee) -> dict[str, Json]:
    """What trustees say who have each heard a member's six words."""
    return {"check_phrases": {each.id: words(member) for each in trustees}}


def enrolled(story: Story, change_id: str, account_id: str, who: str = "ny-administrator") -> Member:
    """Whoever the change gives an account to registers with the link that the administrator hands over."""
    both = two(story)
    token = link_of(story.handler, both.proposer.account, change_id)
    with story.database.read() as uow:
        account = uow.accounts.by_id(account_id)
    assert account is not None
    return enrol_person(story.handler, Invited(account, token), who)


def test_the_account_is_given_back_with_new_keys_that_the_trustees_have_heard(story: Story) -> None:
    both = two(story)
    lost = both.approver.account
    change_id = agreed(story, ChangeKind.RESTORE, {"account": lost.id})
    assert state(story, lost) is AccountState.INVITED
    member = enrolled(story, change_id, lost.id)
    assert state(story, lost) is AccountState.ENROLLED
    keys, act = both.propose(ChangeKind.KEYS, named(member))
    one, other, third = story.municipality.trustees
    marks = signed(act, other, third)
    turned = " ".join([*words(member).split()[1:], words(member).split()[0]])
    whole = words(member)
    # Each of them has heard the words: not the proposer, who had the link, and not one of them for both.
    faulty: tuple[dict[str, Json], ...] = (
        {},
        {"check_phrase": whole},
        {"check_phrases": {}},
        {"check_phrases": whole},
        heard(member, other),
        heard(member, one, other),
        heard(member, one, other, third),
        {"check_phrases": {other.id: whole, third.id: turned}},
        {"check_phrases": {other.id: whole, third.id: ""}},
    )
    for said in faulty:
        with pytest.raises(Invalid):
            replacing.approve(story.handler, both.proposer.account, keys, marks, said)
    replacing.approve(story.handler, both.proposer.account, keys, marks, heard(member, other, third))
    assert state(story, lost) is AccountState.ACTIVE
    assert logbook.verify(story.handler).findings == ()
    # From here on two decide, and nobody else.
    again, act = both.propose(ChangeKind.RESTORE, {"account": story.municipality.handlers()[0].account.id})
    with pytest.raises(NotEntitled):
        replacing.approve(story.handler, both.proposer.account, again, signed(act, *story.municipality.trustees))


def test_somebody_else_is_invited_when_the_lost_one_does_not_come_back(story: Story) -> None:
    both, payload = two(story), invitation(story)
    open_one, act = both.propose(ChangeKind.INVITE, payload)
    with pytest.raises(NotEntitled, match="annan administratör"):
        replacing.approve(story.handler, both.proposer.account, open_one, signed(act, *story.municipality.trustees))
    changes.decline(story.handler, both.proposer.account, open_one)
    agreed(story, ChangeKind.RESTORE, {"account": both.approver.account.id})
    change_id = agreed(story, ChangeKind.INVITE, payload)
    member = enrolled(story, change_id, str(payload["account"]))
    agreed(story, ChangeKind.KEYS, named(member), heard(member, *story.municipality.trustees[:2]))
    assert state(story, member.account) is AccountState.ACTIVE
    with story.database.read() as uow:
        newest = uow.changes.by_id(change_id)
        assert newest is not None
        assert newest.approver is None
        assert len(uow.changes.trustee_approvals(change_id)) == len({*story.municipality.trustees[:2]})
    seen = next(
        each for each in changes.overview(story.handler, both.proposer.account).changes if each.change.id == change_id
    )
    assert {each.name for each in seen.trustees} == {each.name for each in story.municipality.trustees[:2]}
    assert logbook.verify(story.handler).findings == ()


def test_too_few_foreign_and_repeated_signatures_and_those_under_another_act_change_nothing(story: Story) -> None:
    both = two(story)
    me, lost = both.proposer.account, both.approver.account
    t1, t2, t3 = story.municipality.trustees
    foreign = DemoTrustee("Ingen", "Ingenstans", "Ingen", None, bytes(32))
    other, another_act = both.propose(ChangeKind.RESTORE, {"account": lost.id})
    change_id, act = both.propose(ChangeKind.RESTORE, {"account": lost.id})
    good = signed(act, t1, t2)
    for wrong in (
        {},
        signed(act, t1),
        {t1.id: good[t1.id], t2.id: good[t1.id]},
        {t1.id: good[t1.id], t3.id: good[t2.id]},
        signed(act, t1, foreign),
        {**good, foreign.id: signed(act, foreign)[foreign.id]},
        signed(another_act, t1, t2),
        {**signed(act, t1), **signed(another_act, t2)},
        {**good, t3.id: bytes(64)},
    ):
        with pytest.raises(BadSignature):
            replacing.approve(story.handler, me, change_id, wrong)
    assert state(story, lost) is AccountState.ACTIVE
    # The lost one's own signature counts for nothing here, and neither does anybody's but the proposer's session.
    for somebody in (lost, story.municipality.handlers()[0].account):
        with pytest.raises(Refusal):
            replacing.approve(story.handler, somebody, change_id, good)
    replacing.approve(story.handler, me, change_id, good)
    with pytest.raises(AlreadyDecided):
        replacing.approve(story.handler, me, change_id, good)
    with pytest.raises(BadSignature):
        replacing.approve(story.handler, me, other, good)
    assert logbook.verify(story.handler).findings == ()


def test_trustees_approve_nothing_but_an_administrators_account(story: Story) -> None:
    both = two(story)
    me = both.proposer.account
    payloads: tuple[tuple[ChangeKind, dict[str, Json]], ...] = (
        (ChangeKind.RESTORE, {"account": story.municipality.handlers()[0].account.id}),
        (ChangeKind.RESTORE, {"account": me.id}),
        (ChangeKind.INVITE, invitation(story, "handler")),
        (ChangeKind.INVITE, invitation(story, "auditor")),
        (
            ChangeKind.REGISTER,
            {
                "operations": [unit_operation(Unit(story.handler.new_id(), me.organisation_id, "IT", external=False))],
                "decision": None,
            },
        ),
    )
    agreed(story, ChangeKind.RESTORE, {"account": both.approver.account.id})
    for kind, payload in payloads:
        change_id, act = both.propose(kind, payload)
        assert not replacing.may_ask(story.handler, me, change_id)
        with pytest.raises(NotEntitled):
            replacing.approve(story.handler, me, change_id, signed(act, *story.municipality.trustees))
    with pytest.raises(NotFound):
        replacing.approve(story.handler, me, "0" * 32, {})


def test_former_trustees_replace_nobody(story: Story) -> None:
    both, former = two(story), story.municipality.trustees
    people = (("Nils Ek", "Björkviks kommun", "Arkivet"), ("Ulla Ros", "Älvnäs kommun", "Registraturen"))
    present = appoint(both, decided(story.handler, both.proposer.account.organisation_id), people)
    change_id, act = both.propose(ChangeKind.RESTORE, {"account": both.approver.account.id})
    with pytest.raises(BadSignature):
        replacing.approve(story.handler, both.proposer.account, change_id, signed(act, *former))
    assert replacing.asked(story.handler, both.proposer.account, change_id).trustees.threshold == len(present)
    replacing.approve(story.handler, both.proposer.account, change_id, signed(act, *present))
    assert logbook.verify(story.handler).findings == ()


def test_a_proposal_that_was_edited_afterwards_is_not_what_they_signed(story: Story) -> None:
    both = two(story)
    change_id, act = both.propose(ChangeKind.RESTORE, {"account": both.approver.account.id})
    marks = signed(act, *story.municipality.trustees)
    edited = json.dumps({"account": story.municipality.handlers()[0].account.id}).encode()
    story.change("UPDATE changes SET payload = :p WHERE id = :id", p=edited, id=change_id)
    with pytest.raises(Refusal):
        replacing.approve(story.handler, both.proposer.account, change_id, marks)
    assert not replacing.may_ask(story.handler, both.proposer.account, change_id)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Json]]:
    """The log of a staffed municipality, whose second administrator has been given back at the end."""
    with staffed("sqlite", tmp_path_factory.mktemp("log")) as story:
        agreed(story, ChangeKind.RESTORE, {"account": two(story).approver.account.id})
        with story.database.read() as uow:
            return [json.loads(data) for _, data in uow.log.entries()]


@pytest.fixture
def log(written: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return copy.deepcopy(written)


@pytest.mark.parametrize(
    "alter",
    [
        lambda entry, _: entry["signatures"].pop(),
        lambda entry, _: entry["signatures"].__setitem__(2, entry["signatures"][1]),
        lambda entry, _: entry["signatures"][1].update(signature="00" * 64),
        lambda entry, _: entry["signatures"][1].update(signer="0" * 32),
        lambda entry, _: entry["facts"].update(set=2),
        lambda entry, _: entry["facts"].pop("set"),
        lambda entry, _: entry["facts"]["act"].update(nonce="00" * 16),
        lambda entry, _: entry["facts"].update(kind="register"),
        lambda entry, _: entry.update(actor="system"),
        lambda _, effect: effect["facts"].update(account="0" * 32),
    ],
    ids=["few", "twice", "forged", "foreign", "set", "no set", "act", "kind", "actor", "somebody else"],
)
def test_an_approval_by_trustees_that_does_not_hold_is_found(log: list[dict[str, Json]], alter: object) -> None:
    assert findings(log) == []
    places = [at for at, body in enumerate(log) if body["kind"] == EntryKind.CHANGE_APPROVED.value]
    alter(log[places[-1]], log[places[-1] + 1])  # type: ignore[operator] # one of those above
    assert findings(log) != []


def test_trustees_who_replace_where_another_could_have_approved_are_found(log: list[dict[str, Json]]) -> None:
    # The administrator who was not lost: enrolled and active under another id.
    handler = next(body for body in log if body["kind"] == EntryKind.KEYS_CONFIRMED.value)
    for body in log:
        facts = body["facts"]
        assert isinstance(facts, dict)
        if facts.get("account") == handler["facts"]["account"] and "role" in facts:  # type: ignore[index, call-overload]
            facts["role"] = "administrator"
    assert SAID in findings(log)


def test_exchanged_keys_of_trustees_are_found(story: Story) -> None:
    story.change("UPDATE changes SET payload = :p WHERE kind = 'trustees'", p=b"{}")
    assert any("Nyckelförvaltarna i grupp" in found.what for found in logbook.verify(story.handler).findings)
