"""What a handler does who is threatened: a page with a checklist."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.texts import N_
from tipportal.web.guard import requires

from . import blueprint

STEPS = (
    (
        N_("Lämna ärendet."),
        N_(
            "Öppna ärendet, gå till fliken Ärendegrupp och välj Hotad? Du lämnar det direkt, utan att någon behöver "
            "godkänna det. En ersättare tar över."
        ),
    ),
    (
        N_("Svara inte, och spara det som har hänt."),
        N_("Skriv ner när, var och hur. Spara meddelanden, brev och telefonnummer. Radera inget."),
    ),
    (
        N_("Berätta för din chef i dag."),
        N_("Berörs chefen själv: gå till chefens chef eller till säkerhetschefen. Säg inget om ärendets innehåll."),
    ),
    (
        N_("Polisanmäl."),
        N_(
            "Hot mot tjänsteman är ett brott (17 kap. 1 § brottsbalken). Be arbetsgivaren göra anmälan, "
            "eller ring 114 14. "
            "Vid pågående fara: 112."
        ),
    ),
    (
        N_("Fråga om skyddade personuppgifter."),
        N_(
            "Skatteverket prövar sekretessmarkering och skyddad folkbokföring. Be arbetsgivaren att ta bort ditt namn, "
            "din bild och ditt nummer från webbplats och växel, och att dina uppgifter inte lämnas ut."
        ),
    ),
    (
        N_("Ta emot stöd."),
        N_("Företagshälsovården, facket, skyddsombudet och Brottsofferjouren, telefon 116 006, kan hjälpa."),
    ),
)
"""What to do and how, in order: msgids."""


@blueprint.get("/hot")
@requires(Permission.HANDLE)
def threat_page() -> ResponseReturnValue:
    """The checklist. It names no case, so that its address in a browser's history tells nothing."""
    return render_template("handler/threat.html", steps=STEPS)
