"""What all tables share: names of constraints, closed sets of values, and columns that every table has."""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, MetaData
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=enum.StrEnum)

# Faults are recognised by constraint name (faults.py), and a migration can only drop what has one.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Closed(TypeDecorator[E], Generic[E]):
    """A text column that holds one of an enumeration's values and is read back as that enumeration."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: sa.Dialect) -> str | None:
        """The stored text: exactly ``str``, since drivers treat enumerations each in their own way."""
        del dialect
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> E | None:
        """The member; ValueError for a text that the CHECK of the table should have refused."""
        del dialect
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[enum.StrEnum]) -> CheckConstraint:
    """The CHECK that holds a column to an enumeration, named ``ck_<table>_<column>``."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def organisation() -> Column[str]:
    """The organisation that a row belongs to: in every table from the first day."""
    return Column(sa.Text, ForeignKey("organisations.id"), nullable=False)
