"""Sentences of the domain in the page's language."""

from __future__ import annotations

from flask_babel import gettext

from tipportal.domain.policies.explaining import Sentence


def told(sentence: Sentence) -> str:
    """A sentence in the page's language; a value may be a sentence itself."""
    values = {name: told(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    return gettext(sentence.msgid) % values if values else gettext(sentence.msgid)


def paragraph(sentences: tuple[Sentence, ...]) -> str:
    """Sentences after each other."""
    return " ".join(map(told, sentences))
