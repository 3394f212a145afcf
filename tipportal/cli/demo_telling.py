"""What the demo says on a terminal: where it is, whom one can be, and what a person signs in with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyotp

from tipportal.settings import Settings

from .demo_cases import codes
from .demo_staffing import Person

USUAL_FOLDER = Path(".demo")
CODED = ("ett nytt tips", "en rapport med frågor och svar", "ett avslutat tips")
"""What the three codes lead to."""
STEP_SECONDS = 30


def welcome(settings: Settings, people: Sequence[Person]) -> str:
    """What stands on the terminal when the demo answers."""
    elsewhere = settings.data_dir != USUAL_FOLDER.absolute()
    sign_in = f"make sign-in WHO=anna{f' DATA={settings.data_dir}' if elsewhere else ''}"
    return "\n".join([
        "",
        "tipportal: demo för den påhittade kommunen Björkvik",
        "",
        f"  Lämna tips eller rapportera   {settings.public_url}/",
        f"  Följa ett ärende              {settings.public_url}/arende",
        f"  Handläggare                   {settings.handler_url}/handlaggare/",
        "",
        "  Koder till tre av ärendena:",
        *(f"    {code.text}  ({what})" for code, what in zip(codes(), CODED, strict=True)),
        "",
        "  Personerna:",
        *(f"    {person.name}, {person.title}" for person in people),
        "",
        "  Lösenord, engångskod och lösenfras till den som du vill vara, i ett annat fönster:",
        f"    {sign_in}",
        "",
        "  Avsluta med Ctrl+C.",
        "",
    ])  # fmt: skip


def signing_in(person: Person, now: int) -> str:
    """What a person signs in with at an instant in UTC seconds."""
    left = STEP_SECONDS - now % STEP_SECONDS
    lines = [
        f"{person.name}, {person.title}",
        f"  e-post      {person.email}",
        f"  lösenord    {person.password}",
        f"  engångskod  {pyotp.TOTP(person.totp_secret).at(now)} (gäller en gång, i {left} sekunder till)",
    ]
    if person.passphrase:
        lines.append(f"  lösenfras   {person.passphrase}")
    return "\n".join(lines)
