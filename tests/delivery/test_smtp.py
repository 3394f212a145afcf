"""Letters go to a real server, over real TLS, and what it answers is told apart."""

from __future__ import annotations

import base64
import email.policy
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.support.mail import SENDER, Running, certificate, mail_server
from tipportal.delivery import SmtpPost
from tipportal.delivery.messages import UnusableAddress, read_address
from tipportal.domain.notices import Delivered, Delivery, Letter

DUE = 1_795_415_400
LETTER = Letter("a1" * 16, "anna@exempel.se", "Meddelande från tipsportalen", "Blåbär på hylla.\n", DUE)
SENT = Delivered(Delivery.SENT, 250)


@pytest.fixture
def running() -> Iterator[Running]:
    with mail_server() as served:
        yield served


def send(running: Running, *letters: Letter) -> list[Delivered]:
    with SmtpPost(running.server).open() as mailer:
        return [mailer.send(letter) for letter in letters]


def to(address: str) -> Letter:
    return replace(LETTER, to=address)


def test_a_letter_arrives_as_it_was_and_names_neither_machine_nor_program(running: Running) -> None:
    assert send(running, LETTER) == [SENT]
    (taken,) = running.mailbox.taken
    message = BytesParser(policy=email.policy.default).parsebytes(taken.content)
    assert taken.to == "anna@exempel.se"
    assert {name: str(message[name]) for name in message} == {
        "From": f"Tipsportalen <{SENDER}>",
        "To": "anna@exempel.se",
        "Subject": "Meddelande från tipsportalen",
        "Date": "Mon, 23 Nov 2026 06:30:00 +0000",
        "Message-ID": f"<{'a1' * 16}@kommun.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
        "MIME-Version": "1.0",
    }
    assert base64.b64decode(taken.body).decode() == "Blåbär på hylla.\r\n"
    # Neither in the greeting, which stands in the header of whoever takes it.
    assert running.mailbox.greetings == ["kommun.example"]
    assert socket.gethostname() not in taken.content.decode()


def test_several_letters_go_over_one_connection(running: Running) -> None:
    assert send(running, LETTER, to("bo@exempel.se"), to("cilla@exempel.se")) == [SENT] * 3
    assert len(running.mailbox.greetings) == 1
    assert [taken.to for taken in running.mailbox.taken] == ["anna@exempel.se", "bo@exempel.se", "cilla@exempel.se"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Delivery.REFUSED),
        ("550 no such user", Delivery.REFUSED),
        ("552 5.2.2 mailbox full", Delivery.REFUSED),
        ("450 4.2.1 greylisted", Delivery.LATER),
        ("451 4.7.1 come back", Delivery.LATER),
        ("554 5.7.1 relay access denied", Delivery.LATER),
        ("530 5.7.0 sign in first", Delivery.LATER),
        ("530 sign in first", Delivery.LATER),
        ("421 4.3.2 closing", Delivery.LATER),
    ],
)
def test_what_is_answered_of_one_recipient_holds_up_no_other(running: Running, answer: str, outcome: Delivery) -> None:
    running.mailbox.refusals["anna@exempel.se"] = answer
    done = send(running, LETTER, to("bo@exempel.se"))
    assert done == [Delivered(outcome, int(answer[:3])), SENT]
    assert [taken.to for taken in running.mailbox.taken] == ["bo@exempel.se"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user after all", Delivery.REFUSED),
        ("554 looks like spam", Delivery.LATER),
        ("452 4.3.1 disk full", Delivery.LATER),
    ],
)
def test_what_is_answered_after_the_text(running: Running, answer: str, outcome: Delivery) -> None:
    running.mailbox.of_content["anna@exempel.se"] = answer
    assert send(running, LETTER, to("bo@exempel.se")) == [Delivered(outcome, int(answer[:3])), SENT]


def test_a_connection_that_breaks_in_the_middle_is_made_again(running: Running) -> None:
    running.mailbox.hangs_up_on.add("anna@exempel.se")
    assert send(running, LETTER, to("bo@exempel.se")) == [Delivered(Delivery.LATER), SENT]


def test_one_that_breaks_again_and_again_is_down(running: Running) -> None:
    running.mailbox.hangs_up_on |= {"anna@exempel.se"}
    done = send(running, LETTER, LETTER, LETTER, to("bo@exempel.se"))
    assert done == [*[Delivered(Delivery.LATER)] * 3, Delivered(Delivery.DOWN)]


def test_a_server_that_takes_nothing_from_us_is_down(running: Running) -> None:
    running.mailbox.of_sender = "553 5.1.8 sender refused"
    assert send(running, LETTER) == [Delivered(Delivery.DOWN, 553)]


def test_a_server_that_is_not_there_is_down() -> None:
    with mail_server() as running:
        pass
    assert send(running, LETTER) == [Delivered(Delivery.DOWN)]


def test_a_server_that_says_nothing_is_down_after_the_time_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, mail_server() as running:
        server = replace(running.server, port=silent.getsockname()[1], timeout=0.2)
        assert send(Running(running.mailbox, server), LETTER) == [Delivered(Delivery.DOWN)]


def test_what_is_no_mail_server_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, mail_server() as running:

        def answer() -> None:
            taken, _ = other.accept()
            with taken:
                taken.sendall(b"\xff\xfe HTTP/1.1 400 Bad Request\r\n" * 3)

        thread = threading.Thread(target=answer)
        thread.start()
        server = replace(running.server, port=other.getsockname()[1])
        assert send(Running(running.mailbox, server), LETTER)[0].outcome is Delivery.DOWN
        thread.join()


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_is_checked_both_ways_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, implicit: bool
) -> None:
    ours = certificate(tmp_path / "server.pem")
    users = {"portal": "hemligt med mera"}
    with mail_server(ours, implicit=implicit, users=users) as running:
        server = replace(running.server, user="portal", password="hemligt med mera")
        # Nobody vouches for it yet.
        assert send(Running(running.mailbox, server), LETTER) == [Delivered(Delivery.DOWN)]
        assert running.mailbox.senders == []
        monkeypatch.setenv("SSL_CERT_FILE", str(ours))
        assert send(Running(running.mailbox, server), LETTER) == [SENT]
        unspeakable = replace(server, password="påhittat")
        assert send(Running(running.mailbox, unspeakable), LETTER) == [Delivered(Delivery.DOWN)]
        wrong = replace(server, password="fel")
        assert send(Running(running.mailbox, wrong), LETTER) == [Delivered(Delivery.DOWN, 535)]
    other = certificate(tmp_path / "other.pem", "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with mail_server(other, implicit=implicit) as running:
        # Vouched for, and another's name.
        assert send(running, LETTER) == [Delivered(Delivery.DOWN)]


def test_without_tls_nothing_is_sent(running: Running) -> None:
    server = replace(running.server, plain=False)
    assert send(Running(running.mailbox, server), LETTER) == [Delivered(Delivery.DOWN)]
    assert running.mailbox.senders == []


@pytest.mark.parametrize(
    "address",
    ["a,b@x.se", "<a@x.se", "a@x.se>", '"a b"@x.se', "a@b@c.se", "@x.se", "a..b@x.se", "åsa@x.se", "a;b@x.se", "a@"],
)
def test_an_address_that_could_be_read_as_another_gets_nothing(running: Running, address: str) -> None:
    assert send(running, to(address), to("bo@exempel.se")) == [Delivered(Delivery.REFUSED), SENT]
    assert running.mailbox.senders == [SENDER]
    with pytest.raises(UnusableAddress):
        read_address(address)


def test_a_domain_is_written_as_the_name_system_knows_it(running: Running) -> None:
    assert send(running, to("anna@blåbär.se")) == [SENT]
    assert running.mailbox.taken[0].to == "anna@xn--blbr-noae.se"


def test_the_password_is_not_shown(running: Running) -> None:
    assert "hemligt" not in repr(replace(running.server, password="hemligt"))  # pragma: allowlist secret
    assert "Blåbär" not in repr(LETTER)
