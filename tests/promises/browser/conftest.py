"""Promises that only a browser can show: what it sends, what the server then holds."""

from __future__ import annotations

from tests.support.browser_fixtures import browser, desks, http_server, https_server, new_source, server, sessions

__all__ = ["browser", "desks", "http_server", "https_server", "new_source", "server", "sessions"]
