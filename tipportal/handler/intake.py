"""The page on which staff enter a case for somebody. Whether it concerns them comes first; nothing is typed before."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from tipportal.domain import questions
from tipportal.domain.accounts import Permission
from tipportal.domain.cases import AckException
from tipportal.domain.errors import NotFound
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import Question
from tipportal.domain.texts import N_
from tipportal.domain.triage import Origin
from tipportal.usecases import intake
from tipportal.usecases.offers import ChannelPage
from tipportal.web.guard import requires
from tipportal.web.services import context
from tipportal.web.uploads import file_data

from . import blueprint, sessions, wording

ORIGINS: dict[Origin, str] = {
    Origin.ORAL: N_("Muntligt: i telefon eller vid ett möte"),
    Origin.WRITTEN: N_("Skriftligt: brev, e-post eller en lapp"),
    Origin.OWN_CONTROL: N_("Egen kontroll"),
    Origin.OTHER_AUTHORITY: N_("En annan myndighet"),
}
ACKNOWLEDGED: dict[str, str] = {
    "given": N_("Bekräftat till rapportören, muntligt eller på papper"),
    AckException.WAIVED.value: N_("Rapportören vill inte ha någon bekräftelse"),
    AckException.REVEALS.value: N_("En bekräftelse skulle avslöja rapportören"),
    AckException.NO_REPORTER.value: N_("Ingen har rapporterat: egen kontroll eller annan myndighet"),
}
INTAKE_TEXTS: dict[str, str] = {
    "intake-form-done": N_("Ärendet är registrerat."),
    "intake-required": N_("Svara på: {label}"),
    "intake-too_long": N_("{label}: texten är {count} tecken lång. Den får vara högst {limit} tecken."),
    "intake-org_form": N_("Skriv organisationsnumret med tio siffror, till exempel 212000-0142."),
    "intake-org_person": N_("Skriv inte personnummer. Skriv firmans namn i stället."),
    "intake-org_checksum": N_("Organisationsnumret stämmer inte. Kontrollera siffrorna eller lämna fältet tomt."),
    "intake-consent": N_("En inspelning kräver att rapportören samtycker. Kryssa i det, eller välj protokoll."),
    "refused-offer": N_("Servern föreslog mottagare som inte uppfyller kraven. Inget har skickats."),
    "refused-directory_members": N_("Mottagarna stämmer inte med katalogen över handläggare. Inget har skickats."),
}


@blueprint.get("/arenden/nytt")
@requires(Permission.HANDLE)
def intake_page() -> ResponseReturnValue:
    """First whether the matter concerns the reader, then for whom, then the form that seals in the browser."""
    ctx, me = context(), sessions.me()
    intake.may_enter(ctx, me)
    conflict, chosen = request.args.get("jav", ""), request.args.get("till", "")
    named = request.args.get("foljer", "")
    follows = intake.followed(ctx, me, named) if named else None
    slug, _, channel = chosen.partition("/")
    if conflict != "nej" or not chosen:
        return render_template(
            "handler/intake_first.html",
            conflict=conflict,
            follows=follows,
            open_channels=intake.open_channels(ctx),
            wording=wording,
        )
    if channel not in {one.value for one in Channel}:
        raise NotFound(N_("Sidan finns inte."))
    page = intake.page(ctx, me, slug, Channel(channel))
    return render_template(
        "handler/intake.html",
        page=page,
        sections=questions.form(page.channel),
        choices_of=lambda question: _choices(question, page),
        origins=[
            (origin, name)
            for origin, name in ORIGINS.items()
            if page.channel is Channel.TIP or origin in (Origin.ORAL, Origin.WRITTEN)
        ],
        acknowledged=[
            (key, name)
            for key, name in ACKNOWLEDGED.items()
            if page.channel is Channel.TIP or key != AckException.NO_REPORTER
        ],
        follows=follows,
        today=ctx.today(),
        texts=INTAKE_TEXTS,
        translated=lambda pairs: [(key, gettext(name)) for key, name in pairs],
        files=file_data(),
        wording=wording,
    )


def _choices(question: Question, page: ChannelPage) -> list[tuple[str, str]]:
    own = [(party.value, party.name) for party in page.parties] if question.name == "concerns" else []
    return own + [(choice.value, choice.label) for choice in question.choices]
