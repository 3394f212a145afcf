"""What a face's use cases are handed: for the faces, and for the command line without loading any of them."""

from __future__ import annotations

import secrets
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tipportal.domain.files import FileLimits
from tipportal.domain.ports import Clock, RandomBytes, Storage
from tipportal.settings import Settings
from tipportal.usecases.context import Context


def context_for(
    settings: Settings,
    storage: Storage,
    face: str,
    *,
    clock: Clock = lambda: int(time.time()),
    random: RandomBytes = secrets.token_bytes,
) -> Context:
    """What a face's use cases are handed, also by the command line."""
    limits = FileLimits(settings.max_file, settings.case_quota, settings.uploads_quota_of(face))
    return Context(storage, clock, random, _face_secret(settings, face), limits)


def _face_secret(settings: Settings, face: str) -> bytes:
    """A face's own secret. Also where both faces share a file, what one derives is worth nothing to the other."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"tipportal/v1/face/{face}".encode()).derive(settings.secret_key)
