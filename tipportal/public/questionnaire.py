"""The questions of a channel as an HTML form, and its answers as lines to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask_babel import gettext
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the library
from wtforms.validators import InputRequired

from tipportal.domain.answers import FORM, Answer, Fault
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import Choice, Kind, Question, questions
from tipportal.domain.routing import UNKNOWN
from tipportal.usecases.offers import ChannelPage, Party
from tipportal.web.forms import PortalForm

TALL = 10
CONCERNS = "concerns"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer as it is shown: ``notice`` is what the source is told about this choice, if anything."""

    name: str
    label: str
    value: str
    notice: str = ""


def questionnaire(page: ChannelPage, faults: Mapping[str, Fault] | None = None) -> PortalForm:
    """The form of a channel with what this request carries, and its faults beside the fields.

    What holds is judged by ``domain.answers.clean``; this only draws.
    """
    asked = questions(page.channel)
    members: dict[str, object] = {name: _field(question, page.parties) for name, question in asked.items()}
    members |= {"purpose": page.channel.value, "form_secret": HiddenField()}
    # A class for each request: labels are in its language, choices are this organisation's.
    form = cast("type[PortalForm]", type("Questionnaire", (PortalForm,), members))()
    for name, fault in (faults or {}).items():
        text = gettext(fault.text, **fault.values)
        if name == FORM:
            form.form_errors.append(text)
        else:
            form[name].errors = [text]
    return form


def lines(
    channel: Channel, answers: Mapping[str, Answer | tuple[str, ...]], parties: Sequence[Party] = ()
) -> list[AnswerLine]:
    """What was answered, in the order of the questions, in this request's language."""
    shown = []
    for name, question in questions(channel).items():
        given = answers.get(name)
        if given:
            values = [given] if isinstance(given, str) else given
            notices = [
                gettext(choice.notice) for choice in question.choices if choice.value in values and choice.notice
            ]
            named = _named(question, parties)
            text = "\n".join(named.get(value, value) if question.choices else value for value in values)
            shown.append(AnswerLine(name, gettext(question.label), text, " ".join(notices)))
    return shown


def choice_labels(channel: Channel) -> dict[str, dict[str, str]]:
    """Labels of the choices by field and value, for a script that shows answers."""
    return {name: _named(question, ()) for name, question in questions(channel).items() if question.choices}


def labels(channel: Channel) -> list[tuple[str, str]]:
    """The questions' fields and labels, in their order."""
    return [(name, gettext(question.label)) for name, question in questions(channel).items()]


def limits(channel: Channel) -> dict[str, int]:
    """The greatest number of characters of each field that is typed."""
    return {name: question.max_length for name, question in questions(channel).items() if question.max_length}


def notices(channel: Channel) -> dict[str, dict[str, str]]:
    """What the source is told when a choice is made, by field and value."""
    found = {
        name: {choice.value: gettext(choice.notice) for choice in question.choices if choice.notice}
        for name, question in questions(channel).items()
    }
    return {name: texts for name, texts in found.items() if texts}


def _field(question: Question, parties: Sequence[Party]) -> Any:  # noqa: ANN401 - WTForms' unbound fields have no type
    common: dict[str, Any] = {
        "label": gettext(question.label),
        "description": gettext(question.hint) if question.hint else "",
        "validators": [InputRequired()] if question.required else [],
    }
    if question.kind is Kind.MANY:
        return SelectMultipleField(choices=_choices(question, parties), validate_choice=False, **common)
    if question.kind is Kind.CHOICE:
        first = [] if question.default else [SelectChoice("", gettext("Välj ett svar"))]
        choices = first + _choices(question, parties)
        return SelectField(choices=choices, default=question.default, validate_choice=False, **common)
    # Nothing that somebody wrote here may turn up in another form, or be sent away to be checked for spelling.
    kept_here: dict[str, object] = {"autocomplete": "off", "spellcheck": "false"}
    if question.kind is Kind.LONG and question.required:
        counted = {**kept_here, "maxlength": question.max_length, "counter": True, "rows": TALL}
        return TextAreaField(render_kw=counted, **common)
    if question.kind is Kind.LONG:
        # Nobody needs to know of the limit before they come near it; then the script counts, and the server says so.
        return TextAreaField(render_kw={**kept_here, "rows": 3}, **common)
    return StringField(render_kw=kept_here, **common)


def _choices(question: Question, parties: Sequence[Party]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in _named(question, parties).items()]


def _named(question: Question, parties: Sequence[Party]) -> dict[str, str]:
    own = {party.value: party.name for party in parties} if question.name == CONCERNS else {}
    return own | {choice.value: _label(choice) for choice in question.choices}


def _label(choice: Choice) -> str:
    return gettext(choice.label)


def facts(answers: Mapping[str, Answer]) -> tuple[str, str, list[str]]:
    """The routing facts among the answers: area, subject role and concerned parties."""
    area, role, concerns = (answers.get(name) for name in ("area", "subject_role", CONCERNS))
    return (
        area if isinstance(area, str) else "",
        role if isinstance(role, str) else UNKNOWN,
        list(concerns) if isinstance(concerns, list) else [],
    )
