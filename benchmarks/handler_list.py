"""A handler's list at 100, 1,000 and 10,000 cases, and the first screen with 300 cases of 300 and of 100,000.

The first screen's cases are copies of one submitted case without their sealed content, received over the last 120 days:
300 of them are the handler's own at both sizes, the rest are somebody else's. The target is three times at the most.
"""

from __future__ import annotations

import base64
import secrets
import statistics
import tempfile
import time
from http import HTTPStatus
from pathlib import Path

import pyotp
import sqlalchemy as sa
from flask.testing import FlaskClient

from tipportal.app import create_app
from tipportal.cli.demo import prepare
from tipportal.contexts import context_for
from tipportal.domain.cases import SealedBy
from tipportal.domain.organisations import Channel
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import source_keys
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.storage.database import Database
from tipportal.storage.engines import normalised
from tipportal.storage.rows import accounts, cases, epochs, grants, holdings
from tipportal.usecases import offers, sign_in, submit
from tipportal.usecases.context import Context
from tipportal.usecases.handing_in import offer_to_seal, sealed_submission

from .copying import copy_rows
from .installation import ORGANISATION, TEXT

SIZES = (100, 1_000, 10_000)
REPEATS = 60
LIST = "/handlaggare/arenden"
FIRST = "/handlaggare/"
MINE = 300
ALL = 100_000
MOST_TIMES = 3


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

    _first_screen()


def _first_screen() -> None:
    """Time the first screen with all cases its reader's own, and with many more that are not."""
    with tempfile.TemporaryDirectory() as folder:
        settings, people = prepare(80, Path(folder))
        database = Database(settings.database_url, settings.blobs_dir)
        public, handler = (context_for(settings, database, face) for face in ("public", "handler"))
        submit_one(public)
        engine = sa.create_engine(normalised(settings.database_url))
        with engine.connect() as connection:
            case_id, email = connection.execute(
                sa.select(holdings.c.case_id, accounts.c.email).join(accounts, accounts.c.id == holdings.c.account_id)
            ).first() or ("", "")
        person = next(person for person in people if person.email == email)
        otp = pyotp.TOTP(person.totp_secret).at(handler.clock())
        signed_in = sign_in.sign_in(handler, person.email, person.password, otp)
        client = create_app(settings, database).test_client()
        _copy(engine, case_id, range(1, MINE), email, mine=True)
        few = _tell(client, signed_in, MINE, FIRST)
        _copy(engine, case_id, range(MINE, ALL), email, mine=False)
        many = _tell(client, signed_in, ALL, FIRST)
        engine.dispose()
        print(f"first screen, {MINE} of {ALL} cases mine: {many / few:.2f} times {MINE} in all (at most {MOST_TIMES})")
        if many > MOST_TIMES * few:
            raise SystemExit(1)


def _copy(engine: sa.Engine, case_id: str, numbers: range, email: str, *, mine: bool) -> None:
    """Copy a case with its epoch, grants and list rows; ``mine``: for the reader as well as for the others."""
    another = "<> (SELECT id FROM accounts WHERE email = ?)"
    with engine.begin() as connection:
        for table, holder in ((cases, None), (epochs, None), (grants, "holder"), (holdings, "account_id")):
            of = (f" AND c.{holder} {another}", (email,)) if holder and not mine else ("", ())
            copy_rows(connection, table, case_id, numbers, of=of)


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


def _tell(client: FlaskClient, signed_in: sign_in.SignedIn, size: int, address: str = LIST) -> float:
    """Print what a page takes and give the median in milliseconds."""
    secret = base64.urlsafe_b64encode(signed_in.secret).decode().rstrip("=")
    client.set_cookie("tipportal-session", secret)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - started)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(answer.status)
    spread = statistics.quantiles(times, n=10)
    median, low, high = (seconds * 1000 for seconds in (statistics.median(times), spread[0], spread[-1]))
    print(f"{address}, {size} cases: median {median:.1f} ms ({low:.1f}–{high:.1f})")
    return median


if __name__ == "__main__":
    main()
