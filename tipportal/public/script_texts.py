"""What the scripts of the public face say. They hold no words of their own: the page hands them these, translated."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask_babel import gettext
from markupsafe import Markup

from tipportal.domain.texts import N_

# By names of their own, as pages without scripts say them too: a key in a call would be taken for a text to translate.
MEMBER_LEFT = N_("En handläggare (%(id)s) har lämnat ärendet och kan inte läsa det som skrivs från och med nu.")
MEMBER_CAME = N_("En handläggare (%(id)s) har kommit till och kan läsa ärendet.")
MEMBERS_SAME = N_("Samma personer läser ärendet som förut.")

_COMMON: dict[str, str] = {
    "check_title": N_("Något behöver rättas"),
    "failed_title": N_("Det gick inte den här gången"),
    "error_prefix": N_("Fel:"),
    "offline": N_("Det gick inte att nå servern. Texten finns kvar här. Kontrollera din uppkoppling och försök igen."),
    "broken": N_("Något gick fel i webbläsaren. Inget har skickats, och texten finns kvar här."),
    "too_long": N_("Texten är %(count)d tecken lång. Den får vara högst %(limit)d tecken."),
    "count": N_("%(count)s av högst %(limit)s tecken"),
    "sending": N_("Förseglar och skickar …"),
}

_FILES: dict[str, str] = {
    "files": N_("Bifogade filer"),
    "files_limits": N_("Högst %(limit)d filer, var och en högst %(size)s."),
    "file_remove": N_("Ta bort"),
    "file_empty": N_("%(name)s är tom och kan inte bifogas."),
    "file_too_large": N_("%(name)s är för stor. En fil får vara högst %(size)s."),
    "too_many_files": N_("%(name)s kom inte med. Du kan bifoga högst %(limit)d filer."),
    "file_unreadable": N_(
        "Webbläsaren kan inte läsa %(name)s längre. Filen kan ha ändrats, flyttats eller tagits bort. "
        "Ta bort den ur listan och välj den igen."
    ),
    "files_sending": N_("Fil %(place)d av %(of)d: %(name)s"),
    "files_amount": N_("%(done)s av %(all)s skickat"),
    "files_percent": N_("%(percent)d procent skickat"),
    "files_running": N_("Filerna skickas."),
    "files_paused": N_("Pausat. Det som har skickats ligger kvar."),
    "files_waiting": N_("Anslutningen bröts. Vi försöker strax igen och fortsätter där det tog slut."),
    "files_broken": N_("Det går inte att nå servern. Försök när du har kontakt igen: vi fortsätter där det tog slut."),
    "files_stopped": N_("Du avbröt. Det som hann skickas tas bort, och det du skrev finns kvar."),
    "files_pause": N_("Pausa"),
    "files_resume": N_("Fortsätt"),
    "files_retry": N_("Försök nu"),
    "files_stop": N_("Avbryt"),
}

FORM: dict[str, str] = {
    **_COMMON,
    **_FILES,
    "required": N_("Skriv vad som har hänt."),
    "org_person": N_(
        "Det här ser ut som ett personnummer. Skriv inte personnummer här. Skriv företagets namn i stället."
    ),
    "org_form": N_("Skriv organisationsnumret med tio siffror, till exempel 212000-0142."),
    "org_checksum": N_("Organisationsnumret stämmer inte. Kontrollera siffrorna eller lämna fältet tomt."),
    "offer_refused": N_(
        "Servern föreslog mottagare som inte uppfyller kraven: minst två personer från två enheter, "
        "och ingen som du har pekat ut. Därför har inget skickats."
    ),
    "not_listed": N_(
        "Mottagarna stämmer inte med katalogen över handläggare, så inget har skickats. Berätta på en annan väg."
    ),
    "unsettled": N_(
        "Vi vet inte om det kom fram, eftersom svaret uteblev. Försök igen: det du skrev tas emot en enda gång, "
        "med samma kod."
    ),
}
"""Texts of the form that seals in the browser."""

CASE: dict[str, str] = {
    **_COMMON,
    **_FILES,
    "file_save": N_("Spara"),
    "file_opening": N_("Hämtar och kontrollerar …"),
    "file_saved": N_("Kontrollerad och sparad."),
    "file_missing": N_("Filen finns inte på servern, eller har fel storlek."),
    "file_failed": N_("Filen gick inte att kontrollera. Därför har den inte sparats."),
    "file_no_room": N_(
        "Webbläsaren har inte plats för filen just nu. Stäng andra flikar och försök igen. "
        "Hjälper inte det: öppna ärendet i ett nytt fönster."
    ),
    "file_offline": N_("Det gick inte att hämta filen. Försök igen."),
    "code_empty": N_("Skriv din kod."),
    "code_count": N_("Koden har nio ord. Du har skrivit %(count)d."),
    "code_unknown": N_("Ord %(places)s finns inte i ordlistan. Kontrollera stavningen."),
    "opening": N_("Öppnar ärendet …"),
    "own_unsaved": N_("Skriv ner den nya koden först, och bocka för att du har gjort det."),
    "replacing": N_("Byter kod …"),
    "replaced": N_("Koden är bytt. Den gamla leder inte längre hit."),
    "unverified": N_("Ärendet gick inte att kontrollera, och därför visas det inte. Försök igen om en stund."),
    "failed_record": N_("Det här meddelandet gick inte att kontrollera. Det visas därför inte."),
    "message_empty": N_("Skriv ett meddelande eller bifoga en fil."),
    "only_files": N_("Ingen text, bara bifogade filer."),
    "sent": N_("Ditt meddelande har kommit fram."),
    "unsettled": N_(
        "Vi vet inte om meddelandet kom fram, eftersom svaret uteblev. Försök igen: det tas emot en enda gång."
    ),
    "party": N_("En enhet som du pekade ut"),
    "meet": N_("Jag vill gärna träffa någon av er eller prata i telefon."),
    "approve": N_("Det stämmer, jag godkänner"),
    "correct": N_("Skicka rättelsen"),
    "none_suits": N_("Ingen tid passar"),
    "correct_empty": N_("Skriv vad som ska rättas."),
    "read": N_("Öppnat av ärendegruppen"),
    "readers": N_("%(function)s (%(ids)s)"),
    "member_left": MEMBER_LEFT,
    "member_came": MEMBER_CAME,
    "recovered": N_(
        "Nyckelförvaltare har gett ärendet till nya handläggare. Jämför de här nio orden med dem på organisationens "
        "affischer, i dess riktlinjer eller på din bekräftelse: %(fingerprint)s. Är de andra, skriv inget mer här."
    ),
    "members_same": MEMBERS_SAME,
}
"""Texts of the case page that opens in the browser."""


def data_block(data: Mapping[str, object]) -> Markup:
    """The data for a page's script, as JSON that can stand inside an element of HTML.

    Flask's own filter writes every letter beyond ASCII as an escape, which makes a page for Swedish longer.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # An element with a script's name ends at "</script" and nowhere else; the entities would not be read in it.
    escaped = text.translate({ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"})
    return Markup(escaped)  # noqa: S704 - escaped in the line above  # nosec B704


def translated(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts in this request's language, their places for values left open."""
    return {name: gettext(text) for name, text in texts.items()}
