"""The whole register: lines of command, people, absences, conflicts, firms, sharing agreements; closed sets grow.

Policies become whole ones in TOML. An old policy knew one function for each channel and nothing else: its members are
those designated to it, by rank, and the function is its own ladder, so that it routes as it did. That such a policy
does not stand the proof is for the proof to say.

Revision ID: 0003
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from tipportal.storage.closed_sets import change_check, edit_words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BECAUSE = "Det här gäller när ingen annan regel passar."
_RECORDS = "'genesis', 'report', 'message', 'feedback', 'facts', 'title', 'note', 'assessment', 'epoch'"
_ACTS = (
    "'assess', 'close', 'exclude_member', 'add_member', 'end_exclusion', 'open_identity', 'disclose_identity', "
    "'restrict_dialogue', 'lift_restriction', 'lift_quarantine'"
)
# Of each table: the CHECK, its column, and the values before and after.
_GROWN = (
    ("proposals", "kind", "'assess', 'close'", _ACTS),
    ("records", "kind", _RECORDS, f"{_RECORDS}, 'notice'"),
    ("accounts", "state", "'invited', 'active', 'suspended'", "'invited', 'enrolled', 'active', 'suspended', 'closed'"),
)
_ADDED: tuple[tuple[str, str, sa.types.TypeEngine[Any]], ...] = (
    ("organisations", "part_of", sa.Text()),
    ("organisations", "succeeded_by", sa.Text()),
    ("organisations", "ended_on", sa.Date()),
    ("units", "parent_id", sa.Text()),
    ("units", "head_id", sa.Text()),
    ("units", "ended_on", sa.Date()),
    ("functions", "ended_on", sa.Date()),
    ("cases", "decision", sa.LargeBinary()),
)
_HAS_ACCOUNT = "CONSTRAINT fk_designations_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)"


def text(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def day(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Date(), nullable=null) for name in names]


def flag(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def key(table: str, column: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def upgrade() -> None:
    for table, name, kind in _ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column(
        "installation", sa.Column("register_version", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "people",
        *text("id", "organisation_id", "name", "unit_id"),
        *flag("elected", "auditor"),
        *day("ended_on", null=True),
        key("people", "id"),
        refers("people", "organisation_id", "organisations"),
        refers("people", "unit_id", "units"),
    )
    op.create_index("ix_people_organisation_id", "people", ["organisation_id"])
    op.create_table(
        "absences",
        *text("id", "organisation_id", "person_id"),
        *day("first"),
        *day("last", null=True),
        key("absences", "id"),
        check("ck_absences_in_order", "last IS NULL OR last >= first"),
        refers("absences", "organisation_id", "organisations"),
    )
    op.create_index("ix_absences_person_id", "absences", ["person_id"])
    op.create_table(
        "conflicts",
        *text("id", "organisation_id", "person_id", "subject"),
        *day("declared_on"),
        *day("ended_on", null=True),
        key("conflicts", "id"),
        refers("conflicts", "organisation_id", "organisations"),
    )
    op.create_index("ix_conflicts_person_id", "conflicts", ["person_id"])
    op.create_table(
        "firms",
        *text("organisation_id", "client_function_id", "named_persons", "other_mandates"),
        *day("ended_on", null=True),
        key("firms", "organisation_id"),
        refers("firms", "organisation_id", "organisations"),
        refers("firms", "client_function_id", "functions"),
    )
    op.create_table(
        "sharing_agreements",
        *text("id", "organisation_id", "function_id", "basis", "decision_number"),
        *day("decided_on", "valid_from"),
        *day("valid_to", null=True),
        key("sharing_agreements", "id"),
        check("ck_sharing_agreements_basis", "basis IN ('5:3', '5:4', 'other')"),
        check("ck_sharing_agreements_valid_in_order", "valid_to IS NULL OR valid_to >= valid_from"),
        refers("sharing_agreements", "organisation_id", "organisations"),
        refers("sharing_agreements", "function_id", "functions"),
    )
    op.create_index("ix_sharing_agreements_organisation_id", "sharing_agreements", ["organisation_id"])
    op.create_table(
        "proofs",
        *text("organisation_id", "findings"),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("register_version", sa.BigInteger(), nullable=False),
        *day("proven_on"),
        *flag("holds"),
        key("proofs", "organisation_id"),
        refers("proofs", "organisation_id", "organisations"),
    )
    _forget_that_the_designated_have_accounts()
    for table, column, old, new in _GROWN:
        change_check(table, column, old, new)
    _rewrite_policies(_whole_policy)


def downgrade() -> None:
    connection = op.get_bind()
    _rewrite_policies(_small_policy)
    op.execute("UPDATE accounts SET state = 'invited' WHERE state = 'enrolled'")
    op.execute("UPDATE accounts SET state = 'suspended' WHERE state = 'closed'")
    op.execute("DELETE FROM designations WHERE account_id NOT IN (SELECT id FROM accounts)")
    for table, column, old, new in _GROWN:
        query = f"SELECT count(*) FROM {table} WHERE {column} NOT IN ({old})"  # noqa: S608 - the names stand above  # nosec B608
        if connection.exec_driver_sql(query).scalar_one():
            raise RuntimeError(f"{table} holds rows that revision 0002 does not know")
        change_check(table, column, new, old)
    _demand_that_the_designated_have_accounts()
    for table in ("proofs", "sharing_agreements", "firms", "conflicts", "absences", "people"):
        op.drop_table(table)
    op.drop_column("installation", "register_version")
    for table, name, _ in reversed(_ADDED):
        op.drop_column(table, name)


def _forget_that_the_designated_have_accounts() -> None:
    if op.get_bind().dialect.name == "sqlite":
        edit_words("designations", f"\t{_HAS_ACCOUNT}, \n", "")
    else:
        op.drop_constraint("fk_designations_account_id_accounts", "designations")


def _demand_that_the_designated_have_accounts() -> None:
    if op.get_bind().dialect.name == "sqlite":
        edit_words(
            "designations",
            "CONSTRAINT fk_designations_function_id_",
            f"{_HAS_ACCOUNT}, \n\tCONSTRAINT fk_designations_function_id_",
        )
    else:
        op.create_foreign_key("fk_designations_account_id_accounts", "designations", "accounts", ["account_id"], ["id"])


def _rewrite_policies(convert: Callable[[str, str], str]) -> None:
    connection = op.get_bind()
    rows = connection.exec_driver_sql("SELECT organisation_id, version, document FROM policies").all()
    change = sa.text("UPDATE policies SET document = :document WHERE organisation_id = :id AND version = :version")
    for organisation, version, document in rows:
        new = convert(organisation, document)
        connection.execute(change, {"document": new, "id": organisation, "version": version})


def _whole_policy(organisation: str, document: str) -> str:
    old = json.loads(document)
    functions: dict[str, str] = old["default_function"]
    # A function receives for one authority; where both channels named the same function, the reports' is the one.
    authority_of = {functions[channel]: old["authority"][channel] for channel in sorted(functions, reverse=True)}
    authority_of |= {functions["report"]: old["authority"]["report"]} if "report" in functions else {}
    lines = ["[policy]", f"organisations = {_array([organisation])}", f"ladder = [{_array(sorted(authority_of))}]"]
    for function, authority in sorted(authority_of.items()):
        lines += ["", "[[policy.function]]", f"id = {_text(function)}", f"name = {_text(_name(function))}"]
        lines += [f"authority = {_text(authority)}", f"members = {_array(_members(function))}"]
    for channel in sorted(functions):
        lines += ["", "[[policy.authority]]", f"authority = {_text(authority_of[functions[channel]])}"]
        lines += [f"channel = {_array([channel])}"]
    for channel in sorted(functions):
        lines += ["", f"[policy.default.{channel}]", f"to = {_array([functions[channel]])}"]
        lines += [f"because = {_text(_BECAUSE)}"]
    return "\n".join(lines) + "\n"


def _small_policy(organisation: str, document: str) -> str:
    policy = tomllib.loads(document)["policy"]
    authority = {
        channel: next(
            row["authority"]
            for row in policy["authority"]
            if channel in row.get("channel", [channel]) and organisation in row.get("organisation", [organisation])
        )
        for channel in policy["default"]
    }
    small = {
        "default_function": {channel: route["to"][0] for channel, route in policy["default"].items()},
        "authority": authority,
        "panel_size": 2,
    }
    return json.dumps(small, sort_keys=True)


def _name(function: str) -> str:
    query = sa.text("SELECT name FROM functions WHERE id = :id")
    return str(op.get_bind().execute(query, {"id": function}).scalar_one())


def _members(function: str) -> list[str]:
    query = sa.text("SELECT account_id FROM designations WHERE function_id = :id ORDER BY rank, id")
    return list(dict.fromkeys(op.get_bind().execute(query, {"id": function}).scalars()))


def _array(values: list[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
