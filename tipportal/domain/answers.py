"""The server's check of what came in through a public form, the same for both forms and both ways of sealing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from . import orgnumber
from .errors import Invalid
from .organisations import Channel
from .questions import Kind, Question, questions
from .texts import N_

FORM = "form"
"""Where a fault stands that belongs to no question. No question has this name."""
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Half a surrogate pair cannot be written as UTF-8, and a control character may be dropped or acted upon by whatever
# shows the text. Each becomes a mark that can be seen: nothing that the source wrote disappears unnoticed.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# The organisation's own parties: routing.parse_facts judges whether one is among those offered.
_PARTY = re.compile(r"(?:unit|function):[!-~]{1,80}\Z")
_MOST_CHOICES = 200

Answer: TypeAlias = "str | list[str]"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an answer: a Swedish msgid with the numbers for its ``%(name)d`` places.

    It never repeats what was written.
    """

    text: str
    values: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """The Swedish text."""
        return self.text % self.values if self.values else self.text


def clean(channel: Channel, answers: Mapping[str, Sequence[str]]) -> tuple[dict[str, Answer], dict[str, Fault]]:
    """Check the answers of a form, each field with all its received values, and give (answers, faults by field name).

    The caller removes what is not an answer (``csrf_token``) first. Answers are in the order of the questions; what was
    left empty is left out, and so is what has a fault. Text is stripped, its line breaks are LF. A field that the
    form does not ask is a fault under ``FORM``: never under its own name, which the sender chose.
    """
    asked = questions(channel)
    cleaned: dict[str, Answer] = {}
    faults: dict[str, Fault] = {}
    if not asked.keys() >= answers.keys():
        faults[FORM] = Fault(
            N_("Formuläret innehåller något som vi inte har frågat om. Spara din text och öppna det på nytt.")
        )
    for name, question in asked.items():
        answer = _answer(question, answers.get(name, ()))
        if isinstance(answer, Fault):
            faults[name] = answer
        elif answer:
            cleaned[name] = answer
        elif question.required:
            faults[name] = Fault(N_("Skriv vad som har hänt."))
    return cleaned, faults


def normal_text(text: str, *, one_line: bool) -> str:
    """The text stripped, with LF as line break (a space where there is ``one_line``) and nothing unprintable."""
    text = _UNPRINTABLE.sub(_REPLACEMENT, _LINE_BREAKS.sub("\n", text)).strip()
    return " ".join(text.split("\n")) if one_line else text


def _answer(question: Question, values: Sequence[str]) -> Answer | Fault:
    if question.kind is Kind.MANY:
        return _several(question, values)
    if len(values) > 1:
        return Fault(N_("Frågan har fått flera svar. Svara en gång."))
    value = values[0] if values else ""
    if question.kind is Kind.CHOICE:
        return _single(question, value)
    return _typed(question, value)


def _several(question: Question, values: Sequence[str]) -> list[str] | Fault:
    # Contradicting answers are all kept: where somebody is named as concerned, that is what routing goes by.
    chosen = list(dict.fromkeys(value for value in values if value))
    fixed = {choice.value for choice in question.choices}
    if len(chosen) > _MOST_CHOICES or not all(value in fixed or _PARTY.match(value) for value in chosen):
        return Fault(N_("Välj bland alternativen i listan."))
    return chosen


def _single(question: Question, value: str) -> str | Fault:
    if value and value not in {choice.value for choice in question.choices}:
        return Fault(N_("Välj ett av alternativen."))
    return value


def _typed(question: Question, value: str) -> str | Fault:
    text = normal_text(value, one_line=question.kind is Kind.TEXT)
    if len(text) > question.max_length:
        return Fault(
            N_("Texten är %(count)d tecken lång. Den får vara högst %(limit)d tecken."),
            {"count": len(text), "limit": question.max_length},
        )
    if question.name == orgnumber.FIELD and text:
        try:
            return orgnumber.parse(text)
        except Invalid as refusal:
            return Fault(refusal.reason)
    return text
