"""The views of this face; importing it puts them on the blueprint."""

from __future__ import annotations

from . import (
    account,
    administration,
    administration_accounts,
    administration_direct,
    administration_policy,
    administration_register,
    api_approvals,
    api_cases,
    api_changes,
    api_duties,
    api_files,
    api_keys,
    api_vaults,
    audit,
    blueprint,
    case,
    enrolment,
    lists,
    sign_in,
    viewer,
)

__all__ = [
    "account",
    "administration",
    "administration_accounts",
    "administration_direct",
    "administration_policy",
    "administration_register",
    "api_approvals",
    "api_cases",
    "api_changes",
    "api_duties",
    "api_files",
    "api_keys",
    "api_vaults",
    "audit",
    "blueprint",
    "case",
    "enrolment",
    "lists",
    "sign_in",
    "viewer",
]
