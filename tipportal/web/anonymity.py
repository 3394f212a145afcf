"""What a request may tell about its sender: nothing. Everything that is not needed to answer is taken away first.

Network address, user agent, languages, forwarding headers and the server's socket never reach the application, so no
line of code, no library and no error report can store or log them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = frozenset({
    "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH",
    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
    "wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess",
    "wsgi.run_once", "wsgi.input_terminated",
    "HTTP_HOST", "HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_SEC_FETCH_SITE",
    "HTTP_TRANSFER_ENCODING", "HTTP_TIPPORTAL_CSRF", "HTTP_TIPPORTAL_LOOKUP",
    "HTTP_TIPPORTAL_UPLOAD", "HTTP_TIPPORTAL_OFFSET", "HTTP_TIPPORTAL_SIZE",
})  # fmt: skip


class ForgetSender:
    """WSGI middleware that passes on only what is named above. A list of what is kept: what is new is dropped."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request from nobody in particular."""
        return self._app({key: value for key, value in environ.items() if key in KEPT}, start_response)
