"""Filled-in forms of the dialogue as text, and those that wait for the source's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from flask_babel import gettext
from wtforms import HiddenField, TextAreaField

from tipportal.domain.answers import normal_text
from tipportal.domain.conversations import ANSWER_TO, FormName, Verdict
from tipportal.domain.texts import N_
from tipportal.envelope.bodies import FormBody
from tipportal.usecases.dialogue import Answered
from tipportal.usecases.source_session import OpenedRecord
from tipportal.web.forms import PortalForm

from . import wording

LONGEST = 100_000
_NAMES = {name.value: name for name in FormName}
_CHOSEN = "slot_"


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that the source can answer: minutes to check, or ``slots`` to choose from."""

    seq: int
    form: str
    slots: tuple[str, ...] = field(default=(), repr=False)


class AnswerForm(PortalForm):
    """The source's answer to one form. ``choice`` is the button: a verdict, or ``slot_`` and the slot's number."""

    purpose: ClassVar[str | None] = "case"
    answers = HiddenField()
    choice = HiddenField()
    text = TextAreaField()


def heading(form: FormBody) -> str:
    """What a form is, in this request's language."""
    known = _NAMES.get(form.form)
    return gettext(N_("Formulär") if known is None else wording.FORMS[known])


def shown_text(form: FormBody) -> str:
    """What a form says, in lines. Unknown forms are shown as they are, since nothing is ever hidden."""
    answers = form.answers
    modes = {mode.value: text for mode, text in wording.MODES.items()}
    verdicts = {verdict.value: text for verdict, text in wording.VERDICTS.items()}
    if form.form not in _NAMES:
        return "\n".join(value for name in answers for value in _several(form, name))
    lines = [gettext(modes.get(value, value)) for value in _several(form, "mode")]
    lines += [gettext(verdicts.get(value, value)) for value in _several(form, "verdict")]
    lines += [*_several(form, "slot"), *_several(form, "text")]
    lines += [f"• {slot}" for slot in _several(form, "slots")]
    return "\n".join(line for line in lines if line)


def asked_of(records: Sequence[OpenedRecord]) -> dict[int, Asked]:
    """The forms of members that the source has not answered yet, by seq."""
    known = [(record, record.form) for record in records if record.form is not None]
    given = {number for record, form in known if record.record.author == "source" for number in _several(form, "to")}
    found = {}
    for record, form in known:
        seq = record.record.seq
        if record.record.author != "source" and str(seq) not in given and _NAMES.get(form.form) in ANSWER_TO.values():
            found[seq] = Asked(seq, form.form, tuple(_several(form, "slots")))
    return found


def answer_of(form: AnswerForm, asked: Asked) -> tuple[FormBody, Answered]:
    """What the source answered, to seal, and what the server may know of it. Raises ValueError for no answer at all."""
    choice, text = form.choice.data or "", normal_text(form.text.data or "", one_line=False)
    if len(text) > LONGEST:
        raise ValueError("too long")
    said: dict[str, str | tuple[str, ...]] = {"to": str(asked.seq)}
    if asked.form == FormName.MINUTES:
        name, verdict = FormName.MINUTES_ANSWER, Verdict(choice)
        if (verdict is Verdict.CORRECTED) != bool(text):
            raise ValueError("corrections say what is wrong, an approval corrects nothing")
    else:
        name, verdict = FormName.SLOT_CHOICE, Verdict.NONE_SUITS
        if choice.startswith(_CHOSEN):
            verdict = Verdict.CHOSEN
            said["slot"] = asked.slots[int(choice.removeprefix(_CHOSEN))]
        elif choice != Verdict.NONE_SUITS:
            raise ValueError("no choice")
    said["verdict"] = verdict.value
    if text:
        said["text"] = text
    return FormBody(name.value, said), Answered(name, asked.seq, verdict)


def _several(form: FormBody, name: str) -> list[str]:
    value = form.answers.get(name, "")
    return [value] if isinstance(value, str) and value else list(value)
