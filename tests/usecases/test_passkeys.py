"""Passkeys: right answers are taken once; every other is refused, and whoever it was of is not told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.authenticator import Authenticator, Flag
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import SESSION_SECONDS, Session
from tipportal.domain.errors import ConfirmFirst, Conflict, Invalid, NotEntitled, NotFound, SignInRefused
from tipportal.domain.ways import CHALLENGE_SECONDS, CONFIRMED_SECONDS, KeyWay, WayKind
from tipportal.envelope import HybridIdentity
from tipportal.envelope.age import wrap_file_key
from tipportal.envelope.canonical import canonical
from tipportal.envelope.stanza import Stanza
from tipportal.usecases import passkeys, scheduled, sessions, sign_in, ways
from tipportal.usecases.passkeys import Assertion, Attestation, Purpose, RelyingParty

PARTY = RelyingParty("https://handlaggare.example")
FORM = bytes(16)


class _Prf:
    """Stands for what a browser seals with a passkey's PRF: its stanza is all that the server sees."""

    labels = frozenset({"prf"})

    def wrap(self, file_key: bytes) -> Stanza:
        return Stanza(("tipportal-prf", "A" * 22), file_key + bytes(16))


FILE = wrap_file_key(bytes(16), [_Prf()]).encode() + bytes(200)


def device(**changes: object) -> Authenticator:
    return Authenticator(PARTY.origin, PARTY.id).but(**changes)


@pytest.fixture
def anna(story: Story) -> Member:
    return story.municipality.handlers()[0]


def entered(story: Story, member: Member) -> Session:
    story.clock.advance(60)
    person = member.person
    signed = sign_in.sign_in(story.handler, person.email, person.password, story.otp(member))
    return now(story, signed.secret)


def now(story: Story, secret: bytes) -> Session:
    found = sign_in.account_of(story.handler, secret)
    assert found is not None
    return found[1]


def added(story: Story, member: Member, with_device: Authenticator, session: Session | None = None) -> KeyWay:
    held = session or entered(story, member)
    challenge = passkeys.new_challenge(story.handler, Purpose.ADD, held.id_digest)
    way = ways.NewWay(WayKind.PASSKEY, "Telefon", FILE, with_device.make(challenge))
    return ways.add_way(story.handler, PARTY, member.account, held, way)


def challenge(story: Story, purpose: Purpose = Purpose.SIGN_IN, binding: bytes = FORM) -> bytes:
    return passkeys.new_challenge(story.handler, purpose, binding)


def enter(story: Story, assertion: Assertion, party: RelyingParty = PARTY) -> sign_in.SignedIn:
    return sign_in.sign_in_with_passkey(story.handler, party, FORM, assertion)


def test_a_passkey_signs_in_and_is_confirmed_by_it(story: Story, anna: Member) -> None:
    mine = device()
    kept = added(story, anna, mine)
    assert kept.salt is not None
    assert len(kept.salt) == 32
    signed = enter(story, mine.answer(challenge(story)))
    assert signed.account.id == anna.account.id
    assert sessions.is_confirmed(story.handler, now(story, signed.secret))


def test_each_way_has_a_salt_of_its_own(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    assert added(story, anna, device(), session).salt != added(story, anna, device(), session).salt


def test_an_answer_is_taken_once_also_by_two_at_a_time(story: Story, anna: Member) -> None:
    mine = device(counts=False)
    added(story, anna, mine)
    assertion = mine.answer(challenge(story))
    together = threading.Barrier(3)

    def use(_: int) -> bool:
        together.wait()
        try:
            enter(story, assertion)
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(use, range(3))) == [False, False, True]


def test_a_counter_that_does_not_go_on_is_that_of_a_copy(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    copy = mine.but()
    enter(story, mine.answer(challenge(story)))
    enter(story, mine.answer(challenge(story)))
    with pytest.raises(SignInRefused):
        enter(story, copy.answer(challenge(story)))
    enter(story, mine.answer(challenge(story)))


WRONG: dict[str, Callable[[Story, Authenticator], Assertion]] = {
    "another origin": lambda story, mine: mine.but(origin="https://handlaggare.example.evil.example").answer(
        challenge(story)
    ),
    "a path in the origin": lambda story, mine: mine.but(origin=f"{PARTY.origin}/").answer(challenge(story)),
    "another relying party": lambda story, mine: mine.but(rp_id="example").answer(challenge(story)),
    "nobody there": lambda story, mine: mine.but(flags=Flag.UV).answer(challenge(story)),
    "not verified": lambda story, mine: mine.but(flags=Flag.UP).answer(challenge(story)),
    "another key": lambda story, mine: mine.but(key=device().key).answer(challenge(story)),
    "another purpose": lambda story, mine: mine.answer(challenge(story, Purpose.CONFIRM)),
    "another form": lambda story, mine: mine.answer(challenge(story, binding=bytes(15) + b"1")),
    "its own challenge": lambda _, mine: mine.answer(bytes(56)),
    "a short challenge": lambda _, mine: mine.answer(b""),
    "a challenge of the other face": lambda story, mine: mine.answer(
        passkeys.new_challenge(story.public, Purpose.SIGN_IN, FORM)
    ),
    "an unknown passkey": lambda story, _: device().answer(challenge(story)),
    "no bytes": lambda _, mine: Assertion(mine.credential_id, b"", b"", b""),
    "no JSON": lambda story, mine: replace(mine.answer(challenge(story)), client_data=b"[]"),
    "deep JSON": lambda story, mine: replace(mine.answer(challenge(story)), client_data=b"[" * 50_000),
    "text for a challenge": lambda story, mine: replace(
        mine.answer(challenge(story)), client_data=b'{"type":"webauthn.get","challenge":7,"origin":"x"}'
    ),
    "cut data": lambda story, mine: replace(mine.answer(challenge(story)), authenticator_data=bytes(36)),
    "an answer at enrolment": lambda story, mine: replace(
        mine.answer(challenge(story)), client_data=mine.make(challenge(story)).client_data
    ),
}


def test_any_other_answer_is_refused_and_logged_alike(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    told = set()
    for how, wrong in WRONG.items():
        with pytest.raises(SignInRefused) as refused:
            enter(story, wrong(story, mine))
        told.add((refused.value.reason, refused.value.field))
        last = story.contents()["log_entries"][-1]["data"]
        assert b'"kind":"sign_in_refused"' in last, how
        assert anna.account.id.encode() not in last, how
    assert len(told) == 1
    # The passkey itself is none the worse for it.
    assert enter(story, mine.answer(challenge(story))).account.id == anna.account.id


def test_a_challenge_runs_out(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    assertion = mine.answer(challenge(story))
    story.clock.advance(CHALLENGE_SECONDS)
    with pytest.raises(SignInRefused):
        enter(story, assertion)


def test_whoever_is_suspended_does_not_come_in(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=anna.account.id)
    with pytest.raises(SignInRefused):
        enter(story, mine.answer(challenge(story)))


def test_a_passkey_belongs_to_one_person(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    with pytest.raises(Conflict):
        added(story, story.municipality.handlers()[1], mine)


def test_a_new_passkey_must_answer_a_challenge_of_this_session(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    other = challenge(story, Purpose.ADD)
    confirming = challenge(story, Purpose.CONFIRM, session.id_digest)
    right = challenge(story, Purpose.ADD, session.id_digest)
    made = device().make(right)
    for wrong in (
        device().make(other),
        device().make(confirming),
        device(flags=Flag.UP).make(right),
        device(origin="https://evil.example").make(right),
        Attestation(made.client_data, b""),
        Attestation(b"{}", made.attestation_object),
        Attestation(made.client_data, b"\xa0"),
        Attestation(made.client_data, b"\x9b" + b"\xff" * 8),
        Attestation(made.client_data, b"\x81" * 60_000),
    ):
        with pytest.raises(Invalid) as refused:
            ways.add_way(story.handler, PARTY, anna.account, session, ways.NewWay(WayKind.PASSKEY, "x", FILE, wrong))
        assert refused.value.field == "passkey"
    way = ways.NewWay(WayKind.PASSKEY, "x", FILE, made)
    ways.add_way(story.handler, PARTY, anna.account, session, way)
    with pytest.raises(Invalid):
        ways.add_way(story.handler, PARTY, anna.account, session, way)


def test_never_fewer_than_two_ways_also_by_two_at_a_time(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    first, second = ways.my_ways(story.handler, anna.account)
    with pytest.raises(NotEntitled):
        ways.remove_way(story.handler, anna.account, session, first.id)
    added(story, anna, device(), session)
    together = threading.Barrier(2)

    def remove(way: KeyWay) -> bool:
        together.wait()
        try:
            ways.remove_way(story.handler, anna.account, session, way.id)
        except NotEntitled:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, (first, second))) == [False, True]
    assert len(ways.my_ways(story.handler, anna.account)) == 2


def test_somebody_elses_way_is_not_found(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    added(story, anna, device(), session)
    other = ways.my_ways(story.handler, story.municipality.handlers()[1].account)[0]
    with pytest.raises(NotFound):
        ways.remove_way(story.handler, anna.account, session, other.id)
    assert other in ways.my_ways(story.handler, story.municipality.handlers()[1].account)


def test_changes_need_somebody_who_has_just_shown_who_they_are(story: Story, anna: Member) -> None:
    mine = device()
    session = entered(story, anna)
    added(story, anna, mine, session)
    story.clock.advance(CONFIRMED_SECONDS)
    first = ways.my_ways(story.handler, anna.account)[0]
    for act in (
        lambda: ways.remove_way(story.handler, anna.account, session, first.id),
        lambda: ways.change_password(story.handler, anna.account, session, "ett nytt långt lösenord"),
        lambda: sessions.end_other_sessions(story.handler, anna.account, session),
        lambda: sessions.end_session(story.handler, anna.account, session, "0" * 64),
        lambda: added(story, anna, device(), session),
    ):
        with pytest.raises(ConfirmFirst):
            act()
    asked = challenge(story, Purpose.CONFIRM, session.id_digest)
    sessions.confirm_with_passkey(story.handler, PARTY, anna.account, session, mine.answer(asked))
    with story.database.read() as uow:
        again = uow.accounts.session(session.id_digest)
    assert again is not None
    ways.remove_way(story.handler, anna.account, again, first.id)


def test_only_ones_own_passkey_confirms(story: Story, anna: Member) -> None:
    other = story.municipality.handlers()[1]
    theirs = device()
    added(story, other, theirs)
    session = entered(story, anna)
    asked = challenge(story, Purpose.CONFIRM, session.id_digest)
    with pytest.raises(SignInRefused):
        sessions.confirm_with_passkey(story.handler, PARTY, anna.account, session, theirs.answer(asked))


def test_a_new_password_ends_the_other_sessions(story: Story, anna: Member) -> None:
    elsewhere, here = entered(story, anna), entered(story, anna)
    assert [each.is_this for each in sessions.my_sessions(story.handler, anna.account, here)] == [True, False]
    ways.change_password(story.handler, anna.account, here, "ett nytt långt lösenord")
    with story.database.read() as uow:
        assert uow.accounts.session(elsewhere.id_digest) is None
        assert uow.accounts.session(here.id_digest) is not None
    story.clock.advance(60)
    with pytest.raises(SignInRefused):
        sign_in.sign_in(story.handler, anna.person.email, anna.person.password, story.otp(anna))
    story.clock.advance(60)
    sign_in.sign_in(story.handler, anna.person.email, "ett nytt långt lösenord", story.otp(anna))


def test_sessions_end_one_by_one_and_all_others(story: Story, anna: Member) -> None:
    first, second, here = (entered(story, anna) for _ in range(3))
    johan = entered(story, story.municipality.handlers()[1])
    shown = sessions.my_sessions(story.handler, anna.account, here)
    assert {first.id_digest.hex(), second.id_digest.hex()}.isdisjoint(each.handle for each in shown)
    sessions.end_session(story.handler, anna.account, here, shown[-1].handle)
    with pytest.raises(NotFound):
        sessions.end_session(story.handler, anna.account, here, shown[-1].handle)
    assert sessions.end_other_sessions(story.handler, anna.account, here) == 1
    with story.database.read() as uow:
        assert [each.id_digest for each in uow.accounts.sessions_of(anna.account.id)] == [here.id_digest]
        assert uow.accounts.session(johan.id_digest) is not None
    story.clock.advance(SESSION_SECONDS)
    assert sessions.my_sessions(story.handler, anna.account, here) == ()


def test_spent_challenges_are_forgotten_when_they_have_run_out(story: Story, anna: Member) -> None:
    mine = device()
    added(story, anna, mine)
    enter(story, mine.answer(challenge(story)))
    assert len(story.contents()["spent_challenges"]) == 2
    story.clock.advance(CHALLENGE_SECONDS)
    scheduled.tick(story.handler)
    assert story.contents()["spent_challenges"] == []


def test_entries_tell_the_kind_alone(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    before = len(story.contents()["log_entries"])
    kept = added(story, anna, device(), session)
    ways.remove_way(story.handler, anna.account, session, kept.id)
    entries = [row["data"] for row in story.contents()["log_entries"][before:]]
    assert [b'"facts":{"kind":"passkey"}' in data for data in entries] == [True, True]
    assert all(b"Telefon" not in data for data in entries)


def test_a_file_that_another_key_opens_is_no_way(story: Story, anna: Member) -> None:
    session = entered(story, anna)
    hybrid = wrap_file_key(bytes(16), [HybridIdentity(bytes(32)).recipient]).encode() + canonical({})
    for kind, file in ((WayKind.PASSPHRASE, hybrid), (WayKind.PASSPHRASE, FILE), (WayKind.PASSPHRASE, b"")):
        with pytest.raises(Invalid) as refused:
            ways.add_way(story.handler, PARTY, anna.account, session, ways.NewWay(kind, "x", file))
        assert refused.value.field == "file"
