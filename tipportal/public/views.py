"""The views of this face; importing it puts them on the blueprint."""

from __future__ import annotations

from . import (
    api_case,
    api_submission,
    api_uploads,
    blueprint,
    case_pages,
    directory,
    handover_pages,
    log_key,
    pages,
    plain_forms,
    sealing_forms,
    statistics,
)

__all__ = [
    "api_case",
    "api_submission",
    "api_uploads",
    "blueprint",
    "case_pages",
    "directory",
    "handover_pages",
    "log_key",
    "pages",
    "plain_forms",
    "sealing_forms",
    "statistics",
]
