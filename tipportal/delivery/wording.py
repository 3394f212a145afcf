"""The texts of letters in each language, from the same catalogues as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from babel.support import NullTranslations, Translations

from tipportal.domain.letters import Translate

SOURCE_LANGUAGE = "sv"
CATALOGUES = Path(__file__).resolve().parent.parent / "i18n"


class CatalogueMissing(RuntimeError):
    """A letter is to be written in a language whose catalogue has not been compiled."""


def translator(languages: Sequence[str]) -> Translate:
    """What gives a text in one of the languages. Raises CatalogueMissing. Swedish is the text itself."""
    catalogues: dict[str, NullTranslations] = {}
    for language in languages:
        catalogues[language] = (
            NullTranslations() if language == SOURCE_LANGUAGE else Translations.load(CATALOGUES, [language])
        )
        if language != SOURCE_LANGUAGE and not isinstance(catalogues[language], Translations):
            raise CatalogueMissing(language)

    def translate(language: str, text: str) -> str:
        return str(catalogues[language].ugettext(text))

    return translate
