"""The views of this face; importing it puts them on the blueprint."""

from __future__ import annotations

from . import (
    administration,
    api_approvals,
    api_cases,
    api_changes,
    api_duties,
    api_files,
    api_keys,
    audit,
    blueprint,
    case,
    enrolment,
    lists,
    sign_in,
    viewer,
)

__all__ = [
    "administration",
    "api_approvals",
    "api_cases",
    "api_changes",
    "api_duties",
    "api_files",
    "api_keys",
    "audit",
    "blueprint",
    "case",
    "enrolment",
    "lists",
    "sign_in",
    "viewer",
]
