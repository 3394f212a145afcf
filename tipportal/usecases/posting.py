"""The outbox, by ``tick``: the day's letters and the month's are put into it, and what is due is sent.

Nothing is sent inside a transaction. Whoever sends a letter has taken it before, for a while that nobody else is given
it; a program that stops in the middle of sending leaves it to the next, under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from tipportal.domain.accounts import Account, normal_email
from tipportal.domain.checkpoints import month_of
from tipportal.domain.errors import Conflict, Invalid
from tipportal.domain.letters import TEST_TEXT, TEXTS, Translate, checkpoint_subject, checkpoint_text, subject, text_of
from tipportal.domain.notices import (
    GIVE_UP_SECONDS,
    KEPT_SECONDS,
    LATE_SECONDS,
    LEASE_SECONDS,
    WITHOUT_MAIL_SECONDS,
    AddressFault,
    Delivered,
    Delivery,
    Letter,
    Notice,
    NoticeKind,
    NoticeState,
    digest_due,
    gets_digest,
    hour_of,
    is_away,
    retry_after,
    whole_hour,
)
from tipportal.domain.ports import Mailer, Post, UnitOfWork
from tipportal.domain.texts import N_

from . import checkpoints
from .context import Context

SENDING_SECONDS = 5 * 60
"""No letter is begun later than this into one run: the next goes on."""
MANY = 20
"""Letters that one run takes at a time."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How this installation sends mail. ``address`` is the handler face's; ``auditors`` their mailbox, or empty.

    ``digest_at`` is a time of day in Stockholm.
    """

    post: Post = field(repr=False)
    address: str
    auditors: str
    digest_at: time
    languages: tuple[str, ...]
    translate: Translate = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """How many letters were sent, and whether the server took none at all."""

    sent: int = 0
    down: bool = False


def post(ctx: Context, outgoing: Outgoing | None) -> Posted:
    """Put what is due into the outbox and send what is in it. ``outgoing``: None where no mail is set up."""
    _tidy(ctx, outgoing)
    if outgoing is None:
        return Posted()
    _put_digests(ctx, outgoing)
    _put_checkpoint(ctx, outgoing)
    return _send(ctx, outgoing)


def check(ctx: Context, outgoing: Outgoing, address: str) -> Delivered:
    """Send a letter to an address now, past the outbox, and tell what the server answered. Raises Invalid."""
    normal = normal_email(address)
    if normal is None:
        raise Invalid(N_("Skriv en e-postadress, till exempel anna@exempel.se."), field="address")
    letter = Letter(ctx.new_id(), normal, *_words(outgoing, TEST_TEXT), whole_hour(ctx.clock()))
    with outgoing.post.open() as mailer:
        return mailer.send(letter)


def bounced(ctx: Context, addresses: Sequence[str], auditors: str = "") -> int:
    """Note that letters to some addresses came back; how many of them are known and had been sent one."""
    known = 0
    with ctx.storage.write() as uow:
        for address in sorted({normal for each in addresses if (normal := normal_email(each)) is not None}):
            account = uow.accounts.by_email(address)
            if account is not None:
                known += uow.outbox.bounced(account.id, ctx.clock())
            elif address == auditors:
                known += uow.outbox.bounced(None, ctx.clock())
    return known


def fault_of(ctx: Context, account: Account) -> AddressFault | None:
    """What is wrong with a person's own address: the last letter to it was refused or came back."""
    return next((fault for fault in faults(ctx) if fault.account_id == account.id), None)


def faults(ctx: Context) -> tuple[AddressFault, ...]:
    """The addresses that took no letter the last time, the newest fault first."""
    with ctx.storage.read() as uow:
        return tuple(uow.outbox.faults())


def is_late(ctx: Context) -> bool:
    """Whether a letter has waited for more than a day."""
    with ctx.storage.read() as uow:
        oldest = uow.outbox.oldest_waiting()
    return oldest is not None and oldest < ctx.clock() - LATE_SECONDS


def _tidy(ctx: Context, outgoing: Outgoing | None) -> None:
    now = ctx.clock()
    with ctx.storage.write() as uow:
        if outgoing is None:
            # Nobody is ever told, then, and nothing piles up; everybody finds all of it when they log in.
            uow.outbox.end_older(now - WITHOUT_MAIL_SECONDS, NoticeState.WITHDRAWN, now)
        else:
            uow.outbox.end_older(now - GIVE_UP_SECONDS, NoticeState.GIVEN_UP, now)
        uow.outbox.forget(now - KEPT_SECONDS)


def _put_digests(ctx: Context, outgoing: Outgoing) -> None:
    """Put the day's letters there, once: the same to all who are not away, in the order of their random ids."""
    now = ctx.clock()
    due = digest_due(now, outgoing.digest_at)
    if due is None:
        return
    with ctx.storage.write() as uow:
        if uow.installation_id() is None or uow.outbox.has_digest(due[0]):
            return
        # Whoever has not had yesterday's needs today's alone.
        renewed = set(uow.outbox.renew_digests(due[0], now))
        absences = uow.register.absences()
        uow.outbox.add([
            Notice(
                id=ctx.new_id(),
                organisation_id=account.organisation_id,
                kind=NoticeKind.DIGEST,
                account_id=account.id,
                day=due[0],
                due=due[1],
            )
            for account in uow.accounts.all()
            if account.id not in renewed and gets_digest(account) and not is_away(absences, account.id, due[0])
        ])  # fmt: skip


def _put_checkpoint(ctx: Context, outgoing: Outgoing) -> None:
    if not outgoing.auditors:
        return
    mail = checkpoints.due_mail(ctx)
    if mail is None:
        return
    try:
        with ctx.storage.write() as uow:
            # The month is kept first: of two at once the second stops here.
            checkpoints.note_mailed(ctx, uow, mail)
            uow.outbox.add([
                Notice(
                    id=ctx.new_id(),
                    organisation_id=None,
                    kind=NoticeKind.CHECKPOINT,
                    account_id=None,
                    day=ctx.today(),
                    due=whole_hour(ctx.clock()),
                    size=mail.size,
                )
            ])  # fmt: skip
    except Conflict:
        return


def _send(ctx: Context, outgoing: Outgoing) -> Posted:
    last = ctx.clock() + SENDING_SECONDS
    sent = 0
    with outgoing.post.open() as mailer:
        while claimed := _claim(ctx):
            notices, people = claimed
            for place, notice in enumerate(notices):
                if ctx.clock() >= last:
                    _give_back(ctx, notices[place:])
                    return Posted(sent)
                account = people.get(notice.account_id or "")
                done = _send_one(ctx, outgoing, mailer, notice, account)
                if done is Delivery.DOWN:
                    _give_back(ctx, notices[place:])
                    return Posted(sent, down=True)
                sent += done is Delivery.SENT
    return Posted(sent)


def _claim(ctx: Context) -> tuple[Sequence[Notice], Mapping[str, Account]] | None:
    now = ctx.clock()
    with ctx.storage.read() as uow:
        if not uow.outbox.has_due(now):
            return None
    with ctx.storage.write() as uow:
        notices = uow.outbox.claim(now, now + LEASE_SECONDS, MANY)
        ids = [notice.account_id for notice in notices if notice.account_id is not None]
        people = {account.id: account for account in uow.accounts.by_ids(ids)}
    return (notices, people) if notices else None


def _send_one(
    ctx: Context, outgoing: Outgoing, mailer: Mailer, notice: Notice, account: Account | None
) -> Delivery | None:
    """Send a letter and keep what became of it; None for one that nobody wants any more."""
    letter = _letter(ctx, outgoing, notice, account)
    if letter is None:
        with ctx.storage.write() as uow:
            uow.outbox.settle(notice, NoticeState.WITHDRAWN, code=0, now=ctx.clock())
        return None
    done = mailer.send(letter)
    if done.outcome is not Delivery.DOWN:
        with ctx.storage.write() as uow:
            _keep(uow, notice, done, ctx.clock())
    return done.outcome


def _keep(uow: UnitOfWork, notice: Notice, done: Delivered, now: int) -> None:
    if done.outcome is Delivery.LATER:
        uow.outbox.put_off(notice, now + retry_after(notice.attempts), code=done.code)
    else:
        state = NoticeState.SENT if done.outcome is Delivery.SENT else NoticeState.REFUSED
        uow.outbox.settle(notice, state, code=done.code, now=now)


def _give_back(ctx: Context, notices: Sequence[Notice]) -> None:
    with ctx.storage.write() as uow:
        uow.outbox.give_back(notices)


def _letter(ctx: Context, outgoing: Outgoing, notice: Notice, account: Account | None) -> Letter | None:
    if notice.kind is NoticeKind.CHECKPOINT:
        return _checkpoint_letter(ctx, outgoing, notice)
    if account is None:
        return None
    due = notice.due
    if notice.kind is NoticeKind.DIGEST:
        # Suspended or away since, say: whoever cannot log in is not asked to.
        if not gets_digest(account) or _is_away_today(ctx, account):
            return None
        due = hour_of(notice.day, outgoing.digest_at)
    return Letter(notice.id, account.email, *_words(outgoing, TEXTS[notice.kind]), due)


def _is_away_today(ctx: Context, account: Account) -> bool:
    with ctx.storage.read() as uow:
        return is_away(uow.register.absences(account.id), account.id, ctx.today())


def _checkpoint_letter(ctx: Context, outgoing: Outgoing, notice: Notice) -> Letter | None:
    if not outgoing.auditors or notice.size is None:
        return None
    kept, standing = checkpoints.one_of_size(ctx, notice.size), checkpoints.state(ctx)
    languages, translate = outgoing.languages, outgoing.translate
    return Letter(
        notice.id,
        outgoing.auditors,
        checkpoint_subject(month_of(notice.day), languages, translate),
        checkpoint_text(kept, standing, outgoing.address, languages, translate),
        notice.due,
    )


def _words(outgoing: Outgoing, paragraphs: Sequence[str]) -> tuple[str, str]:
    """Subject and text, in all languages of the installation at once: nothing tells who reads which."""
    languages, translate = outgoing.languages, outgoing.translate
    return subject(languages, translate), text_of(paragraphs, outgoing.address, languages, translate)
