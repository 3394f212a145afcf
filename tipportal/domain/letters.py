"""What stands in letters by mail: plain words to a person about nothing but their account, and the month's checkpoint.

All languages of an installation stand in each letter, so that everybody's is the same, and letters to people are of one
length: whoever sees only their size cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from .checkpoints import KeptCheckpoint, Witnessing
from .notices import NoticeKind
from .texts import N_

TEXT_SIZE = 2048
"""Bytes of text, with CRLF at the end of each line: every letter to a person has as many."""
_BLANK_LINE = 64

Translate: TypeAlias = Callable[[str, str], str]
"""Gives a text in a language: its code, and the Swedish text."""

_LOG_IN = N_("Logga in på %(address)s")
_NO_ANSWER = N_("Svara inte på brevet: ingen läser svaren.")
TEXTS: Mapping[NoticeKind, Sequence[str]] = {
    NoticeKind.DIGEST: (
        N_("Logga in i tipsportalen för att se om något väntar på dig."),
        _LOG_IN,
        N_(
            "Brevet går ut varje arbetsdag vid samma tid till alla som arbetar i portalen, vare sig något väntar eller "
            "inte."
        ),
        _NO_ANSWER,
    ),
    NoticeKind.INVITED: (
        N_(
            "Du har fått ett konto i tipsportalen. Länken som du registrerar dig med får du av en administratör, "
            "aldrig i ett brev."
        ),
        N_("Väntade du dig inget konto, fråga en administratör."),
        _NO_ANSWER,
    ),
    NoticeKind.SIGN_IN: (
        N_("Något har ändrats i hur du loggar in i tipsportalen: lösenordet eller en väg till din nyckel."),
        N_("Var det inte du, säg genast till en administratör."),
        _LOG_IN,
        _NO_ANSWER,
    ),
    NoticeKind.ACCESS: (
        N_("Ditt konto i tipsportalen har stängts av, öppnats, återställts eller avslutats."),
        N_("Väntade du dig inte det, fråga en administratör."),
        _LOG_IN,
        _NO_ANSWER,
    ),
}
_CHECKPOINT = (
    N_(
        "Det här är månadens kontrollpunkt för tipsportalens händelselogg. Spara brevet där de som driver portalen "
        "inte kan ändra det, till exempel i revisorernas diarium. Med den kan vem som helst senare visa att inget i "
        "loggen har ändrats, tagits bort eller lagts in i efterhand."
    ),
    N_(
        "Bekräfta att ni har den: logga in på %(address)s, välj Händelselogg och klistra in kontrollpunkten, som står "
        "sist i brevet. Kommer ingen bekräftelse inom 35 dagar varnar portalen."
    ),
)
_REMINDER = N_("Påminnelse: på %(days)d dagar har ingen bekräftat en kontrollpunkt.")
TEST_TEXT = (N_("Det här är ett provbrev från tipsportalen. Det kom fram."), _LOG_IN, _NO_ANSWER)


def subject(languages: Sequence[str], translate: Translate) -> str:
    """The subject: the same of every letter to a person."""
    return " / ".join(translate(language, N_("Meddelande från tipsportalen")) for language in languages)


def text_of(paragraphs: Sequence[str], address: str, languages: Sequence[str], translate: Translate) -> str:
    """A letter's text in each language, one below the other, filled up to ``TEXT_SIZE``.

    ``address`` is the handler face's, and the only one that stands in it.
    """
    spoken = (
        "\n\n".join(translate(language, paragraph) % {"address": address} for paragraph in paragraphs)
        for language in languages
    )
    return filled("\n\n* * *\n\n".join(spoken) + "\n")


def checkpoint_subject(month: str, languages: Sequence[str], translate: Translate) -> str:
    """The subject of the auditors' letter. ``month`` as 2026-11."""
    called = (translate(language, N_("Kontrollpunkt för händelseloggen")) for language in languages)
    return f"{' / '.join(called)} {month}"


def checkpoint_text(
    kept: KeptCheckpoint, standing: Witnessing, address: str, languages: Sequence[str], translate: Translate
) -> str:
    """The auditors' letter: what it is for, a reminder where it is long since anybody answered, and the checkpoint.

    It is as long as it is: nobody's own, and everything in it is public.
    """
    spoken: list[str] = []
    for language in languages:
        if standing.overdue:
            spoken.append(translate(language, _REMINDER) % {"days": standing.days})
        spoken.extend(translate(language, paragraph) % {"address": address} for paragraph in _CHECKPOINT)
    key = " / ".join(translate(language, N_("Loggens publika nyckel")) for language in languages)
    return "\n\n".join((*spoken, f"{key}:\n{kept.key}", kept.note))


def filled(text: str) -> str:
    """A text with blanks at its end, so that its length tells nothing: ``TEXT_SIZE``, or a multiple of it."""
    missing = -len(text.replace("\n", "\r\n").encode()) % TEXT_SIZE
    # No line is one byte long.
    missing += TEXT_SIZE if missing == 1 else 0
    whole, rest = divmod(missing, _BLANK_LINE + 2)
    if rest == 1:
        whole, rest = whole - 1, rest + _BLANK_LINE + 2
    blank = " " * _BLANK_LINE + "\n"
    return text + blank * whole + (" " * (rest - 2) + "\n" if rest else "")
