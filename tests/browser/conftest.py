"""What the tests in a browser share."""

from __future__ import annotations

from tests.support.browser_fixtures import browser, desks, http_server, https_server, new_source, server, sessions

__all__ = ["browser", "desks", "http_server", "https_server", "new_source", "server", "sessions"]
