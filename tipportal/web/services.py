"""What the composition root hands to views: one typed place to reach it from, within a request only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask, current_app, request

from tipportal.domain.ports import Storage
from tipportal.settings import Settings
from tipportal.usecases.context import Context

from .assets import Assets
from .form_tokens import FormTokens
from .kdf_pool import KdfPool
from .limits import Limits
from .transfers import Transfers

EXTENSION = "tipportal"
HANDLER_PREFIX = "/handlaggare"


class InstalledStorage(Storage, Protocol):
    """Storage that can tell whether it is ready for this version."""

    def is_current(self) -> bool:
        """Whether the database answers and has every migration."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """One process's services. ``contexts`` and ``form_tokens`` are per face: neither face can use the other's keys."""

    settings: Settings
    storage: InstalledStorage
    contexts: Mapping[str, Context] = field(repr=False)
    form_tokens: Mapping[str, FormTokens] = field(repr=False)
    kdf_pool: KdfPool
    limits: Limits
    transfers: Transfers
    assets: Assets = field(repr=False)


def services_of(app: Flask) -> Services:
    """The services of an app, outside a request."""
    found = app.extensions[EXTENSION]
    if not isinstance(found, Services):
        raise TypeError(EXTENSION)
    return found


def services() -> Services:
    """The services of the app that answers this request."""
    return services_of(current_app)


def face() -> str:
    """Which face this request belongs to, decided by its address alone: ``public`` or ``handler``."""
    mounted = services().settings.faces
    if len(mounted) == 1:
        return mounted[0]
    inside = request.path == HANDLER_PREFIX or request.path.startswith(f"{HANDLER_PREFIX}/")
    return "handler" if inside else "public"


def context() -> Context:
    """What a use case is handed in this request: storage, clock, randomness and this face's secret."""
    return services().contexts[face()]


def form_tokens() -> FormTokens:
    """The form tokens of this face."""
    return services().form_tokens[face()]
