"""What templates of this face can call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask_babel import format_date, format_datetime, gettext

from tipportal.domain.accounts import Account, Role
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.texts import N_
from tipportal.domain.ways import WayKind
from tipportal.usecases.shortcuts import has_shortcuts
from tipportal.usecases.ways import my_ways
from tipportal.web.guard import maybe_signed_in
from tipportal.web.services import context, services
from tipportal.web.templating import home

from . import blueprint, sessions

_DATE_LENGTH = len("2026-11-22")
SECTIONS = {
    Role.HANDLER: (
        ("handler.first_screen", N_("Översikt")),
        ("handler.case_list", N_("Ärenden")),
        ("handler.approvals", N_("Godkännanden")),
        ("handler.disclosures_page", N_("Utlämnanden")),
        ("handler.followup", N_("Uppföljning")),
    ),
    Role.ADMINISTRATOR: (
        ("handler.administration", N_("Översikt")),
        ("handler.administration_changes", N_("Ändringar")),
        ("handler.administration_organisations", N_("Organisationer")),
        ("handler.administration_people", N_("Personer")),
        ("handler.administration_policy", N_("Policy")),
        ("handler.administration_accounts", N_("Konton")),
        ("handler.administration_trustees", N_("Nyckelförvaltare")),
        ("handler.followup", N_("Uppföljning")),
    ),
    Role.AUDITOR: (("handler.log", N_("Händelselogg")), ("handler.followup", N_("Uppföljning"))),
}


@blueprint.context_processor
def for_templates() -> dict[str, Account | Callable[..., object] | None]:
    """Who is signed in, where they can go, and the way to the public face."""
    who = maybe_signed_in()
    return {
        "account": None if who is None else who.account,
        "page_owner": sessions.page_owner,
        "sections_for": _sections_for,
        "public_address": _public_address,
        "on_day": _on_day,
        "day_of": _day_of,
        "has_passkey": _has_passkey,
        "has_shortcuts": _has_shortcuts,
    }


def shown_time(text: str) -> str:
    """A time of the log in the page's language: an instant in Stockholm time, or a date where only that is kept."""
    if len(text) == _DATE_LENGTH:
        return format_date(date.fromisoformat(text), "d MMMM yyyy")
    return format_datetime(datetime.fromisoformat(text), "d MMMM yyyy HH:mm")


def _sections_for(account: Account) -> list[tuple[str, str]]:
    return [(endpoint, gettext(label)) for endpoint, label in SECTIONS[account.role]]


def _public_address() -> str:
    # At a host of its own this face has no public pages beside it.
    settings = services().settings
    return home() if "public" in settings.faces else f"{settings.public_url}{home()}"


def _has_passkey() -> bool:
    who = maybe_signed_in()
    return who is not None and any(way.kind is WayKind.PASSKEY for way in my_ways(context(), who.account))


def _has_shortcuts() -> bool:
    who = maybe_signed_in()
    return who is not None and has_shortcuts(context(), who.account)


def _day_of(day: date) -> str:
    return format_date(day, "d MMMM yyyy")


def _on_day(utc_seconds: int) -> str:
    return format_date(stockholm_date(utc_seconds), "d MMMM yyyy")
