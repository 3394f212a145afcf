"""Attributes of form fields: what the macros of ``fields.html`` put on their elements, each attribute once."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.widgets import Input

Attributes = dict[str, str | int | bool | None]
"""Names and values; what is None is left out. A boolean attribute that holds has the empty text."""

COPIED = ("autocapitalize", "autocomplete", "dir", "inputmode", "lang", "pattern", "spellcheck")
"""What a field's ``render_kw`` gives to its element as it is."""
TEXT_ROWS = 5


def field_kind(field: Field) -> str:
    """How a field is drawn: ``hidden long flag many choice select``, or the type of its input."""
    kinds = (
        (HiddenField, "hidden"),
        (TextAreaField, "long"),
        (BooleanField, "flag"),
        # A radio field is a select field to WTForms, and a field of many choices too: the narrow ones stand first.
        (SelectMultipleField, "many"),
        (RadioField, "choice"),
        (SelectField, "select"),
    )
    for kind, name in kinds:
        if isinstance(field, kind):
            return name
    return field.widget.input_type if isinstance(field.widget, Input) else "text"


def counted(field: Field) -> bool:
    """Whether the page counts the characters, instead of the browser cutting them off."""
    options = _options(field)
    return bool(options.get("counter") and options.get("maxlength"))


def control(field: Field, sealed: bool) -> Attributes:  # noqa: FBT001 - called by templates
    """Attributes of the one element that takes a field's value."""
    kind = field_kind(field)
    options = _options(field)
    made = group(field) | _named(field, sealed=sealed)
    made["aria-invalid"] = "true" if field.errors else None
    if kind == "flag":
        made["checked"] = "" if field.data else None
        return made
    made |= {name: options[name] for name in COPIED if name in options}
    if kind == "long":
        made["rows"] = options.get("rows", TEXT_ROWS)
    elif kind not in {"password", "select"}:
        # A password is never sent back to the page it came from.
        made["value"] = field.data
    if not counted(field):
        made["maxlength"] = options.get("maxlength")
    return made


def group(field: Field) -> Attributes:
    """Attributes of what holds a field: its id, and what describes it."""
    ids = (
        f"{field.id}-hint" if field.description else "",
        f"{field.id}-error" if field.errors else "",
        f"{field.id}-count" if counted(field) else "",
    )
    return {"id": field.id, "aria-describedby": " ".join(filter(None, ids)) or None}


def option(field: Field, sealed: bool, index: int, selected: bool) -> Attributes:  # noqa: FBT001 - called by templates
    """Attributes of one radio button or checkbox among several; ``index`` counts from 0."""
    return {"id": f"{field.id}-{index}", **_named(field, sealed=sealed), "checked": "" if selected else None}


def first_control(field: Field) -> str:
    """The id of the first element that takes a field's value: where an error's link leads."""
    return f"{field.id}-0" if field_kind(field) in {"choice", "many"} else str(field.id)


def classes(block: str, modifier: str | None = None, field: Field | None = None) -> str:
    """A block's class with its modifier, and with the width that a field asks for."""
    names = [block]
    if modifier:
        names.append(f"{block}--{modifier}")
    if field is not None and "width" in _options(field):
        names.append(f"{block}--width-{_options(field)['width']}")
    return " ".join(names)


def _named(field: Field, *, sealed: bool) -> Attributes:
    # Without a name no browser sends the field, whatever happens to the script that should have sealed it.
    return {"data-field" if sealed else "name": field.name}


def _options(field: Field) -> Mapping[str, str | int | bool]:
    return field.render_kw or {}
