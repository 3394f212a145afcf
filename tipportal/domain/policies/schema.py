"""The published JSON schema of policy files, from which the parser's own checks of shape are made.

Being the parser's own table, the schema cannot promise something else than what is taken. ``docs/policy.schema.json``
is this value; a test compares them. Dates are TOML's own, which JSON writes as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tipportal.domain.organisations import Channel, Ground, OrganisationKind, SharingBasis
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.routing import UNKNOWN, SubjectRole

MOST_RULES = 500
"""More rules than anybody can read are refused: nobody could answer for them."""

_ID: Mapping[str, Any] = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
_NAME: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
}
_DATE: Mapping[str, Any] = {"type": "string", "format": "date"}
_BOOL: Mapping[str, Any] = {"type": "boolean"}


def _list_of(items: Mapping[str, Any], least: int = 1) -> Mapping[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}


def _tables(items: Mapping[str, Any], most: int = 20_000) -> Mapping[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _table(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _prefixed(*prefixes: str) -> Mapping[str, Any]:
    return {"type": "string", "pattern": f"^({'|'.join(prefixes)}):[a-z0-9][a-z0-9-]{{0,63}}$"}


_CHANNELS = _list_of({"enum": [channel.value for channel in Channel]})
_AREAS = _list_of({"enum": [*(area.key for area in RISK_AREAS), UNKNOWN]})
_ROLES = _list_of({"enum": [role.value for role in SubjectRole]})
_IDS = _list_of(_ID)
_ROUTE: Mapping[str, Any] = {"to": _IDS, "because": _NAME}
_ROUTE_OPTIONAL: Mapping[str, Any] = {
    "panel_size": {"type": "integer", "minimum": 2, "maximum": 10},
    "excludes": _IDS,
}
_WHEN = _table(
    {},
    {
        "channel": _CHANNELS,
        "organisation": _IDS,
        "area": _AREAS,
        "subject_role": _ROLES,
        "concerns": _list_of(_prefixed("unit", "function", "organisation")),
    },
)
_POLICY = _table(
    {
        "organisations": _IDS,
        "ladder": {"type": "array", "items": _IDS, "minItems": 1},
        "function": _tables(_table({"id": _ID, "name": _NAME, "authority": _ID, "members": _IDS})),
        "authority": _tables(
            _table({"authority": _ID}, {"channel": _CHANNELS, "organisation": _IDS, "area": _AREAS}),
        ),
        "default": {
            **_table({}, {channel.value: _table(_ROUTE, _ROUTE_OPTIONAL) for channel in Channel}),
            "minProperties": 1,
        },
    },
    {"rule": _tables(_table({"when": _WHEN, **_ROUTE}, _ROUTE_OPTIONAL), MOST_RULES)},
)
_REGISTER = _table(
    {
        "organisation": _tables(
            _table({"id": _ID, "name": _NAME, "kind": {"enum": [k.value for k in OrganisationKind]}}, {"part_of": _ID})
        ),
        "unit": _tables(_table({"id": _ID, "name": _NAME, "organisation": _ID}, {"parent": _ID, "head": _ID})),
        "person": _tables(_table({"id": _ID, "name": _NAME, "unit": _ID}, {"elected": _BOOL, "auditor": _BOOL})),
        "designation": _tables(
            _table(
                {
                    "person": _ID,
                    "function": _ID,
                    "ground": {"enum": [ground.value for ground in Ground]},
                    "decision": _NAME,
                    "valid_from": _DATE,
                },
                {"valid_to": _DATE, "rank": {"type": "integer", "minimum": 0, "maximum": 99}},
            )
        ),
    },
    {
        "absence": _tables(_table({"person": _ID, "first": _DATE}, {"last": _DATE})),
        "conflict": _tables(
            _table({"person": _ID, "subjects": _list_of(_prefixed("person", "unit", "organisation", "area"))})
        ),
        "firm": _tables(_table({"organisation": _ID, "client": _ID, "named_persons": _IDS}, {"other_mandates": _IDS})),
        "sharing": _tables(
            _table(
                {
                    "organisation": _ID,
                    "function": _ID,
                    "basis": {"enum": [basis.value for basis in SharingBasis]},
                    "decision": _NAME,
                    "valid_from": _DATE,
                },
                {"valid_to": _DATE},
            )
        ),
    },
)
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "tipportal routing policy and register",
    **_table({}, {"policy": _POLICY, "register": _REGISTER}),
}
