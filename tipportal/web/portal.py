"""The Flask application class: what it reads of a request, and what it writes down when something breaks."""

from __future__ import annotations

from types import TracebackType
from typing import IO

from flask import Flask, Request
from jinja2 import StrictUndefined
from werkzeug.exceptions import UnsupportedMediaType

from .errors import log_unexpected
from .sessions import NoSession


class PortalRequest(Request):
    """A request whose content stays in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - werkzeug's signature
        content_type: str | None,  # noqa: ARG002 - werkzeug's signature
        filename: str | None = None,  # noqa: ARG002 - werkzeug's signature
        content_length: int | None = None,  # noqa: ARG002 - werkzeug's signature
    ) -> IO[bytes]:
        # werkzeug would write a larger file to disk in clear. No form here takes files.
        raise UnsupportedMediaType


class Portal(Flask):
    """Flask without its session, and with a log that never quotes a request."""

    request_class = PortalRequest
    session_interface = NoSession()
    # An unknown name in a template is an error, not an empty text.
    jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}  # noqa: RUF012 - Flask's

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Write down where it broke; Flask's own would write the path and the whole message."""
        if exc_info[1] is not None:
            log_unexpected(exc_info[1])
