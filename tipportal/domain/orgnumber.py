"""Organisation numbers: ten digits with a checksum, and never somebody's personal number."""

from __future__ import annotations

import re
import unicodedata

from .errors import Invalid
from .texts import N_

FIELD = "org_number"
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_ORGANISATION = re.compile(r"([0-9]{6})-?([0-9]{4})\Z")
# Ten digits, or twelve with the century; a plus sign stands for a hyphen once somebody has turned a hundred.
_PERSON = re.compile(r"(?:[0-9]{2})?[0-9]{2}[01][0-9]{3}[-+]?[0-9]{4}\Z")


def parse(text: str) -> str:
    """The number as ``NNNNNN-NNNN``, from ten digits with or without hyphen and spaces.

    In an organisation number (lag 1974:174) the third digit is at least 2 (Skatteverket, SKV 709; design 07), in a
    personal or coordination number it begins the month. A sole trader's organisation number *is* their
    personal number: it is refused like any other, and the firm's name asked for. Personal numbers are taken only where
    clearly motivated (lag 2018:218, 3 kap. 10 §), which nothing here is. Raises Invalid with field ``org_number``;
    no reason repeats what was written.
    """
    compact = "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split())
    if _PERSON.match(compact):
        raise Invalid(
            N_("Det här ser ut som ett personnummer. Skriv inte personnummer här. Skriv företagets namn i stället."),
            field=FIELD,
        )
    match = _ORGANISATION.match(compact)
    if match is None:
        raise Invalid(N_("Skriv organisationsnumret med tio siffror, till exempel 212000-0142."), field=FIELD)
    digits = match[1] + match[2]
    if not _luhn(digits):
        raise Invalid(
            N_("Organisationsnumret stämmer inte. Kontrollera siffrorna eller lämna fältet tomt."), field=FIELD
        )
    return f"{match[1]}-{match[2]}"


def _luhn(digits: str) -> bool:
    """Whether the last of ten digits checks the others (ISO/IEC 7812-1, annex B).

    Every second digit counts double, from the first when there are ten; of a two-digit product the digits are added.
    """
    return sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits)) % 10 == 0
