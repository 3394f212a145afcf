from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pyotp
import pytest

from tests.support.setting_up import invite_person
from tests.support.story import Story
from tipportal.domain.accounts import INVITATION_SECONDS, Account, AccountState, Role
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import EnrolmentRefused, Invalid, SignInRefused
from tipportal.domain.ways import WayKind
from tipportal.envelope import HybridIdentity, seal
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import HandlerIdentity, PassphraseIdentity, machine_passphrase, seal_identity_file
from tipportal.usecases import enrol, sign_in
from tipportal.usecases.enrol import Enrolment, Invited
from tipportal.usecases.passkeys import Attestation
from tipportal.usecases.ways import NewWay

PASSWORD = "en lång mening som lösenord"  # pragma: allowlist secret
PASSPHRASE = "ett två tre"


def test_link_is_used_once(story: Story) -> None:
    guest = _invite(story)
    enrolment = _enrolment(story, guest)
    enrol.enrol(story.handler, enrolment)
    account = _account(story, guest)
    assert (account.state, account.verification_key) == (AccountState.ENROLLED, enrolment.verification_key)
    before = story.contents()["accounts"]

    answers = set()
    for ask in (
        lambda: enrol.enrol(story.handler, enrolment),
        lambda: enrol.welcome(story.handler, guest.invited.token),
        lambda: enrol.welcome(story.handler, "unknown"),
        lambda: enrol.welcome(story.handler, "åäö"),
        lambda: enrol.enrol(story.handler, replace(enrolment, token="unknown")),
    ):
        with pytest.raises(EnrolmentRefused) as refused:
            ask()
        answers.add((refused.value.reason, refused.value.field))

    assert len(answers) == 1
    assert story.contents()["accounts"] == before
    refusals = [row for row in story.contents()["log_entries"] if b'"kind":"enrolment_refused"' in row["data"]]
    # The link that was ours is told; one that never was leaves nothing, so nobody can make the log grow.
    assert len(refusals) == 1


def test_of_three_who_use_a_link_at_once_one_is_enrolled(story: Story) -> None:
    guest = _invite(story)
    enrolments = [_enrolment(story, guest) for _ in range(3)]
    together = threading.Barrier(3)

    def use(enrolment: Enrolment) -> bool:
        together.wait()
        try:
            enrol.enrol(story.handler, enrolment)
        except EnrolmentRefused:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        used = list(pool.map(use, enrolments))

    assert used.count(True) == 1
    assert _account(story, guest).recipient == enrolments[used.index(True)].recipient


def test_link_lasts_seven_days(story: Story) -> None:
    guest = _invite(story)
    story.clock.advance(INVITATION_SECONDS)
    with pytest.raises(EnrolmentRefused):
        enrol.enrol(story.handler, _enrolment(story, guest))

    story.clock.advance(-1)
    enrol.enrol(story.handler, _enrolment(story, guest))


def test_wrong_field_is_named_and_leaves_the_link_usable(story: Story) -> None:
    guest = _invite(story)
    good = _enrolment(story, guest)
    assert good.recipient is not None
    stranger = SigningKey(story.handler.random(32))
    passphrase_of_two = seal(b"{}", [HybridIdentity(bytes(32)).recipient])
    before = story.contents()

    for wrong, field in (
        (replace(good, password="kort"), "password"),  # pragma: allowlist secret
        (replace(good, password="x" * 257), "password"),
        (replace(good, password="\ud800" * 20), "password"),
        (replace(good, otp="000000"), "otp"),
        (replace(good, otp=""), "otp"),
        (replace(good, otp="åäöåäö"), "otp"),
        (replace(good, recipient=None), "recipient"),
        (replace(good, recipient=good.recipient[:-1]), "recipient"),
        (replace(good, verification_key=bytes(32)), "verification_key"),
        (replace(good, ways=()), "ways"),
        (replace(good, ways=good.ways[:1]), "ways"),
        (replace(good, ways=good.ways * 6), "ways"),
        (replace(good, ways=(good.ways[0], replace(good.ways[1], file=b""))), "file"),
        (replace(good, ways=(good.ways[0], replace(good.ways[1], file=passphrase_of_two))), "file"),
        (replace(good, ways=(replace(good.ways[0], file=good.ways[0].file + bytes(8192)), good.ways[1])), "file"),
        (replace(good, ways=(replace(good.ways[0], label=" "), good.ways[1])), "label"),
        (replace(good, ways=(replace(good.ways[0], label="x" * 61), good.ways[1])), "label"),
        (replace(good, ways=(replace(good.ways[0], kind=WayKind.PASSKEY), good.ways[1])), "file"),
        (replace(good, ways=(replace(good.ways[0], attestation=Attestation(b"", b"")), good.ways[1])), "passkey"),
        (replace(good, proof=None), "proof"),
        (replace(good, proof=bytes(64)), "proof"),
        (replace(good, recipient=HybridIdentity(story.handler.random(32)).recipient.raw), "proof"),
        (replace(good, verification_key=stranger.verification_key.raw), "proof"),
    ):
        with pytest.raises(Invalid) as refused:
            enrol.enrol(story.handler, wrong)
        assert refused.value.field == field

    assert story.contents() == before
    enrol.enrol(story.handler, good)


def test_proof_made_for_another_link_is_refused(story: Story) -> None:
    first, second = _invite(story), _invite(story, email="annan@bjorkvik.example")
    copied = _enrolment(story, first)

    with pytest.raises(Invalid) as refused:
        enrol.enrol(
            story.handler,
            replace(copied, token=second.invited.token, otp=second.code(story.clock())),
        )

    assert refused.value.field == "proof"


def test_somebody_who_is_only_invited_cannot_sign_in_or_be_drawn(story: Story) -> None:
    guest = _invite(story)

    with pytest.raises(SignInRefused):
        sign_in.sign_in(story.handler, guest.invited.account.email, PASSWORD, guest.code(story.clock()))
    with story.database.read() as uow:
        ready = {person.id for person in uow.register.snapshot().people if person.ready}
    assert ready == {member.account.id for member in story.municipality.handlers()}


def test_code_of_the_enrolment_is_not_taken_again_at_sign_in(story: Story) -> None:
    guest = _invite(story)
    enrolment = _enrolment(story, guest)
    enrol.enrol(story.handler, enrolment)

    with pytest.raises(SignInRefused):
        sign_in.sign_in(story.handler, guest.invited.account.email, PASSWORD, enrolment.otp)
    story.clock.advance(30)
    with pytest.raises(SignInRefused):  # nobody has confirmed the keys yet
        sign_in.sign_in(story.handler, guest.invited.account.email, PASSWORD, guest.code(story.clock()))
    story.change("UPDATE accounts SET state = 'active' WHERE id = :id", id=guest.invited.account.id)
    entered = sign_in.sign_in(story.handler, guest.invited.account.email, PASSWORD, guest.code(story.clock()))
    assert entered.account.id == guest.invited.account.id


def test_identity_file_opens_with_the_passphrase_and_is_handed_out_as_it_came(story: Story) -> None:
    guest = _invite(story)
    passphrase = machine_passphrase(story.handler.random)
    enrolment = _enrolment(story, guest, passphrase=passphrase)
    enrol.enrol(story.handler, enrolment)

    with story.database.read() as uow:
        kept = uow.ways.of(guest.invited.account.id)

    assert [way.file for way in kept] == [way.file for way in enrolment.ways]
    assert b'"age"' in open_sealed(kept[0].file, [PassphraseIdentity(passphrase)])


def test_token_and_secrets_are_not_kept_in_clear(story: Story) -> None:
    guest = _invite(story)
    welcome = enrol.welcome(story.handler, guest.invited.token)
    kept = repr(story.contents())

    for secret in (guest.invited.token, welcome.totp_secret):
        assert secret not in kept
        assert secret not in repr((guest.invited, welcome))


def test_e_mail_address_is_one_persons(story: Story) -> None:
    before = story.contents()

    for email in ("anna.lindqvist@bjorkvik.example", " ANNA.Lindqvist@Bjorkvik.Example "):
        with pytest.raises(FaultyChange):
            _invite(story, email=email, role=Role.AUDITOR)
    for email in ("", "ny", "@", "a b@c", "ny@", "a@b\0"):
        with pytest.raises(Invalid):
            _invite(story, email=email)

    assert story.contents()["accounts"] == before["accounts"]


def test_auditor_brings_no_keys(story: Story) -> None:
    guest = _invite(story, role=Role.AUDITOR)

    assert not enrol.welcome(story.handler, guest.invited.token).needs_keys
    enrolment = replace(_enrolment(story, guest), ways=())
    assert enrol.enrol(story.handler, enrolment).role is Role.AUDITOR
    assert _account(story, guest).recipient is None


@dataclass(frozen=True)
class Guest:
    """Somebody who was invited, with what the enrolment page showed them."""

    invited: Invited
    totp_secret: str

    def code(self, now: int) -> str:
        return pyotp.TOTP(self.totp_secret).at(now)


def _invite(story: Story, *, email: str = "ny@bjorkvik.example", role: Role = Role.HANDLER) -> Guest:
    unit = next(row["id"] for row in story.contents()["units"] if row["name"] == "Kommunkansliet")
    invited = invite_person(story, name="Ny", email=email, role=role, unit_id=unit if role is Role.HANDLER else None)
    return Guest(invited, enrol.welcome(story.handler, invited.token).totp_secret)


def _enrolment(story: Story, guest: Guest, *, passphrase: str = PASSPHRASE) -> Enrolment:
    random = story.handler.random
    identity = HandlerIdentity(identity=HybridIdentity(random(32)), signing_key=SigningKey(random(32)))
    recipient = identity.identity.recipient.raw
    digest = hashlib.sha256(guest.invited.token.encode()).digest()
    return Enrolment(
        token=guest.invited.token,
        password=PASSWORD,
        otp=guest.code(story.clock()),
        recipient=recipient,
        verification_key=identity.signing_key.verification_key.raw,
        ways=tuple(
            NewWay(WayKind.PASSPHRASE, label, seal_identity_file(identity, words, random=random, work_factor=4))
            for label, words in (("Lösenfras", passphrase), ("Reserv", machine_passphrase(random)))
        ),
        proof=identity.signing_key.sign(enrol.ENROL_CONTEXT + digest + recipient),
    )


def _account(story: Story, guest: Guest) -> Account:
    with story.database.read() as uow:
        account = uow.accounts.by_id(guest.invited.account.id)
    assert account is not None
    return account
