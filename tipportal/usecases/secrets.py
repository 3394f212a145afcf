"""Small secrets at rest, sealed under the face's secret: TOTP secrets and the derived keys of a source's session."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .context import Context

_NONCE = 12


def seal_secret(ctx: Context, label: str, secret: bytes, *, under: bytes = b"") -> bytes:
    """AES-256-GCM under a key bound to the face's secret, the label and ``under`` (such as a cookie's secret)."""
    nonce = ctx.random(_NONCE)
    return nonce + AESGCM(ctx.keyed(f"seal/{label}", under)).encrypt(nonce, secret, label.encode())


def open_secret(ctx: Context, label: str, sealed: bytes, *, under: bytes = b"") -> bytes | None:
    """The secret, or None when it was sealed under something else."""
    try:
        return AESGCM(ctx.keyed(f"seal/{label}", under)).decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
    except (InvalidTag, ValueError):
        return None
