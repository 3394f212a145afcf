"""Flask's own session is not used: nothing here is ever kept in a cookie's content."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Flask
from flask.sessions import SessionInterface, SessionMixin
from flask.wrappers import Request, Response


class _RefusingSession(dict[str, Any], SessionMixin):
    """Raises on any use, reading included, so that no library can begin to rely on it."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise RuntimeError("Flask's session is not used: see sessions.py")

    __contains__ = __getitem__ = __setitem__ = __delitem__ = get = pop = setdefault = update = clear = _refuse


class NoSession(SessionInterface):
    """Opens nothing and saves nothing, so no answer carries a cookie that no view has set."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002 - Flask's signature
        """Give a session that refuses."""
        return _RefusingSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing."""
