"""A handler's list at 100, 1,000 and 10,000 cases: first page and one deep inside."""

from __future__ import annotations

import base64
import secrets
import statistics
import tempfile
import time
from http import HTTPStatus
from pathlib import Path

import pyotp
from flask.testing import FlaskClient

from tipportal.app import context_for, create_app
from tipportal.cli.demo import prepare
from tipportal.domain.cases import SealedBy
from tipportal.domain.organisations import Channel
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import source_keys
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.storage.database import Database
from tipportal.usecases import offers, sign_in, submit
from tipportal.usecases.context import Context
from tipportal.usecases.handing_in import offer_to_seal, sealed_submission

from .installation import ORGANISATION, TEXT

SIZES = (100, 1_000, 10_000)
REPEATS = 60
LIST = "/handlaggare/arenden"


def main() -> None:
    """Fill the installation step by step and time the list at each size."""
    with tempfile.TemporaryDirectory() as folder:
        settings, people = prepare(80, Path(folder))
        database = Database(settings.database_url, settings.blobs_dir)
        public, handler = (context_for(settings, database, face) for face in ("public", "handler"))
        person = next(person for person in people if person.role == "handler")
        otp = pyotp.TOTP(person.totp_secret).at(handler.clock())
        signed_in = sign_in.sign_in(handler, person.email, person.password, otp)
        client = create_app(settings, database).test_client()
        there = 0
        for size in SIZES:
            for _ in range(size - there):
                submit_one(public)
            there = size
            _tell(client, signed_in, size)


def submit_one(ctx: Context) -> None:
    """Submit a tip as a browser would, without HTTP."""
    offer = offers.offer_panel(
        ctx, ORGANISATION, Channel.TIP, area="", subject_role="unknown", concerns=(), form_nonce=secrets.token_hex(16)
    )
    sealed = sealing.build_submission(
        keys=source_keys(secrets.token_bytes(32)),
        offer=offer_to_seal(offer),
        facts=FactsBody("", "unknown", ()),
        answers={"what_happened": TEXT},
        language="sv",
        sealed_by=Sealer.BROWSER,
        random=secrets.token_bytes,
    )
    digest = secrets.token_bytes(32)
    submit.submit_case(ctx, sealed_submission(offer, sealed, sealed_by=SealedBy.BROWSER, content_digest=digest))


def _tell(client: FlaskClient, signed_in: sign_in.SignedIn, size: int) -> None:
    secret = base64.urlsafe_b64encode(signed_in.secret).decode().rstrip("=")
    client.set_cookie("tipportal-session", secret)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        answer = client.get(LIST)
        times.append(time.perf_counter() - started)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(answer.status)
    spread = statistics.quantiles(times, n=10)
    median, low, high = (seconds * 1000 for seconds in (statistics.median(times), spread[0], spread[-1]))
    print(f"{size} cases: median {median:.1f} ms ({low:.1f}–{high:.1f})")


if __name__ == "__main__":
    main()
