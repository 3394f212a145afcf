"""Mail from the command line: a trial letter, what came back, and the whole of tick against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Run
from tests.support.letters import text
from tests.support.mail import SENDER, Running, mail_server
from tipportal.cli import main
from tipportal.cli.notices import failed_recipients

FOUND = (
    *("found", "--slug", "bjorkvik", "--name", "Björkviks kommun"),
    *("--administrator", "Anna Ek", "anna@bjorkvik.example", "--administrator", "Bo Lind", "bo@bjorkvik.example"),
)
REPORT = b"""From: MAILER-DAEMON@mail.example
To: tips@kommun.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

anna@bjorkvik.example: nobody here

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; anna@bjorkvik.example
Action: failed
Status: 5.1.1

Original-Recipient: rfc822;<Bo@bjorkvik.example>
Action: delayed
Status: 4.4.1

--b
Content-Type: message/rfc822

To: cilla@bjorkvik.example
Subject: Meddelande

x
--b--
"""


@pytest.fixture
def running() -> Iterator[Running]:
    with mail_server() as served:
        yield served


def mail(running: Running) -> dict[str, str]:
    url = f"smtp://127.0.0.1:{running.server.port}"
    return {"TIPPORTAL_SMTP_URL": url, "TIPPORTAL_MAIL_FROM": SENDER}


def test_a_trial_letter_arrives(run: Run, running: Running) -> None:
    run(*FOUND)
    done = run("notices", "check", "bo@exempel.se", **mail(running))
    assert (done.exit_code, done.output) == (0, "127.0.0.1 has taken the letter. See that it arrives.\n")
    (taken,) = running.mailbox.taken
    assert "Det här är ett provbrev" in text(taken)
    assert "This is a test mail" in text(taken)


def test_a_trial_letter_that_is_not_taken_says_why(run: Run, running: Running) -> None:
    run(*FOUND)
    running.mailbox.refusals["bo@exempel.se"] = "550 5.1.1 nobody here"
    refused = run("notices", "check", "bo@exempel.se", **mail(running))
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: 127.0.0.1 did not take the letter to bo@exempel.se: it answered 550\n",
    )
    running.mailbox.of_sender = "553 who are you"
    down = run("notices", "check", "bo@exempel.se", **mail(running))
    assert (down.exit_code, down.output) == (1, "Error: 127.0.0.1 takes no mail from here: it answered 553\n")
    assert run("notices", "check", "bo", **mail(running)).exit_code == 1
    without = run("notices", "check", "bo@exempel.se")
    assert (without.exit_code, without.output) == (1, "Error: no mail is set up: TIPPORTAL_SMTP_URL is empty\n")


def test_nothing_answers(run: Run) -> None:
    run(*FOUND)
    with mail_server() as gone:
        pass
    down = run("notices", "check", "bo@exempel.se", **mail(gone))
    assert down.exit_code == 1
    assert "it did not answer as a mail server does" in down.output
    ticked = run("tick", **mail(gone))
    assert ticked.exit_code == 0


def test_a_password_lies_in_a_file_of_its_own(run: Run, running: Running, tmp_path: Path) -> None:
    run(*FOUND)
    file = tmp_path / "smtp-password"
    named = {
        "TIPPORTAL_SMTP_URL": f"smtp://portal@127.0.0.1:{running.server.port}",
        "TIPPORTAL_MAIL_FROM": SENDER,
        "TIPPORTAL_SMTP_PASSWORD_FILE": str(file),
    }
    missing = run("notices", "check", "bo@exempel.se", **named)
    assert (missing.exit_code, "cannot be read" in missing.output) == (1, True)
    file.write_text("hemligt\n")
    file.chmod(0o644)
    shared = run("tick", **named)
    assert (shared.exit_code, "chmod 600" in shared.output) == (1, True)
    assert "hemligt" not in shared.output


def test_a_returned_letter_is_noted(environment: dict[str, str], run: Run) -> None:
    run(*FOUND)
    done = CliRunner().invoke(main, ["notices", "bounced"], env=environment, input=REPORT)
    # Nobody has been sent anything yet: there is nothing that could have come back.
    assert (done.exit_code, done.output) == (0, "0 addresses noted\n")


@pytest.mark.parametrize(
    ("returned", "failed"),
    [
        (REPORT, ["anna@bjorkvik.example"]),
        (
            REPORT.replace(b"delayed", b"failed").replace(b"4.4.1", b"5.4.1"),
            ["anna@bjorkvik.example", "Bo@bjorkvik.example"],
        ),
        (REPORT.replace(b"multipart/report", b"multipart/mixed"), []),
        (REPORT.replace(b"rfc822; anna", b"x400; anna"), []),
        (b"Subject: borta\n\nJag har semester.\n", []),
        (b"", []),
        (b"\xff\x00\xfe" * 1000, []),
        (b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n', []),
    ],
)
def test_what_a_returned_letter_says(returned: bytes, failed: list[str]) -> None:
    assert list(failed_recipients(returned)) == failed
