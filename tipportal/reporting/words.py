"""The words and numbers of a report in one language, from the same catalogues as the pages.

Whatever a stranger wrote becomes plain text here, for every format: no control character, nothing that turns the
direction of writing, nothing endless where a label should stand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

SOURCE_LANGUAGE = "sv"
LANGUAGES = ("sv", "en")
CATALOGUES = Path(__file__).resolve().parent.parent / "i18n"
LONGEST_LABEL = 200
"""Characters of a label that are shown. Names of the register have no more."""
GROUPED_FROM = 10_000
"""From here on numbers inside sentences are written in groups: years never are."""
NO_BREAK = "\N{NO-BREAK SPACE}"
_PLACE = re.compile(r"%(?:\((?P<name>\w+)\)(?P<kind>[sd])|%)")
_LINES = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


class CatalogueMissing(RuntimeError):
    """A report is to be written in a language whose catalogue has not been compiled."""


class Words:
    """Sentences, numbers and shares in one language of ``LANGUAGES``. Raises CatalogueMissing."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)

    def text(self, msgid: str) -> str:
        """A Swedish msgid in the language."""
        return str(self._catalogue.ugettext(msgid))

    def told(self, sentence: Sentence) -> str:
        """A sentence with its values: sentences among them first, great numbers in groups of three."""

        def filled(found: re.Match[str]) -> str:
            if found["name"] is None:
                return "%"
            value = sentence.values[found["name"]]
            if isinstance(value, Sentence):
                return self.told(value)
            if found["kind"] == "d" and isinstance(value, int):
                return self.number(value) if abs(value) >= GROUPED_FROM else str(value)
            return plain(str(value))

        return _PLACE.sub(filled, self.text(sentence.msgid))

    def label(self, sentence: Sentence) -> str:
        """A sentence that stands as a heading or a label: one line, never endless."""
        return line(self.told(sentence))

    def number(self, value: int) -> str:
        """A whole number in groups of three: ``12 345``, in English ``12,345``."""
        grouped = f"{value:,}"
        return grouped.replace(",", NO_BREAK) if self.language == SOURCE_LANGUAGE else grouped

    def share(self, thousandths: int) -> str:
        """A share as a per cent with one decimal: ``37,5 %``, in English ``37.5%``."""
        sign, (whole, tenth) = "-" if thousandths < 0 else "", divmod(abs(thousandths), 10)
        if self.language == SOURCE_LANGUAGE:
            return f"{sign}{self.number(whole)},{tenth}{NO_BREAK}%"
        return f"{sign}{self.number(whole)}.{tenth}%"

    def kronor(self, value: int) -> str:
        """An amount in whole kronor: ``12 345 kr``."""
        return self.text(N_("%(amount)s kr")).replace(" ", NO_BREAK) % {"amount": self.number(value)}


def told(sentence: Sentence, language: str) -> str:
    """A sentence in a language, as plain text."""
    return Words(language).told(sentence)


def plain(text: str) -> str:
    """Text without control characters, direction marks and halves of characters. Lines end in a line feed."""
    return "".join(_seen(each) for each in _LINES.sub("\n", text))


def line(text: str) -> str:
    """The text as one line of at most ``LONGEST_LABEL`` characters."""
    # Shortened first: a label of a million characters need not be looked through.
    whole = " ".join(plain(text[: 20 * LONGEST_LABEL]).split())
    return whole if len(whole) <= LONGEST_LABEL else f"{whole[: LONGEST_LABEL - 1].rstrip()}…"


def _seen(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return " " if character == "\t" else ""
    if category == "Cf":
        # Among them all that embeds, overrides or isolates a direction (UAX 9), and what no reader sees.
        return character if character in _UNSEEN else ""
    return "\N{REPLACEMENT CHARACTER}" if category in {"Cs", "Cn", "Co"} else character


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    if language not in LANGUAGES:
        raise CatalogueMissing(language)
    found = Translations.load(CATALOGUES, [language])
    if not isinstance(found, Translations):
        raise CatalogueMissing(language)
    return found
