"""What an answer allows the browser to do (Content Security Policy). A page gets no more than what it has asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NEEDS = "tipportal.needs"
"""Where a request's environment says what its answer needs."""


class Need(StrEnum):
    """What an answer may need beyond text, style and forms. ``VIEWER`` and ``FILE`` are answers of their own kind."""

    SCRIPTS = "scripts"
    WORKER = "worker"
    FRAME = "frame"
    VIEWER = "viewer"
    FILE = "file"


_NOWHERE = "default-src 'none'; font-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; "
VIEWER_POLICY = (
    # Without an origin of its own the frame reaches neither cookies, storage nor the page around it, and what it draws
    # has nowhere to send anything: nothing but our own script and style is ever fetched.
    "sandbox allow-scripts; "
    + _NOWHERE
    + "trusted-types 'none'; script-src 'self'; style-src 'self'; img-src 'none'; connect-src 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
FILE_POLICY = (
    # A file that somebody sent is saved, never shown; a browser that shows it all the same shows it as nobody's.
    "sandbox; " + _NOWHERE + "trusted-types 'none'; form-action 'none'; frame-ancestors 'none'"
)


def need(environ: WSGIEnvironment, what: Need) -> None:
    """Note what the answer to a request needs."""
    environ.setdefault(NEEDS, set()).add(what)


def policy(needs: frozenset[Need]) -> str:
    """The policy of an answer with these needs."""
    if Need.VIEWER in needs:
        return VIEWER_POLICY
    if Need.FILE in needs:
        return FILE_POLICY
    ours = "'self'" if Need.SCRIPTS in needs else "'none'"
    parts = [
        f"{_NOWHERE}style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'",
        # The worker's script is fetched with its integrity checked, and started from memory.
        "worker-src blob:; trusted-types worker" if Need.WORKER in needs else "trusted-types 'none'",
        f"script-src {ours}; connect-src {ours}",
    ]
    return "; ".join([*parts, "frame-src 'self'"] if Need.FRAME in needs else parts)


POLICY_WITHOUT_SCRIPTS = policy(frozenset())
POLICY_WITH_SCRIPTS = policy(frozenset({Need.SCRIPTS}))


def framing(needs: frozenset[Need]) -> str:
    """Who may frame an answer, for browsers that read X-Frame-Options."""
    return "SAMEORIGIN" if Need.VIEWER in needs else "DENY"
