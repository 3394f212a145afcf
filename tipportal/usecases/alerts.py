"""What administrators are warned of: a proof that has lapsed, designations that end, reviews owed, a doubted clock."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import directory
from .changing.clock import clock_doubted
from .context import Context
from .surveying import Survey


class AlertKind(enum.StrEnum):
    """What a warning is about."""

    CLOCK = "clock"
    DIRECTORY = "directory"
    PROOF = "proof"
    REVIEW = "review"
    DESIGNATION = "designation"


@dataclass(frozen=True, slots=True)
class Alert:
    """A warning: what is wrong in a line, then each reason as sentences. ``subject``: the id of what it is about."""

    kind: AlertKind
    heading: Sentence
    reasons: tuple[tuple[Sentence, ...], ...] = ()
    subject: str = ""


def alerts(ctx: Context, account: Account, survey: Survey) -> tuple[Alert, ...]:
    """Everything to be warned of, the most urgent first. ``account`` is who reads: nobody reviews what they did."""
    return (*_clock(ctx), *_directory(ctx), *_proofs(survey), *_reviews(ctx, account, survey), *_designations(survey))


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
        if review.done_by == account.id:
            continue
        values = {
            "name": survey.names.get(review.account_id, "–"),
            "by": survey.names.get(review.done_by, "–"),
            "day": review.due_on.isoformat(),
        }
        yield Alert(
            AlertKind.REVIEW,
            Sentence(N_("%(by)s har stängt av %(name)s"), values),
            (
                (
                    Sentence(
                        N_("Granska det senast %(day)s. Behöver kontot öppnas igen föreslår du att det återställs."),
                        values,
                    ),
                ),
            ),
            review.id,
        )


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
