"""What administrators are warned of: a proof that has lapsed, designations that end, reviews owed, a doubted clock."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.changes.standing import Review, ReviewKind
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.notices import AddressFault, NoticeState
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import checkpoints, directory, posting, worklists
from .changing.clock import clock_doubted
from .context import Context
from .surveying import Survey


class AlertKind(enum.StrEnum):
    """What a warning is about."""

    CLOCK = "clock"
    DIRECTORY = "directory"
    PROOF = "proof"
    CHECKPOINT = "checkpoint"
    OUTBOX = "outbox"
    ADDRESS = "address"
    REVIEW = "review"
    DESIGNATION = "designation"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Alert:
    """A warning: what is wrong in a line, then each reason as sentences. ``subject``: the id of what it is about.

    ``mine``: the reader did it, and can only wait for somebody else.
    """

    kind: AlertKind
    heading: Sentence
    reasons: tuple[tuple[Sentence, ...], ...] = ()
    subject: str = ""
    mine: bool = False


def alerts(ctx: Context, account: Account, survey: Survey) -> tuple[Alert, ...]:
    """Everything to be warned of, the most urgent first. ``account`` is who reads: nobody reviews what they did."""
    return (
        *_clock(ctx),
        *_directory(ctx),
        *_checkpoints(ctx),
        *_outbox(ctx),
        *_proofs(survey),
        *_reviews(ctx, account, survey),
        *_designations(survey),
        *_addresses(ctx),
        *_data(ctx),
    )


def _data(ctx: Context) -> Iterator[Alert]:
    old = worklists.stale(ctx)
    if old:
        yield Alert(
            AlertKind.DATA,
            Sentence(N_("Checklistor och listor har inte granskats mot lagtexten på över ett år")),
            (
                *((Sentence(name),) for name in old),
                (Sentence(N_("De kommer med programmet. Uppgradera, eller låt en jurist läsa dem tills vidare.")),),
            ),
        )


def _clock(ctx: Context) -> Iterator[Alert]:
    with ctx.storage.read() as uow:
        doubted = clock_doubted(ctx, uow)
    if doubted:
        yield Alert(
            AlertKind.CLOCK,
            Sentence(N_("Serverns klocka har hoppat")),
            ((Sentence(N_("Inga ersättare går in förrän två administratörer har bekräftat att klockan går rätt.")),),),
        )


def _directory(ctx: Context) -> Iterator[Alert]:
    now = directory.status(ctx)
    if not now.soon:
        return
    values = {"days": now.days_left}
    yield Alert(
        AlertKind.DIRECTORY,
        Sentence(N_("Katalogen över handläggare slutar gälla om %(days)d dagar"), values)
        if now.holds
        else Sentence(N_("Ingen katalog över handläggare gäller")),
        ((Sentence(N_("Utan en katalog som gäller tas inga tips och rapporter emot. Publicera nästa i god tid.")),),),
    )


def _checkpoints(ctx: Context) -> Iterator[Alert]:
    now = checkpoints.state(ctx)
    if now.overdue:
        yield Alert(
            AlertKind.CHECKPOINT,
            Sentence(N_("Ingen revisor har bekräftat en kontrollpunkt på %(days)d dagar"), {"days": now.days}),
            (
                (
                    Sentence(
                        N_(
                            "Utan en kontrollpunkt som någon utanför driften har kan ingen visa att händelseloggen är "
                            "oförändrad. Be revisorerna bekräfta den senaste."
                        )
                    ),
                ),
            ),
        )


def _outbox(ctx: Context) -> Iterator[Alert]:
    if posting.is_late(ctx):
        yield Alert(
            AlertKind.OUTBOX,
            Sentence(N_("Brev har väntat i mer än ett dygn på att skickas")),
            (
                (
                    Sentence(
                        N_(
                            "De som arbetar i portalen får inga påminnelser om att logga in. Be den som driver "
                            "portalen att köra tipportal notices check."
                        )
                    ),
                ),
            ),
        )


def _addresses(ctx: Context) -> Iterator[Alert]:
    found = posting.faults(ctx)
    if not found:
        return
    with ctx.storage.read() as uow:
        people = {each.id: each for each in uow.accounts.by_ids([each.account_id for each in found if each.account_id])}
    yield Alert(
        AlertKind.ADDRESS,
        Sentence(N_("Brev kommer inte fram")),
        (
            *((_fault(fault, people.get(fault.account_id or "")),) for fault in found),
            (Sentence(N_("Stäm av adressen med personen. Nästa brev som kommer fram tar bort varningen.")),),
        ),
    )


def _fault(fault: AddressFault, person: Account | None) -> Sentence:
    values = {
        "name": "–" if person is None else person.name,
        "address": "–" if person is None else person.email,
        "day": stockholm_date(fault.at).isoformat(),
        "code": fault.code,
    }
    if fault.account_id is None:
        return Sentence(N_("Revisorernas brevlåda tog inte emot brevet %(day)s (kod %(code)s)."), values)
    if fault.state is NoticeState.BOUNCED:
        return Sentence(N_("%(name)s (%(address)s): brevet kom tillbaka %(day)s."), values)
    return Sentence(N_("%(name)s (%(address)s): e-postservern tog inte emot brevet %(day)s (kod %(code)s)."), values)


def _proofs(survey: Survey) -> Iterator[Alert]:
    told: set[tuple[str, ...]] = set()
    for organisation in survey.organisations:
        proof, policy = survey.proofs.get(organisation.id), survey.policies.get(organisation.id)
        if proof is None or policy is None or proof.holds or policy.policy.organisations in told:
            continue
        # One policy covers several organisations, and lapses once.
        told.add(policy.policy.organisations)
        yield Alert(
            AlertKind.PROOF,
            Sentence(N_("Policyn för %(name)s håller inte längre"), {"name": organisation.name}),
            proof.reasons,
            organisation.id,
        )


def _reviews(ctx: Context, account: Account, survey: Survey) -> Iterator[Alert]:
    with ctx.storage.read() as uow:
        reviews = uow.changes.open_reviews()
    for review in reviews:
        late = review.due_on < survey.today
        # Whoever did it is told only once it is late, and can do nothing but ask somebody else.
        mine = account.id in {review.done_by, review.person_id}
        if mine and not (late and review.pauses and review.done_by == account.id):
            continue
        values = {
            "name": survey.names.get(review.person_id, "–"),
            "by": survey.names.get(review.done_by, "–"),
            "day": review.due_on.isoformat(),
        }
        look = Sentence(_WAITS_FOR_OTHERS if mine else _LATE if late else _LOOK_BY, values)
        yield Alert(AlertKind.REVIEW, _done(review, values), ((look, *_follows(review)),), review.id, mine)


_LOOK_BY = N_("Granska det senast %(day)s.")
_LATE = N_("Det skulle ha granskats senast %(day)s.")
_WAITS_FOR_OTHERS = N_("Ingen granskade det till %(day)s. Be en annan administratör göra det.")


def _done(review: Review, values: Mapping[str, object]) -> Sentence:
    """What one person did, by name."""
    if review.kind is ReviewKind.SUSPENSION:
        return Sentence(N_("%(by)s har ensam stängt av %(name)s"), values)
    last = review.last
    until = Sentence(N_("tills vidare")) if last is None else Sentence(N_("till och med %(day)s"), {"day": last})
    first = "" if review.first is None else review.first.isoformat()
    values = {**values, "first": first, "until": until}
    if review.done_by == review.person_id:
        return Sentence(N_("%(name)s har antecknat egen frånvaro från %(first)s, %(until)s"), values)
    return Sentence(N_("%(by)s har ensam antecknat att %(name)s är borta från %(first)s, %(until)s"), values)


def _follows(review: Review) -> Iterator[Sentence]:
    """What each of the two answers leads to."""
    if review.kind is ReviewKind.SUSPENSION:
        yield Sentence(
            N_(
                "Är den rätt mister personen sina platser i ärendena. Häver du den får personen genast tillbaka "
                "sin inloggning."
            )
        )
    else:
        yield Sentence(N_("Frånvaron avgör vem som lottas. Häver du den prövas policyn på nytt med personen på plats."))


def _designations(survey: Survey) -> Iterator[Alert]:
    for designation, left in survey.expiring():
        values = {
            "name": survey.names.get(designation.account_id, "–"),
            "function": survey.function_name(designation.function_id),
            "days": left,
        }
        yield Alert(
            AlertKind.DESIGNATION,
            Sentence(N_("Utseendet av %(name)s till %(function)s upphör om %(days)d dagar"), values),
            ((Sentence(N_("Vid midnatt efter den sista dagen upphör åtkomsten. Utse personen på nytt i god tid.")),),),
            designation.id,
        )
