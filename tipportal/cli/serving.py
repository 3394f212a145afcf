"""Run the faces under gunicorn with threads: it never spools a request's body to disk."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication

GRACEFUL_SECONDS = 20


class Server(BaseApplication):
    """gunicorn with our settings and nothing from its own configuration files.

    No access log exists at all: it would hold addresses and exact times of sources. ``when_answering`` is called in the
    first worker once it can answer.
    """

    def __init__(
        self,
        make_app: Callable[[], WSGIApplication],
        *,
        bind: list[str],
        workers: int,
        threads: int,
        when_answering: Callable[[], None] = lambda: None,
    ) -> None:
        self._make_app = make_app
        self._bind = bind
        self._workers = workers
        self._threads = threads
        self._when_answering = when_answering
        super().__init__()

    def load_config(self) -> None:
        """Set every value that matters; called by gunicorn."""
        chosen: dict[str, object] = {
            "bind": self._bind,
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": "gthread",
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "error",
            "capture_output": False,
            "graceful_timeout": GRACEFUL_SECONDS,
            "control_socket_disable": True,
            "post_worker_init": self._answering,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WSGIApplication:  # type: ignore[override] # the stubs' own type lacks WSGI's start_response
        """Make the application in each worker, after the fork: no connection is ever shared between processes."""
        return self._make_app()

    def _answering(self, worker: object) -> None:
        if getattr(worker, "age", None) == 1:
            self._when_answering()
