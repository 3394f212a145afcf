"""The Flask application class: what it reads of a request, and what it writes down when something breaks."""

from __future__ import annotations

from types import TracebackType
from typing import IO

from flask import Flask, Request
from jinja2 import StrictUndefined
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from .errors import log_unexpected
from .form_parser import PortalFormParser
from .received_files import body_failed, sink_for
from .sessions import NoSession


class PortalRequest(Request):
    """A request whose fields stay in memory and whose files are sealed while they arrive."""

    def make_form_data_parser(self) -> FormDataParser:
        """The reader of this request's form."""
        return PortalFormParser(sink_for, body_failed, max_form_memory_size=self.max_form_memory_size or 0)

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - werkzeug's signature
        content_type: str | None,  # noqa: ARG002 - werkzeug's signature
        filename: str | None = None,  # noqa: ARG002 - werkzeug's signature
        content_length: int | None = None,  # noqa: ARG002 - werkzeug's signature
    ) -> IO[bytes]:
        # werkzeug's own reader would write a larger file to disk in clear. It is not used; should it ever be, it stops.
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
