"""What entries of no case say: organisations, functions, designations, policies, proofs, and what was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind

from .facts import Folded, OrganisationFacts, Publication
from .folding_policies import policy_activated, proof_held, proof_lapsed, register_changed, trustees_changed
from .telling import Told, UnreadableFacts

Tell: TypeAlias = Callable[[Folded, Told], None]


def _organisation_added(folded: Folded, told: Told) -> None:
    # The founding organisation's entry names it as its owner alone.
    named = told.optional("id") or told.organisation
    folded.organisations[named] = OrganisationFacts(named, told.text("slug"), told.text("kind"), told.day)


def _organisation_changed(folded: Folded, told: Told) -> None:
    found = folded.organisations.get(told.text("id"))
    if found is None:
        raise UnreadableFacts("the organisation is not known")
    if "kind" in told.facts:
        found.kind = told.text("kind")
    if "ended_on" in told.facts:
        found.ended = told.optional_dated("ended_on")
    if "succeeded_by" in told.facts:
        found.succeeded_by = told.optional("succeeded_by")


def _function_added(folded: Folded, told: Told) -> None:
    folded.functions[told.text("id")] = told.organisation


def _designated(folded: Folded, told: Told) -> None:
    folded.designations[told.text("id")] = (
        told.text("function"),
        told.text("person"),
        told.dated("valid_from"),
        told.optional_dated("valid_to"),
    )


def _designation_ended(folded: Folded, told: Told) -> None:
    found = folded.designations.get(told.text("id"))
    if found is None:
        raise UnreadableFacts("the designation is not known")
    folded.designations[told.text("id")] = (*found[:3], told.dated("valid_to"))


def _channel_opened(folded: Folded, told: Told) -> None:
    folded.channels.append((told.day, told.text("organisation"), told.text("channel"), True))


def _channel_closed(folded: Folded, told: Told) -> None:
    folded.channels.append((told.day, told.text("organisation"), told.text("channel"), False))


def publications_of(told: Told) -> list[Publication]:
    """What an entry says was published at once, in order. Raises UnreadableFacts."""
    return [
        Publication(
            id=each.text("report"),
            kind=each.text("kind"),
            period=each.text("period"),
            scope=each.optional("scope"),
            size=each.number("size"),
            as_of=each.dated("as_of"),
            on=each.day,
            digest=each.text("digest"),
            together=each.flag("together"),
        )
        for each in told.tables("reports")
    ]


def _published(folded: Folded, told: Told) -> None:
    folded.publications.extend(publications_of(told))


INSTALLATION: Mapping[EntryKind, Tell] = {
    EntryKind.ORGANISATION_ADDED: _organisation_added,
    EntryKind.ORGANISATION_CHANGED: _organisation_changed,
    EntryKind.FUNCTION_ADDED: _function_added,
    EntryKind.DESIGNATION_MADE: _designated,
    EntryKind.DESIGNATION_ENDED: _designation_ended,
    EntryKind.POLICY_ACTIVATED: policy_activated,
    EntryKind.REGISTER_CHANGED: register_changed,
    EntryKind.TRUSTEES_CHANGED: trustees_changed,
    EntryKind.CHANNEL_OPENED: _channel_opened,
    EntryKind.CHANNEL_CLOSED: _channel_closed,
    EntryKind.PROOF_HELD: proof_held,
    EntryKind.PROOF_LAPSED: proof_lapsed,
    EntryKind.REPORT_PUBLISHED: _published,
}
"""What an entry of each kind, of no case, does to what is known."""
