"""What comes of a handover: its recipient is asked at 3, 6, 12 and 24 months, and answers once, under seal (01, 06)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.deadlines import add_months
from tipportal.domain.errors import Conflict, Invalid, MalformedAgeFile, NotEntitled, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.handovers import ASK_MONTHS, Ask, Handover, Recipient, Report, Result, check_report
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import has_ended, may_write
from tipportal.domain.texts import N_
from tipportal.envelope.age import seal
from tipportal.envelope.canonical import canonical
from tipportal.envelope.padding import pad, padded_length

from .context import Context
from .handle import case_entry, on_panel, refused
from .sealedfiles import DIGEST_SIZE, MIN_PADDED, payload_size, recipient_of

TOKEN_SIZE = 32
MOST_FILE = 65_536
CHUNK = 200
_SLACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody with a link meets: who asks, about what, and the keys that the answer is sealed to."""

    reference: str
    organisation: str
    handover: str
    recipient: Recipient
    handed_on: date
    months: int
    epoch: int
    work: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a recipient answers: the result and whole kronor in clear, the sealed text, and the keys it is sealed to."""

    result: Result
    kronor: int | None
    epoch: int
    file: bytes


def ask_due(ctx: Context) -> int:
    """Raise every question that has become due, once each; how many. For ``tick``.

    In chunks, each its own transaction, so that neither memory nor the writer's turn grows with what there is.
    """
    asked = 0
    for months in ASK_MONTHS:
        while True:
            made = _ask_chunk(ctx, months)
            asked += made
            if made < CHUNK:
                break
    return asked


def make_link(ctx: Context, account: Account, handover_id: str, months: int, digest: bytes, epoch: int) -> None:
    """Put a new link to an unanswered question in the place of any before. ``digest``: SHA-256 of the link's token.

    The token is drawn in the member's browser and never seen here before its use. ``epoch``: whose work recipient the
    member has put into the link. Raises NotFound, NotEntitled, CaseLocked, Conflict, Invalid.
    """
    if len(digest) != DIGEST_SIZE:
        raise Invalid(N_("Länken har fel form."), field="token")
    with ctx.storage.write() as uow:
        found = uow.handovers.by_id(handover_id)
        case = None if found is None else uow.cases.for_holder(found[0], account.id, ctx.today())
        if case is not None:
            if not on_panel(ctx, uow, case, account.id):
                raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan göra det här."))
            may_write(case, ctx.today())
            if epoch != case.epoch:
                raise Conflict(N_("Ärendets nycklar har bytts. Hämta ärendet igen."))
            asks = [ask for ask in uow.handovers.asks_of_case(case.id) if ask.handover_id == handover_id]
            ask = next((ask for ask in asks if ask.months == months), None)
            if ask is None:
                raise NotFound(N_("Sidan finns inte."))
            uow.handovers.link(replace(ask, token_digest=digest, epoch=epoch))
            facts: dict[str, Json] = {"handover": handover_id, "months": months}
            uow.log.append(case_entry(ctx, account, case, EntryKind.HANDOVER_LINK_MADE, facts))
            return
    raise refused(ctx, account)


def question(ctx: Context, token: bytes | None) -> Question:
    """What a link asks. Raises NotFound alike for unknown, used, replaced and outdated ones."""
    with ctx.storage.read() as uow:
        case, handover, ask = _by_token(uow, token, ctx.today())
        organisation = uow.register.organisation_by_id(case.organisation_id)
        work = uow.cases.epochs(case.id)[case.epoch].work_recipient
    return Question(
        reference=case.reference,
        organisation="" if organisation is None else organisation.name,
        handover=handover.id,
        recipient=handover.recipient,
        handed_on=handover.handed_on,
        months=ask.months,
        epoch=case.epoch,
        work=work,
    )


def answer(ctx: Context, token: bytes | None, given: Answer) -> Report:
    """Keep a recipient's answer. Raises NotFound, Conflict, Invalid, MalformedAgeFile."""
    check_report(given.result, given.kronor)
    size = payload_size(given.file, 1)
    if size < MIN_PADDED or padded_length(size) != size or len(given.file) > MOST_FILE:
        raise MalformedAgeFile(N_("Svaret är för stort eller saknar utfyllnad."), field="file")
    with ctx.storage.write() as uow:
        case, handover, ask = _by_token(uow, token, ctx.today())
        if given.epoch != case.epoch:
            raise _gone()
        report = Report(
            organisation_id=case.organisation_id,
            case_id=case.id,
            handover_id=handover.id,
            months=ask.months,
            reported_on=ctx.today(),
            result=given.result,
            kronor=given.kronor,
            epoch=given.epoch,
            file=given.file,
        )
        uow.handovers.report(report)
        facts: dict[str, Json] = {
            "handover": handover.id,
            "months": ask.months,
            "result": given.result.value,
            "kronor": given.kronor,
        }
        uow.log.append(
            _entry(ctx, "recipient", case.organisation_id, case.reference, EntryKind.HANDOVER_REPORTED, facts)
        )
        return report


def seal_answer(ctx: Context, token: bytes | None, answers: Mapping[str, str]) -> tuple[int, bytes]:
    """Seal an answer in memory for somebody without JavaScript: the epoch and the age file. Raises as ``question``."""
    asked = question(ctx, token)
    body = canonical({
        "v": 1, "case": asked.reference, "handover": asked.handover, "months": asked.months, "answers": dict(answers),
    })  # fmt: skip
    content = pad(len(body).to_bytes(4, "big") + body)
    return asked.epoch, seal(content, [recipient_of(asked.work, field="work")], random=ctx.random)


def _ask_chunk(ctx: Context, months: int) -> int:
    today = ctx.today()
    # Months back from the end of a short one miss the last days of a long one: those are looked at one by one.
    until = add_months(today, -months) + _SLACK
    with ctx.storage.write() as uow:
        due = [
            (reference, handover)
            for reference, handover in uow.handovers.unasked(months, until, limit=CHUNK)
            if add_months(handover.handed_on, months) <= today
        ]
        for reference, handover in due:
            _ask(ctx, uow, reference, handover, months)
        return len(due)


def _ask(ctx: Context, uow: UnitOfWork, reference: str, handover: Handover, months: int) -> None:
    uow.handovers.ask(
        Ask(
            organisation_id=handover.organisation_id,
            case_id=handover.case_id,
            handover_id=handover.id,
            months=months,
            asked_on=ctx.today(),
        )
    )
    facts: dict[str, Json] = {"handover": handover.id, "months": months}
    uow.log.append(_entry(ctx, "system", handover.organisation_id, reference, EntryKind.HANDOVER_ASKED, facts))


def _by_token(uow: UnitOfWork, token: bytes | None, today: date) -> tuple[Case, Handover, Ask]:
    digest = hashlib.sha256(token if token is not None and len(token) == TOKEN_SIZE else b"").digest()
    found = uow.handovers.by_token(digest)
    if found is None or not hmac.compare_digest(found[2].token_digest or b"", digest):
        raise _gone()
    case, _, ask = found
    # Whoever has left since knows the keys that an older link names: nothing more is sealed to them.
    if ask.epoch != case.epoch or has_ended(case, today):
        raise _gone()
    return found


def _gone() -> NotFound:
    return NotFound(
        N_("Länken gäller inte. Den kan ha använts redan eller ha ersatts. Be den som skickade den om en ny.")
    )


def _entry(
    ctx: Context, actor: str, organisation_id: str, reference: str, kind: EntryKind, facts: dict[str, Json]
) -> Entry:
    return Entry(kind=kind, time=ctx.clock(), actor=actor, organisation_id=organisation_id, case=reference, facts=facts)
