"""Between rows and the domain's frozen values, which carry the same names."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def columns_of(table: Table[Any], kind: type[DataclassInstance], *without: str) -> Sequence[Column[Any]]:
    """The table's columns in the order of a dataclass's fields, so that ``kind(*row)`` reads a row.

    Raises KeyError at import when the table lacks a field that is not named in ``without``.
    """
    return [table.c[field.name] for field in dataclasses.fields(kind) if field.name not in without]


def names_of(kind: type[DataclassInstance], *without: str) -> tuple[str, ...]:
    """The names of a dataclass's fields: the columns that ``values_of`` fills."""
    return tuple(field.name for field in dataclasses.fields(kind) if field.name not in without)


def values_of(value: DataclassInstance, *without: str) -> dict[str, Any]:
    """A value's fields by column name, to insert. Shallow: nothing is copied."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__ if name not in without}
